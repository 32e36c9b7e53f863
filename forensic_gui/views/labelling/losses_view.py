"""What a format cannot carry, and how much of it there is: the words that keep labels from being lost unseen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from forensic_gui.services.labels.contents import Loss
from forensic_gui.views.labelling.fields import words_label
from forensic_gui.views.theme import quiet_colour, warning_colour


class LossesView(QWidget):
    """A line for each loss; the ones that concern this case are marked and counted."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: list[tuple[QLabel, QLabel, bool]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)

    @property
    def text(self) -> str:
        """All that is said."""
        return "\n".join(f"{mark.text()} {words.text()}".strip() for mark, words, _ in self._rows)

    def show_losses(self, losses: Sequence[Loss], *, nothing: str) -> None:
        """Show what is lost.

        Args:
            losses: those that concern the case first.
            nothing: what is said where nothing is.
        """
        for mark, words, _ in self._rows:
            mark.deleteLater()
            words.deleteLater()
        told = [(_sentence(loss), bool(loss.count)) for loss in losses] or [(nothing, False)]
        self._rows = [self._add(row, text, concerns) for row, (text, concerns) in enumerate(told)]
        self._grid.setRowStretch(self._grid.rowCount() - 1, 0)
        self._grid.setRowStretch(self._grid.rowCount(), 1)
        self._colour()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._colour()

    def _add(self, row: int, text: str, concerns: bool) -> tuple[QLabel, QLabel, bool]:
        mark = QLabel("▲" if concerns else "·", self)
        mark.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        words = words_label(text, self)
        words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._grid.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(words, row, 1)
        mark.show()
        words.show()
        return mark, words, concerns

    def _colour(self) -> None:
        for mark, words, concerns in self._rows:
            palette = QPalette(self.palette())
            quiet = quiet_colour(palette)
            marked = warning_colour(palette) if concerns else quiet
            for label, colour in ((mark, marked), (words, palette.windowText().color() if concerns else quiet)):
                own = QPalette(palette)
                own.setColor(QPalette.ColorRole.WindowText, colour)
                if label.palette().windowText().color() != colour:
                    label.setPalette(own)


def _sentence(loss: Loss) -> str:
    return f"{loss.counted}. {loss.sentence}" if loss.count else loss.sentence
