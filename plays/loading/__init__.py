"""The only code here that reads YAML: one function per kind of document, every complaint with file, line and fix."""
