"""What the examiner says, field by field, in the order in which a report has it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFont, QPalette, QStandardItem, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from forensic_gui.domain.reports.opinion import LONGEST_LINE, Opinion
from forensic_gui.views.labelling.fields import words_label
from forensic_gui.views.reportroom import words
from forensic_gui.views.reportroom.text_fields import GrowingText, LimitedLine
from forensic_gui.views.reportroom.words import FieldWords

_COLUMN_MARGIN_PX = 14


class TextPage(QWidget):
    """Fields set the opinion; `show_opinion` fills them anew, and only then is their own undo forgotten."""

    edited = Signal(object)
    """Opinion as it stands in the fields."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._opinion = Opinion()
        self._fields: dict[str, LimitedLine | GrowingText | QComboBox] = {}
        self._wheel = _WheelGuard(self)
        self._area = self._scrolled()
        self._missing = words_label("", self)
        self._missing.setObjectName("report_missing")
        self._go = QPushButton("Go There", self)
        self._go.setObjectName("report_go_to_missing")
        self._go.setAutoDefault(False)
        self._go.setAccessibleName("Go to the first missing field")
        self._go.clicked.connect(lambda _=False: self._go_to_missing())
        foot = QHBoxLayout()
        foot.setContentsMargins(_COLUMN_MARGIN_PX, 0, _COLUMN_MARGIN_PX, 8)
        foot.setSpacing(12)
        foot.addWidget(self._missing, 1)
        foot.addWidget(self._go, 0, Qt.AlignmentFlag.AlignVCenter)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(8)
        page.addWidget(self._area, 1)
        page.addLayout(foot)
        self._tell_missing()

    def show_opinion(self, opinion: Opinion) -> None:
        """Fill the fields; nothing is told of that."""
        self._opinion = opinion
        for name, text in opinion.to_record().items():
            _put(self._fields[name], text)
        self._tell_missing()

    def set_editable(self, is_editable: bool) -> None:
        """Let the fields be written in, or only read."""
        for field in self._fields.values():
            if isinstance(field, QComboBox):
                field.setEnabled(is_editable)
            else:
                field.setReadOnly(not is_editable)

    def part_undo(self) -> None:
        """What is written from here on is undone by itself: what is in the case by now stays in the field."""
        for field in self._fields.values():
            if not isinstance(field, QComboBox):
                field.part_undo()

    def focus_field(self, name: str) -> None:
        """Go to a field."""
        field = self._fields[name]
        self._area.ensureWidgetVisible(field, 0, 60)
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _scrolled(self) -> QScrollArea:
        """Every field, in an area that scrolls."""
        column = QWidget(self)
        column.setAutoFillBackground(False)
        rows = QVBoxLayout(column)
        rows.setContentsMargins(_COLUMN_MARGIN_PX, 10, _COLUMN_MARGIN_PX, 16)
        rows.setSpacing(3)
        for number, group in enumerate(words.GROUPS):
            if number:
                rows.addSpacing(14)
            rows.addWidget(_heading(group.title, column))
            for each in group.fields:
                rows.addSpacing(7)
                self._add(each, rows, column)
        rows.addStretch(1)
        area = QScrollArea(self)
        area.setObjectName("report_text")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setWidget(column)
        return area

    def _add(self, each: FieldWords, rows: QVBoxLayout, column: QWidget) -> None:
        label, hint = QLabel(each.label, column), _hint(each.hint, column)
        rows.addWidget(label)
        rows.addWidget(hint)
        field = self._field(each, column)
        field.setObjectName(f"report_{each.name}")
        field.setAccessibleName(each.label)
        field.setAccessibleDescription(each.hint)
        field.installEventFilter(self._wheel)
        label.setBuddy(field)
        rows.addWidget(field)
        self._fields[each.name] = field

    def _field(self, each: FieldWords, parent: QWidget) -> LimitedLine | GrowingText | QComboBox:
        name = each.name
        if name == "level":
            return self._level_field(parent)
        if each.lines == 1:
            line = LimitedLine(LONGEST_LINE, parent)
            line.setPlaceholderText(each.empty)
            # Not `textEdited`, which tells nothing of undo and redo.
            line.textChanged.connect(lambda text: self._on_edited(name, text))
            line.refused.connect(self._tell_refused)
            return line
        text = GrowingText(each.lines, parent)
        text.setPlaceholderText(each.empty)
        text.textChanged.connect(lambda: self._on_edited(name, text.toPlainText()))
        text.refused.connect(self._tell_refused)
        return text

    def _level_field(self, parent: QWidget) -> QComboBox:
        combo = QComboBox(parent)
        model = QStandardItemModel(combo)
        for heading, levels in words.LEVELS:
            if heading:
                model.appendRow(_group_row(heading))
            for level in levels:
                row = QStandardItem(words.level_words(level))
                row.setData(level.value, Qt.ItemDataRole.UserRole)
                model.appendRow(row)
        combo.setModel(model)
        combo.setMaxVisibleItems(model.rowCount())
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(24)
        combo.currentIndexChanged.connect(lambda _: self._on_edited("level", combo.currentData()))
        return combo

    def _on_edited(self, name: str, text: str | None) -> None:
        if text is None or self._opinion.to_record()[name] == text:
            return
        self._opinion = Opinion.from_record({**self._opinion.to_record(), name: text})
        self._tell_missing()
        self.edited.emit(self._opinion)

    def _tell_missing(self) -> None:
        told = words.missing_words(self._opinion.missing)
        self._missing.setText(told or "Everything is there that issuing needs.")
        self._go.setVisible(bool(told))

    def _tell_refused(self, why: str) -> None:
        """Say what did not go into a field, until the next word does."""
        self._missing.setText(why)

    def _go_to_missing(self) -> None:
        if self._opinion.missing:
            self.focus_field(self._opinion.missing[0])


class _WheelGuard(QObject):
    """Keeps the wheel from changing a field that the hand only passes over while it scrolls the page."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Leave the wheel to the page."""
        if isinstance(event, QWheelEvent) and isinstance(watched, QComboBox):
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def _put(field: LimitedLine | GrowingText | QComboBox, text: str) -> None:
    if isinstance(field, QComboBox):
        field.setCurrentIndex(field.findData(text))
    elif isinstance(field, LimitedLine):
        field.put(text)
    elif field.toPlainText() != text:
        field.setPlainText(text)


def _heading(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    font = QFont(label.font())
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() * 1.15)
    label.setFont(font)
    return label


def _hint(text: str, parent: QWidget) -> QLabel:
    label = words_label("", parent)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    label.setText(text)
    return label


def _group_row(text: str) -> QStandardItem:
    row = QStandardItem(text)
    row.setFlags(Qt.ItemFlag.NoItemFlags)
    font = QFont()
    font.setBold(True)
    row.setFont(font)
    return row
