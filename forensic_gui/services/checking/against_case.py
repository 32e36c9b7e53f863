"""A report against the case that it was made of: the trail cannot be altered together with it."""

from __future__ import annotations

from collections.abc import Sequence

from forensic_gui.domain.case import AuditEvent
from forensic_gui.domain.errors import CaseDamaged, ReportError
from forensic_gui.domain.reports.manifest import ReportManifest
from forensic_gui.domain.reports.record import ReportRecord
from forensic_gui.domain.reports.revision import Review
from forensic_gui.services.case import CaseSession
from forensic_gui.services.checking.checks import Check, Verdict, holds, not_checked, wrong
from forensic_gui.services.checking.embedded import EmbeddedRecord
from forensic_gui.services.checking.of_template import check_template
from forensic_gui.services.checking.writings import vouching_event

CASE, TRAIL, WRITING, REVISION, REVIEWS = "case", "audit trail", "writing", "revision", "reviews"

# Records are compared; pages are not, for no record can be read out of them.
_PAGES = {
    True: "Its pages are vouched for by the recorded writing only.",
    False: "Its pages were not compared.",
}


def check_case(
    case: CaseSession, *, sha256: str, embedded: EmbeddedRecord | None, manifest: ReportManifest | None
) -> list[Check]:
    """Compare a report with its case.

    Args:
        case: the case, open for reading at least.
        sha256: of the report's bytes.
        embedded: the record that the report embeds; None where it cannot be read.
        manifest: of the report; None without one.
    """
    record = None if embedded is None else embedded.record
    if record is not None and case.info.id != record.case.id:
        return [wrong(CASE, f"The report is of another case: {record.case.name}, {record.case.id}.")]
    try:
        trail = case.audit()
    except CaseDamaged as error:
        return [wrong(TRAIL, f"{error} Nothing of the report could be compared with it.")]
    writing = _check_writing(trail, sha256)
    template = check_template(manifest, trail=trail, sha256=sha256)
    if embedded is None or record is None:
        unread = not_checked(CASE, "The report's record cannot be read, so it was not compared with the case.")
        return [unread, writing, *template]
    return [
        holds(CASE, f"The report is of this case, {record.case.id}."),
        *_check_trail(trail, record, manifest),
        writing,
        *template,
        *_check_revision(case, record, embedded.sha256, pages=_PAGES[writing.verdict is Verdict.HOLDS]),
    ]


def _check_trail(trail: Sequence[AuditEvent], record: ReportRecord, manifest: ReportManifest | None) -> list[Check]:
    named = [("record", record.trail.events, record.trail.head)]
    if manifest is not None and manifest.trail_head:
        named.append(("manifest", manifest.trail_events, manifest.trail_head))
    for who, number, head in named:
        if not 0 < number <= len(trail):
            said = f"The {who} names event {number}, and the case's audit trail ends with event {len(trail)}"
            return [wrong(TRAIL, f"{said}: events were cut off, or this is an older copy of the case.")]
        if trail[number - 1].sha256 != head:
            return [wrong(TRAIL, f"Event {number} of the case's audit trail is not the one that the {who} names.")]
    head = f"event {record.trail.events}, {record.trail.head}"
    return [holds(TRAIL, f"The case's audit trail is whole and has the head that the report names: {head}.")]


def _check_writing(trail: Sequence[AuditEvent], sha256: str) -> Check:
    """Whether this very file is among those that the case vouches for, whatever a manifest says of it."""
    event = vouching_event(trail, sha256)
    if event is None:
        return wrong(
            WRITING,
            "The case recorded no writing of this very file: it is not what was written, or it was written or signed "
            "without the case recording it, as where the case could only be read; nothing vouches for its pages.",
        )
    return holds(WRITING, f"The case recorded this very file: {event.action} by {event.actor}, {event.time}.")


def _check_revision(case: CaseSession, record: ReportRecord, record_sha256: str, *, pages: str) -> list[Check]:
    """Whether the case issued what the file embeds; `pages` says what is known of what the file shows."""
    if record.issue is None:
        said = "The embedded record is of a draft: the case keeps none to compare it with."
        return [not_checked(REVISION, f"{said} {pages}")]
    number = record.issue.number
    try:
        issued = case.reports.issued_report(number)
    except ReportError:
        return [wrong(REVISION, f"The case never issued a revision {number}.")]
    except CaseDamaged as error:
        return [wrong(REVISION, str(error))]
    if issued.record_sha256 != record_sha256:
        return [wrong(REVISION, f"Revision {number}, as the case issued it, is another record than the one embedded.")]
    said = f"The embedded record is what the case issued as revision {number}, {record.issue.time}. {pages}"
    after = case.reports.signed_off(number).superseded_by
    superseded = "" if after is None else f" Revision {after} took its place."
    return [holds(REVISION, said + superseded), _check_reviews(issued.reviews, pages=pages)]


def _check_reviews(reviews: Sequence[Review], *, pages: str) -> Check:
    if not reviews:
        return not_checked(REVIEWS, "Nobody reviewed this revision so far.")
    newest = reviews[-1]
    said = f"{len(reviews)} of this revision in the case; the newest: {newest.outcome} by {newest.reviewer}"
    return holds(REVIEWS, f"{said}, {newest.time}. {pages}")
