"""The examiner's report up to the observations: what was asked, on what ground, of which items, and what was seen."""

from __future__ import annotations

from collections.abc import Iterator

from forensic_gui.domain.reports.record import ItemFacts
from forensic_gui.report.document import Block, Heading, Notice, Table, Text, Tone, Weight
from forensic_gui.report.sections.context import Context, counted, moment, shortened

_WIDTHS = (1.5, 4.6, 7.4, 2.0, 3.6)


def request(context: Context) -> Iterator[Block]:
    """What was asked, by whom, when."""
    yield Heading(context.words("examiner.request"))
    yield context.said(context.record.opinion.request)


def authority(context: Context) -> Iterator[Block]:
    """On what ground."""
    yield Heading(context.words("examiner.authority"))
    yield context.said(context.record.opinion.authority)


def custody(context: Context) -> Iterator[Block]:
    """The items, and how they were kept."""
    words, items = context.words, context.record.items
    yield Heading(words("examiner.custody"))
    yield context.said(context.record.opinion.custody)
    header = tuple(words(f"examiner.item_{name}") for name in ("number", "name", "sha256", "size", "added"))
    rows = tuple(_row(item, context) for item in items)
    yield Table(header, rows, _WIDTHS, frozenset({2}), words("examiner.items_table"))
    if altered := [item.id for item in items if not item.is_unaltered]:
        yield Notice(words("examiner.items_altered", numbers=context.listed(altered)), Weight.WARNING)
    elif items:
        yield Text(words("examiner.items_verified"), Tone.QUIET)
    if since := context.signed_off.altered:
        yield Notice(words("examiner.items_altered_since", numbers=context.listed(since)), Weight.WARNING)
    if unreadable := [item.id for item in items if item.unreadable]:
        yield Notice(words("examiner.items_unreadable", numbers=context.listed(unreadable)), Weight.WARNING)


def examinations(context: Context) -> Iterator[Block]:
    """What was done."""
    yield Heading(context.words("examiner.examinations"))
    yield context.said(context.record.opinion.examinations)
    yield context.of_appendix("examiner.examinations_appendix")


def observations(context: Context) -> Iterator[Block]:
    """What was seen, apart from what is concluded from it."""
    yield Heading(context.words("examiner.observations"))
    yield context.note("examiner.observations_note")
    yield context.said(context.record.opinion.observations)


def _row(item: ItemFacts, context: Context) -> tuple[str, ...]:
    added = context.words("common.by_at", who=shortened(item.added_by), time=moment(item.added))
    return (str(item.id), shortened(item.name), item.sha256, counted(item.size_bytes), added)
