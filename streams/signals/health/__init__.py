"""The health score: taken from measures, remembered as it changes, told when it does."""
