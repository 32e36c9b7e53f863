"""Asking the user for places."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from forensic_gui.domain.case import CASE_SUFFIX
from forensic_gui.services.listing import SUFFIXES
from forensic_gui.views.casework.dialogs import WordDialog
from forensic_gui.views.core.wording import images
from forensic_gui.views.reportroom.caption_dialog import CaptionDialog


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

    def new_case(self, proposal: Path) -> Path | None:
        """Where a case is to be made."""
        ...

    def open_case(self, folder: str) -> Path | None:
        """The folder of a case."""
        ...

    def archive(self, folder: str) -> Path | None:
        """An archive of a case."""
        ...

    def label_file(self, folder: str) -> Path | None:
        """A label file."""
        ...

    def key(self, folder: str) -> Path | None:
        """A file with a key to sign with."""
        ...

    def caption(self, shown: str) -> str | None:
        """The caption of a view that is pinned; `shown` says which. "" for none, None for never mind."""
        ...

    def group(self, count: int, group: str, known: Sequence[str]) -> str | None:
        """A group for `count` images, which stand in `group` now; "" for none, None for never mind."""
        ...

    def new_tag(self, count: int, known: Sequence[str]) -> str | None:
        """A tag for `count` images."""
        ...

    def carried_tag(self, count: int, carried: Sequence[str]) -> str | None:
        """Which of the tags that images carry is to be taken from `count` images."""
        ...

    def author(self, author: str, *, default: str) -> str | None:
        """The user's name for the record, "" for the `default`."""
        ...


class AskWithDialogs:
    """Asks with the dialogs of the system."""

    def __init__(self, window: QWidget) -> None:
        self._window = window

    @property
    def _over(self) -> QWidget:
        """The window that the user is in: over any other one a dialog would bring that to the front."""
        return QApplication.activeWindow() or self._window

    def files(self, folder: str) -> list[Path]:
        """Photographs to open."""
        patterns = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in sorted(SUFFIXES))
        kinds = f"Photographs ({patterns});;All files (*)"
        chosen, _ = QFileDialog.getOpenFileNames(self._over, "Open Photographs", folder, kinds)
        return [Path(name) for name in chosen]

    def folder(self, title: str, folder: str) -> Path | None:
        """A folder to open or to write to."""
        chosen = QFileDialog.getExistingDirectory(self._over, title, folder)
        return Path(chosen) if chosen else None

    def weights(self, folder: str) -> Path | None:
        """A weights file."""
        chosen, _ = QFileDialog.getOpenFileName(self._over, "Choose Weights", folder, "Weights (*.safetensors)")
        return Path(chosen) if chosen else None

    def place(self, title: str, proposal: Path, kinds: str) -> Path | None:
        """A file to write."""
        dialog = QFileDialog(self._over, title, str(proposal.parent), kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # The dialog adds it before it asks whether a file may be written over.
        dialog.setDefaultSuffix(proposal.suffix.removeprefix("."))
        dialog.selectFile(proposal.name)
        chosen = dialog.selectedFiles() if dialog.exec() else []
        dialog.deleteLater()
        return Path(chosen[0]) if chosen else None

    def new_case(self, proposal: Path) -> Path | None:
        """Where a case is to be made."""
        return self.place("New Case", proposal.with_name(proposal.name + CASE_SUFFIX), f"Cases (*{CASE_SUFFIX})")

    def archive(self, folder: str) -> Path | None:
        """An archive of a case."""
        chosen, _ = QFileDialog.getOpenFileName(self._over, "Import Case", folder, "Archives of cases (*.zip)")
        return Path(chosen) if chosen else None

    def open_case(self, folder: str) -> Path | None:
        """The folder of a case."""
        return self.folder("Open Case: choose its folder, Name.case", folder)

    def label_file(self, folder: str) -> Path | None:
        """A label file."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._over, "Import Labels", folder, "Label files (*.json);;All files (*)"
        )
        return Path(chosen) if chosen else None

    def key(self, folder: str) -> Path | None:
        """A file with a key to sign with."""
        kinds = "Keys, PKCS#12 (*.p12 *.pfx);;All files (*)"
        chosen, _ = QFileDialog.getOpenFileName(self._over, "Key to Sign With", folder, kinds)
        return Path(chosen) if chosen else None

    def caption(self, shown: str) -> str | None:
        """The caption of a view that is pinned; `shown` says which. "" for none, None for never mind."""
        hint = "Empty for none. The report shows the view with its caption; both can be changed there."
        return CaptionDialog(shown, hint=hint, parent=self._over).ask()

    def group(self, count: int, group: str, known: Sequence[str]) -> str | None:
        """A group for `count` images, which stand in `group` now; "" for none, None for never mind."""
        question = f"Group of {images(count)}:"
        hint = "Empty takes them out of their group."
        return WordDialog("Set Group", question, word=group, known=known, hint=hint, parent=self._over).ask()

    def new_tag(self, count: int, known: Sequence[str]) -> str | None:
        """A tag for `count` images."""
        return WordDialog("Add Tag", f"Tag for {images(count)}:", known=known, parent=self._over).ask()

    def carried_tag(self, count: int, carried: Sequence[str]) -> str | None:
        """Which of the tags that images carry is to be taken from `count` images."""
        question = f"Take this tag from {images(count)}:"
        return WordDialog("Remove Tag", question, known=carried, new_words=False, parent=self._over).ask()

    def author(self, author: str, *, default: str) -> str | None:
        """The user's name for the record, "" for the `default`."""
        question = "Every change in a case is recorded in this name:"
        hint = f"Empty for your name on this computer, {default}."
        return WordDialog("Your Name in the Record", question, word=author, hint=hint, parent=self._over).ask()
