"""Records laid out as documents, and what stands in their chapters."""

from __future__ import annotations

from forensic_gui.domain.reports.record import ReportRecord, SignedOff
from forensic_gui.report.compose import compose
from forensic_gui.report.document import (
    Document,
    Fact,
    Facts,
    Notice,
    Section,
    Weight,
)
from forensic_gui.report.template import load_template
from tests.forensic_gui.report.wording import block_texts

TEMPLATE = load_template()


def composed(record: ReportRecord, signed_off: SignedOff | None = None) -> Document:
    """A record laid out by the program's own template."""
    return compose(record, record_sha256="ab" * 32, signed_off=signed_off or SignedOff(), template=TEMPLATE)


def chapter(document: Document, anchor: str) -> Section:
    """The chapter of this name."""
    return next(section for section in document.sections if section.anchor == anchor)


def text_of(section: Section) -> str:
    """Every text of a chapter, one a line."""
    return "\n".join(text for block in section.blocks for text in block_texts(block))


def facts_of(section: Section) -> dict[str, Fact]:
    """Labelled values of a chapter, by label."""
    return {fact.label: fact for block in section.blocks if isinstance(block, Facts) for fact in block.facts}


def warnings_of(section: Section) -> list[str]:
    """Sentences of a chapter that must not be missed."""
    return [block.text for block in section.blocks if isinstance(block, Notice) and block.weight is Weight.WARNING]
