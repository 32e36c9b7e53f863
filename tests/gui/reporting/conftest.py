"""A case's report in a window on stand-ins for what needs decoders and a renderer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from forensic_gui.views import toolbox as toolbox_module
from forensic_gui.views.reportroom import drafting, previewing
from forensic_gui.views.reportroom.previewing import Freshness
from forensic_gui.views.reportroom.window import ReportWindow
from tests.gui.reporting.papers import Office
from tests.gui.window import conftest as window_conftest
from tests.gui.window.conftest import Desk

make_case = window_conftest.make_case
nothing_is_left_running = window_conftest.nothing_is_left_running
open_desk = window_conftest.open_desk
photographs = window_conftest.photographs

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    """What reports are made with in this test."""
    made = Office()
    # Shorter pauses, so that tests wait less; still longer than two keys are apart.
    monkeypatch.setattr(drafting, "PAUSE_MS", 150)
    monkeypatch.setattr(previewing, "PAUSE_MS", 250)
    monkeypatch.setattr(toolbox_module, "open_report_door", lambda: made.door)
    return made


class Hand:
    """An examiner at the window of the report, which is opened and previewed."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.qtbot: QtBot = desk.qtbot
        self.room = desk.session.reports
        desk.run("report")
        self.until_fresh()

    @property
    def window(self) -> ReportWindow:
        assert self.room.window is not None
        return self.room.window

    def part(self, name: str) -> QWidget:
        found = self.window.findChild(QWidget, name)
        assert found is not None, name
        return found

    def click(self, name: str) -> None:
        button = self.part(name)
        assert button.isEnabled(), f"{name} is greyed"
        self.qtbot.mouseClick(button, LEFT)

    def write(self, name: str, text: str) -> None:
        field = self.part(name)
        field.setFocus()
        lines = text.split("\n")
        for number, line in enumerate(lines):
            if number:
                self.qtbot.keyClick(field, Qt.Key.Key_Return)
            self.qtbot.keyClicks(field, line)

    def show_tab(self, name: str) -> None:
        tabs = self.window.tabs
        index = next(row for row in range(tabs.count()) if tabs.tabText(row).replace("&", "").startswith(name))
        self.qtbot.mouseClick(tabs.tabBar(), LEFT, pos=tabs.tabBar().tabRect(index).center())

    def text_of(self, name: str) -> str:
        part = self.part(name)
        return part.toPlainText() if isinstance(part, QPlainTextEdit) else part.text()

    def until(self, condition: Callable[[], bool]) -> None:
        self.desk.until(condition)

    def until_fresh(self) -> None:
        self.until(lambda: self.room.maker.freshness is Freshness.FRESH)

    def until_kept(self) -> None:
        self.until(lambda: "Kept in the case" in self.part("report_standing").whole)

    def is_enabled(self, name: str) -> bool:
        part = self.part(name)
        return part.isEnabled() and (not isinstance(part, QAbstractButton) or part.isVisible())


@pytest.fixture
def sit_down(open_desk: Callable[..., Desk], office: Office, make_case: Callable[..., Path]) -> Callable[..., Hand]:
    """Opens a case of photographs, and its report."""

    def sit(count: int = 3, *, case: Path | None = None) -> Hand:
        desk = open_desk([case or make_case(count)])
        desk.until(lambda: desk.session.case.is_open)
        return Hand(desk)

    return sit
