"""The share of pixels over the threshold, measured while the threshold is moved."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.views.toolbox import MeasureShare
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Work


class ShareMeter(QObject):
    """Measures one threshold at a time and then the latest one, so that a slider in motion always gets answers."""

    measured = Signal(object)
    """Share in [0, 1], or None when there is nothing to measure."""
    broke = Signal(object)
    """An exception: a defect."""

    def __init__(self, lane: Lane, measure: MeasureShare, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = lane
        self._measure = measure
        self._wanted: tuple[Heatmap, float] | None = None
        self._measuring: tuple[Heatmap, float] | None = None

    def measure(self, heatmap: Heatmap | None, threshold: float) -> None:
        """Measure the share of evidence pixels of `heatmap` strictly over `threshold`."""
        self._wanted = None if heatmap is None else (heatmap, threshold)
        if heatmap is None:
            self.measured.emit(None)
        elif self._measuring is None:
            self._start()

    def _start(self) -> None:
        assert self._wanted is not None
        self._measuring = heatmap, threshold = self._wanted

        def job(work: Work) -> float:
            return self._measure(heatmap, threshold=threshold, cancel=work.cancel)

        self._lane.submit(job, receive=self._receive)

    def _receive(self, outcome: Outcome[float]) -> None:
        answered, self._measuring = self._measuring, None
        if isinstance(outcome, Failed):
            self.broke.emit(outcome.error)
            return
        if self._wanted is None or answered is None:
            return
        # An answer for the same heatmap is near enough to be shown until the latest one comes.
        if isinstance(outcome, Done) and answered[0] is self._wanted[0]:
            self.measured.emit(outcome.value)
        if answered[0] is not self._wanted[0] or answered[1] != self._wanted[1]:
            self._start()
