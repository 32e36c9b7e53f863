"""A sentence across the window that matters for all of it, with what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from forensic_gui.views.labelling.fields import words_label
from forensic_gui.views.theme import warning_colour

_MARK_PX = 4


class NoticeStrip(QWidget):
    """Shows one sentence; hidden without one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("report_notice")
        self._text = words_label("", self)
        self._text.setObjectName("report_notice_text")
        self._buttons: list[QPushButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 6, 12, 6)
        self._row.setSpacing(8)
        self._row.addWidget(self._text, 1, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence; "" for none."""
        return self._text.text()

    def tell(self, text: str, answers: Sequence[tuple[str, str, Callable[[], object]]] = ()) -> None:
        """Show a sentence in the place of the one before; "" for none.

        Args:
            text: plain text.
            answers: (name, words, what is done) of each button.
        """
        for button in self._buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons = []
        for name, words, do in answers:
            button = QPushButton(words, self)
            button.setObjectName(name)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, do=do: do())
            self._row.addWidget(button)
            self._buttons.append(button)
        self._text.setText(text)
        self._text.setAccessibleName(text)
        self.setVisible(bool(text))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Mark it at the left edge, beside the words and never instead of them."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().base())
        painter.fillRect(0, 0, _MARK_PX, self.height(), warning_colour(self.palette()))
        painter.setPen(self.palette().mid().color())
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
