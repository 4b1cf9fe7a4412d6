"""Refusals of the engine: what is wrong with the state, and the remedy."""


class StateError(Exception):
    """Recovered state that cannot be trusted. The message says what was found and what to do."""
