"""Small PDFs, and a report's services that make them: what windows of tests are opened on."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass, field
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from forensic_gui.domain.errors import ReportError, SigningError
from forensic_gui.domain.reports.manifest import ReportManifest
from forensic_gui.domain.reports.opinion import Opinion
from forensic_gui.domain.reports.plan import ReportPlan
from forensic_gui.domain.reports.revision import IssuedReport, Outcome, ReportDraft
from forensic_gui.services.case import CaseSession
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress
from forensic_gui.services.reporting.contract import WrittenReport
from forensic_gui.views.reportroom.binding import read_state
from forensic_gui.views.reportroom.door import (
    ExportChoice,
    Preview,
    PreviewRequest,
    ReportDoor,
    ReportState,
    SigningChoice,
    TemplateFacts,
)
from tests.forensic_gui.services.case.made_reports import record_of

PAPER_PT = (595, 842)


def paper(*pages: str, grey: float = 1.0) -> bytes:
    """A PDF with a page for each text, on a ground as light as `grey` says."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=PAPER_PT)
    for text in pages:
        canvas.setFillGray(grey)
        canvas.rect(0, 0, *PAPER_PT, stroke=0, fill=1)
        canvas.setFillGray(0)
        canvas.drawString(72, 700, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@dataclass
class Office:
    """Stands in for the renderer and for what needs a decoder; drafts, issues and reviews are the case's own.

    Attributes:
        previews: what was asked for, in order.
        exports: what was asked for, in order.
        refuses: sentence with which the next preview or export fails; "" for none.
        password: of every key.
        gate: exports wait until it is set, or until they are cancelled.
    """

    previews: list[PreviewRequest] = field(default_factory=list)
    exports: list[ExportChoice] = field(default_factory=list)
    forgotten: int = 0
    refuses: str = ""
    password: str = "secret"
    gate: threading.Event = field(default_factory=threading.Event)
    templates: dict[Path | None, TemplateFacts] = field(
        default_factory=lambda: {None: TemplateFacts(("en", "de"), ("Laboratory of Images", "Harbour Street 1"))}
    )

    def __post_init__(self) -> None:
        self.gate.set()

    @property
    def door(self) -> ReportDoor:
        return ReportDoor(
            read=self.read,
            write=self.write,
            issue=self.issue,
            review=self.review,
            export=self.export,
            open_previewer=lambda: self,
            try_key=self.try_key,
            template=lambda folder: self.templates.get(folder, TemplateFacts(problem="There is no template there.")),
        )

    def read(self, case: CaseSession) -> ReportState:
        return read_state(case)

    def write(self, case: CaseSession, *, opinion: Opinion, plan: ReportPlan, revision: int) -> ReportDraft:
        return case.reports.write(opinion=opinion, plan=plan, revision=revision)

    def issue(self, case: CaseSession, *, reason: str, progress: ProgressSink, cancel: CancelToken) -> IssuedReport:
        return case.reports.issue(record_of(case), reason=reason)

    def review(self, case: CaseSession, revision: int, *, reviewer: str, outcome: Outcome, note: str) -> object:
        return case.reports.in_name_of(reviewer).review(revision, outcome, note=note)

    def try_key(self, choice: SigningChoice) -> None:
        if choice.password != self.password:
            raise SigningError("The password is not the one that opens it.")

    def export(
        self, case: CaseSession, choice: ExportChoice, *, progress: ProgressSink, cancel: CancelToken
    ) -> WrittenReport:
        self.exports.append(choice)
        progress(ProgressEvent(1, 4, 0, "a.jpg", "stage", "Put into the record"))
        while not self.gate.wait(0.01):
            cancel.raise_if_cancelled()
        if self.refuses:
            raise ReportError(self.refuses)
        path = choice.request.output
        path.write_bytes(paper("written"))
        number = choice.request.revision or None
        manifest = ReportManifest(path.name, "a" * 64, 9, "b" * 64, "id", number, 1, "", "2026", "Ann", "1")
        return WrittenReport(path, manifest, path, 3, (("b.jpg", "It is damaged."),), number is None)

    def __call__(
        self,
        case: CaseSession,
        request: PreviewRequest,
        *,
        cancel: CancelToken,
        progress: ProgressSink = ignore_progress,
    ) -> Preview:
        self.previews.append(request)
        if self.refuses:
            raise ReportError(self.refuses)
        shown = request.plan.item_ids or tuple(item.id for item in case.items())
        named = "draft" if request.revision is None else f"revision {request.revision}"
        most = request.shown(len(shown))
        pages = [f"{named} {request.opinion.title}", *(f"item {item_id}" for item_id in shown[:most])]
        return Preview(paper(*pages), most, len(shown))

    def forget(self) -> None:
        self.forgotten += 1
