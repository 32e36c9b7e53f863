"""A slider with its value beside it, both of which can be set."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider, QWidget

_PAGES = 20


class SliderWithValue(QWidget):
    """A value from 0 to 1 in equal steps, shown as a number or in percent."""

    value_changed = Signal(float)
    """Value from 0 to 1 after a change by the user; never emitted by `set_value`."""

    def __init__(self, *, name: str, steps: int, percent: bool = False, parent: QWidget | None = None) -> None:
        """Build the controls.

        Args:
            name: accessible name of the quantity, plain text.
            steps: number of equal steps from 0 to 1; a power of ten from 10 on.
            percent: whether the number is told in percent.
            parent: owner of the widget.
        """
        super().__init__(parent)
        self._steps = steps
        self._factor = 100.0 if percent else 1.0
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, steps)
        self._slider.setPageStep(max(1, steps // _PAGES))
        self._slider.setAccessibleName(name)
        self._spin = QDoubleSpinBox()
        self._spin.setRange(0, self._factor)
        self._spin.setDecimals(max(0, len(str(steps)) - 1 - (2 if percent else 0)))
        self._spin.setSingleStep(self._factor / steps)
        self._spin.setSuffix(" %" if percent else "")
        self._spin.setAccessibleName(f"{name}, value")
        # A number half typed is no value yet: showing it back would overwrite what is being typed.
        self._spin.setKeyboardTracking(False)
        self._slider.valueChanged.connect(lambda step: self._on_changed(step / steps))
        self._spin.valueChanged.connect(lambda shown: self._on_changed(shown / self._factor))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._slider, 1)
        row.addWidget(self._spin)
        self.setFocusProxy(self._slider)
        self.set_value(0.0)

    @property
    def value(self) -> float:
        """The value, 0 to 1."""
        return self._spin.value() / self._factor

    def set_value(self, value: float) -> None:
        """Show `value`, without a signal."""
        with QSignalBlocker(self._slider), QSignalBlocker(self._spin):
            self._slider.setValue(round(value * self._steps))
            self._spin.setValue(value * self._factor)

    def setToolTip(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Explain both controls."""
        super().setToolTip(text)
        self._slider.setToolTip(text)
        self._spin.setToolTip(text)

    def _on_changed(self, value: float) -> None:
        self.set_value(value)
        self.value_changed.emit(self.value)
