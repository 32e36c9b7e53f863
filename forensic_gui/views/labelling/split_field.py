"""Into which parts an export is split."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from forensic_gui.services.labels.splits import Part
from forensic_gui.views.theme import failure_colour, quiet_colour

_PARTS = (("train", 80), ("val", 20), ("test", 0))
_LARGEST_SEED = 2**31 - 1


class SplitField(QWidget):
    """Shares of three parts in percent, and the seed that decides who goes where."""

    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._wanted = QCheckBox("Split into parts; images of one group stay together", self)
        self._wanted.setObjectName("split")
        self._shares = {name: self._spin(f"split_{name}", 100, value, suffix=" %") for name, value in _PARTS}
        self._seed = self._spin("split_seed", _LARGEST_SEED, 0)
        self._sum = QLabel(self)
        self._sum.setObjectName("split_sum")
        row = QHBoxLayout()
        row.setContentsMargins(24, 0, 0, 0)
        for name, spin in (*self._shares.items(), ("seed", self._seed)):
            label = QLabel(name.capitalize() if name == "seed" else name, self)
            label.setBuddy(spin)
            row.addWidget(label)
            row.addWidget(spin)
            row.addSpacing(10)
        row.addWidget(self._sum, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._wanted)
        column.addLayout(row)
        self._wanted.toggled.connect(self._follow)
        self._follow()

    @property
    def problem(self) -> str:
        """Why it cannot be split so, a sentence; "" where it can."""
        total = sum(spin.value() for spin in self._shares.values())
        return "" if total == 100 or not self._wanted.isChecked() else f"The shares add up to {total} %, not 100 %."

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that have a share; none for no split."""
        if not self._wanted.isChecked():
            return ()
        return tuple(Part(name, spin.value() / 100) for name, spin in self._shares.items() if spin.value())

    @property
    def seed(self) -> int:
        """Decides who goes where."""
        return self._seed.value()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._colour()

    def _spin(self, name: str, largest: int, value: int, *, suffix: str = "") -> QSpinBox:
        spin = QSpinBox(self)
        spin.setObjectName(name)
        spin.setAccessibleName(name.replace("_", " "))
        spin.setRange(0, largest)
        spin.setSuffix(suffix)
        spin.setValue(value)
        spin.setMaximumWidth(110)
        spin.valueChanged.connect(lambda _: self._follow())
        return spin

    def _follow(self, _: bool = False) -> None:
        for spin in (*self._shares.values(), self._seed):
            spin.setEnabled(self._wanted.isChecked())
        total = sum(spin.value() for spin in self._shares.values())
        self._sum.setText(f"= {total} %" if self._wanted.isChecked() else "")
        self._colour()
        self.changed.emit()

    def _colour(self) -> None:
        palette = QPalette(self.palette())
        colour = failure_colour(palette) if self.problem else quiet_colour(palette)
        palette.setColor(QPalette.ColorRole.WindowText, colour)
        self._sum.setPalette(palette)
