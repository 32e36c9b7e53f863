"""The report of a case: drafted by examiners, issued in revisions that never change, reviewed by somebody else.

Names of authors and reviewers are what people say of themselves; what binds is a signature.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from forensic_gui.domain.case import AuditEvent, ItemQuery
from forensic_gui.domain.errors import CaseDamaged, ReportError
from forensic_gui.domain.reports.opinion import LINES, LONGEST_LINE, Opinion
from forensic_gui.domain.reports.people import same_name, same_person
from forensic_gui.domain.reports.plan import ReportPlan
from forensic_gui.domain.reports.record import ReportRecord, SignedOff, TrailState, record_hash
from forensic_gui.domain.reports.revision import (
    Issue,
    IssuedReport,
    IssuedRevision,
    Outcome,
    ReportDraft,
    Review,
    joined_by,
)
from forensic_gui.services.case.planning import require_sound_plan
from forensic_gui.services.case.record import CaseRecord, now
from forensic_gui.storage.case import items, reported, reports, trail
from forensic_gui.storage.case.reported import REPORT_DRAFTED, REPORT_ISSUED, REPORT_REVIEWED
from forensic_gui.storage.case.text import storable

_STALE = "The case or its report was changed while the report was put together, so nothing was issued: issue it again."


class CaseReports:
    """The report of one open case. Safe to call from several threads.

    Every call that reads or changes the report raises `CaseDamaged` where anything but this program changed it.
    """

    def __init__(self, record: CaseRecord) -> None:
        """Prepare; nothing is read yet."""
        self._record = record

    def in_name_of(self, author: str) -> CaseReports:
        """The same report for somebody else at this computer, as who reviews it: their acts are recorded as theirs."""
        return CaseReports(replace(self._record, author=author))

    def draft(self) -> ReportDraft:
        """The report as it is being written.

        Raises:
            CaseDamaged: it cannot be read.
        """
        with self._reading() as connection:
            return reports.draft(connection)

    def write(
        self, *, opinion: Opinion | None = None, plan: ReportPlan | None = None, revision: int | None = None
    ) -> ReportDraft:
        """Change the draft; what is there already is not written again, and leaves no event.

        Args:
            opinion: the examiner's words; None keeps those that are there.
            plan: what the report shows; None keeps that.
            revision: the draft's revision that the change was made on; None takes the newest.

        Raises:
            ReportError: the draft was changed meanwhile, a field is too long for its place, or the plan shows what the
                case does not have.
            CaseReadOnly: the case can only be looked at.
        """
        with self._changing() as connection:
            before = reports.draft(connection)
            if revision is not None and revision != before.revision:
                raise ReportError(
                    "The report was changed meanwhile, so this change was not made; look at it again and repeat it."
                )
            after = replace(
                before,
                opinion=before.opinion if opinion is None else _storable_opinion(opinion),
                plan=before.plan if plan is None else _storable_plan(plan),
            )
            if after == before:
                return before
            _require_lines(before.opinion, after.opinion)
            if after.plan != before.plan:
                require_sound_plan(connection, after.plan)
            author = storable(self._record.author)
            after = replace(after, revision=before.revision + 1, authors=joined_by(before.authors, author))
            text = reports.put_draft(connection, after)
            details = {
                "revision": after.revision,
                "changed": _changed(before, after),
                "draft_sha256": record_hash(text),
            }
            self._record.event(connection, REPORT_DRAFTED, details=details)
        return after

    def require_sound(self, plan: ReportPlan) -> None:
        """Raise `ReportError` where a plan that is not the draft's shows what the case does not have."""
        with self._reading() as connection:
            require_sound_plan(connection, plan)

    def trail_state(self) -> TrailState:
        """The audit trail up to its last event that changed what the case says: a report is of this state."""
        with self._record.database.reading() as connection:
            return _trail_state(connection)

    def issue(self, record: ReportRecord, *, reason: str = "") -> IssuedReport:
        """Seal a record as the next revision, in one transaction with its event. It is never changed again.

        The authors of a revision are those of the one that it supersedes, for their words went into the draft; who
        changed the draft since; who signs as its examiner; and who issues it.

        Args:
            record: of the draft and the case as they are; its `issue` is None.
            reason: why the revision before is superseded; "" for the first.

        Raises:
            ReportError: the conclusion is not written, the case or the draft changed since the record was made, or
                the reason is missing.
            CaseReadOnly: the case can only be looked at.
        """
        assert record.issue is None, "a record is issued once"
        with self._reading() as connection:
            known = reports.issues(connection)
            require_conclusion(record.opinion)
            require_reason(reason, superseded=known[-1] if known else None)
            _require_current(connection, record)
            issue = self._next(known, reports.draft(connection), record.opinion, reason.strip())
        # Compressing a long record takes a second, for which other calls need not wait; that nothing happened
        # meanwhile shows in the trail.
        text = replace(record, issue=issue).to_json()
        sealed = reports.SealedRecord.of(text)
        with self._changing() as connection:
            if _trail_state(connection) != record.trail:
                raise ReportError(_STALE)
            reports.insert_issue(connection, issue, sealed)
            reports.start_authors_anew(connection)
            details = {
                "number": issue.number,
                "supersedes": issue.supersedes,
                "reason": issue.reason,
                "authors": list(issue.authors),
                "record_sha256": sealed.sha256,
                "items": len(record.items),
                "draft_revision": reports.draft(connection).revision,
            }
            self._record.event(connection, REPORT_ISSUED, subject=sealed.sha256, details=details, time=issue.time)
        return IssuedReport(issue, sealed.sha256, text)

    def issues(self) -> tuple[IssuedRevision, ...]:
        """Issued revisions without their records, the oldest first."""
        with self._reading() as connection:
            return reports.issues(connection)

    def issued(self) -> tuple[IssuedReport, ...]:
        """Issued revisions with all that they say, the oldest first; `issues` is what lists need.

        Raises:
            CaseDamaged: one is not what was issued.
        """
        with self._reading() as connection:
            return tuple(_with_record(connection, each) for each in reports.issues(connection))

    def issued_report(self, number: int) -> IssuedReport:
        """One issued revision, its hash checked.

        Raises:
            ReportError: there is none of this number.
            CaseDamaged: it is not what was issued.
        """
        with self._reading() as connection:
            return _with_record(connection, _find(reports.issues(connection), number))

    def review(self, number: int, outcome: Outcome, *, note: str = "") -> Review:
        """Append this session's author's word on the newest revision.

        Raises:
            ReportError: they are one of its authors, the revision was superseded, or it is returned without a note.
            CaseReadOnly: the case can only be looked at.
        """
        with self._changing() as connection:
            known = reports.issues(connection)
            revision = _find(known, number)
            review = Review(number, storable(self._record.author), outcome, storable(note.strip()), now())
            _require_reviewable(revision, review, newest=known[-1].issue.number)
            reports.insert_review(connection, review)
            details = {
                "revision": number,
                "outcome": outcome.value,
                "note": review.note,
                "record_sha256": revision.record_sha256,
            }
            self._record.event(
                connection, REPORT_REVIEWED, subject=revision.record_sha256, details=details, time=review.time
            )
        return review

    def signed_off(self, number: int) -> SignedOff:
        """What is printed of a revision beside its record.

        Raises:
            ReportError: there is none of this number.
        """
        with self._reading() as connection:
            known = reports.issues(connection)
            revision = _find(known, number)
            (issued_at,) = _events_of(connection, REPORT_ISSUED, number=number)
            review_events = _events_of(connection, REPORT_REVIEWED, revision=number)
        is_newest = number == known[-1].issue.number
        return SignedOff(revision.reviews, None if is_newest else number + 1, issued_at, review_events)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._record.database.reading() as connection:
            self._require_vouched(connection)
            yield connection

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with self._record.database.changing() as connection:
            self._require_vouched(connection)
            yield connection

    def _require_vouched(self, connection: sqlite3.Connection) -> None:
        """Raise `CaseDamaged` where the report is not what the trail says.

        Every call looks, not the audit alone: an approval that somebody put into the tables must not be printed, and
        words that somebody put there must not become the words of who writes next.
        """
        if wrong := reported.first_misfit(connection):
            raise CaseDamaged(f"{self._record.folder.path} was changed behind its audit trail: {wrong}.")

    def _next(self, known: tuple[IssuedRevision, ...], draft: ReportDraft, opinion: Opinion, reason: str) -> Issue:
        author = storable(self._record.author)
        authors = known[-1].issue.authors if known else ()
        for name in (*draft.authors, storable(opinion.examiner.strip()), author):
            authors = joined_by(authors, name) if name else authors
        return Issue(
            number=len(known) + 1,
            supersedes=len(known) or None,
            reason=storable(reason),
            author=author,
            authors=authors,
            time=now(),
        )


