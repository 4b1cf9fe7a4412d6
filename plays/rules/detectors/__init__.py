"""Parameters of the detectors, one file per kind."""
