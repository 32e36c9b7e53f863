"""Score a localizer on images with known masks, seen through the same decoder and rendering as evidence."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forensic_gui import __version__
from forensic_gui.domain.errors import RequestError, UnsupportedFormat
from forensic_gui.domain.geometry import Orientation
from forensic_gui.services import rendering
from forensic_gui.services.ports import Decoder, Localizer, Views
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress
from forensic_gui.services.scoring import FailedImage, FolderScores, ScoredLocalizer, ScoreFolder, ScoringPlan
from forensic_gui.storage.atomic import StagedFile, commit_together, output_error

SCORES_SCHEMA = "forensic-gui.scores/1"

# A spreadsheet takes a cell that begins so for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")


@dataclass(frozen=True, slots=True)
class EvaluateRequest:
    """What to measure, how, and where the figures go.

    Attributes:
        dataset: folder with `Tp/` (manipulated images), `Gt/` (masks) and, where it has one, `Au/` (untouched images);
            a JSON list `[[image, mask | "Negative"], ...]`; or a COCO file with regions.
        scores: file for the scores, JSON.
        rows: file for the measurements of every image, CSV; None for none.
        threshold: model score in [0, 1]; None for the weights' own.
        views: views the localizer looks at.
        plan: what else to measure, and on how many images.
        calibration: tell calibration curves in the tables; they are in the scores either way.
        fitted: file for a calibration fitted to these images, JSON; None for none.

    Raises:
        RequestError: these contradict each other.
    """

    dataset: Path
    scores: Path
    rows: Path | None = None
    threshold: float | None = None
    views: Views = Views.THOROUGH
    plan: ScoringPlan = field(default_factory=ScoringPlan)
    calibration: bool = False
    fitted: Path | None = None

    def __post_init__(self) -> None:
        if self.threshold is not None and not 0.0 <= self.threshold <= 1.0:
            raise RequestError(f"A threshold is a model score from 0 to 1, not {self.threshold:g}.")
        if self.plan.limit is not None and self.plan.limit < 1:
            raise RequestError(f"An evaluation needs at least one image, not {self.plan.limit}.")
        if self.plan.predictions and self.plan.robustness:
            raise RequestError(
                "Heatmaps of other tools are of the images as they are; they have no scores under degradations. "
                "Ask for one of the two."
            )
        outputs = self.outputs
        if len(set(outputs)) < len(outputs):
            raise RequestError(
                f"Scores, rows and a calibration cannot be written to one file, {self.scores}; name a file for each."
            )

    @property
    def outputs(self) -> tuple[Path, ...]:
        """Every file that is written."""
        return tuple(path for path in (self.scores, self.rows, self.fitted) if path is not None)


@dataclass(frozen=True, slots=True)
class EvaluateSummary:
    """What was measured.

    Attributes:
        record: the content of the scores file.
        table: the scores as Markdown tables.
        failures: images that could not be measured, each with a sentence.
        scores: the scores file.
        rows: the file of rows, if one was asked for.
        fitted: the file of the calibration, if one was asked for.
    """

    record: Mapping[str, Any]
    table: str
    failures: tuple[FailedImage, ...]
    scores: Path
    rows: Path | None
    fitted: Path | None


def evaluate(
    request: EvaluateRequest,
    *,
    decoder: Decoder,
    localizer: Localizer,
    score_folder: ScoreFolder,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> EvaluateSummary:
    """Measure a localizer on a dataset and write the figures. Nothing is written unless all is done.

    Args:
        request: what to measure.
        decoder: makes pixels of files, as for evidence.
        localizer: makes model scores of pixels.
        score_folder: computes the figures.
        progress: told of every image.
        cancel: looked at before every image and within it.

    Raises:
        RequestError: the folder is no dataset.
        OutputError: the figures cannot be written.
        Cancelled: stopping was asked for.
    """
    token = cancel or CancelToken()
    _make_folders(request.outputs)  # before the hour's work, not after it
    threshold = localizer.info.threshold_of(request.views) if request.threshold is None else request.threshold
    reader = UprightReader(decoder, token)
    result = score_folder(
        request.dataset,
        localizer=ScoredLocalizer(
            name=localizer.info.weights_id,
            localize=lambda pixels: scores_of(pixels, localizer=localizer, views=request.views, cancel=token),
            threshold=threshold,
            weights_sha256=localizer.info.weights_sha256,
            network_sha256=localizer.info.network_sha256,
            view=request.views,
        ),
        plan=replace(request.plan, calibrate=request.fitted is not None),
        read=reader.read,
        on_image=_Reporter(progress).on_image,
        cancel=token,
    )
    record = _record(request, localizer, reader.decoders, result)
    contents = [_json(record)]
    if request.rows is not None:
        contents.append(_csv(result.rows()))
    if request.fitted is not None:
        contents.append(_json(result.calibration_as_json()))
    _write_all(request.outputs, contents)
    return EvaluateSummary(
        record=record,
        table=result.markdown(calibration=request.calibration),
        failures=tuple(result.failed),
        scores=request.scores,
        rows=request.rows,
        fitted=request.fitted,
    )


class UprightReader:
    """Decodes as the application does and remembers which decoders did it."""

    def __init__(self, decoder: Decoder, cancel: CancelToken) -> None:
        self._decoder = decoder
        self._cancel = cancel
        self.decoders: set[str] = set()

    def read(self, path: Path) -> NDArray[np.uint8]:
        """Pixels of an image: uint8 (H, W, 3) RGB.

        Raises:
            EvidenceError: it cannot be decoded, or its EXIF orientation leaves open which way its mask is turned.
        """
        decoded = self._decoder.decode(path, cancel=self._cancel)
        facts = decoded.facts
        if facts.orientation is not Orientation.UPRIGHT:
            raise UnsupportedFormat(
                f"{path} carries EXIF orientation {facts.orientation.value}, which leaves open how its mask is turned: "
                "store it upright."
            )
        self.decoders.add(f"{facts.decoder} {facts.decoder_version}")
        return decoded.pixels


class _Reporter:
    """Turns what is told of images into events."""

    def __init__(self, progress: ProgressSink) -> None:
        self._progress = progress
        self._failed = 0

    def on_image(self, *, done: int, total: int, item: str, failure: str) -> None:
        """Pass on that an image is finished."""
        self._failed += bool(failure)
        self._progress(
            ProgressEvent(
                done=done,
                total=total,
                failed=self._failed,
                item=item,
                kind="failed" if failure else "finished",
                message=failure,
            )
        )


def scores_of(
    pixels: NDArray[np.uint8], *, localizer: Localizer, views: Views, cancel: CancelToken
) -> NDArray[np.float32]:
    """Model scores of every pixel: float32 (H, W) in [0, 1] of uint8 (H, W, 3) RGB."""
    heatmap = localizer.localize(pixels, views=views, cancel=cancel).heatmap
    # Interpolation may round past the ends of the scale by one unit in the last place.
    scores: NDArray[np.float32] = rendering.evidence_scores(heatmap).clip(0.0, 1.0)
    return scores


def _record(request: EvaluateRequest, localizer: Localizer, decoders: set[str], result: FolderScores) -> dict[str, Any]:
    info = asdict(localizer.info)
    info["parameters"] = dict(sorted(localizer.info.parameters.items()))
    return {
        "schema": SCORES_SCHEMA,
        "tool_version": __version__,
        "localizer": {**info, "views": request.views.value},
        "decoders": sorted(decoders),
        "limit": request.plan.limit,
        "scores": result.scores_as_json(),
    }


def _json(record: Mapping[str, Any] | None) -> str:
    return json.dumps(record, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def _csv(rows: Iterable[Mapping[str, str | float | None]]) -> str:
    text = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(text, fieldnames=list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow({column: _cell(value) for column, value in row.items()})
    return text.getvalue()


def _cell(value: str | float | None) -> str | float:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def _make_folders(files: Iterable[Path]) -> None:
    for file in files:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(file, error) from error


def _write_all(files: Sequence[Path], contents: Sequence[str]) -> None:
    staged: list[StagedFile] = []
    try:
        for path, content in zip(files, contents, strict=True):
            with StagedFile(path) as file:
                staged.append(file)
                file.write(content.encode("utf-8", "backslashreplace"))
    except BaseException:
        for file in staged:
            file.discard()
        raise
    commit_together(staged)