def _storable_opinion(opinion: Opinion) -> Opinion:
    return Opinion.from_record({name: storable(text) for name, text in opinion.to_record().items()})


def _require_lines(before: Opinion, after: Opinion) -> None:
    """Raise `ReportError` where a field that has a line's room is changed to what does not fit."""
    for name in LINES:
        text = getattr(after, name)
        if len(text) > LONGEST_LINE and text != getattr(before, name):
            raise ReportError(
                f"The {name} of the report has {len(text)} characters, and there is room for {LONGEST_LINE}: shorten "
                "it."
            )


def _storable_plan(plan: ReportPlan) -> ReportPlan:
    return replace(plan, pinned=tuple(replace(view, caption=storable(view.caption)) for view in plan.pinned))


def _changed(before: ReportDraft, after: ReportDraft) -> list[str]:
    """Names of the fields that differ."""

    def fields(draft: ReportDraft) -> Mapping[str, object]:
        return {**draft.opinion.to_record(), **draft.plan.to_record()}

    old, new = fields(before), fields(after)
    return [name for name in new if new[name] != old[name]]


def _trail_state(connection: sqlite3.Connection) -> TrailState:
    return _state_at(trail.last_change(connection))


def _events_of(connection: sqlite3.Connection, action: str, **wanted: int) -> tuple[TrailState, ...]:
    """Where the trail stood after each event of an action whose details say what is wanted, the oldest first."""
    events = trail.events(connection, actions=(action,))
    return tuple(_state_at(event) for event in events if wanted.items() <= event.details.items())


