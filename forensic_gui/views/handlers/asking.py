"""Asking the user for places."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QFileDialog, QWidget

from forensic_gui.services.listing import SUFFIXES


class Ask(Protocol):
    """Asks the user for places; an empty answer means never mind."""

    def files(self, folder: str) -> list[Path]:
        """Photographs to open."""
        ...

    def folder(self, title: str, folder: str) -> Path | None:
        """A folder to open or to write to."""
        ...

    def weights(self, folder: str) -> Path | None:
        """A weights file."""
        ...

    def place(self, title: str, proposal: Path, kinds: str) -> Path | None:
        """A file to write."""
        ...


class AskWithDialogs:
    """Asks with the dialogs of the system."""

    def __init__(self, window: QWidget) -> None:
        self._window = window

    def files(self, folder: str) -> list[Path]:
        """Photographs to open."""
        patterns = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in sorted(SUFFIXES))
        kinds = f"Photographs ({patterns});;All files (*)"
        chosen, _ = QFileDialog.getOpenFileNames(self._window, "Open Photographs", folder, kinds)
        return [Path(name) for name in chosen]

    def folder(self, title: str, folder: str) -> Path | None:
        """A folder to open or to write to."""
        chosen = QFileDialog.getExistingDirectory(self._window, title, folder)
        return Path(chosen) if chosen else None

    def weights(self, folder: str) -> Path | None:
        """A weights file."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Choose Weights", folder, "Weights (*.safetensors)")
        return Path(chosen) if chosen else None

    def place(self, title: str, proposal: Path, kinds: str) -> Path | None:
        """A file to write."""
        dialog = QFileDialog(self._window, title, str(proposal.parent), kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # The dialog adds it before it asks whether a file may be written over.
        dialog.setDefaultSuffix(proposal.suffix.removeprefix("."))
        dialog.selectFile(proposal.name)
        chosen = dialog.selectedFiles() if dialog.exec() else []
        dialog.deleteLater()
        return Path(chosen[0]) if chosen else None
