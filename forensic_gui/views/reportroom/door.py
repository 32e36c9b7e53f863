"""What the window asks of reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from forensic_gui.domain.case import CaseItem
from forensic_gui.domain.reports.opinion import Opinion
from forensic_gui.domain.reports.plan import ReportPlan
from forensic_gui.domain.reports.revision import IssuedRevision, Outcome, ReportDraft
from forensic_gui.services.progress import CancelToken, ProgressSink, ignore_progress
from forensic_gui.services.reporting.contract import ReportRequest, WrittenReport

if TYPE_CHECKING:
    from forensic_gui.services.case import CaseSession

PREVIEW_ITEMS = 10
"""Most items of a preview: it follows every edit, and has to be there a moment later."""
REVIEW_ITEMS = 200
"""Most items of a revision that is shown whole to its reviewer without being asked for."""


@dataclass(frozen=True, slots=True)
class ReportState:
    """What a case knows of its report.

    Attributes:
        draft: as it is being written.
        revisions: issued ones, the oldest first.
        items: of the case, in the order of adding.
        is_as_issued: whether nothing of what the report says changed since the newest revision was issued.
    """

    draft: ReportDraft
    revisions: tuple[IssuedRevision, ...]
    items: tuple[CaseItem, ...]
    is_as_issued: bool = False


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """What a template offers.

    Attributes:
        languages: it can print, the default first.
        letterhead: lines of its letterhead.
        has_logo: whether that has a picture.
        problem: why it cannot be used, a sentence; "" where it can.
    """

    languages: tuple[str, ...] = ("en",)
    letterhead: tuple[str, ...] = ()
    has_logo: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """Which report is to be seen.

    Attributes:
        opinion: the examiner's words as they stand in the window.
        plan: what is shown, as it stands there.
        revision: number of an issued revision, which is shown in place of them; None for the draft.
        templates: the user's template folder; None for the program's own.
        edition: greater than before where items may say something else by now.
        kept: number of changes of the draft that the case keeps; the head of the audit trail is of that state.
        whole_up_to: a report of at most so many items is shown whole; None for one of any number.
    """

    opinion: Opinion
    plan: ReportPlan
    revision: int | None = None
    templates: Path | None = None
    edition: int = 0
    kept: int = 0
    whole_up_to: int | None = PREVIEW_ITEMS

    def shown(self, items: int) -> int:
        """How many items of a report of so many are shown."""
        is_whole = self.whole_up_to is None or items <= self.whole_up_to
        return items if is_whole else min(items, PREVIEW_ITEMS)


@dataclass(frozen=True, slots=True)
class Preview:
    """A report's PDF as it would be written; one of its first items only is marked so on every page.

    Attributes:
        pdf: bytes of the file; it was written nowhere.
        shown: number of items in it.
        items: number of items that the report has.
    """

    pdf: bytes = field(repr=False)
    shown: int
    items: int


class Previewer(Protocol):
    """Makes previews, one at a time, and remembers what did not change in between."""

    def __call__(
        self,
        case: CaseSession,
        request: PreviewRequest,
        *,
        cancel: CancelToken,
        progress: ProgressSink = ignore_progress,
    ) -> Preview:
        """Make one; no event is recorded and no file written. `progress` is told of items that are laid out.

        Raises:
            ForensicError: it cannot be made.
            Cancelled: stopping was asked for.
        """
        ...

    def forget(self) -> None:
        """Remember nothing: the case is left."""
        ...


@dataclass(frozen=True, slots=True)
class SigningChoice:
    """With what a PDF is signed.

    Attributes:
        key: the user's PKCS#12 file.
        password: of it; kept in memory as long as the export runs.
        timestamp_url: of a time-stamping service, which is asked over the network; "" for none.
    """

    key: Path
    password: str = field(repr=False)
    timestamp_url: str = ""


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """A report's file that is wanted.

    Attributes:
        request: which report, and where it goes.
        templates: the user's template folder; None for the program's own.
        signing: None for no signature.
    """

    request: ReportRequest
    templates: Path | None = None
    signing: SigningChoice | None = None


class WriteDraft(Protocol):
    """Keeps what the examiner wrote; see `services.case.reports`."""

    def __call__(self, case: CaseSession, *, opinion: Opinion, plan: ReportPlan, revision: int) -> ReportDraft:
        """The draft as it stands then.

        Raises:
            ForensicError: it was changed since `revision`, or the case cannot be changed; nothing was.
        """
        ...


class ExportReport(Protocol):
    """Writes a report's file; see `services.reporting`."""

    def __call__(
        self, case: CaseSession, choice: ExportChoice, *, progress: ProgressSink, cancel: CancelToken
    ) -> WrittenReport:
        """Write the file.

        Raises:
            ForensicError: it cannot be made, signed or written.
            Cancelled: stopping was asked for; there is no file.
        """
        ...


