"""Asks which labels come into the case."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from forensic_gui.services.labels.contract import ImportLabelsRequest
from forensic_gui.services.labels.formats import FORMATS, LabelFormat
from forensic_gui.views.labelling.fields import PathField, words_label

_HINT = (
    "Regions are added to the images of this case, one undo an image; what is there already is not added again. "
    "Images are matched by the SHA-256 of the image beside its labels, else by the hash that an export states, else by "
    "name and size, which is told."
)


class ImportLabelsDialog(QDialog):
    """State is set by the fields; the button follows it."""

    asked = Signal(object)
    """ImportLabelsRequest: the user wants it done."""

    def __init__(
        self,
        *,
        ask_file: Callable[[], Path | None],
        ask_folder: Callable[[], Path | None],
        parent: QWidget | None = None,
    ) -> None:
        """Make the dialog.

        Args:
            ask_file: asks for a label file; None for never mind.
            ask_folder: asks for the folder of an export; None for never mind.
            parent: the window.
        """
        super().__init__(parent)
        self.setWindowTitle("Import Labels")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(560)
        self._format = QComboBox(self)
        self._format.setObjectName("label_format")
        self._format.setAccessibleName("Format")
        for traits in FORMATS.values():
            if traits.readable:
                self._format.addItem(traits.title, traits.format)
        self._layout_words = words_label("", self, name="label_layout")
        self._path = PathField("label_path", ("File…", ask_file), ("Folder…", ask_folder), parent=self)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self._import = self._buttons.addButton("Import", QDialogButtonBox.ButtonRole.AcceptRole)
        self._import.setObjectName("label_import")
        self._lay_out()
        self._format.currentIndexChanged.connect(lambda _: self._follow())
        self._path.changed.connect(self._follow)
        self._buttons.accepted.connect(self._ask)
        self._buttons.rejected.connect(self.reject)
        self._follow()

    @property
    def format(self) -> LabelFormat:
        """The format chosen."""
        return LabelFormat(self._format.currentData())

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.addRow("&Format", self._format)
        form.addRow("", self._layout_words)
        form.addRow("&Labels", self._path)
        hint = words_label(_HINT, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(14)
        column.addLayout(form)
        column.addWidget(hint)
        column.addStretch(1)
        column.addWidget(self._buttons)

    def _follow(self) -> None:
        self._layout_words.setText(FORMATS[self.format].layout)
        self._import.setEnabled(self._path.path is not None)

    def _ask(self) -> None:
        path = self._path.path
        if path is not None:
            self.accept()
            self.asked.emit(ImportLabelsRequest(path.absolute(), self.format))
