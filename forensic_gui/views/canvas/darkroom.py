"""Where frames come from: at once where that is quick enough, else from a lane, with something to be seen meanwhile."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from forensic_gui.views.canvas.frames import (
    AT_ONCE_PIXELS,
    Frame,
    FrameCache,
    Made,
    Shot,
    effort,
    make_frame,
)
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome

_REST_MS = 60


class Darkroom(QObject):
    """Makes the frames of one pane, by slots: one for each painting that the pane shows."""

    developed = Signal()
    """A frame has come that was waited for."""

    def __init__(self, lane: Lane, parent: QObject | None = None) -> None:
        """Keep nothing yet.

        Args:
            lane: where frames are made that are too large to be made at once.
            parent: owner of the object.
        """
        super().__init__(parent)
        self._lane = lane
        self._frames = FrameCache()
        self._wanted: dict[int, Shot] = {}
        self._coarse: dict[int, Shot] = {}
        self._asked: dict[int, Shot] = {}
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._refine)

    def frame(self, slot: int, shot: Shot) -> Frame | None:
        """The frame of a shot, or where it would take too long, what is good until it is there.

        That is a coarse one until the hand rests, or after a stroke of the hand, the one before the stroke. None when
        nothing of the image is seen.
        """
        self._wanted[slot] = shot
        made = self._frames.find(shot)
        if made is not None:
            return made.frame
        under = self._frames.under(shot)
        if effort(shot, under=under) <= AT_ONCE_PIXELS:
            return self._make(shot, under).frame
        before = self._frames.before(shot)
        if before is not None:
            self._ask_for(slot, shot)
            return before.frame
        if self._coarse.get(slot) != shot:
            self._coarse[slot] = shot
            self._rest.start()
        coarse = shot.coarse()
        made = self._frames.find(coarse) or self._make(coarse, self._frames.under(coarse))
        return made.frame

    def forget(self) -> None:
        """Let go of the frames that were kept, and of the images behind them."""
        self._frames.forget()
        for shots in (self._wanted, self._coarse, self._asked):
            shots.clear()

    def _make(self, shot: Shot, under: Made) -> Made:
        made = make_frame(shot, under=under)
        self._frames.keep(shot, made)
        return made

    def _refine(self) -> None:
        """Ask for the fine frames of what is shown now."""
        for slot, shot in self._wanted.items():
            if self._frames.find(shot) is None:
                self._ask_for(slot, shot)

    def _ask_for(self, slot: int, shot: Shot) -> None:
        if self._asked.get(slot) == shot:
            return
        self._asked[slot] = shot
        under = self._frames.under(shot)
        self._lane.submit(
            lambda _: make_frame(shot, under=under),
            receive=lambda outcome: self._receive(slot, shot, outcome),
            key=f"frame-{id(self)}-{slot}",
        )

    def _receive(self, slot: int, shot: Shot, outcome: Outcome[Made]) -> None:
        if self._asked.get(slot) == shot:
            del self._asked[slot]
        if self._wanted.get(slot) != shot:  # something else is shown by now
            return
        match outcome:
            case Done(value=made):
                self._frames.keep(shot, made)
                self.developed.emit()
            case Failed(error=error):
                raise error
