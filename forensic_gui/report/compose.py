"""A record laid out as a document: every word that a report prints is chosen here and in the sections."""

from __future__ import annotations

from collections.abc import Iterator

from forensic_gui.domain.reports.plan import Part
from forensic_gui.domain.reports.record import ReportRecord, SignedOff
from forensic_gui.domain.reports.revision import Outcome
from forensic_gui.report.document import Document, Fact, Notice, Section, Tone, Weight
from forensic_gui.report.sections import chapters_of
from forensic_gui.report.sections.context import Context, Settings, moment, one_line, settings_of
from forensic_gui.report.template import MODEL_LANGUAGE, Template

DRAFT = "DRAFT"
"""Stands on every page of a draft in whatever language, beside the word of the report's own."""
PARTIAL = "PARTIAL PREVIEW"
"""Stands on every page of what shows only some of a report's items: nobody takes it for the report."""

_HASH_SHOWN = 12


def compose(
    record: ReportRecord,
    *,
    record_sha256: str,
    signed_off: SignedOff,
    template: Template,
    part_of: int | None = None,
) -> Document:
    """Lay a record out.

    Args:
        record: everything the report says.
        record_sha256: of its canonical JSON.
        signed_off: reviews, and whether the revision was superseded.
        template: words, order, letterhead.
        part_of: how many items the report has of which `record` holds only some, for a preview; None where it holds
            all of them. What the first page says is of the report then, and every page says that it is a part.

    Raises:
        ReportError: the template does not have the record's language.
    """
    words = template.words_in(record.plan.language)
    weights = {each.sha256: each for each in record.weights}
    context = Context(
        record,
        # The record of the whole draft is not put together for a preview of its part.
        "" if part_of is not None and record.is_draft else record_sha256,
        signed_off,
        words,
        weights,
        settings=_settings(record),
        model_language=words.language == MODEL_LANGUAGE,
    )
    return Document(
        title=_title(context),
        subtitle=words(f"document.parts_{_parts(record)}"),
        language=words.language,
        identity=(*_identity(context, part_of), *_template(context, template)),
        letterhead=template.letterhead,
        mark=" · ".join(each for each in (_partial(record, part_of), _mark(context, template)) if each),
        footer=_footer(context),
        page_of=words.raw("document.page_of"),
        contents=words("document.contents"),
        sections=tuple(_sections(context, template)),
        remark=_remark(context, template),
        notices=_notices(context, template),
    )


def _settings(record: ReportRecord) -> tuple[Settings, ...]:
    found: list[Settings] = []
    for item in record.items:
        if item.finding is not None and settings_of(item.finding) not in found:
            found.append(settings_of(item.finding))
    return tuple(found)


def _sections(context: Context, template: Template) -> Iterator[Section]:
    for part in context.record.plan.parts:
        for chapter, makers in chapters_of(part, template.sections[part]):
            blocks = tuple(block for maker in makers for block in maker(context))
            yield Section(chapter, context.words(f"chapters.{chapter}"), blocks)


def _parts(record: ReportRecord) -> str:
    both = set(record.plan.parts) == set(Part)
    return "both" if both else record.plan.parts[0].value


def _title(context: Context) -> str:
    said = one_line(context.record.opinion.title)
    if Part.EXAMINER not in context.record.plan.parts:
        return context.words("document.appendix_title")
    return said or context.words("document.title")


def _partial(record: ReportRecord, part_of: int | None) -> str:
    return "" if part_of is None else f"{PARTIAL} · {len(record.items)} OF {part_of} ITEMS"


def _identity(context: Context, part_of: int | None) -> Iterator[Fact]:
    words, record = context.words, context.record
    items = len(record.items) if part_of is None else part_of
    yield context.fact("identity.case", record.case.name)
    yield context.fact("identity.case_id", record.case.id, Tone.MONO)
    yield context.fact("identity.reference", record.opinion.reference, Tone.WORDS)
    yield context.fact("identity.revision", _revision(context))
    if record.issue is not None:
        issued = words("common.by_at", who=record.issue.author, time=moment(record.issue.time))
        yield context.fact("identity.issued", issued)
        yield context.fact("identity.review", _review(context))
    state = words("identity.as_of_event", time=moment(record.trail.time), number=record.trail.events)
    yield context.fact("identity.as_of", state)
    yield context.fact("identity.items", words("identity.items_of", shown=items, all=record.case.items))
    yield context.fact("identity.trail", context.newest_event.events)
    yield context.fact("identity.head", context.newest_event.head, Tone.MONO)
    yield context.fact("identity.record", context.record_sha256, Tone.MONO)
    version = words("identity.tool_version", version=record.software.tool_version)
    yield context.fact("identity.tool", version)


def _template(context: Context, template: Template) -> Iterator[Fact]:
    identity = template.identity
    if not identity.is_built_in:
        said = context.words("identity.template_as", name=one_line(identity.name), sha256=identity.sha256)
        yield context.fact("identity.template", said, Tone.MONO)


def _notices(context: Context, template: Template) -> tuple[Notice, ...]:
    """That every word is the laboratory's own, where it is: in English, which no template changes, and in its words."""
    if context.words.language in template.shipped:
        return ()
    english = template.words[MODEL_LANGUAGE]("document.own_words")
    said = dict.fromkeys((english, context.words("document.own_words")))
    return tuple(Notice(text, Weight.WARNING) for text in said)


def _revision(context: Context) -> str:
    issue = context.record.issue
    if issue is None:
        return context.words("identity.revision_draft")
    return context.words("identity.revision_issued", number=issue.number)


def _review(context: Context) -> str:
    """What the newest review says, and whose it is."""
    if not context.signed_off.reviews:
        return context.words("signoff.not_reviewed")
    newest = context.signed_off.reviews[-1]
    key = f"identity.review_{newest.outcome.value}"
    return context.words(key, who=newest.reviewer, time=moment(newest.time))


def _mark(context: Context, template: Template) -> str:
    marks = []
    if context.record.is_draft:
        word = _marking("document.draft", context, template)
        marks.append(word if DRAFT in word else f"{word} · {DRAFT}")
    reviews = context.signed_off.reviews
    if reviews and reviews[-1].outcome is Outcome.RETURNED:
        marks.append(_marking("document.returned", context, template))
    if context.signed_off.superseded_by is not None:
        marks.append(_marking("document.superseded", context, template, number=context.signed_off.superseded_by))
    return " · ".join(marks)


def _marking(key: str, context: Context, template: Template, **values: object) -> str:
    """A mark's words; beside a laboratory's own the program's in English, and before them: what is long is cut."""
    word, english = context.words(key, **values), template.words[MODEL_LANGUAGE](key, **values)
    return word if context.words.language in template.shipped or word == english else f"{english} · {word}"


def _remark(context: Context, template: Template) -> str:
    """What only the head of every page says; a mark leaves no need of it."""
    is_unreviewed = not _mark(context, template) and not context.signed_off.reviews
    return _marking("document.not_reviewed", context, template) if is_unreviewed else ""


def _footer(context: Context) -> str:
    return context.words(
        "document.footer",
        case=context.record.case.name,
        revision=_revision(context),
        record=context.record_sha256[:_HASH_SHOWN] or "—",
    )
