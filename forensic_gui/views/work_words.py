"""What the left end of the status bar and the canvas say of work under way."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from forensic_gui.views.analysis_controller import AnalysisController
from forensic_gui.views.canvas.view import EvidenceView
from forensic_gui.views.core.eta import BatchProgress
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.localizer_controller import Loading, LocalizerState, Ready, Unavailable
from forensic_gui.views.saving import SaveController
from forensic_gui.views.status_fields import StatusFields, WorkField

# Shorter analyses come and go without a word: words that flash are noise.
_WORTH_SAYING_MS = 300


class WorkWords(QObject):
    """One line for everything: a batch before an analysis before the loading of a localizer."""

    def __init__(
        self,
        work: WorkField,
        status: StatusFields,
        canvas: EvidenceView,
        *,
        analysis: AnalysisController,
        saver: SaveController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._work = work
        self._status = status
        self._canvas = canvas
        self._analysis = analysis
        self._saver = saver
        self._idle_text = ""
        self._background_text = ""
        self._current_name = ""
        self._case_is_busy = False
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_WORTH_SAYING_MS)
        self._patience.timeout.connect(self._say_current)
        analysis.batch_progressed.connect(lambda progress: self._show_batch(progress, "Analyzing"))
        saver.export_progressed.connect(lambda progress: self._show_batch(progress, "Saving results of"))
        analysis.current_changed.connect(self._on_current)
        analysis.batch_ended.connect(lambda _: self._say_idle())
        saver.export_ended.connect(lambda _: self._say_idle())

    def show_localizer(self, state: LocalizerState) -> None:
        """Tell which localizer there is."""
        match state:
            case Loading():
                self._idle_text = ""
                self._status.set_localizer("Loading localizer…", "The network and its weights are being loaded.")
            case Ready(localizer=localizer):
                info = localizer.info
                self._idle_text = ""
                self._status.set_device(info.device.partition(" ")[0], f"{info.device}, {info.runtime}")
                self._status.set_runtime(info.runtime)
                explanation = f"Weights {info.weights_id}\nSHA-256 {info.weights_sha256}"
                self._status.set_localizer(info.weights_id, explanation)
            case Unavailable():
                self._idle_text = "No localizer: photographs can be looked at, not analyzed."
                self._status.set_device("–", "")
                self._status.set_runtime("")
                self._status.set_localizer("No localizer", "Choose weights in the menu Analyze.")
        self._say_idle()

    def show_case_work(self, progress: BatchProgress, verb: str) -> None:
        """Tell how far adding or verifying is, while nothing else is told."""
        if not self._batch_is_running:
            self._show_batch(progress, verb)

    def show_case_share(self, share: float, words: str) -> None:
        """Tell how far an export or import is, while nothing else is told."""
        if not self._batch_is_running:
            self._work.show_share(share, text=words)

    def case_work_changed(self, *, busy: bool) -> None:
        """Adding or verifying began, or ended."""
        self._case_is_busy = busy
        if not busy:
            self._say_idle()

    def say_in_background(self, text: str) -> None:
        """Tell, while nothing else is told, what goes on that the button at the left does not stop; "" for nothing."""
        self._background_text = text
        if not self._current_name:
            self._say_idle()

    @property
    def _batch_is_running(self) -> bool:
        return self._analysis.is_batch_running or self._saver.is_exporting

    def _show_batch(self, progress: BatchProgress, verb: str) -> None:
        self._work.show_batch(progress, verb=verb)

    def _on_current(self, name: str) -> None:
        """An analysis of the image on the canvas began (its name), or ended ("")."""
        self._current_name = name
        if name:
            self._patience.start()
        else:
            self._patience.stop()
            self._canvas.set_busy(None)
            self._say_idle()

    def _say_current(self) -> None:
        self._canvas.set_busy("Analyzing…")
        if not (self._batch_is_running or self._case_is_busy):
            self._work.say(f"Analyzing {shown_plainly(self._current_name)}…")

    def _say_idle(self) -> None:
        if not (self._batch_is_running or self._case_is_busy):
            self._work.say(self._background_text or self._idle_text)
