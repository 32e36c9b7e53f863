"""The window's reports on the real services and the real renderer. Imported late: it takes what nobody may need."""

from __future__ import annotations

import io
import json
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from forensic_gui.domain.errors import CaseDamaged, ReportError
from forensic_gui.domain.reports.opinion import Opinion
from forensic_gui.domain.reports.pictures import Picture, PictureRef
from forensic_gui.domain.reports.plan import PinnedView, ReportPlan
from forensic_gui.domain.reports.record import ReportRecord, SignedOff, TrailState
from forensic_gui.domain.reports.revision import IssuedReport, IssuedRevision, Outcome, ReportDraft, Review
from forensic_gui.report.rendering import Renderer, renderer
from forensic_gui.report.template import load_template
from forensic_gui.services import bootstrap
from forensic_gui.services.case import CaseSession
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress
from forensic_gui.services.reporting.building import build_record
from forensic_gui.services.reporting.contract import Form, ReportPorts, SignReport, WrittenReport
from forensic_gui.services.reporting.issuing import issue_report
from forensic_gui.services.reporting.making import make_report
from forensic_gui.services.reporting.pictures import CasePictures
from forensic_gui.views.reportroom.door import (
    ExportChoice,
    Preview,
    PreviewRequest,
    ReportState,
    SigningChoice,
    TemplateFacts,
)

if TYPE_CHECKING:
    from forensic_gui.services.signing import Pkcs12Key


def read_state(case: CaseSession) -> ReportState:
    """What a case knows of its report."""
    draft, revisions, trail = case.reports.draft(), case.reports.issues(), case.reports.trail_state()
    return ReportState(draft, revisions, case.items(), not draft.authors and _is_last_change(revisions, trail))


def write_draft(case: CaseSession, *, opinion: Opinion, plan: ReportPlan, revision: int) -> ReportDraft:
    """Keep what the examiner wrote."""
    return case.reports.write(opinion=opinion, plan=plan, revision=revision)


def issue(case: CaseSession, *, reason: str, progress: ProgressSink, cancel: CancelToken) -> IssuedReport:
    """Seal the draft as a revision."""
    with bootstrap.report_ports() as ports:
        return issue_report(case, ports=ports, reason=reason, progress=progress, cancel=cancel)


def review(case: CaseSession, revision: int, *, reviewer: str, outcome: Outcome, note: str) -> Review:
    """Append a second person's word, in their name."""
    return case.reports.in_name_of(reviewer).review(revision, outcome, note=note)


def export(case: CaseSession, choice: ExportChoice, *, progress: ProgressSink, cancel: CancelToken) -> WrittenReport:
    """Write a report's file."""
    render = renderer(choice.request.output.suffix, template_folder=choice.templates)
    sign = None if choice.signing is None else _signer(choice.signing)
    with bootstrap.report_ports() as ports:
        return make_report(
            choice.request, case=case, ports=ports, render=render, sign=sign, progress=progress, cancel=cancel
        )


def template_facts(folder: Path | None) -> TemplateFacts:
    """What a template offers, or why it cannot be used."""
    try:
        template = load_template(folder)
    except ReportError as error:
        return TemplateFacts(problem=str(error))
    languages = tuple(dict.fromkeys((template.language, *template.languages)))
    letterhead = template.letterhead
    return TemplateFacts(languages, letterhead.lines, letterhead.logo is not None)


@dataclass(frozen=True, slots=True)
class _Base:
    """What a preview is made of beside the examiner's words, and for what it holds."""

    record: ReportRecord
    items: int
    key: tuple[object, ...]
    record_json: str = ""


@dataclass(slots=True)
class _Held:
    """What is open for previews of one case: the case for reading only, so that looking leaves no event behind."""

    of: CaseSession
    case: CaseSession
    ports: ReportPorts
    closing: ExitStack = field(repr=False)


