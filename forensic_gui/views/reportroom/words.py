"""What the window says of reports, as functions of what there is. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from forensic_gui.domain.reports.opinion import Level, Opinion
from forensic_gui.domain.reports.plan import PictureKind, PinnedView
from forensic_gui.domain.reports.revision import IssuedRevision, Outcome, Review
from forensic_gui.services.progress import ProgressEvent
from forensic_gui.services.reporting.contract import WrittenReport
from forensic_gui.views.core.wording import number, shown_plainly

EMPTY_PRINTS = "prints «not supplied»"


@dataclass(frozen=True, slots=True)
class FieldWords:
    """A field of the opinion as it is asked for.

    Attributes:
        name: of the field in `Opinion`.
        label: its name for people.
        hint: what belongs there, a short sentence.
        lines: how many are shown at first; 1 for a field of one line.
        empty: what is printed where nothing is written.
    """

    name: str
    label: str
    hint: str
    lines: int = 1
    empty: str = EMPTY_PRINTS


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together."""

    title: str
    fields: tuple[FieldWords, ...]


GROUPS: tuple[Group, ...] = (
    Group(
        "The matter",
        (
            FieldWords(
                "title", "Title", "Of the report, as it stands on its first page.", empty="prints the template's title"
            ),
            FieldWords("reference", "Reference", "Number or name under which whoever asked knows the matter."),
            FieldWords("request", "Request", "What was asked, by whom, when.", 3),
            FieldWords("authority", "Authority", "The ground of the examination: order, consent, contract.", 2),
            FieldWords("custody", "Items and custody", "How the items came to you, and where they were kept.", 3),
        ),
    ),
    Group(
        "Facts",
        (
            FieldWords("examinations", "Examinations", "What was done, beside what the appendix records by itself.", 3),
            FieldWords("observations", "Observations", "What was seen. Facts; what they mean comes below.", 4),
        ),
    ),
    Group(
        "Opinion",
        (
            FieldWords("first_proposition", "First proposition", "What the conclusion weighs.", 2),
            FieldWords("second_proposition", "Second proposition", "What competes with it.", 2),
            FieldWords("level", "Conclusion", "Support for one of the two, or what is said of the first."),
            FieldWords("reasons", "Reasons", "Why, in your own words.", 4),
        ),
    ),
    Group(
        "Limits",
        (
            FieldWords("limits", "Limits", "Of this examination, beside those that the appendix states.", 3),
            FieldWords("deviations", "Deviations", "From your laboratory's usual procedure.", 2),
            FieldWords("disposition", "Disposition", "What became of the items.", 2),
        ),
    ),
    Group(
        "Signature",
        (
            FieldWords("examiner", "Examiner", "The name under which the report is signed."),
            FieldWords("qualification", "Qualification", "Of the examiner, in short."),
            FieldWords("place", "Place", "Where the report is signed."),
        ),
    ),
)
LABELS: Mapping[str, str] = MappingProxyType({each.name: each.label for group in GROUPS for each in group.fields})
assert set(LABELS) == set(Opinion.__dataclass_fields__)

LEVELS: tuple[tuple[str, tuple[Level, ...]], ...] = (
    ("", (Level.OPEN,)),
    (
        "Support for one of two propositions",
        (
            Level.VERY_STRONG_FIRST,
            Level.STRONG_FIRST,
            Level.MODERATE_FIRST,
            Level.LIMITED_FIRST,
            Level.NEITHER,
            Level.LIMITED_SECOND,
            Level.MODERATE_SECOND,
            Level.STRONG_SECOND,
            Level.VERY_STRONG_SECOND,
        ),
    ),
    ("What is said of the first proposition", (Level.CONSISTENT, Level.INCONSISTENT, Level.INCONCLUSIVE)),
)
"""Conclusions under their headings, in the order in which they are offered."""
assert sorted(level for _, levels in LEVELS for level in levels) == sorted(Level)

PICTURES: Mapping[PictureKind, str] = MappingProxyType(
    {
        PictureKind.ORIGINAL: "Image",
        PictureKind.HEATMAP: "Heatmap",
        PictureKind.MASK: "Model's mask",
        PictureKind.OVERLAY: "Heatmap over image",
        PictureKind.REGIONS: "Analyst's regions",
        PictureKind.DIFFERENCE: "Difference of mask and regions",
    }
)
"""Kinds of picture that a view can be pinned as."""

_LANGUAGES: Mapping[str, str] = MappingProxyType(
    {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "it": "Italiano", "nl": "Nederlands"}
)


