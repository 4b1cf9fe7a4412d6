"""The logic of the detectors, one file per kind, named like its parameters in `plays/rules/detectors`."""
