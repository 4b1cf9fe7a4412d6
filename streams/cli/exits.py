"""Exit codes of every command."""

DONE = 0
"""It ran, and all is well."""
ANSWER_IS_NO = 1
"""It ran, and found what should not be: a difference, a failing rule test, a parity break."""
REFUSED = 2
"""It could not run: wrong usage, settings, files, or no broker."""