def items(count: int) -> str:
    """A number of items."""
    return "1 item" if count == 1 else f"{number(count)} items"


def level_words(level: Level) -> str:
    """A conclusion with a capital letter."""
    return "Nothing was concluded yet" if level is Level.OPEN else level.value[0].upper() + level.value[1:]


def language_words(language: str) -> str:
    """A language by its own name where that is known."""
    return f"{_LANGUAGES[language]} ({language})" if language in _LANGUAGES else shown_plainly(language)


def missing_words(names: Iterable[str]) -> str:
    """What is still missing before a report can be issued, a sentence; "" for nothing."""
    gone = [LABELS[name].lower() for name in names]
    if not gone:
        return ""
    listed = gone[0] if len(gone) == 1 else f"{', '.join(gone[:-1])} and {gone[-1]}"
    return f"Missing before it can be issued: {listed}."


def pinned_words(view: PinnedView, name: str) -> str:
    """A pinned view on one line: which item, which picture, which part."""
    box = view.box
    part = f"{box.x1 - box.x0:.0f} × {box.y1 - box.y0:.0f} px at\u00a0({box.x0:.0f},\u00a0{box.y0:.0f})"
    return f"{shown_plainly(name)} · {PICTURES[view.picture]} · {part}"


def caption_words(view: PinnedView) -> str:
    """The caption of a pinned view on one line."""
    return shown_plainly(" ".join(view.caption.split())) or "no caption"


def shown_words(shown: int, all_items: int) -> str:
    """That a preview shows less than the file will have; "" where it does not."""
    if shown >= all_items:
        return ""
    return f"The preview shows the first {number(shown)} of {items(all_items)}; the file has all of them."


def preview_progress(event: ProgressEvent | None) -> str:
    """How far a preview is: " 3 of 200"; "" where that is not known."""
    return "" if event is None or not event.total else f" {number(event.done)} of {number(event.total)}"


def revision_words(revision: IssuedRevision) -> str:
    """A revision on one line."""
    issue = revision.issue
    return f"Revision {issue.number}, {when(issue.time)}, {shown_plainly(issue.author)}"


def standing_words(revisions: tuple[IssuedRevision, ...]) -> str:
    """How the newest revision stands; "" where none was issued."""
    if not revisions:
        return ""
    newest = revisions[-1]
    if not newest.reviews:
        return f"Revision {newest.issue.number} is issued and not reviewed yet."
    last = newest.reviews[-1]
    said = "approved" if last.outcome is Outcome.APPROVED else "returned"
    return f"Revision {newest.issue.number} was {said} by {shown_plainly(last.reviewer)}, {when(last.time)}."


def history_lines(revisions: tuple[IssuedRevision, ...]) -> tuple[tuple[str, str], ...]:
    """(headline, words) of everything that was issued and said of it, the newest first."""
    lines: list[tuple[str, str]] = []
    for revision in reversed(revisions):
        lines += [_review_line(review) for review in reversed(revision.reviews)]
        issue = revision.issue
        told = [] if issue.supersedes is None else [f"Supersedes revision {issue.supersedes}: {issue.reason}"]
        others = [each for each in issue.authors if each != issue.author]
        told += [f"Written with {', '.join(map(shown_plainly, others))}"] if others else []
        lines.append((f"{revision_words(revision)}: issued", "\n".join(told)))
    return tuple(lines)


def written_words(report: WrittenReport) -> str:
    """What was written, a sentence or two."""
    manifest = report.manifest
    what = "the draft" if manifest.revision is None else f"revision {manifest.revision}"
    if report.is_draft and manifest.revision is not None:
        what += ", marked DRAFT"
    signed = ", signed" if manifest.is_signed else ""
    said = f"Wrote {what} with {items(report.items)}{signed}."
    count = len(report.troubles)
    if count:
        said += f" {items(count)} could not be shown in full; the report and Problems name each."
    return said


def when(time: str) -> str:
    """A time of the record for people: "2026-11-21 07:12 UTC"."""
    date, _, clock = time.partition("T")
    return f"{shown_plainly(date)} {shown_plainly(clock[:5])} UTC"


def _review_line(review: Review) -> tuple[str, str]:
    said = "approved" if review.outcome is Outcome.APPROVED else "returned"
    return (
        f"Revision {review.revision}, {when(review.time)}, {shown_plainly(review.reviewer)}: {said}",
        review.note,
    )
