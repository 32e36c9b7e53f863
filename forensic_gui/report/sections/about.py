"""How the technical appendix is to be read, and what it does not say."""

from __future__ import annotations

from collections.abc import Iterator

from forensic_gui.report.document import Block, Notice, Text
from forensic_gui.report.sections.context import Context

_READING = ("scores", "mask", "pictures", "regions", "metadata", "concealment")


def about(context: Context) -> Iterator[Block]:
    """What a tool's output is, and what it is not."""
    yield Notice(context.words("about.appendix"))
    yield Notice(context.words("about.negative"))
    for name in _READING:
        yield Text(context.words(f"about.{name}"))
    if not context.model_language:
        yield context.note("about.recorded")
