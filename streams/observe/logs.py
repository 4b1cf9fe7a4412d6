"""Structured logs on stderr: JSON lines, or readable on a terminal. Payloads never reach them."""

import logging
import sys
from typing import Any

import structlog

from streams.observe.quiet import PassingRetries

# At DEBUG these print keys and values of records (aiokafka/producer, faust/topics), and connection options.
_NEVER_DEBUG = ("aiokafka", "faust", "mode", "asyncio", "aiohttp")
# What they tell at INFO is the client's bookkeeping (connections, rejoins, services starting); ours says what it means.
_QUIET = ("faust", "mode", "aiokafka", "streams.kafka")


def set_up_logging(level: str) -> None:
    """Configure structlog and the standard library's root. May be called again."""
    number = logging.getLevelNamesMapping()[level.upper()]
    terminal = sys.stderr.isatty()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderer: Any = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(sort_keys=True)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    for name in _NEVER_DEBUG:
        logging.getLogger(name).setLevel(max(number, logging.INFO))
    retries = logging.getLogger("aiokafka.producer.sender")
    if not any(isinstance(each, PassingRetries) for each in retries.filters):
        retries.addFilter(PassingRetries())
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING if number > logging.DEBUG else logging.INFO))
