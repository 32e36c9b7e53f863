"""Words that no report says by itself, in the languages that it is printed in, and the texts of a document."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
    match block:
        case Heading() | Text() | Notice():
            yield block.text
        case Facts():
            for fact in block.facts:
                yield from (fact.label, fact.value)
        case Table():
            yield block.caption
            for row in (block.header, *block.rows):
                yield from row
        case Figures():
            for figure in block.figures:
                yield from (figure.caption, figure.missing)
        case ColourScale():
            yield block.caption
        case SignatureLines():
            for line in block.lines:
                yield from line
