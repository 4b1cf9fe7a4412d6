"""The picture of a run of Playcall: one self-contained HTML page. See `streams.report.render.render_report`."""