class IssueReport(Protocol):
    """Seals the draft as a revision; see `services.reporting`."""

    def __call__(self, case: CaseSession, *, reason: str, progress: ProgressSink, cancel: CancelToken) -> object:
        """Issue it.

        Raises:
            ForensicError: something is missing, or the case cannot be changed; nothing was issued.
            Cancelled: stopping was asked for; nothing was issued.
        """
        ...


class ReviewReport(Protocol):
    """Appends a second person's word; see `services.case.reports`."""

    def __call__(self, case: CaseSession, revision: int, *, reviewer: str, outcome: Outcome, note: str) -> object:
        """Append it.

        Raises:
            ForensicError: the reviewer is an author, the note is missing, or the case cannot be changed.
        """
        ...


@dataclass(frozen=True, slots=True)
class ReportDoor:
    """The use cases of reports; tests put others here.

    Attributes:
        read: what the case knows of its report.
        write: keeps the draft.
        issue: makes a revision of it.
        review: says something of a revision.
        export: writes a file.
        open_previewer: makes what makes previews.
        template: what a template folder offers; None for the program's own.
        try_key: opens a key and lets go of it; raises ForensicError where it cannot be signed with.
    """

    read: Callable[[CaseSession], ReportState]
    write: WriteDraft
    issue: IssueReport
    review: ReviewReport
    export: ExportReport
    open_previewer: Callable[[], Previewer]
    template: Callable[[Path | None], TemplateFacts]
    try_key: Callable[[SigningChoice], None]


def open_report_door() -> ReportDoor:
    """The real ones, whose libraries are imported when the first of them is asked for."""

    def read(case: CaseSession) -> ReportState:
        from forensic_gui.views.reportroom import binding

        return binding.read_state(case)

    def write(case: CaseSession, *, opinion: Opinion, plan: ReportPlan, revision: int) -> ReportDraft:
        from forensic_gui.views.reportroom import binding

        return binding.write_draft(case, opinion=opinion, plan=plan, revision=revision)

    def issue(case: CaseSession, *, reason: str, progress: ProgressSink, cancel: CancelToken) -> object:
        from forensic_gui.views.reportroom import binding

        return binding.issue(case, reason=reason, progress=progress, cancel=cancel)

    def review(case: CaseSession, revision: int, *, reviewer: str, outcome: Outcome, note: str) -> object:
        from forensic_gui.views.reportroom import binding

        return binding.review(case, revision, reviewer=reviewer, outcome=outcome, note=note)

    def export(
        case: CaseSession, choice: ExportChoice, *, progress: ProgressSink, cancel: CancelToken
    ) -> WrittenReport:
        from forensic_gui.views.reportroom import binding

        return binding.export(case, choice, progress=progress, cancel=cancel)

    def open_previewer() -> Previewer:
        from forensic_gui.views.reportroom import binding

        return binding.RealPreviewer()

    def template(folder: Path | None) -> TemplateFacts:
        from forensic_gui.views.reportroom import binding

        return binding.template_facts(folder)

    return ReportDoor(read, write, issue, review, export, open_previewer, template, _try_key)


def _try_key(choice: SigningChoice) -> None:
    from forensic_gui.views.reportroom import binding

    binding.try_key(choice)
