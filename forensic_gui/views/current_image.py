"""The evidence on the canvas: read, shown, analyzed, measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.services.examination import Examination
from forensic_gui.services.ports import Localizer, Views
from forensic_gui.views.analysis_controller import AnalysisController
from forensic_gui.views.canvas.scene import LayerSettings, Scene
from forensic_gui.views.canvas.view import EvidenceView
from forensic_gui.views.core.facts import evidence_sections, examination_sections, unreadable_sections
from forensic_gui.views.core.items import CouldNot, Item
from forensic_gui.views.core.results import ResultStore, Setup
from forensic_gui.views.core.wording import sentence, shown_plainly
from forensic_gui.views.facts_panel import FactsPanel
from forensic_gui.views.layers.panel import LayerPanel
from forensic_gui.views.reading import EvidenceReader
from forensic_gui.views.share_meter import ShareMeter
from forensic_gui.views.status_fields import StatusFields


@dataclass(frozen=True, slots=True)
class Screen:
    """The widgets that show one image."""

    canvas: EvidenceView
    layers: LayerPanel
    facts: FactsPanel
    status: StatusFields


class CurrentImage(QObject):
    """What is on the canvas is always what is current: the picture of another item never stays."""

    changed = Signal()
    """Another item, its pixels, or its result."""
    read_completed = Signal()
    """The current item's pixels are on the canvas."""
    read_failed = Signal(int, object)
    """Item id and the exception."""
    state_found = Signal(int, object, object)
    """Item id, ItemState and SHA-256, where reading or looking up told them."""

    def __init__(
        self,
        screen: Screen,
        *,
        reader: EvidenceReader,
        analysis: AnalysisController,
        results: ResultStore,
        meter: ShareMeter,
        localizer: Callable[[], Localizer | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._screen = screen
        self._reader = reader
        self._analysis = analysis
        self._results = results
        self._meter = meter
        self._localizer = localizer
        self._item: Item | None = None
        self._decoded: DecodedEvidence | None = None
        self._upright: NDArray[np.uint8] | None = None
        self._examination: Examination | None = None
        self._views = Views.THOROUGH
        self._auto = True
        self._is_settling = False
        self._failure: ForensicError | None = None
        self._analyze_once_read = False
        reader.arrived.connect(self._on_read)
        reader.failed.connect(self._on_read_failed)
        reader.slow.connect(self._on_slow)
        screen.canvas.refused.connect(self._on_drawn_too_early)
        analysis.examined.connect(self._on_examined)
        meter.measured.connect(screen.layers.set_share)

    @property
    def item(self) -> Item | None:
        """The item on the canvas."""
        return self._item

    @property
    def decoded(self) -> DecodedEvidence | None:
        """Its pixels; None while they are read, or when they cannot be."""
        return self._decoded

    @property
    def failure(self) -> ForensicError | None:
        """Why it could not be read; None where it could, or was not read yet."""
        return self._failure

    @property
    def examination(self) -> Examination | None:
        """Its result in the setup chosen now, or None."""
        return self._examination

    @property
    def is_settling(self) -> bool:
        """Whether another item was chosen just now, and reading it has not yet taken long enough to be noticed."""
        return self._is_settling

    @property
    def setup(self) -> Setup | None:
        """What determines results now; None without a localizer."""
        localizer = self._localizer()
        return None if localizer is None else Setup.of(localizer.info, self._views)

    def set_options(self, *, views: Views, auto: bool) -> None:
        """Choose the views, and whether an image is analyzed as soon as it is shown."""
        self._views, self._auto = views, auto
        self.reconsider()

    def show(self, item: Item | None) -> None:
        """Read an item and put it on the canvas; None empties the canvas."""
        if item is not None and self._item is not None and item.id == self._item.id:
            return
        self._analysis.drop_current()
        self._item = item
        self._analyze_once_read = False
        if item is None:
            self._reader.forget()
            self._clear()
        else:
            # What the widgets still show of the item before, for the blink of an eye, is nothing to work with.
            self._decoded = self._upright = self._examination = None
            self._failure, self._is_settling = None, True
            self._screen.canvas.set_waiting(True)
            self._reader.read(item.id, item.path)
        self.changed.emit()

    def analyze_anew(self) -> None:
        """Read, hash and analyze the current item again, whatever is known of it."""
        if self._item is not None:
            self._analysis.drop_current()
            self._analyze_once_read = True
            self._reader.read(self._item.id, self._item.path, anew=True)

    def reconsider(self) -> None:
        """Weights or views have changed: show the result that belongs to them, or make it."""
        if self._item is None or self._decoded is None:
            return
        self._analysis.drop_current()
        if self._item.entry is None or self.setup is None:
            self._look_up_or_analyze()
        else:
            # What the case keeps in this setup comes along; the pixels are still in memory.
            self._reader.read(self._item.id, self._item.path)

    def set_layers(self, settings: LayerSettings) -> None:
        """Show layers as the user wants them."""
        self._screen.canvas.set_layers(settings)
        self._measure()

    def _on_read(self, item_id: int, decoded: DecodedEvidence) -> None:
        if self._item is None or item_id != self._item.id:
            return
        self._take(decoded)
        if self._analyze_once_read:
            self._analyze_once_read = False
            self._set_examination(None)
            self._analyze()
        else:
            self._look_up_or_analyze()
        self.read_completed.emit()

    def _on_read_failed(self, item_id: int, error: Exception) -> None:
        if self._item is None or item_id != self._item.id:
            return
        self._clear()
        if isinstance(error, ForensicError):
            self._failure = error
            told = sentence(error)
            self._screen.canvas.set_empty_text(f"{shown_plainly(self._item.name)}\n\n{told}")
            self._screen.facts.set_sections(unreadable_sections(self._item.source, error))
            self.state_found.emit(item_id, CouldNot(told), None)
        self.read_failed.emit(item_id, error)
        self.changed.emit()

    def _on_slow(self, item_id: int) -> None:
        """The picture of the item before has been shown long enough."""
        if self._item is not None and item_id == self._item.id:
            self._clear()
            self._screen.canvas.set_waiting(True)
            self._screen.canvas.set_empty_text("")
            self._screen.canvas.set_busy(f"Reading {shown_plainly(self._item.name)}…")
            self.changed.emit()

    def _on_drawn_too_early(self) -> None:
        """The picture of the item before was taken for that of this one: it goes at once."""
        if self._is_settling and self._item is not None:
            self._on_slow(self._item.id)

    def _on_examined(self, item_id: int, examination: Examination) -> None:
        decoded = self._decoded
        if self._item is None or decoded is None or item_id != self._item.id:
            return
        # A batch may have read another version of the file, or run with other weights.
        if examination.evidence_sha256 != decoded.evidence.sha256:
            return
        if self.setup == Setup.of(examination.localizer, examination.views):
            self._set_examination(examination)

    def _look_up_or_analyze(self) -> None:
        assert self._item is not None and self._decoded is not None
        setup = self.setup
        sha256 = self._decoded.evidence.sha256
        known = None if setup is None else self._results.examination(sha256, setup)
        self._set_examination(known)
        if known is not None:
            self.state_found.emit(self._item.id, self._results.summary(sha256, setup), sha256)
        elif setup is not None and self._auto:
            self._analyze()

    def _analyze(self) -> None:
        localizer = self._localizer()
        if self._item is not None and self._decoded is not None and localizer is not None:
            self._analysis.analyze(self._item.id, self._decoded, localizer=localizer, views=self._views)

    def _take(self, decoded: DecodedEvidence | None) -> None:
        self._is_settling, self._failure = False, None
        self._screen.canvas.set_waiting(False)
        # One array for as long as it is shown: the canvas prepares an image once, and knows it by identity. Turning
        # makes another view of the same pixels each time, which the canvas would take for another image.
        if decoded is None or decoded is not self._decoded:
            self._upright = None if decoded is None else decoded.facts.orientation.apply(decoded.pixels)
        self._decoded = decoded
        self._screen.canvas.set_busy(None)

    def _clear(self) -> None:
        self._take(None)
        self._set_examination(None)

    def _set_examination(self, examination: Examination | None) -> None:
        """The one place that tells canvas, layers and facts what there is."""
        self._examination = examination
        found = None if examination is None else examination.localization
        self._screen.canvas.set_scene(self.scene_of(examination))
        self._screen.status.set_analysis_time(None if examination is None else examination.seconds)
        self._screen.layers.set_available(
            heatmap=found is not None,
            gate_map=found is not None and found.gate_map is not None,
            memory_response=found is not None and found.memory_response is not None,
        )
        self._screen.layers.set_calibration(None if examination is None else examination.calibration)
        sections = [] if self._decoded is None else evidence_sections(self._decoded)
        self._screen.facts.set_sections(sections + ([] if examination is None else examination_sections(examination)))
        self._measure()
        self.changed.emit()

    def scene_of(self, examination: Examination | None) -> Scene | None:
        """The image with the maps of a result, which other weights may have made; None where no image is shown."""
        if self._decoded is None or self._upright is None:
            return None
        orientation = self._decoded.facts.orientation
        bare = Scene(
            title=shown_plainly(self._decoded.evidence.path.name if self._item is None else self._item.name),
            image=self._upright,
            orientation=orientation,
        )
        if examination is None:
            return bare
        found = examination.localization
        return replace(
            bare,
            heatmap=found.heatmap,
            gate_map=found.gate_map,
            memory_response=found.memory_response,
            threshold_default=examination.threshold,
            calibration=examination.calibration,
            is_odd=bool(examination.remarks),
        )

    def _measure(self) -> None:
        heatmap = None if self._examination is None else self._examination.localization.heatmap
        self._meter.measure(heatmap, self._screen.layers.settings.threshold)
