"""What commands print: sentences on stderr for people, JSON lines on stdout for programs, a bar for a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import typer

from forensic_gui.domain.plain_text import plain_line
from forensic_gui.services.progress import ProgressEvent, ProgressSink, ignore_progress


class ProgressStyle(StrEnum):
    """How progress is shown."""

    AUTO = "auto"  # a bar where stderr is a terminal, else nothing
    BAR = "bar"
    JSONL = "jsonl"
    NONE = "none"


printable = plain_line
"""Text for a terminal."""


def paragraphs(text: str) -> str:
    """Help text without the line ends of its source, so that it is wrapped to the terminal."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def tell(sentence: str) -> None:
    """One line on stderr."""
    typer.echo(printable(sentence), err=True)


def emit(record: Mapping[str, Any]) -> None:
    """One JSON object as a line on stdout, seen by a reader at once."""
    sys.stdout.write(json.dumps(record, ensure_ascii=True, allow_nan=False) + "\n")
    sys.stdout.flush()


@contextmanager
def progress_view(style: ProgressStyle, *, title: str) -> Iterator[ProgressSink]:
    """A sink that shows progress in the style asked for.

    Failures are told as `item: sentence` on stderr in every style, above the bar where there is one.

    Args:
        style: how.
        title: what is being done, as "Analyzing".
    """
    chosen = style
    if style is ProgressStyle.AUTO:
        chosen = ProgressStyle.BAR if sys.stderr.isatty() else ProgressStyle.NONE
    if chosen is ProgressStyle.BAR:
        with _bar(title) as sink:
            yield sink
        return
    also = _emit_event if chosen is ProgressStyle.JSONL else ignore_progress

    def sink_line(event: ProgressEvent) -> None:
        if event.kind == "failed":
            tell(failure_line(event.item, event.message))
        also(event)

    yield sink_line


def failure_line(item: str, message: str) -> str:
    """How a failed item is named to people."""
    return f"{item}: {message}"


def passed_over(count: int) -> str:
    """How many files of folders were not opened, and why; without a full stop."""
    files = "1 file or hidden folder was" if count == 1 else f"{count} files or hidden folders were"
    return f"{files} not opened, being no photograph by name"


def _emit_event(event: ProgressEvent) -> None:
    emit(
        {
            "event": event.kind,
            "done": event.done,
            "total": event.total,
            "failed": event.failed,
            "item": event.item,
            "message": event.message,
        }
    )


@contextmanager
def _bar(title: str) -> Iterator[ProgressSink]:
    # rich takes a tenth of a second to import, which programs that read JSON need not wait for.
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, highlight=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[item]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=None, item="")

        def sink(event: ProgressEvent) -> None:
            if event.kind == "failed":
                console.print(escape(printable(failure_line(event.item, event.message))), soft_wrap=True)
            bar.update(task, completed=event.done, total=event.total, item=escape(printable(event.item)[-40:]))

        yield sink
