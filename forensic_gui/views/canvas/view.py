"""The widget that shows evidence, its layers, and comparisons between two states."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from forensic_gui.views.canvas.scene import CompareMode, LayerSettings, Scene


def configure_pyqtgraph() -> None:
    """Set the options of pyqtgraph that hold for the whole process. Call once, before the first canvas."""


class EvidenceView(QWidget):
    """Shows one scene, or compares two states of it."""

    cursor_moved = Signal(object)
    """CursorReadout under the cursor, or None when it leaves the image."""
    zoom_changed = Signal(float)
    """Zoom in percent: 100 is one screen pixel per evidence pixel."""
    swipe_moved = Signal(float)
    """Position of the swipe divider, 0 (left) to 1 (right)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: Scene | None = None
        self._second: Scene | None = None
        self._layers = LayerSettings()
        self._mode = CompareMode.SINGLE

    @property
    def zoom_percent(self) -> float:
        """Screen (device) pixels per evidence pixel, times 100."""
        return 100.0

    @property
    def swipe_position(self) -> float:
        """Position of the swipe divider, 0 (left) to 1 (right)."""
        return 0.5

    def set_scene(self, scene: Scene | None) -> None:
        """Show `scene`; None shows the empty state. Zoom is kept when the sizes match."""
        self._scene = scene

    def set_second_scene(self, scene: Scene | None) -> None:
        """Compare with `scene`; None compares the evidence with its own overlay."""
        self._second = scene

    def set_layers(self, settings: LayerSettings) -> None:
        """Show the layers of `settings`. Zoom is kept."""
        self._layers = settings

    def set_compare_mode(self, mode: CompareMode) -> None:
        """Choose how two states are compared."""
        self._mode = mode

    def set_blink(self, held: bool) -> None:
        """Show the other state while `held`: the bare image, or the second scene where there is one."""

    def set_swipe_position(self, position: float) -> None:
        """Move the swipe divider to `position`, 0 (left) to 1 (right)."""

    def set_empty_text(self, text: str) -> None:
        """Sentence shown while there is no scene, as plain text."""

    def set_busy(self, text: str | None) -> None:
        """Show a sentence over the canvas while work goes on behind it; None takes it away."""

    def set_pane_labels(self, first: str, second: str) -> None:
        """Name the two states that are compared, as plain text."""

    def fit(self) -> None:
        """Show the whole image, as large as it goes."""

    def one_to_one(self) -> None:
        """Show one evidence pixel on one screen pixel, around the centre of the view."""

    def zoom_in(self) -> None:
        """Zoom in a step around the centre of the view."""

    def zoom_out(self) -> None:
        """Zoom out a step around the centre of the view."""
