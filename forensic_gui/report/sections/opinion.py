"""What the examiner concludes, and within which limits: a chapter apart from the observations."""

from __future__ import annotations

from collections.abc import Iterator

from forensic_gui.domain.reports.opinion import Level
from forensic_gui.report.document import Block, Fact, Heading, Notice, Tone, Weight
from forensic_gui.report.sections.context import Context, facts


def conclusion(context: Context) -> Iterator[Block]:
    """Two propositions, a level, and the reasons; what is missing is named."""
    words, opinion = context.words, context.record.opinion
    yield Heading(words("examiner.conclusion"))
    yield context.note("examiner.opinion_note")
    if opinion.missing:
        missing = context.listed(words(f"examiner.{name}") for name in opinion.missing)
        yield Notice(words("examiner.draft_missing", missing=missing), Weight.WARNING)
    elif context.record.is_draft:
        yield Notice(words("examiner.draft_not_issued"), Weight.WARNING)
    yield facts(
        context.fact("examiner.first_proposition", opinion.first_proposition, Tone.WORDS),
        context.fact("examiner.second_proposition", opinion.second_proposition, Tone.WORDS),
        Fact(words("examiner.level"), level_text(opinion.level, context), _tone(opinion.level)),
        context.fact("examiner.reasons", opinion.reasons, Tone.WORDS),
    )
    yield context.note("examiner.scale")


def level_text(level: Level, context: Context) -> str:
    """A level in the report's language."""
    return context.words(f"levels.{level.name.lower()}")


def limits(context: Context) -> Iterator[Block]:
    """What the examination could not do."""
    yield Heading(context.words("examiner.limits"))
    yield context.said(context.record.opinion.limits)
    yield context.of_appendix("examiner.limits_appendix")


def deviations(context: Context) -> Iterator[Block]:
    """From what is usually done."""
    yield Heading(context.words("examiner.deviations"))
    yield context.said(context.record.opinion.deviations)


def disposition(context: Context) -> Iterator[Block]:
    """What became of the items."""
    yield Heading(context.words("examiner.disposition"))
    yield context.said(context.record.opinion.disposition)


def _tone(level: Level) -> Tone:
    return Tone.EMPTY if level is Level.OPEN else Tone.BODY
