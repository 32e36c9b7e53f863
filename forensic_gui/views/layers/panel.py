"""The panel of layer controls."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from forensic_gui.views.canvas.scene import LayerSettings


class LayerPanel(QWidget):
    """Controls for every field of `LayerSettings`."""

    settings_changed = Signal(object)
    """LayerSettings after a change by the user; never emitted by `set_settings`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = LayerSettings()

    @property
    def settings(self) -> LayerSettings:
        """The settings that the controls show."""
        return self._settings

    def set_settings(self, settings: LayerSettings) -> None:
        """Let every control show `settings`, without a signal."""
        self._settings = settings

    def set_share(self, share: float | None) -> None:
        """Tell the share of evidence pixels over the threshold, 0 to 1; None when there is no heatmap."""

    def set_card_threshold(self, threshold: float | None) -> None:
        """Threshold of the weights card that the reset button goes back to; None disables the button."""

    def set_available(self, *, heatmap: bool, gate_map: bool, memory_response: bool) -> None:
        """Enable the controls of the layers that the scene has, and disable the others."""
