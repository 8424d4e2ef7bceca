"""What every command says to people: one console for results, one for everything else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

DONE = 0
WORK_FAILED = 1
MISUSED = 2
NOT_MEASURABLE = 3
UNREADABLE = 4
"""Exit codes, as users rely on them."""

WIDTH_WITHOUT_TERMINAL = 180
"""A file or a pipe has no width; UIDs should stay whole in it."""

out = Console(width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL)
err = Console(stderr=True)


def fail(sentence: str, code: int) -> NoReturn:
    """End the command with one plain sentence.

    Raises
    ------
    Exit
        Always.
    """
    say(sentence)
    raise typer.Exit(code)


def say(sentence: str) -> None:
    """One plain sentence on stderr."""
    err.print(f"hri-node: {sentence}", markup=False, highlight=False, soft_wrap=True)


@contextmanager
def progress(text: str, total: int) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr, and the function that moves it on by one."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(text, total=total)
        yield lambda: bar.advance(task)


def age(seconds: float) -> str:
    """Seconds as a person reads them."""
    return str(timedelta(seconds=round(seconds))) if seconds else "-"
