"""What a command does when it cannot do its work.

Exit status 0: done. 1: the work failed, and one line on standard error says why. 2: the arguments were wrong, whether
click finds it or the engine, with a `BadValueError`. A defect keeps its traceback: it is not the user's fault, and the
traceback helps to mend it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from memcore import BadValueError, MemcoreError


@contextmanager
def reported() -> Iterator[None]:
    """Turn failures raised in the body into one line and the exit status that is theirs."""
    try:
        yield
    except BrokenPipeError:
        # The reader of standard output has seen enough: click ends the command quietly.
        raise
    except BadValueError as failure:
        raise click.UsageError(_one_line(failure), click.get_current_context(silent=True)) from failure
    except (MemcoreError, OSError) as failure:
        raise click.ClickException(_one_line(failure)) from failure


def _one_line(failure: Exception) -> str:
    return " ".join(str(failure).split()) or type(failure).__name__
