"""The field of the status bar that always names the segmenter in use, and lets another one be chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from forensic_gui.services.ports import SegmenterInfo
from forensic_gui.views.annotating.prompter import Phase
from forensic_gui.views.annotating.segmenters import (
    LoadingSegmenter,
    NoSegmenter,
    NotLoaded,
    SegmenterReady,
    SegmenterState,
)
from forensic_gui.views.core.wording import sentence, shown_plainly

_WIDEST = "Segmenter: GrabCut (no SAM) · encoding…"
_WIDEST_SHORT = "Segmenter: GrabCut (no SAM)…"
_ROOM_FOR_WORDS_PX = 1500
_MARGINS_PX = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """A segmenter that can be chosen.

    Attributes:
        id: it is loaded by.
        name: what people call it.
        installed: whether it can be loaded now.
    """

    id: str
    name: str
    installed: bool


@dataclass(frozen=True, slots=True)
class FieldText:
    """What the field says.

    Attributes:
        text: in the status bar.
        short: the same in a window that has no room for all of it.
        tip: in its tool tip.
        attention: whether there is something the user must be told.
    """

    text: str
    short: str
    tip: str
    attention: bool = False


def field_text(state: SegmenterState, info: SegmenterInfo | None, phase: Phase) -> FieldText:
    """Name the segmenter, and say what it is doing."""
    match state:
        case NotLoaded():
            explained = "A segmenter cuts regions out of boxes. It is loaded when a case is open."
            return FieldText("Segmenter: none yet", "Segmenter: none yet", explained)
        case LoadingSegmenter():
            return FieldText("Segmenter: loading…", "Segmenter: loading…", "The segmenter is being loaded.")
        case NoSegmenter(error=error):
            return FieldText("Segmenter: none", "Segmenter: none", sentence(error), attention=True)
        case SegmenterReady():
            assert info is not None
            return _of_segmenter(info, phase)


def _of_segmenter(info: SegmenterInfo, phase: Phase) -> FieldText:
    doing, explained = {
        Phase.IDLE: ("", "It has no image to look at."),
        Phase.ENCODING: (" · encoding…", "It is looking at the image; what is drawn is answered as soon as it has."),
        Phase.READY: (" · ready", "It answers boxes, points and scribbles."),
        Phase.FAILED: (" · cannot", "It could not look at this image; use the brush, or choose another segmenter."),
    }[phase]
    weights = f"\nWeights SHA-256 {info.weights_sha256}" if info.weights_sha256 else ""
    notices = "".join(f"\n{notice}" for notice in info.notices)
    tip = f"{shown_plainly(info.name)} on {info.device}, {info.runtime}. {explained}{weights}{notices}"
    attention = bool(info.notices) or phase is Phase.FAILED
    named = f"Segmenter: {shown_plainly(info.name)}"
    return FieldText(
        text=f"{named}{' (!)' if info.notices else ''}{doing}",
        short=f"{named}{' (!)' if attention else ''}{'…' if phase is Phase.ENCODING else ''}",
        tip=f"{tip}\nClick to choose another one.",
        attention=attention,
    )


class SegmenterField(QToolButton):
    """Names the segmenter; a click offers the others."""

    chosen = Signal(str)
    """Id of the segmenter that the user chose."""

    def __init__(self, choices: Callable[[], Sequence[Choice]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices = choices
        self._current = ""
        self._menu = QMenu(self)
        self.setObjectName("status_segmenter")
        self.setAutoRaise(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._told = FieldText("", "", "")
        self._is_narrow = False
        self.set_narrow(True)
        self.clicked.connect(self.offer)

    def tell(self, told: FieldText, *, current: str) -> None:
        """Show what is said of the segmenter with the id `current`."""
        self._current, self._told = current, told
        self.setToolTip(told.tip)
        self.setAccessibleName(told.text)
        self._show()

    def set_narrow(self, narrow: bool) -> None:
        """In a narrow window leave room for the words at the left: what the segmenter does is in the tool tip too."""
        self._is_narrow = narrow
        widest = _WIDEST_SHORT if narrow else _WIDEST
        self.setFixedWidth(self.fontMetrics().horizontalAdvance(widest) + _MARGINS_PX)
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Follow the width of the window."""
        if isinstance(event, QResizeEvent):
            self.set_narrow(event.size().width() < _ROOM_FOR_WORDS_PX)
        return super().eventFilter(watched, event)

    def offer(self) -> None:
        """Let the user choose among the segmenters."""
        menu = self._menu
        menu.clear()
        for choice in self._choices():
            name = shown_plainly(choice.name)
            action = menu.addAction(name if choice.installed else f"{name} (not installed)")
            action.setCheckable(True)
            action.setChecked(choice.id == self._current)
            action.setEnabled(choice.installed)
            action.triggered.connect(lambda _=False, chosen=choice.id: self.chosen.emit(chosen))
        menu.popup(self.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _show(self) -> None:
        text = self._told.short if self._is_narrow else self._told.text
        room = self.width() - _MARGINS_PX
        self.setText(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room))
