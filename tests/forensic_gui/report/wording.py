"""Words that no report says by itself, in the languages that it is printed in, and the texts of a document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from forensic_gui.report.document import (
    Block,
    ColourScale,
    Document,
    Facts,
    Figures,
    Heading,
    Notice,
    SignatureLines,
    Table,
    Text,
)

FORBIDDEN = re.compile(
    r"\b(fake\w*|authentic\w*|genuine\w*|probabilit\w*|likelihoods?|proves?|proved|proven|proofs?|tamper\w*|verdicts?|"
    r"fälsch\w*|gefälscht\w*|verfälsch\w*|echt|echte\w?|echtheit|authentisch\w*|authentizität|wahrscheinlich\w*|"
    r"beweist|beweisen|bewiesen)\b",
    re.IGNORECASE,
)


def texts_of(document: Document) -> Iterator[str]:
    """Every text of a document, in its order."""
    yield from (document.title, document.subtitle, document.mark, document.footer, document.page_of, document.contents)
    for fact in document.identity:
        yield from (fact.label, fact.value)
    for section in document.sections:
        yield section.title
        for block in section.blocks:
            yield from block_texts(block)


def block_texts(block: Block) -> Iterator[str]:
    """Every text of a block."""
    for texts in _TEXTS[type(block)](block):
        yield from texts


_TEXTS: dict[type[Any], Callable[[Any], Iterator[tuple[str, ...]]]] = {
    **dict.fromkeys((Heading, Text, Notice), lambda block: iter([(block.text,)])),
    Facts: lambda block: ((fact.label, fact.value) for fact in block.facts),
    Table: lambda block: iter([(block.caption,), block.header, *block.rows]),
    Figures: lambda block: ((figure.caption, figure.missing) for figure in block.figures),
    ColourScale: lambda block: iter([(block.caption,)]),
    SignatureLines: lambda block: iter(block.lines),
}
