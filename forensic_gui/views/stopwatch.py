"""The window under a stopwatch: when its first frame is painted, and how long its thread is ever held up."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum, auto
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer

from forensic_gui.domain.geometry import Size
from forensic_gui.views.app import Application, make_application
from forensic_gui.views.localizer_controller import Ready, Unavailable
from forensic_gui.views.session import Session
from forensic_gui.views.settings import SettingsStore
from forensic_gui.views.stroke_watch import watch_strokes
from forensic_gui.views.toolbox import Toolbox, open_toolbox

INTERVAL_MS = 5
_SETTLING_S = 0.5
_STROKE_IMAGE = Size(4000, 3000)
_STROKE_CANVAS = Size(1600, 1000)
_STROKES = 12

Say = Callable[[Mapping[str, Any]], None]
"""Takes one message, which must be out before it returns."""


class Phase(Enum):
    """What the window is doing."""

    LOADING = auto()
    ANALYSIS = auto()
    SETTLING = auto()
    OVER = auto()


def time_first_frame(say: Say) -> int:
    """Open an empty window, say when its first frame is painted, and close it.

    Returns:
        Exit status.
    """

    def painted(application: Application) -> None:
        say({"event": "first_frame"})
        # Not from within the paint event.
        QTimer.singleShot(0, application.window.close)

    return _run(painted, make_toolbox=open_toolbox)


def time_blocks(image: Path, *, load_localizer: Callable[..., Any], say: Say) -> int:
    """Open a window, load a localizer, open and analyze an image, and say how long the thread was held up.

    Args:
        image: what is opened once the localizer is ready.
        load_localizer: loads the one to measure with.
        say: takes the messages.

    Returns:
        Exit status: 1 where the localizer or the image cannot be had.
    """
    watches: list[Heartbeat] = []

    def painted(application: Application) -> None:
        watches.append(Heartbeat(application, image, say))

    status = _run(painted, make_toolbox=lambda: replace(open_toolbox(), load_localizer=load_localizer))
    return status if watches and watches[0].succeeded else 1


def time_strokes(say: Say) -> int:
    """Draw with the brush on a canvas, say how long strokes took to be painted, and close it.

    Returns:
        Exit status.
    """
    qt = make_application()
    times = watch_strokes(image=_STROKE_IMAGE, canvas=_STROKE_CANVAS, strokes=_STROKES)
    qt.processEvents()
    say(
        {
            "event": "strokes",
            "strokes": _STROKES,
            "megapixels": _STROKE_IMAGE.pixels / 1e6,
            "canvas": [_STROKE_CANVAS.width, _STROKE_CANVAS.height],
            "painted_ms": times.painted_median_ms,
            "block_ms": times.longest_block_ms,
        }
    )
    return 0


def _run(painted: Callable[[Application], None], *, make_toolbox: Callable[[], Toolbox]) -> int:
    """Run the real window with settings of its own, so that neither it nor the user's settings know the other."""
    qt = make_application()
    with TemporaryDirectory(prefix="forensic-gui-benchmark-") as folder:
        application = Application(
            qt, paths=[], store=SettingsStore(Path(folder) / "window.ini"), make_toolbox=make_toolbox
        )
        application.window.first_painted.connect(lambda: painted(application))
        application.start()
        return qt.exec()


class Heartbeat(QObject):
    """A timer that beats every few milliseconds; a beat that comes late shows what held the thread up."""

    def __init__(self, application: Application, image: Path, say: Say) -> None:
        super().__init__(application)
        self._application = application
        self._image = image
        self._say = say
        self._phase = Phase.LOADING
        self._longest_s = dict.fromkeys(Phase, 0.0)
        self._last = time.perf_counter()
        self._settled_at = 0.0
        self.succeeded = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(INTERVAL_MS)

    def _beat(self) -> None:
        now = time.perf_counter()
        self._longest_s[self._phase] = max(self._longest_s[self._phase], now - self._last)
        session = self._application.session
        if session is not None:
            self._phase = self._next_phase(session, now)
        if self._phase is Phase.OVER:
            self._end()
        # Without what this beat itself took.
        self._last = time.perf_counter()

    def _next_phase(self, session: Session, now: float) -> Phase:
        match self._phase:
            case Phase.LOADING if isinstance(session.localizers.state, Unavailable):
                self._say({"event": "failed", "sentence": str(session.localizers.state.error)})
                return Phase.OVER
            case Phase.LOADING if isinstance(session.localizers.state, Ready):
                # A turn of its own: opening is the window's work and must not hide in this beat.
                QTimer.singleShot(0, lambda: session.browser.open([self._image]))
                return Phase.ANALYSIS
            case Phase.ANALYSIS if session.current.examination is not None:
                self._settled_at = now + _SETTLING_S
                return Phase.SETTLING
            case Phase.SETTLING if now >= self._settled_at:
                self.succeeded = True
                return Phase.OVER
            case phase:
                return phase

    def _end(self) -> None:
        self._timer.stop()
        if self.succeeded:
            # What follows an analysis (drawing the layers) is part of it.
            analysis_s = max(self._longest_s[Phase.ANALYSIS], self._longest_s[Phase.SETTLING])
            self._say(
                {
                    "event": "blocks",
                    "interval_ms": INTERVAL_MS,
                    "loading_ms": _over_interval(self._longest_s[Phase.LOADING]),
                    "analysis_ms": _over_interval(analysis_s),
                }
            )
        QTimer.singleShot(0, self._application.window.close)


def _over_interval(longest_s: float) -> float:
    return max(0.0, 1000 * longest_s - INTERVAL_MS)