class RealPreviewer:
    """Puts a record together when items changed, and only lays it out anew when words did."""

    def __init__(self) -> None:
        self._held: _Held | None = None
        self._base: _Base | None = None
        self._pictures: dict[PictureRef, Picture | None] = {}
        self._edition = -1
        self._template: tuple[Path | None, Renderer] | None = None

    def __call__(
        self,
        case: CaseSession,
        request: PreviewRequest,
        *,
        cancel: CancelToken,
        progress: ProgressSink = ignore_progress,
    ) -> Preview:
        """Make a preview."""

        def tick(done: int, total: int) -> None:
            cancel.raise_if_cancelled()
            progress(ProgressEvent(done, total, 0, "", "stage"))

        held = self._hold(case)
        if request.edition != self._edition:
            self._base, self._edition = None, request.edition
            self._pictures.clear()
            self._template = None  # its files may have been edited
        record, record_json, signed_off, items = self._chosen(held, request, cancel)
        part_of = items if len(record.items) < items else None
        out, render = io.BytesIO(), self._renderer(request.templates)
        made = CasePictures(record, case=held.case, ports=held.ports, cancel=cancel)
        with _Remembering(made, self._pictures) as pictures:
            render(
                record,
                out,
                record_json=record_json,
                signed_off=signed_off,
                pictures=pictures,
                tick=tick,
                part_of=part_of,
            )
        return Preview(out.getvalue(), len(record.items), items)

    def forget(self) -> None:
        """Close what is open."""
        if self._held is not None:
            self._held.closing.close()
        self._held = self._base = self._template = None
        self._pictures.clear()

    def _hold(self, case: CaseSession) -> _Held:
        if self._held is not None and self._held.of is case:
            return self._held
        self.forget()
        with ExitStack() as closing:
            reading = closing.enter_context(CaseSession.open(case.folder, author=case.author, read_only=True))
            ports = closing.enter_context(bootstrap.report_ports())
            self._held = _Held(case, reading, ports, closing.pop_all())
        return self._held

    def _renderer(self, folder: Path | None) -> Renderer:
        if self._template is None or self._template[0] != folder:
            self._template = (folder, renderer(Form.PDF, template_folder=folder))
        return self._template[1]

    def _chosen(
        self, held: _Held, request: PreviewRequest, cancel: CancelToken
    ) -> tuple[ReportRecord, str, SignedOff, int]:
        """What is laid out: the record, its JSON, what is printed of reviews, how many items the report has."""
        reports = held.case.reports
        if request.revision is not None:
            # The hash that is printed is that of what was sealed, also where only some of its items are shown.
            base = self._of_revision(held, request, request.revision)
            return base.record, base.record_json, reports.signed_off(request.revision), base.items
        base = self._of_draft(held, request, cancel)
        plan = replace(request.plan, item_ids=base.record.plan.item_ids, pinned=_pinned(request.plan, base.record))
        record = replace(base.record, opinion=request.opinion, plan=plan, trail=reports.trail_state())
        return record, record.to_json(), SignedOff(), base.items

    def _of_draft(self, held: _Held, request: PreviewRequest, cancel: CancelToken) -> _Base:
        wanted = request.plan.item_ids or tuple(item.id for item in held.case.items())
        shown = wanted[: request.shown(len(wanted))]
        key = ("draft", shown, len(wanted))
        if self._base is None or self._base.key != key:
            plan = replace(request.plan, item_ids=shown, pinned=())
            record = build_record(held.case, opinion=request.opinion, plan=plan, ports=held.ports, cancel=cancel)
            self._base = _Base(record, len(wanted), key)
        return self._base

    def _of_revision(self, held: _Held, request: PreviewRequest, number: int) -> _Base:
        key = ("revision", number, request.whole_up_to)
        if self._base is None or self._base.key != key:
            issued = held.case.reports.issued_report(number)
            try:
                record = ReportRecord.from_record(json.loads(issued.record_json))
            except (KeyError, TypeError, ValueError) as error:
                raise CaseDamaged(f"Revision {number} of the report cannot be read; restore the case.") from error
            count = len(record.items)
            cut = replace(record, items=record.items[: request.shown(count)])
            if len(cut.items) < count:
                shown = tuple(item.id for item in cut.items)
                cut = replace(cut, plan=replace(cut.plan, item_ids=shown, pinned=_pinned(cut.plan, cut)))
            self._base = _Base(cut, count, key, issued.record_json)
        return self._base


def _is_last_change(revisions: tuple[IssuedRevision, ...], trail: TrailState) -> bool:
    """Whether the last event that changed the case is the newest revision's: that it was issued, or reviewed."""
    if not revisions:
        return False
    newest = revisions[-1]
    return trail.time in {newest.issue.time, *(review.time for review in newest.reviews)}


class _Remembering:
    """Pictures that were made for a preview before are not made again."""

    def __init__(self, pictures: CasePictures, known: dict[PictureRef, Picture | None]) -> None:
        self._pictures = pictures
        self._known = known

    def get(self, ref: PictureRef) -> Picture | None:
        if ref not in self._known:
            self._known[ref] = self._pictures.get(ref)
        return self._known[ref]

    def __enter__(self) -> _Remembering:
        return self

    def __exit__(self, *_: object) -> None:
        self._pictures.close()


def _pinned(plan: ReportPlan, record: ReportRecord) -> tuple[PinnedView, ...]:
    """Pinned views of items that the preview shows."""
    shown = {item.id for item in record.items}
    return tuple(view for view in plan.pinned if view.item_id in shown)


def try_key(choice: SigningChoice) -> None:
    """Open a key and let go of it: what is wrong with it is told before anything is made.

    Raises:
        SigningError: nothing can be signed with it.
    """
    from forensic_gui.services.signing.keys import opened

    with opened(_key(choice)):
        pass


def _key(choice: SigningChoice) -> Pkcs12Key:
    from forensic_gui.services.signing import Pkcs12Key

    return Pkcs12Key(choice.key, choice.password.encode() or None)


def _signer(choice: SigningChoice) -> SignReport:
    from forensic_gui.services.signing import sign
    from forensic_gui.services.signing.keys import require_pyhanko

    require_pyhanko()
    return partial(sign, key=_key(choice), timestamp=choice.timestamp_url or None)
