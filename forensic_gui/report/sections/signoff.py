"""Who issued the report, who reviewed it, and room to sign."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from forensic_gui.domain.reports.record import TrailState
from forensic_gui.domain.reports.revision import Issue, Outcome
from forensic_gui.report.document import Block, Fact, Facts, Heading, Notice, SignatureLines, Table, Text, Tone, Weight
from forensic_gui.report.sections.context import Context, facts, moment, one_line


def signoff(context: Context) -> Iterator[Block]:
    """Issue, reviews, signatures."""
    words, issue = context.words, context.record.issue
    if issue is None:
        yield Notice(words("signoff.not_issued"), Weight.WARNING)
    else:
        yield _issued(issue, context)
    if context.signed_off.superseded_by is not None:
        yield Notice(words("signoff.superseded_by", number=context.signed_off.superseded_by), Weight.WARNING)
    if issue is not None:
        yield from _reviews(context)
    yield context.note("signoff.names")
    yield Heading(words("signoff.signatures"))
    yield _lines(context)


def _issued(issue: Issue, context: Context) -> Facts:
    words = context.words
    shown = [
        context.fact("signoff.revision", issue.number),
        context.fact("signoff.issued", words("common.by_at", who=issue.author, time=moment(issue.time))),
        context.fact("signoff.authors", context.listed(issue.authors)),
    ]
    if (event := context.signed_off.issued_at) is not None:
        shown.append(context.fact("signoff.event", event.events))
        shown.append(_hash_of(event, context))
    if issue.supersedes is not None:
        shown.append(context.fact("signoff.supersedes", issue.supersedes))
        shown.append(context.fact("signoff.reason", issue.reason, Tone.WORDS))
    return Facts(tuple(shown))


def _reviews(context: Context) -> Iterator[Block]:
    words = context.words
    yield Heading(words("signoff.reviews"))
    if not context.signed_off.reviews:
        yield Text(words("signoff.not_reviewed"), Tone.EMPTY)
        return
    header = tuple(words(f"signoff.{name}") for name in ("outcome", "reviewer", "time", "note", "review_event"))
    events = context.signed_off.review_events
    rows = tuple(
        (
            words(f"outcomes.{review.outcome.value}"),
            review.reviewer,
            moment(review.time),
            one_line(review.note),
            words("common.not_supplied") if event is None else str(event.events),
        )
        for review, event in zip_longest(context.signed_off.reviews, events)
    )
    yield Table(header, rows, (3, 3.2, 3.2, 6, 1.6))
    if events:
        yield facts(*(_hash_of(event, context) for event in events))
    yield context.note("signoff.reviews_note")


def _hash_of(event: TrailState, context: Context) -> Fact:
    """The hash that an event of the audit trail is known by."""
    return Fact(context.words("signoff.event_sha256", number=event.events), event.head, Tone.MONO)


def _lines(context: Context) -> SignatureLines:
    words, opinion, reviews = context.words, context.record.opinion, context.signed_off.reviews
    lines = [
        (words("signoff.place_date"), one_line(opinion.place)),
        (words("signoff.examiner"), one_line(opinion.examiner)),
        (words("signoff.qualification"), one_line(opinion.qualification)),
        (words("signoff.signature"), ""),
    ]
    if reviews and reviews[-1].outcome is Outcome.APPROVED:
        lines.append((words("signoff.reviewer"), reviews[-1].reviewer))
        lines.append((words("signoff.reviewer_signature"), ""))
    return SignatureLines(tuple(lines))
