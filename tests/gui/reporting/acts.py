"""What tests of the report do beside the window, and find in it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from PySide6.QtWidgets import (
    QDialog,
)

from forensic_gui.services.case import CaseSession
from tests.forensic_gui.services.case.made_reports import CONCLUDED, record_of
from tests.gui.window.case_reading import actions_of


def drafts_of(folder: Path) -> list[dict]:
    return [details for action, details in actions_of(folder) if action == "report drafted"]


def concluded(folder: Path, *, author: str = "A. Nalyst", issue: bool = False) -> Path:
    """Write a conclusion into a case's report, and issue it."""
    with closing(CaseSession.open(folder, author=author)) as case:
        case.reports.write(opinion=CONCLUDED)
        if issue:
            case.reports.issue(record_of(case))
    return folder


def dialog(hand, kind: str) -> QDialog:
    return next(each for each in hand.window.findChildren(QDialog) if type(each).__name__ == kind)
