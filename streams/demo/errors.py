"""What can go wrong in a demonstration."""


class DemoError(Exception):
    """The message says which part stopped, where its log is, and what to do."""
