"""The end of a process that must not go on: one clear line, a non-zero exit, nothing committed."""

import os
import sys
import traceback
from typing import NoReturn

from streams.engine.errors import ProcessingFailed

FATAL_EXIT = 3
REFUSED_EXIT = 2


class Fatal(Exception):
    """Says what happened and what to do about it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}. {remedy}" if remedy else what)
        self.what = what
        self.remedy = remedy


class Refused(Fatal):
    """The worker will not run on what it found (topics, state, offsets). Nothing was changed."""


def die(problem: BaseException) -> NoReturn:
    """Print and leave at once: no handlers, no flush of half-done work, open transactions time out or are fenced."""
    if isinstance(problem, Refused):
        line, code = f"playcall: refused to run: {problem}", REFUSED_EXIT
    elif isinstance(problem, Fatal):
        line, code = f"playcall: stopped: {problem}", FATAL_EXIT
    elif isinstance(problem, ProcessingFailed):
        line = f"playcall: stopped: {problem}. Nothing of this step was committed. {problem.remedy}.\n"
        line += "".join(traceback.format_exception(problem)).rstrip()
        code = FATAL_EXIT
    else:
        where = traceback.format_exception(problem)
        line = f"playcall: stopped by {type(problem).__name__}: {problem}. "
        line += "Nothing of this step was committed; it is read again at the next start.\n" + "".join(where).rstrip()
        code = FATAL_EXIT
    print(line, file=sys.stderr, flush=True)
    sys.stdout.flush()
    os._exit(code)
