"""The regions of the image that is shown: a list, and everything about the selected one."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from forensic_gui.domain.annotation import Annotation, Conclusion, Confidence, Kind, Region
from forensic_gui.views.annotating.region_list import RegionList
from forensic_gui.views.core.regions import CONFIDENCE_NAMES, KIND_NAMES, maker_text, signature_text
from forensic_gui.widgets.elided import ElidedLabel

EMPTY = "Take the box (X) and draw it around what looks manipulated: the segmenter cuts it out, and it stands here."
NO_CASE = "Regions are kept in a case. Open one, or make a new one, to draw on its images."


class RegionsPanel(QWidget):
    """Shows an annotation and the selection in it; tells what the user wants changed, and changes nothing itself."""

    selected = Signal(object)
    """Id of the region that the user selected."""
    kind_chosen = Signal(object)
    confidence_chosen = Signal(object)
    note_written = Signal(str)

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        """Make the panel.

        Args:
            actions: the window's, by the id of their command.
            parent: Qt's.
        """
        super().__init__(parent)
        self.setObjectName("regions_panel")
        self._actions = actions
        self._region: Region | None = None
        self._build()
        self._lay_out()
        self._connect()
        self.show_annotation(None, selected=None, empty_text=NO_CASE, editable=False)

    def show_annotation(
        self, annotation: Annotation | None, *, selected: str | None, empty_text: str = EMPTY, editable: bool
    ) -> None:
        """Show what the analyst says of an image.

        Args:
            annotation: None where there is none.
            selected: id of the selected region.
            empty_text: what is said where there is no region.
            editable: whether it can be changed.
        """
        regions = () if annotation is None else annotation.regions
        self._list.show_regions(regions, selected=selected)
        concluded = annotation is not None and annotation.conclusion is Conclusion.NO_MANIPULATION_FOUND
        self._conclusion.setChecked(concluded)
        self._empty.setText("No manipulation found, says the analyst." if concluded else empty_text)
        self._stack.setCurrentIndex(1 if regions else 0)
        region = next((each for each in regions if each.id == selected), None)
        self._show_region(region, editable=editable)

    def edit_note(self) -> None:
        """Put the cursor into the note of the selected region."""
        self._note.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._note.selectAll()

    def keep_note(self) -> None:
        """Tell the note as it is written so far, if it is another one: its region is about to be left."""
        if self._region is not None and self._note.text() != self._region.details.note:
            self.note_written.emit(self._note.text())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._empty.setForegroundRole(QPalette.ColorRole.PlaceholderText)

    def _build(self) -> None:
        self._take = _button(self._actions["take_model_mask"], "Take Model's Mask")
        self._refine = _button(self._actions["refine_model_mask"], "Refine It")
        self._list = RegionList()
        self._empty = QLabel()
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._empty.setMargin(16)
        self._kind = _choice("Kind", KIND_NAMES, "What was done in the selected region (2 to 6, 0).")
        self._confidence = _choice(
            "Confidence", CONFIDENCE_NAMES, "How sure you are of the selected region (Ctrl+Alt+1 to 3, 0)."
        )
        self._note = QLineEdit()
        self._note.setObjectName("region_note")
        self._note.setAccessibleName("Note")
        self._note.setPlaceholderText("What you see, in your words")
        self._note.setToolTip("A note on the selected region (Shift+N); it is kept however you go on.")
        self._maker = ElidedLabel()
        self._maker.setAccessibleName("Made by")
        self._source = _button(self._actions["set_source"], "Set Source…")
        self._source.setCheckable(True)
        self._clear = _button(self._actions["clear_source"], "Clear")
        self._conclusion = QCheckBox("No manipulation found")
        self._conclusion.setObjectName("no_manipulation_found")

    def _lay_out(self) -> None:
        model = QHBoxLayout()
        model.addWidget(self._take, 1)
        model.addWidget(self._refine, 1)
        holder = QWidget()
        self._stack = QStackedLayout(holder)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._list)
        self._form = QWidget()
        form = QFormLayout(self._form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Kind", self._kind)
        form.addRow("Confidence", self._confidence)
        form.addRow("Note", self._note)
        form.addRow("Made by", self._maker)
        source = QHBoxLayout()
        source.addWidget(self._source)
        source.addWidget(self._clear)
        source.addStretch(1)
        form.addRow("Source", source)
        self._source_parts = (self._source, self._clear, form.labelForField(source))
        for part in self._source_parts:
            _keep_place(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 8)
        column.addLayout(model)
        column.addWidget(holder, 1)
        column.addWidget(self._form)
        column.addWidget(self._conclusion)

    def _connect(self) -> None:
        self._list.selected.connect(self.selected)
        self._kind.activated.connect(lambda index: self.kind_chosen.emit(Kind(self._kind.itemData(index))))
        self._confidence.activated.connect(
            lambda index: self.confidence_chosen.emit(Confidence(self._confidence.itemData(index)))
        )
        self._note.editingFinished.connect(self.keep_note)
        # The keys of the tools work again once a note was written.
        self._note.returnPressed.connect(self._note.clearFocus)
        action = self._actions["no_manipulation"]
        self._conclusion.clicked.connect(lambda _: action.trigger())
        action.changed.connect(self._follow_conclusion)
        self._follow_conclusion()

    def _follow_conclusion(self) -> None:
        action = self._actions["no_manipulation"]
        self._conclusion.setEnabled(action.isEnabled())
        self._conclusion.setToolTip(action.toolTip())

    def _show_region(self, region: Region | None, *, editable: bool) -> None:
        self._form.setVisible(region is not None)
        if region is None:
            self._region = None
            return
        for choice, value in ((self._kind, region.details.kind), (self._confidence, region.details.confidence)):
            with QSignalBlocker(choice):
                choice.setCurrentIndex(choice.findData(value.value))
            choice.setEnabled(editable)
        # What is being written is not written over by news of the same region.
        if self._region is None or self._region.id != region.id or not self._note.hasFocus():
            self._note.setText(region.details.note)
        self._note.setReadOnly(not editable)
        self._region = region
        self._maker.tell(maker_text(region))
        self._maker.setToolTip(f"{maker_text(region)}\nChanged last by {signature_text(region)}")
        is_copy_move = region.details.kind is Kind.COPY_MOVE
        for part in self._source_parts:
            part.setVisible(is_copy_move)


def _button(action: QAction, text: str) -> QToolButton:
    """A button that does what an action does, under a shorter name."""
    button = QToolButton()
    button.setObjectName(f"button_{action.objectName()}")
    button.setText(text)
    button.setToolTip(action.toolTip())
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    button.setEnabled(action.isEnabled())
    button.clicked.connect(lambda _: action.trigger())

    def follow() -> None:
        button.setEnabled(action.isEnabled())
        if button.isCheckable():
            button.setChecked(action.isChecked())

    action.changed.connect(follow)
    action.toggled.connect(lambda _: follow())
    return button


def _keep_place(widget: QWidget) -> None:
    """Nothing beside a widget moves when it is hidden."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


def _choice(name: str, names: Mapping[Kind, str] | Mapping[Confidence, str], tip: str) -> QComboBox:
    choice = QComboBox()
    choice.setObjectName(f"region_{name.lower()}")
    choice.setAccessibleName(name)
    choice.setToolTip(tip)
    for value, text in names.items():
        choice.addItem(text, value.value)
    return choice
