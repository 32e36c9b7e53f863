"""One window at work: the controllers behind it, and what follows from what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.errors import ForensicError
from forensic_gui.services.ports import Localizer, Views
from forensic_gui.views.analysis_controller import AnalysisController, BatchEnd
from forensic_gui.views.annotating.following import SheetFollower
from forensic_gui.views.annotating.studio import Furniture, Studio
from forensic_gui.views.browser.thumbnails import ThumbnailStore
from forensic_gui.views.browser_flow import BrowserFlow
from forensic_gui.views.canvas.scene import CompareMode, LayerSettings
from forensic_gui.views.casework.controller import CaseController
from forensic_gui.views.casework.evidence import CaseEvidence
from forensic_gui.views.casework.presence import CasePresence
from forensic_gui.views.casework.recent import RecentCases
from forensic_gui.views.casework.surroundings import Surroundings
from forensic_gui.views.core.items import Item
from forensic_gui.views.core.results import ResultStore
from forensic_gui.views.core.wording import images, sentence, shown_plainly
from forensic_gui.views.current_image import CurrentImage, Screen
from forensic_gui.views.finetuning.comparing import Viewed
from forensic_gui.views.finetuning.room import Around, WeightsRoom
from forensic_gui.views.labelling.controller import LabelController
from forensic_gui.views.lanes import Lanes
from forensic_gui.views.layers.panel import LayerPanel
from forensic_gui.views.localizer_controller import LocalizerController, LocalizerState, Ready, Unavailable
from forensic_gui.views.main_window import MainWindow
from forensic_gui.views.opening import Opener
from forensic_gui.views.reading import EvidenceReader
from forensic_gui.views.reporting import Reporter
from forensic_gui.views.reportroom.room import ReportRoom
from forensic_gui.views.saving import SaveController
from forensic_gui.views.settings import Remembered
from forensic_gui.views.share_meter import ShareMeter
from forensic_gui.views.toolbox import ExportEnd, Toolbox
from forensic_gui.views.work_words import WorkWords
from forensic_gui.workers.batch import Assignment
from forensic_gui.workers.evidence_cache import EvidenceCache


class Session(QObject):
    """Connects controllers with the window's parts; holds no widget of its own."""

    changed = Signal()
    """What commands can be run may have changed."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(
        self,
        window: MainWindow,
        *,
        furniture: Furniture,
        layers: LayerPanel,
        toolbox: Toolbox,
        lanes: Lanes,
        remembered: Remembered,
    ) -> None:
        super().__init__(window)
        self.window = window
        self.canvas = furniture.canvas
        self.layers = layers
        self.report = Reporter(window)
        self.results = ResultStore()
        self.lanes = self._lanes = lanes
        self._card_threshold: float | None = None
        self._views = remembered.views
        self._auto = remembered.auto_analyze
        self.evidence = CaseEvidence(toolbox.open_decoder, self.results, parent=self)
        self._make_controllers(toolbox)
        self.case = self._make_case(toolbox, remembered)
        self.labels = LabelController(
            lane=lanes.batch,
            counting=lanes.case,
            door=toolbox.labels,
            open_decoder=toolbox.open_decoder,
            report=self.report,
            parent=self,
        )
        self.weights = self._make_weights(toolbox)
        self.reports = ReportRoom(self.case, door=toolbox.reports, lanes=lanes, report=self.report, parent=self)
        self._presence = CasePresence(
            window,
            self.case,
            evidence=self.evidence,
            current=self.current,
            words=self._words,
            labels=self.labels,
            parent=self,
        )
        self.studio = Studio(
            furniture, lanes=lanes, load_segmenter=toolbox.load_segmenter, tell=self.report, parent=self
        )
        self._sheets = SheetFollower(
            self.studio,
            case=self.case,
            current=self.current,
            new_case=window.actions_["new_case"].trigger,
            show_regions=window.show_regions,
            parent=self,
        )
        self.labels.imported.connect(self._sheets.read_anew)
        self.case.wait_for(lambda: self.studio.awaited)
        self._connect()
        self.set_layers(remembered.layers)
        self.current.set_options(views=self._views, auto=self._auto)
        self.localizers.load()

    @property
    def localizer(self) -> Localizer | None:
        """The localizer, when there is one."""
        state = self.localizers.state
        return state.localizer if isinstance(state, Ready) else None

    @property
    def views(self) -> Views:
        """Which views analyses look at."""
        return self._views

    @property
    def auto_analyze(self) -> bool:
        """Whether an image is analyzed as soon as it is shown."""
        return self._auto

    @property
    def is_busy(self) -> bool:
        """Whether there is something to stop."""
        parts = (self.analysis, self.studio, self.labels, self.reports, self.case.originals)
        return self.saver.is_exporting or any(part.is_busy for part in parts)

    def open(self, paths: Sequence[Path]) -> None:
        """Open a case, or files and folders; with a case open these are added to it."""
        if paths:
            self.case.open_paths(paths)

    def may_close(self) -> bool:
        """Whether the window may close now; an open case is left first, and the window closed then."""
        if not self.case.holds_files:
            return True
        self.case.close_case(then=self.window.close)
        return False

    def analyze_items(self, items: Sequence[Item]) -> None:
        """Analyze those of `items`, as they were listed, that have no result in the setup chosen now."""
        localizer, setup = self.localizer, self.current.setup
        if localizer is None:
            return
        self.report.job_begins()

        def choose() -> list[Assignment]:
            known = self.results.summaries(setup)
            return [Assignment(item.id, item.path) for item in items if item.sha256 not in known]

        try:
            self.analysis.analyze_batch(choose, localizer=localizer, views=self._views)
        except ForensicError as error:
            self.report.warn(sentence(error))

    def analyze_anew(self) -> None:
        """Read and analyze the shown image again."""
        self.report.job_begins()
        self.current.analyze_anew()

    def set_views(self, views: Views) -> None:
        """Let analyses look at `views` from now on."""
        self._views = views
        if self.localizer is not None:
            self._take_threshold(self.localizer.info.threshold_of(views))
        self.current.set_options(views=views, auto=self._auto)
        self.browser.refresh_states()

    def set_auto_analyze(self, auto: bool) -> None:
        """Analyze an image as soon as it is shown, or do not."""
        self._auto = auto
        self.current.set_options(views=self._views, auto=auto)

    def set_layers(self, settings: LayerSettings) -> None:
        """Show layers as `settings` say, on the canvas and in the panel."""
        self.layers.set_settings(settings)
        self._on_layers(settings)

    def set_compare_mode(self, mode: CompareMode) -> None:
        """Choose how image and layers are compared."""
        self.canvas.set_compare_mode(mode)

    def stop(self) -> None:
        """Leave what the next drawing is for; else stop analyses, exports, adding and verifying. Results are kept."""
        if self.studio.leave():
            return
        self._stop_analyses()
        self.case.originals.stop()

    def close(self) -> None:
        """Stop everything and wait for it; what was drawn is kept first."""
        self.studio.drain()
        self.reports.close()
        self._lanes.close()
        self.case.close()
        self.opener.close()
        self.analysis.close()
        self.thumbnails.close()
        self._cache.close()

    def _stop_analyses(self) -> None:
        self.analysis.stop()
        self.saver.stop()
        self.labels.stop()
        self.reports.stop()
        self.studio.stop()

    def _make_controllers(self, toolbox: Toolbox) -> None:
        lanes, window, open_decoder = self._lanes, self.window, self.evidence.open_decoder
        self._cache = EvidenceCache(open_decoder)
        self.reader = EvidenceReader(
            lanes.reading,
            self._cache,
            look_up=lambda: self.evidence.look_up(self.localizer, self._views),
            parent=self,
        )
        self.opener = Opener(lanes.listing, toolbox.find_evidence, self)
        self.localizers = LocalizerController(lanes.loading, toolbox.load_localizer, self)
        self.meter = ShareMeter(lanes.measuring, toolbox.measure_share, self)
        self.thumbnails = ThumbnailStore(lanes.thumbnails, open_decoder, is_seen=window.browser.list.sees, parent=self)
        self.analysis = AnalysisController(
            current_lane=lanes.current,
            batch_lane=lanes.batch,
            examine=toolbox.examine,
            open_decoder=open_decoder,
            results=self.results,
            archive=self.evidence.findings,
            parent=self,
        )
        self.saver = SaveController(
            save_lane=lanes.saving,
            export_lane=lanes.batch,
            save=toolbox.save,
            export=toolbox.export,
            open_decoder=open_decoder,
            parent=self,
        )
        self.current = CurrentImage(
            Screen(self.canvas, self.layers, window.facts, window.status),
            reader=self.reader,
            analysis=self.analysis,
            results=self.results,
            meter=self.meter,
            localizer=lambda: self.localizer,
            parent=self,
        )
        self.browser = BrowserFlow(
            window,
            opener=self.opener,
            thumbnails=self.thumbnails,
            reader=self.reader,
            current=self.current,
            results=self.results,
            report=self.report,
            parent=self,
        )
        self._words = WorkWords(
            window.work, window.status, self.canvas, analysis=self.analysis, saver=self.saver, parent=self
        )

    def _make_case(self, toolbox: Toolbox, remembered: Remembered) -> CaseController:
        around = Surroundings(self.window, self.browser, self.current, self.report, self._stop_analyses)
        return CaseController(
            around,
            door=toolbox.cases,
            lanes=self._lanes,
            vault=self.evidence.vault,
            recent=RecentCases(self._lanes.listing, remembered.recent_cases, self),
            author=remembered.author,
        )

    def _make_weights(self, toolbox: Toolbox) -> WeightsRoom:
        viewed = Viewed(self.window, self.canvas, self.current, lambda: self.localizer, lambda: self._views)
        return WeightsRoom(
            Around(viewed, self.case, self.localizers, self.report, self._words), toolbox=toolbox, lanes=self._lanes
        )

    def _connect(self) -> None:
        window = self.window
        window.catalog.arrange_on(self._lanes.arranging)
        window.set_close_guard(self.may_close)
        window.work.stop_asked.connect(self.stop)
        window.paths_dropped.connect(self.open)
        window.drag_hovers.connect(lambda hovers: self.canvas.set_busy(self._presence.drop_words() if hovers else None))
        self.canvas.cursor_moved.connect(window.status.set_cursor_readout)
        self.canvas.zoom_changed.connect(window.status.set_zoom)
        self.layers.settings_changed.connect(self._on_layers)
        self.localizers.changed.connect(self._on_localizer)
        self.analysis.state_changed.connect(self.browser.note_state)
        self.analysis.queued.connect(self.browser.note_queued)
        self.analysis.released.connect(self.browser.note_released)
        self.analysis.failed.connect(self._on_failed)
        self.analysis.batch_ended.connect(self._on_batch_ended)
        self.saver.export_ended.connect(self._on_export_ended)
        self.saver.saved.connect(lambda request, _: self.report.note(f"Saved {shown_plainly(str(request.path))}"))
        self.saver.save_failed.connect(lambda request, error: self.report.fail(error, subject=request.path.name))
        self.current.changed.connect(self._on_current_changed)
        self.current.read_failed.connect(self._on_failed)
        self.reader.prepared.connect(self.studio.look_ahead)
        self.thumbnails.failed.connect(self._presence.mark_altered)
        self.current.state_found.connect(self.browser.note_state)
        busy = (self.analysis.busy_changed, self.saver.busy_changed, self.studio.busy_changed)
        rooms = (self.weights.changed, self.reports.changed)
        for source in (*busy, *rooms, self.browser.changed, self.studio.changed, self._presence.changed):
            source.connect(self.changed)
        parts = (self.opener, self.thumbnails, self.localizers, self.analysis, self.saver, self.meter)
        for part in (*parts, self.studio, self.case, self.labels, self.weights, self.reports):
            part.broke.connect(self.broke)

    def _on_layers(self, settings: LayerSettings) -> None:
        self.current.set_layers(settings)
        self.changed.emit()

    def _on_current_changed(self) -> None:
        item = self.current.item
        self.report.moved_on(None if item is None else item.id)
        self._presence.name_window()
        self.window.status.set_zoom(None if self.current.decoded is None else self.canvas.zoom_percent)
        self.changed.emit()

    def _on_localizer(self, state: LocalizerState) -> None:
        self._words.show_localizer(state)
        if isinstance(state, Ready):
            self._take_threshold(state.localizer.info.threshold_of(self._views))
            self.browser.refresh_states()
            self.current.reconsider()
        elif isinstance(state, Unavailable):
            self.report.record(state.error)
            choose = self.window.actions_["choose_weights"]
            self.report.warn_and_offer(sentence(state.error), action="Choose Weights…", answer=choose.trigger)
        self.changed.emit()

    def _take_threshold(self, threshold: float) -> None:
        """Other weights have another threshold; the same ones leave the user's alone."""
        self.layers.set_card_threshold(threshold)
        if threshold != self._card_threshold:
            self._card_threshold = threshold
            self.set_layers(replace(self.layers.settings, threshold=threshold))

    def _on_failed(self, item_id: int, error: Exception) -> None:
        item = self.window.catalog.catalog.item(item_id)
        if not isinstance(error, ForensicError):
            self.broke.emit(error)
            return
        self._presence.mark_altered(item_id, error)
        name = "" if item is None else item.name
        if self.analysis.is_batch_running and (self.current.item is None or self.current.item.id != item_id):
            self.report.record(error, subject=name, item_id=item_id)  # told in one sentence at the end
        else:
            self.report.fail(error, subject=name, item_id=item_id)

    def _on_batch_ended(self, end: BatchEnd) -> None:
        # Rows stay where they are while results come in; now nothing moves any more.
        self.window.catalog.sort_by(self.window.catalog.catalog.order)
        good = end.done - end.failed
        if not (end.total or end.stopped):
            self.report.note("Nothing to do: all of them are analyzed already. F5 analyzes the shown image anew.")
        elif end.failed:
            self.report.fail_many(f"{end.failed} of {images(end.done)} could not be analyzed; the other {good} were.")
        elif end.stopped:
            self.report.note(f"Stopped: {images(good)} of {end.total} were analyzed, their results are kept.")
        else:
            self.report.note(f"{images(good)} analyzed.")
        self.changed.emit()

    def _on_export_ended(self, end: ExportEnd | ForensicError | None) -> None:
        match end:
            case None:
                self.report.note("Stopped: results that were saved so far are complete.")
            case ForensicError():
                self.report.fail(end)
            case ExportEnd():
                self._tell_export(end)
        self.changed.emit()

    def _tell_export(self, end: ExportEnd) -> None:
        for failure in end.failures:
            item_id = self.window.catalog.catalog.id_of(failure.path)
            item = None if item_id is None else self.window.catalog.catalog.item(item_id)
            name = failure.path.name if item is None else item.name
            self.report.record(ForensicError(failure.message), subject=name, item_id=item_id)
        folder = shown_plainly(str(end.findings.parent))
        saved = f"Results of {images(end.saved)} were saved to {folder}."
        if end.stopped is not None:
            self.report.fail(ForensicError(f"{end.stopped} {saved}"))
        elif end.failures:
            self.report.fail_many(f"{saved} {images(len(end.failures))} could not be analyzed.")
        else:
            self.report.note(saved)
