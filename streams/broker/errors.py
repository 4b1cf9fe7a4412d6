"""What can go wrong on the way to a Kafka."""


class BrokerError(RuntimeError):
    """No usable Kafka; the text says what was tried and what to install, start or set."""
