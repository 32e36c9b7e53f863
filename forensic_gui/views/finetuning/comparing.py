"""The same image as two localizers see it, side by side: the one in use, and another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.services.examination import Examination
from forensic_gui.services.ports import LoadLocalizer, Localizer, Views
from forensic_gui.views.canvas.view import EvidenceView
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.current_image import CurrentImage
from forensic_gui.views.main_window import MainWindow
from forensic_gui.views.reporting import Reporter
from forensic_gui.views.toolbox import Examine
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Stopped, Work

_MODES = ("compare_single", "compare_swipe", "compare_side")


@dataclass(frozen=True, slots=True)
class Viewed:
    """What two localizers look at, and where it is shown.

    Attributes:
        window: the window, whose commands choose how two states are compared.
        canvas: shows both.
        current: the image.
        localizer: the one in use, or None.
        views: which views analyses look at.
    """

    window: MainWindow
    canvas: EvidenceView
    current: CurrentImage
    localizer: Callable[[], Localizer | None]
    views: Callable[[], Views]


class WeightsComparison(QObject):
    """Ends with the image, with other weights in use, or on command. What the other weights say is not kept."""

    changed = Signal()
    """Whether two localizers are compared."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(
        self,
        *,
        loading: Lane,
        analyzing: Lane,
        load: LoadLocalizer,
        examine: Examine,
        viewed: Viewed,
        report: Reporter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._loading = loading
        self._analyzing = analyzing
        self._load = load
        self._examine = examine
        self._canvas = viewed.canvas
        self._current = viewed.current
        self._localizer = viewed.localizer
        self._views = viewed.views
        self._actions = viewed.window.actions_
        self._report = report
        self._of: tuple[DecodedEvidence, str] | None = None
        self._mode_before: QAction | None = None
        viewed.current.changed.connect(self._follow)

    @property
    def is_on(self) -> bool:
        """Whether two localizers are compared, or about to be."""
        return self._of is not None

    def start(self, weights: str, *, device: str = "auto") -> None:
        """Let other weights look at the image shown, and show both.

        Args:
            weights: id or path.
            device: where they run.
        """
        now = self._now()
        if now is None:
            return
        self.end()
        self._of = now
        self._report.job_begins()
        self._canvas.set_busy("Loading the other weights…")
        self._loading.submit(
            lambda _: self._load(weights=weights, device=device), receive=self._on_loaded, key="load to compare"
        )
        self.changed.emit()

    def end(self) -> None:
        """Show one localizer's result again."""
        if self._of is None:
            return
        self._of = None
        self._loading.cancel_key("load to compare")
        self._analyzing.cancel_key("comparison")
        self._canvas.set_busy(None)
        self._canvas.set_second_scene(None)
        self._canvas.set_pane_labels("", "")
        if self._mode_before is not None:
            self._mode_before.trigger()
            self._mode_before = None
        self.changed.emit()

    def _now(self) -> tuple[DecodedEvidence, str] | None:
        localizer, decoded = self._localizer(), self._current.decoded
        return None if localizer is None or decoded is None else (decoded, localizer.info.weights_sha256)

    def _follow(self) -> None:
        now = self._now()
        if self._of is not None and (now is None or now[0] is not self._of[0] or now[1] != self._of[1]):
            self.end()

    def _on_loaded(self, outcome: Outcome[Localizer]) -> None:
        match outcome:
            case Done(value=other) if self._of is not None:
                self._analyze(self._of, other)
            case Failed(error=error):
                self._fail(error)
            case Done() | Stopped():
                pass

    def _analyze(self, of: tuple[DecodedEvidence, str], other: Localizer) -> None:
        decoded, views = of[0], self._views()
        self._canvas.set_busy("Analyzing with the other weights…")

        def job(work: Work) -> Examination:
            return self._examine(decoded, localizer=other, views=views, cancel=work.cancel)

        def receive(outcome: Outcome[Examination]) -> None:
            match outcome:
                case Done(value=examination) if self._of is of:
                    self._show(examination)
                case Failed(error=error) if self._of is of:
                    self._fail(error)

        self._analyzing.submit(job, receive=receive, key="comparison")

    def _show(self, examination: Examination) -> None:
        localizer = self._localizer()
        assert localizer is not None
        self._canvas.set_busy(None)
        self._canvas.set_second_scene(self._current.scene_of(examination))
        names = [_named(localizer.info.weights_id), _named(examination.localizer.weights_id)]
        if names[0] == names[1]:
            hashes = (localizer.info.weights_sha256, examination.localizer.weights_sha256)
            names = [f"{name} ({sha256[:8]}…)" for name, sha256 in zip(names, hashes, strict=True)]
        # Both are outlined at the threshold of the Layers panel, which is the one of the weights in use at first.
        own = examination.threshold
        in_use = localizer.info.threshold_of(examination.views)
        told = f", whose own threshold is {own:.3f}" if own != in_use else ""
        self._canvas.set_pane_labels(f"{names[0]}, in use", f"{names[1]}{told}")
        self._mode_before = next(each for each in map(self._actions.__getitem__, _MODES) if each.isChecked())
        self._actions["compare_side"].trigger()
        self.changed.emit()

    def _fail(self, error: Exception) -> None:
        self.end()
        if isinstance(error, ForensicError):
            self._report.fail(error)
        else:
            self.broke.emit(error)


def _named(weights_id: str) -> str:
    return shown_plainly(weights_id)
