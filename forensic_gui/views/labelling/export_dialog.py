"""Asks in which form labels leave the case, and says what that form cannot carry before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from forensic_gui.services.labels.contents import LabelContents, losses
from forensic_gui.services.labels.contract import ExportLabelsRequest
from forensic_gui.services.labels.formats import FORMATS, LabelFormat, losses_in_words
from forensic_gui.views.labelling import words
from forensic_gui.views.labelling.fields import PathField, words_label
from forensic_gui.views.labelling.losses_view import LossesView
from forensic_gui.views.labelling.split_field import SplitField

_LOSSES_HEIGHT_PX = 132


class ExportLabelsDialog(QDialog):
    """State is set by the fields; sentences and the button follow it."""

    asked = Signal(object)
    """ExportLabelsRequest: the user wants it done."""

    def __init__(
        self, *, folder: Path, case: str, ask_folder: Callable[[], Path | None], parent: QWidget | None = None
    ) -> None:
        """Make the dialog; `set_contents` tells it what there is.

        Args:
            folder: in which a new folder is proposed.
            case: the case's name, of which the new folder's is made.
            ask_folder: asks for another folder; None for never mind.
            parent: the window.
        """
        super().__init__(parent)
        self.setWindowTitle("Export Labels")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(600)
        self._in, self._case = folder, case
        self._proposed: Path | None = None
        self._contents: LabelContents | None = None
        self._format = QComboBox(self)
        self._format.setObjectName("label_format")
        self._format.setAccessibleName("Format")
        for traits in FORMATS.values():
            self._format.addItem(traits.title, traits.format)
        self._layout_words = words_label("", self, name="label_layout")
        self._losses = LossesView(self)
        self._losses.setObjectName("label_losses")
        self._folder = PathField("label_folder", ("Choose…", ask_folder), parent=self)
        self._split = SplitField(self)
        self._scribbles = QCheckBox("Scribbles too: 1 on manipulated pixels, 2 on untouched ones, 0 elsewhere", self)
        self._scribbles.setObjectName("label_scribbles")
        self._per_region = QCheckBox("A mask for each region too, named by its kind", self)
        self._per_region.setObjectName("label_per_region")
        self._summary = words_label(words.COUNTING, self, name="label_summary")
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self._export = self._buttons.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        self._export.setObjectName("label_export")
        self._lay_out()
        for source in (self._format.currentIndexChanged, self._scribbles.toggled, self._per_region.toggled):
            source.connect(lambda _: self._follow())
        for source in (self._folder.changed, self._split.changed):
            source.connect(self._follow_button)
        self._buttons.accepted.connect(self._ask)
        self._buttons.rejected.connect(self.reject)
        self._follow()

    @property
    def format(self) -> LabelFormat:
        """The format chosen."""
        return LabelFormat(self._format.currentData())

    def set_contents(self, contents: LabelContents) -> None:
        """Tell what there is to export."""
        self._contents = contents
        self._follow()

    def set_failed(self, sentence: str) -> None:
        """Tell why that cannot be known."""
        self._summary.setText(sentence)

    def _lay_out(self) -> None:
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFixedHeight(_LOSSES_HEIGHT_PX)
        area.setWidget(self._losses)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.addRow("&Format", self._format)
        form.addRow("", self._layout_words)
        form.addRow("Not carried", area)
        form.addRow("New f&older", self._folder)
        form.addRow("Parts", self._split)
        form.addRow("Also", self._scribbles)
        form.addRow("", self._per_region)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(14)
        column.addLayout(form)
        column.addWidget(self._summary)
        column.addStretch(1)
        column.addWidget(self._buttons)

    def _follow(self) -> None:
        chosen, contents = self.format, self._contents
        self._layout_words.setText(FORMATS[chosen].layout)
        self._per_region.setVisible(chosen is LabelFormat.PNG)
        self._scribbles.setEnabled(contents is None or contents.scribbled > 0)
        self._scribbles.setToolTip("" if self._scribbles.isEnabled() else "No scribble was drawn in this case.")
        lost = losses(chosen, contents, per_region=self._per_region.isChecked())
        self._losses.show_losses(lost, nothing=losses_in_words(chosen))
        if contents is not None:
            self._summary.setText(words.to_export(contents))
        self._propose()
        self._follow_button()

    def _propose(self) -> None:
        """A folder for each format, until the user chooses one."""
        if self._folder.path in (None, self._proposed):
            self._proposed = self._in / f"{self._case}-labels-{self.format.value}"
            self._folder.set_path(self._proposed)

    def _follow_button(self) -> None:
        contents = self._contents
        something = contents is not None and bool(contents.manipulated + contents.untouched)
        self._export.setEnabled(something and self._folder.path is not None and not self._split.problem)
        self._export.setToolTip(self._split.problem)

    def _ask(self) -> None:
        folder = self._folder.path
        if folder is None:
            return
        request = ExportLabelsRequest(
            folder.absolute(),
            self.format,
            self._split.parts,
            self._split.seed,
            self._scribbles.isChecked() and self._scribbles.isEnabled(),
            self._per_region.isChecked() and self.format is LabelFormat.PNG,
        )
        self.accept()
        self.asked.emit(request)