def _state_at(event: AuditEvent) -> TrailState:
    return TrailState(event.seq, event.sha256, event.time)


def require_conclusion(opinion: Opinion) -> None:
    """Raise `ReportError` where the conclusion is not written."""
    if opinion.missing:
        names = ", ".join(name.replace("_", " ") for name in opinion.missing)
        raise ReportError(f"The report stays a draft while it says nothing of: {names}. Write that, then issue it.")


def require_reason(reason: str, *, superseded: IssuedRevision | None) -> None:
    """Raise `ReportError` where a revision is superseded without a reason, or there is none to supersede."""
    if superseded is not None and not reason.strip():
        number = superseded.issue.number
        raise ReportError(f"Say why revision {number} is superseded; a report is not issued again without reason.")
    if superseded is None and reason.strip():
        raise ReportError("This is the first revision and supersedes nothing: issue it without a reason.")


def _require_current(connection: sqlite3.Connection, record: ReportRecord) -> None:
    """Raise `ReportError` where a record is not of the draft and the case as they are."""
    draft = reports.draft(connection)
    wanted = draft.plan.item_ids or tuple(items.find_ids(connection, ItemQuery()))
    (case_id,) = connection.execute("SELECT id FROM about").fetchone()
    is_current = (
        record.case.id == case_id
        and record.trail == _trail_state(connection)
        and record.opinion == draft.opinion
        and record.plan == replace(draft.plan, item_ids=wanted)
        and tuple(item.id for item in record.items) == wanted
    )
    if not is_current:
        raise ReportError(_STALE)


def _find(known: tuple[IssuedRevision, ...], number: int) -> IssuedRevision:
    for revision in known:
        if revision.issue.number == number:
            return revision
    count = "no revision of the report was issued yet" if not known else f"the newest is {known[-1].issue.number}"
    raise ReportError(f"There is no revision {number} of the report: {count}.")


def _with_record(connection: sqlite3.Connection, revision: IssuedRevision) -> IssuedReport:
    text = reports.record_of(connection, revision.issue.number)
    return IssuedReport(revision.issue, revision.record_sha256, text, revision.reviews)


def _require_reviewable(revision: IssuedRevision, review: Review, *, newest: int) -> None:
    number = revision.issue.number
    if number != newest:
        raise ReportError(f"Revision {number} was superseded; review revision {newest}.")
    if same_person(review.reviewer, ""):
        raise ReportError("A review needs the name of who reviews.")
    for author in revision.issue.authors:
        if same_name(author, review.reviewer):
            raise ReportError(
                f"{review.reviewer} is one of the authors of revision {number}: somebody else has to review it."
            )
        if same_person(author, review.reviewer):
            raise ReportError(
                f"«{review.reviewer}» was taken for the same person as {author}, one of the authors of revision "
                f"{number}: somebody else has to review it. Whoever is somebody else writes the full name."
            )
    if review.outcome is Outcome.RETURNED and not review.note:
        raise ReportError("Say in a note why the report is returned.")
