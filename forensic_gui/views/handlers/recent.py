"""The menu of cases that were open lately."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from forensic_gui.views.casework.controller import CaseController
from forensic_gui.views.core.commands import Menu
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.menus import Actions


class RecentMenu(QObject):
    """Stands after «Open Case…» and follows the list. Where a case lies is looked up when the menu is opened."""

    def __init__(self, case: CaseController, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._case = case
        menu = actions.menu(Menu.CASE)
        self._menu = QMenu("Open Recent", menu)
        self._menu.setObjectName("recent_cases")
        self._menu.setToolTipsVisible(True)
        menu.insertMenu(actions["close_case"], self._menu)
        # Before it is seen, so that what is greyed need not change under the eye.
        menu.aboutToShow.connect(case.recent.look_up)
        case.recent.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self._menu.clear()
        cases = self._case.recent.cases
        self._menu.setEnabled(bool(cases))
        for number, recent in enumerate(cases, start=1):
            # An ampersand in a name would underline a letter.
            name = shown_plainly(recent.folder.stem).replace("&", "&&")
            action = QAction(f"{name} ({recent.reason})" if recent.reason else name, self._menu)
            action.setEnabled(not recent.reason)
            action.setStatusTip(shown_plainly(str(recent.folder)))
            action.setToolTip(shown_plainly(str(recent.folder)))
            action.setObjectName(f"recent_case_{number}")
            action.triggered.connect(partial(self._open, number - 1))
            self._menu.addAction(action)
        self._menu.addSeparator()
        clear = QAction("Clear This List", self._menu)
        clear.triggered.connect(self._case.recent.clear)
        self._menu.addAction(clear)

    def _open(self, index: int) -> None:
        self._case.open_case(self._case.recent.cases[index].folder)
