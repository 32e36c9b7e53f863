"""Reports made of a case, and what happens to it meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from forensic_gui.services.case import CaseSession
from forensic_gui.services.progress import ProgressEvent
from forensic_gui.services.reporting.contract import ReportRequest, WrittenReport
from forensic_gui.services.reporting.issuing import issue_report
from forensic_gui.services.reporting.making import make_report
from tests.forensic_gui.services.reporting.made_reports import CONCLUDED, PlainRenderer


def made(case: CaseSession, ports, output: Path, **changes) -> WrittenReport:
    chosen = {name: changes.pop(name) for name in ("revision", "plan", "replaces") if name in changes}
    render = changes.pop("render", None) or PlainRenderer()
    return make_report(ReportRequest(output, **chosen), case=case, ports=ports, render=render, **changes)


def issue(case: CaseSession, ports, **changes):
    case.reports.write(opinion=CONCLUDED)
    return issue_report(case, ports=ports, **changes)


def overwrite(case: CaseSession, item_id: int) -> None:
    path = case.original(item_id)
    path.chmod(0o644)
    path.write_bytes(b"something else")


def meddling(change: Callable[[], object]) -> Callable[[ProgressEvent], None]:
    """A sink that changes something once, while originals are hashed."""
    changes = iter([change])
    return lambda _: next(changes, lambda: None)()
