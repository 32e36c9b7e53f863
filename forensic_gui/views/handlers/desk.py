"""What all handlers work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QStandardPaths

from forensic_gui.views.handlers.asking import Ask
from forensic_gui.views.main_window import MainWindow
from forensic_gui.views.session import Session
from forensic_gui.views.theme import Theme

Table: TypeAlias = dict[str, Callable[[], object]]
"""What each command does, by its id."""


@dataclass(slots=True)
class Places:
    """Where the user was last.

    Attributes:
        opened: folder from which files were opened last; "" before the first time.
        saved_to: folder to which files were saved last; "" before the first time.
        cases: folder in which a case was made or opened last; "" before the first time.
    """

    opened: str = ""
    saved_to: str = ""
    cases: str = ""

    def to_save(self) -> str:
        """Never the evidence's own folder by default: what is saved among evidence is soon taken for it."""
        return self._or_documents(self.saved_to)

    def for_cases(self) -> str:
        """Where cases are looked for and made."""
        return self._or_documents(self.cases)

    def _or_documents(self, folder: str) -> str:
        if folder and Path(folder).is_dir():
            return folder
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return documents if documents and Path(documents).is_dir() else str(Path.home())


@dataclass(frozen=True, slots=True)
class Desk:
    """The window at work, and everything a command may ask of it."""

    session: Session
    theme: Theme
    ask: Ask
    places: Places
    log_folder: Callable[[], Path]

    @property
    def window(self) -> MainWindow:
        """The window."""
        return self.session.window

    def is_on(self, command_id: str) -> bool:
        """Whether a command that is switched on and off is on."""
        return self.window.actions_[command_id].isChecked()
