"""What can be wrong with a file to replay."""


class ReplayError(Exception):
    """The message names file and line, and what is expected there."""
