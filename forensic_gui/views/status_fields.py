"""The status bar: what runs at the left, readings of fixed width at the right, so that nothing jumps."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QStatusBar, QToolButton, QWidget

from forensic_gui.views.canvas.scene import CursorReadout
from forensic_gui.views.core.eta import BatchProgress, duration_left
from forensic_gui.views.core.wording import images, number, score_text, seconds_text
from forensic_gui.widgets.elided import SEPARATOR, ElidedLabel, elided

_CURSOR_WIDEST = "x 99999  y 99999"
_RGB_WIDEST = "RGB 255 255 255"
_SCORE_WIDEST = "score 0.000 (0.000)"
_ZOOM_WIDEST = "9999 %"
_TIME_WIDEST = "59 min 59 s"
_DEVICE_WIDEST = "cuda:0"
_RUNTIME_WIDEST = "onnxruntime 0000.00"
_SCORE_TIP = "Model score of the pixel under the cursor; in brackets the calibrated one, where this view has one."
_RUNTIME_TIP = "Library the localizer runs in."
_READ_ONLY = "Read-only"
_LOCALIZER_WIDTH_CHARACTERS = 22
# Of Qt's own at the left of a tip, and as much before the readings.
_TIP_MARGINS_PX = 16


class StatusFields(QWidget):
    """Readings of the canvas and of the localizer, for the right end of a status bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cursor = self._field(
            "cursor", _CURSOR_WIDEST, "Evidence pixel under the cursor, as stored: column and row from 0."
        )
        self._rgb = self._field("rgb", _RGB_WIDEST, "Red, green and blue of the pixel under the cursor.")
        self._score = self._field("score", _SCORE_WIDEST, _SCORE_TIP)
        self._zoom = self._field("zoom", _ZOOM_WIDEST, "Zoom: 100 % is one screen pixel for one evidence pixel.")
        self._time = self._field("time", _TIME_WIDEST, "Time the analysis of this image took, reading not included.")
        self._device = self._field("device", _DEVICE_WIDEST, "Device the localizer runs on.")
        self._runtime = self._field("runtime", _RUNTIME_WIDEST, _RUNTIME_TIP)
        self._rules: dict[QLabel, QFrame] = {}
        self._in_use = ("", "")
        self._other = ""
        self._localizer = self._field("localizer", "n" * _LOCALIZER_WIDTH_CHARACTERS, "Weights of the localizer.")
        self._read_only = self._field("read_only", _READ_ONLY, "")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(0)
        for field in (
            self._read_only,
            self._cursor,
            self._rgb,
            self._score,
            self._zoom,
            self._time,
            self._device,
            self._runtime,
            self._localizer,
        ):
            rule = _rule(self)
            row.addWidget(rule)
            row.addWidget(field)
            self._rules[field] = rule
        self._read_only.setText(_READ_ONLY)
        self.set_read_only("")
        self.set_cursor_readout(None)
        self.set_zoom(None)
        self.set_analysis_time(None)
        self.set_device("–", "")
        self.set_runtime("")
        self.set_localizer("", "")

    def set_cursor_readout(self, readout: CursorReadout | None) -> None:
        """Tell what lies under the cursor, and whose score it is; None when it is not on the image."""
        other = "" if readout is None else readout.other
        if other != self._other:
            self._other = other
            self._show_localizer()
        if readout is None:
            for field, text in ((self._cursor, "x –  y –"), (self._rgb, "RGB –"), (self._score, "score –")):
                field.setText(text)
            return
        self._cursor.setText(f"x {readout.stored[0]}  y {readout.stored[1]}")
        self._rgb.setText("RGB " + " ".join(str(value) for value in readout.rgb))
        self._score.setText("score –" if readout.score is None else f"score {_read(readout.score, readout.calibrated)}")

    def set_read_only(self, reason: str) -> None:
        """Tell that nothing can be changed in the case, and why; "" for a case that can be changed, or none."""
        self._read_only.setVisible(bool(reason))
        self._rules[self._read_only].setVisible(bool(reason))
        self._read_only.setToolTip(reason)
        self._read_only.setAccessibleName(f"{_READ_ONLY}. {reason}" if reason else "")

    def set_zoom(self, percent: float | None) -> None:
        """Tell the zoom."""
        digits = 0 if percent is None or percent >= 10 else 1
        self._zoom.setText("– %" if percent is None else f"{percent:.{digits}f} %")

    def set_analysis_time(self, seconds: float | None) -> None:
        """Tell how long the analysis of the image shown took; None while there is none."""
        self._time.setText("–" if seconds is None else seconds_text(seconds))

    def set_device(self, short: str, full: str) -> None:
        """Tell the device: its short name here, the full one in the tool tip."""
        self._device.setText(short)
        self._device.setToolTip(f"Device the localizer runs on: {full}" if full else "Device the localizer runs on.")

    def set_runtime(self, runtime: str) -> None:
        """Tell the library the localizer runs in, as "torch 2.13.0"; "" for none."""
        name, _, version = runtime.partition(" ")
        # Two numbers of a version tell it well enough here; a build's long name stands in the tool tip.
        short = " ".join(filter(None, (name, ".".join(version.split(" ")[0].split("+")[0].split(".")[:2]))))
        width = self._runtime.width() - 12
        self._runtime.setText(self._runtime.fontMetrics().elidedText(short or "–", Qt.TextElideMode.ElideRight, width))
        self._runtime.setToolTip(f"Library the localizer runs in: {runtime}" if runtime else _RUNTIME_TIP)

    def set_narrow(self, narrow: bool) -> None:
        """In a narrow window leave room for the words at the left: device, runtime and weights are facts too."""
        for field in (self._device, self._runtime, self._localizer):
            field.setVisible(not narrow)
            self._rules[field].setVisible(not narrow)

    def set_localizer(self, text: str, explanation: str) -> None:
        """Tell the weights, or what there is in their place."""
        self._in_use = (text, explanation)
        self._show_localizer()

    def _show_localizer(self) -> None:
        text, explanation = self._in_use
        end = Qt.TextElideMode.ElideMiddle
        if self._other:
            # The name comes first in it.
            text, explanation, end = self._other, f"The score under the cursor is of {self._other}.", end.ElideRight
        width = self._localizer.width() - 12
        self._localizer.setText(self._localizer.fontMetrics().elidedText(text, end, width))
        self._localizer.setToolTip(explanation)
        self._localizer.setAccessibleName(text)

    def _field(self, name: str, widest: str, tip: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(f"status_{name}")
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setToolTip(tip)
        label.setFixedWidth(label.fontMetrics().horizontalAdvance(widest) + 16)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return label


class WorkField(QWidget):
    """What runs in the background: words, a bar, and a button that stops it."""

    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ElidedLabel(self)
        self._text.setAccessibleName("Background work")
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(100, 8)
        self._stop = QToolButton(self)
        self._stop.setObjectName("status_stop")
        self._stop.setText("Stop")
        self._stop.setToolTip("Stop; what was finished is kept (Esc).")
        self._stop.clicked.connect(self.stop_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._bar)
        row.addWidget(self._stop)
        row.addWidget(self._text, 1)
        self._bar.hide()
        self._stop.hide()
        # As high as it is with the button, so that the window's middle stays where it is when work begins.
        self.setMinimumHeight(self._stop.sizeHint().height())

    @property
    def text(self) -> str:
        """What is said now."""
        return self._text.whole

    def say(self, text: str) -> None:
        """Say a few words, with no bar."""
        self._bar.hide()
        self._stop.hide()
        self._text.tell(text)

    def show_share(self, share: float, *, text: str) -> None:
        """Tell what share, in [0, 1], is done of something that can be stopped."""
        self._bar.setRange(0, 1000)
        self._bar.setValue(round(1000 * share))
        self._bar.show()
        self._stop.show()
        self._text.tell(f"{text}{SEPARATOR}{share:.0%}")

    def show_steps(self, done: int, total: int, *, text: str) -> None:
        """Tell how far something is that goes in steps, and can be stopped."""
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._bar.show()
        self._stop.show()
        self._text.tell(f"{text}{SEPARATOR}{done} of {total}")

    def show_batch(self, progress: BatchProgress, *, verb: str) -> None:
        """Tell how far a batch is.

        Args:
            progress: its state.
            verb: what is done, as "Analyzing".
        """
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)
        self._bar.show()
        self._stop.show()
        words = [f"{verb} {number(progress.done)} of {images(progress.total)}"]
        if progress.failed:
            words.append(f"{progress.failed} failed")
        words.append(duration_left(progress.seconds_left))
        self._text.tell(SEPARATOR.join(words))


