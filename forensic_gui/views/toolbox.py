"""What the window asks of services, gathered once so that nothing of it is imported before the first frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.domain.finding import Failure, Finding, OutputFile, Product
from forensic_gui.domain.heatmap import Heatmap, Localization
from forensic_gui.services.examination import Examination
from forensic_gui.services.listing import ListedFile, SkippedFile
from forensic_gui.services.ports import Decoder, LoadLocalizer, LoadSegmenter, Localizer, Views
from forensic_gui.services.progress import CancelToken, ProgressSink
from forensic_gui.views.casework.door import CaseDoor, open_case_door
from forensic_gui.views.finetuning.door import WeightsDoor, open_weights_door
from forensic_gui.views.labelling.door import LabelDoor, open_label_door
from forensic_gui.views.reportroom.door import ReportDoor, open_report_door

if TYPE_CHECKING:
    from forensic_gui.services.artifacts import OverlayStyle
    from forensic_gui.services.segmenting.offers import KnownSegmenter


class Examine(Protocol):
    """Localizes and summarizes one decoded evidence; see `services.examine`."""

    def __call__(
        self, decoded: DecodedEvidence, *, localizer: Localizer, views: Views, cancel: CancelToken
    ) -> Examination:
        """Examine `decoded`."""
        ...


class MeasureShare(Protocol):
    """Share of evidence pixels over a threshold; see `services.examine`."""

    def __call__(self, heatmap: Heatmap, *, threshold: float, cancel: CancelToken) -> float:
        """Measure the share, in [0, 1]."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class SaveRequest:
    """One picture to be saved of a result.

    Attributes:
        path: where to.
        product: which picture.
        decoded: the evidence with its pixels.
        examination: its result.
        threshold: model score above which (strictly) a pixel is in the mask.
        colormap: name of the overlay's colour scale.
        opacity: share of the heatmap's colour in the overlay, in [0, 1].
    """

    path: Path
    product: Product
    decoded: DecodedEvidence
    examination: Examination
    threshold: float
    colormap: str
    opacity: float


class Save(Protocol):
    """Writes one picture; see `services.artifacts`."""

    def __call__(self, request: SaveRequest, *, cancel: CancelToken) -> OutputFile:
        """Write what is asked for."""
        ...


def keep_nowhere(finding: Finding, localization: Localization) -> None:
    """What is saved is kept in no case."""


@dataclass(frozen=True, slots=True, eq=False)
class ExportRequest:
    """Results of many files, to be saved to a folder.

    Attributes:
        paths: evidence files, in order.
        folder: where results go.
        localizer: what looks.
        views: fast or thorough.
        threshold: model score above which (strictly) a pixel is in the mask.
        colormap: name of the overlay's colour scale.
        opacity: share of the heatmap's colour in the overlay, in [0, 1].
        keep: keeps every finding in the case too, if one is open; called on the thread that saves.
    """

    paths: tuple[Path, ...]
    folder: Path
    localizer: Localizer
    views: Views
    threshold: float
    colormap: str
    opacity: float
    keep: Callable[[Finding, Localization], None] = keep_nowhere


@dataclass(frozen=True, slots=True)
class ExportEnd:
    """How an export ended.

    Attributes:
        saved: images whose results are in the folder.
        failures: files that could not be analyzed or whose results could not be written.
        stopped: why it ended early by itself, a sentence; None when it went through or the user stopped it.
        findings: the file with all findings.
    """

    saved: int
    failures: tuple[Failure, ...]
    stopped: str | None
    findings: Path


class Export(Protocol):
    """Analyzes many files and saves everything about each; see `services.analyze`."""

    def __call__(
        self, request: ExportRequest, *, decoder: Decoder, progress: ProgressSink, cancel: CancelToken
    ) -> ExportEnd:
        """Save results of every file."""
        ...


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The use cases and ports behind the window; tests put fakes here."""

    open_decoder: Callable[[], Decoder]
    load_localizer: LoadLocalizer
    load_segmenter: LoadSegmenter
    known_segmenters: Callable[[], tuple[KnownSegmenter, ...]]
    find_evidence: Callable[[Iterable[Path]], Iterator[ListedFile | SkippedFile]]
    examine: Examine
    measure_share: MeasureShare
    save: Save
    export: Export
    log_folder: Callable[[], Path]
    cases: CaseDoor
    labels: LabelDoor
    weights: WeightsDoor
    reports: ReportDoor


def open_toolbox() -> Toolbox:
    """The real ones. Takes a quarter of a second, because it imports what the first frame must not wait for."""
    from forensic_gui.services import bootstrap, examine, listing

    return Toolbox(
        open_decoder=bootstrap.open_decoder,
        load_localizer=bootstrap.load_localizer,
        load_segmenter=bootstrap.load_segmenter,
        known_segmenters=bootstrap.known_segmenters,
        find_evidence=listing.find_evidence,
        examine=examine.examine,
        measure_share=examine.share_over_threshold,
        save=_save,
        export=_export,
        log_folder=bootstrap.log_folder,
        cases=open_case_door(),
        labels=open_label_door(),
        weights=open_weights_door(),
        reports=open_report_door(),
    )


def _save(request: SaveRequest, *, cancel: CancelToken) -> OutputFile:
    from forensic_gui.services import artifacts

    decoded, examination = request.decoded, request.examination
    artwork = artifacts.Artwork(
        pixels=decoded.pixels,
        heatmap=examination.localization.heatmap,
        orientation=decoded.facts.orientation,
        threshold=request.threshold,
        evidence_sha256=decoded.evidence.sha256,
        weights_sha256=examination.localizer.weights_sha256,
        style=_style(request.colormap, request.opacity),
    )
    return artifacts.save(request.path, product=request.product, artwork=artwork, cancel=cancel)


def _export(request: ExportRequest, *, decoder: Decoder, progress: ProgressSink, cancel: CancelToken) -> ExportEnd:
    from forensic_gui.services import analyze

    own_threshold = request.threshold == request.localizer.info.threshold_of(request.views)
    summary = analyze.analyze(
        analyze.AnalyzeRequest(
            paths=request.paths,
            output=request.folder,
            views=request.views,
            # The finding records whose choice it was.
            threshold=None if own_threshold else request.threshold,
            style=_style(request.colormap, request.opacity),
        ),
        decoder=decoder,
        localizer=request.localizer,
        keep=request.keep,
        progress=progress,
        cancel=cancel,
    )
    cancel.raise_if_cancelled()
    return ExportEnd(summary.analyzed, summary.failures, summary.stopped, summary.findings)


def _style(colormap: str, opacity: float) -> OverlayStyle:
    from forensic_gui.services import artifacts, rendering

    return artifacts.OverlayStyle(colormap=rendering.Colormap(colormap), opacity=opacity)
