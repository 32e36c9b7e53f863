"""Issuing: the draft becomes a revision that is never changed."""

from __future__ import annotations

from forensic_gui.domain.reports.revision import IssuedReport
from forensic_gui.services.case import CaseSession
from forensic_gui.services.case.reports import require_conclusion, require_reason
from forensic_gui.services.progress import CancelToken, ProgressSink, ignore_progress
from forensic_gui.services.reporting.building import build_record
from forensic_gui.services.reporting.contract import ReportPorts


def issue_report(
    case: CaseSession,
    *,
    ports: ReportPorts,
    reason: str = "",
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> IssuedReport:
    """Build the record of the draft and of the case as they are, and seal it as the next revision.

    Args:
        case: open for writing.
        ports: what is needed of the world.
        reason: why the revision before is superseded; "" for the first.
        progress: told of every item, twice.
        cancel: looked at until the record is built.

    Raises:
        ReportError: the conclusion is not written, the reason is missing, or the case changed meanwhile.
        CaseReadOnly: the case can only be looked at.
        CaseDamaged: what the case keeps of an item cannot be read.
        Cancelled: stopping was asked for; nothing was issued.
    """
    draft, revisions = case.reports.draft(), case.reports.issues()
    # Before a thousand originals are hashed.
    require_conclusion(draft.opinion)
    require_reason(reason, superseded=revisions[-1] if revisions else None)
    record = build_record(case, opinion=draft.opinion, plan=draft.plan, ports=ports, progress=progress, cancel=cancel)
    return case.reports.issue(record, reason=reason)