def fill_status_bar(bar: QStatusBar, work: WorkField, fields: StatusFields) -> None:
    """Put both ends into a status bar."""
    bar.setSizeGripEnabled(False)
    bar.addWidget(work, 1)
    bar.addPermanentWidget(fields)
    bar.messageChanged.connect(lambda text: _fit_tip(bar, text))


def _fit_tip(bar: QStatusBar, text: str) -> None:
    """Give up the last words of a tip where Qt would cut through them at the first reading."""
    if not text:
        return
    # What stands at the left is hidden while there is a tip.
    parts = bar.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    end = min((part.x() for part in parts if part.isVisible()), default=bar.width())
    fitting = elided(text, metrics=QFontMetricsF(bar.font()), room=end - _TIP_MARGINS_PX)
    if fitting != text:
        bar.showMessage(fitting)


def _read(score: float, calibrated: float | None) -> str:
    return score_text(score) if calibrated is None else f"{score_text(score)} ({score_text(calibrated)})"


def _rule(parent: QWidget) -> QFrame:
    rule = QFrame(parent)
    rule.setFrameShape(QFrame.Shape.VLine)
    rule.setFrameShadow(QFrame.Shadow.Plain)
    rule.setFixedHeight(14)
    rule.setForegroundRole(rule.palette().ColorRole.Mid)
    return rule
