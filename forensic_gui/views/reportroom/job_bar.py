"""One line at the foot of the window: what goes on, how far it is, what came of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QToolButton, QVBoxLayout, QWidget

from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.labelling.fields import words_label
from forensic_gui.views.reportroom.jobs import JobState
from forensic_gui.views.theme import failure_colour


class JobBar(QFrame):
    """Follows a job; hidden while there is nothing to say."""

    stop_asked = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = JobState()
        self.setObjectName("report_job")
        self._text = words_label("", self)
        self._text.setObjectName("report_job_text")
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._file = QLabel(self)
        self._file.setObjectName("report_job_file")
        self._file.setTextFormat(Qt.TextFormat.PlainText)
        self._file.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._file.setWordWrap(True)
        self._file.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(8)
        self._bar.setAccessibleName("Progress")
        self._folder = self._button("report_open_folder", "Open Folder", self._open_folder)
        self._hash = self._button("report_copy_hash", "Copy Hash", self._copy_hash)
        self._stop = self._button("report_stop", "Cancel", self.stop_asked.emit)
        self._dismiss = QToolButton(self)
        self._dismiss.setText("✕")
        self._dismiss.setAutoRaise(True)
        self._dismiss.setToolTip("Dismiss this message")
        self._dismiss.setAccessibleName("Dismiss")
        self._dismiss.clicked.connect(lambda _=False: self.dismissed.emit())
        words = QVBoxLayout()
        words.setSpacing(4)
        for widget in (self._text, self._file, self._bar):
            words.addWidget(widget)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.setSpacing(8)
        row.addLayout(words, 1)
        for button in (self._folder, self._hash, self._stop):
            row.addWidget(button)
        row.addWidget(self._dismiss)
        self.show_state(self._state)

    def show_state(self, state: JobState) -> None:
        """Say what goes on, or how it ended."""
        self._state = state
        self.setVisible(bool(state.text))
        self._text.setText(state.text)
        self._text.setAccessibleName(state.text)
        told = "" if state.path is None else f"{shown_plainly(str(state.path))}\nSHA-256 {state.sha256}"
        self._file.setText(told)
        self._file.setVisible(bool(told))
        self._bar.setVisible(state.is_running)
        self._bar.setRange(0, 0 if state.share is None else 1000)
        self._bar.setValue(round(1000 * (state.share or 0)))
        self._folder.setVisible(state.path is not None)
        self._hash.setVisible(state.path is not None)
        self._stop.setVisible(state.is_running)
        self._dismiss.setVisible(not state.is_running)
        self._colour()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_dismiss"):
            self._colour()

    def _colour(self) -> None:
        palette = QPalette(self.palette())
        if self._state.is_failure:
            palette.setColor(QPalette.ColorRole.WindowText, failure_colour(palette))
        self._text.setPalette(palette)

    def _button(self, name: str, words: str, do: Callable[[], object]) -> QPushButton:
        button = QPushButton(words, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _=False: do())
        return button

    def _open_folder(self) -> None:
        if self._state.path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._state.path.parent)))

    def _copy_hash(self) -> None:
        QGuiApplication.clipboard().setText(self._state.sha256)
