"""Inline SVG, one idea per file. Coordinates are SVG units; one unit is one CSS pixel at the page's full width."""
