"""Progress on a terminal: a bar while something is counted or read. Silent where standard error is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)


@contextmanager
def counting_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show how many of how many; the callback takes both."""
    with _progress(MofNCompleteColumn()) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def reading_progress(total_bytes: int) -> Iterator[Callable[[str, int], None]]:
    """Show how much of files was read; the callback takes the present file's name and the bytes of all so far."""
    with _progress(DownloadColumn()) as progress:
        task = progress.add_task("", total=total_bytes)
        yield lambda name, done: progress.update(task, description=name, completed=done)


def _progress(counter: ProgressColumn) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        counter,
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
