"""Make a dataset's masks anew from loose boxes, as an analyst with a segmenter would, and say how near they come."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.errors import EvidenceError, OutputError, RequestError, SegmenterError
from forensic_gui.domain.finding import Failure
from forensic_gui.domain.geometry import Box, Orientation, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import Prompts
from forensic_gui.services import engine
from forensic_gui.services.evaluate import UprightReader
from forensic_gui.services.labels.images import mask_png_bytes
from forensic_gui.services.ports import Decoder, Encoded, Segmentation, Segmenter, SegmenterInfo
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress
from forensic_gui.storage.atomic import StagedFile, commit_together, output_error, remove_leftovers

RECORDS = "pseudo-masks.jsonl"
SCHEMA = "forensic-gui.pseudo-masks/2"


@dataclass(frozen=True, slots=True)
class PseudoLabelRequest:
    """What to label.

    Attributes:
        dataset: folder with `Tp`, `Gt` and perhaps `Au`.
        output: folder for the same images with pseudo-masks; an unfinished one is gone on with.
        looseness: each side of a tight box moves outwards by up to this share of that box's side.
        seed: of the boxes.
        box_where_collapsed: where an answer spans too little of its box to be what the box was drawn around, the box is
            taken, as an analyst would who has no better; else such an image is left out. Either is recorded.

    Raises:
        RequestError: the looseness is negative, or the folders are the same.
    """

    dataset: Path
    output: Path
    looseness: float = 0.2
    seed: int = 0
    box_where_collapsed: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.looseness <= 5:
            raise RequestError(f"Looseness is a share of the box's side from 0 to 5, not {self.looseness:g}.")
        if self.dataset.resolve() == self.output.resolve():
            raise RequestError("The pseudo-masks go into another folder than the dataset's own.")

    @property
    def least_span(self) -> float:
        """Share of a box's width and height under which an answer has collapsed.

        What a box was drawn around spans at least 1 / (1 + 2 looseness) of it; seven tenths of that leave room for
        answers that miss an arm.
        """
        return 0.7 / (1 + 2 * self.looseness)


@dataclass(frozen=True, slots=True)
class PseudoLabelSummary:
    """What was made.

    Attributes:
        output: where it lies.
        labelled: images with a pseudo-mask, those of an earlier piece of the run included.
        answered: those of them where the segmenter answered every box; in the others some boxes were taken.
        untouched: untouched images copied.
        mean_iou: of pseudo-masks with the known masks; None without any.
        median_iou: likewise.
        mean_box_iou: of the filled boxes with the known masks.
        failures: images left out.
    """

    output: Path
    labelled: int
    answered: int
    untouched: int
    mean_iou: float | None
    median_iou: float | None
    mean_box_iou: float | None
    failures: tuple[Failure, ...]


class BoxFilling:
    """A segmenter that takes the box itself for the region: what any other must beat."""

    info = SegmenterInfo(
        id="box",
        name="The box itself (no segmenter)",
        weights_sha256="",
        device="cpu",
        runtime="none",
        parameters={},
    )

    def encode(
        self,
        pixels: NDArray[np.uint8],
        *,
        orientation: Orientation = Orientation.UPRIGHT,  # noqa: ARG002 - a box is a box whichever way it is turned
        cancel: CancelToken | None = None,  # noqa: ARG002 - nothing to stop
    ) -> Encoded:
        """Remember the size."""
        return _SizeOnly(Size.of(pixels))

    def decode(self, encoded: Encoded, prompts: Prompts, *, cancel: CancelToken | None = None) -> Segmentation:  # noqa: ARG002 - nothing to stop
        """Fill the box.

        Raises:
            SegmenterError: there is no box.
        """
        assert isinstance(encoded, _SizeOnly)
        if prompts.box is None:
            raise SegmenterError("Only a box can be filled.")
        return Segmentation(Mask.of(_filled((prompts.box,), encoded.size.shape)), None, 0.0)


@dataclass(frozen=True, slots=True)
class _SizeOnly:
    size: Size

    @property
    def nbytes(self) -> int:
        return 0


def pseudo_label(
    request: PseudoLabelRequest,
    *,
    decoder: Decoder,
    segmenter: Segmenter,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> PseudoLabelSummary:
    """Write the dataset with pseudo-masks; what an earlier, stopped call finished is kept.

    The known masks are looked at to draw boxes and to measure, never by the segmenter.

    Raises:
        RequestError: no dataset, or an output folder of another run.
        SegmenterError: the segmenter cannot be used at all.
        OutputError: the output folder refused a file.
        Cancelled: stopping was asked for; what was finished stays.
    """
    token = cancel or CancelToken()
    items = tuple(engine.known_images(request.dataset))
    out = _Output(request, segmenter.info)
    done = out.open()
    reader = UprightReader(decoder, token)
    failures: list[Failure] = []
    for number, item in enumerate(items, start=1):
        token.raise_if_cancelled()
        if item.image.name not in done or item.mask is None:
            try:
                _one(item, request, out=out, reader=reader, segmenter=segmenter, done=done, cancel=token)
            except (EvidenceError, RequestError, SegmenterError) as error:
                failures.append(Failure(path=item.image, kind=type(error).__name__, message=str(error)))
        failed = failures[-1].message if failures and failures[-1].path == item.image else ""
        progress(
            ProgressEvent(
                number, len(items), len(failures), str(item.image), "failed" if failed else "finished", failed
            )
        )
    return _summary(request, done, untouched=sum(item.mask is None for item in items), failures=failures)


def _one(
    item: engine.KnownImage,
    request: PseudoLabelRequest,
    *,
    out: _Output,
    reader: UprightReader,
    segmenter: Segmenter,
    done: dict[str, dict[str, Any]],
    cancel: CancelToken,
) -> None:
    if item.mask is None:
        out.copy(item.image, "Au")
        return
    pixels = reader.read(item.image)
    known = engine.read_known_mask(item.mask)
    boxes = engine.loose_boxes(known, looseness=request.looseness, seed=request.seed, name=item.image.stem)
    if not boxes:
        raise RequestError(f"The mask {item.mask} marks nothing.")
    encoded = segmenter.encode(pixels, cancel=cancel)
    answers = [segmenter.decode(encoded, Prompts(box=box), cancel=cancel) for box in boxes]
    collapsed = [_collapsed(answer.mask, box, request.least_span) for answer, box in zip(answers, boxes, strict=True)]
    if any(collapsed) and not request.box_where_collapsed:
        raise SegmenterError(f"The segmenter did not find what the boxes of {item.image} are around; it was left out.")
    made = np.logical_or.reduce(
        [
            _filled([box], known.shape) if lost else answer.mask.to_array()
            for answer, box, lost in zip(answers, boxes, collapsed, strict=True)
        ]
    )
    record = {
        "image": item.image.name,
        "boxes": [[box.x0, box.y0, box.x1, box.y1] for box in boxes],
        "quality": min((answer.quality for answer in answers if answer.quality is not None), default=None),
        "boxes_taken": sum(collapsed),
        "iou": _iou(made, known),
        "box_iou": _iou(_filled(boxes, known.shape), known),
    }
    out.add(item.image, made, record)
    done[item.image.name] = record


class _Output:
    """The folder of pseudo-masks: a record is written after its files, so that a killed run is gone on with."""

    def __init__(self, request: PseudoLabelRequest, info: SegmenterInfo) -> None:
        self._folder = request.output
        self._header = {
            "schema": SCHEMA,
            "dataset": request.dataset.resolve().name,
            "looseness": request.looseness,
            "seed": request.seed,
            "box_where_collapsed": request.box_where_collapsed,
            "segmenter": {**asdict(info), "parameters": dict(info.parameters), "notices": list(info.notices)},
        }

    def open(self) -> dict[str, dict[str, Any]]:
        """Make the folder, or read how far it is: records by image name."""
        records = self._folder / RECORDS
        try:
            for name in ("Tp", "Gt", "Au"):
                (self._folder / name).mkdir(parents=True, exist_ok=True)
                remove_leftovers(self._folder / name)
            if not records.exists():
                if any(any((self._folder / name).iterdir()) for name in ("Tp", "Gt", "Au")):
                    raise RequestError(f"{self._folder} holds other files already; choose an empty folder.")
                records.write_text(_line(self._header), encoding="utf-8")
            lines = records.read_text(encoding="utf-8").splitlines(keepends=True)
        except OSError as error:
            raise output_error(records, error) from error
        whole = [line for line in lines if line.endswith("\n")]
        try:
            header, *rest = (json.loads(line) for line in whole)
        except ValueError as error:
            raise RequestError(f"{records} is damaged; choose another folder.") from error
        if header != self._header:
            raise RequestError(f"{self._folder} holds pseudo-masks that were made otherwise; choose another folder.")
        if len(whole) < len(lines):  # a kill in the middle of a line
            records.write_text("".join(whole), encoding="utf-8")
        return {record["image"]: record for record in rest}

    def copy(self, image: Path, kind: str) -> None:
        """Copy an untouched image."""
        self._write({self._folder / kind / image.name: self._bytes(image)})

    def add(self, image: Path, mask: NDArray[np.bool_], record: dict[str, Any]) -> None:
        """Write an image with its pseudo-mask, then its record."""
        self._write({self._folder / "Gt" / f"{image.stem}.png": mask_png_bytes(mask)})
        self._write({self._folder / "Tp" / image.name: self._bytes(image)})
        try:
            with (self._folder / RECORDS).open("a", encoding="utf-8") as stream:
                stream.write(_line(record))
        except OSError as error:
            raise output_error(self._folder / RECORDS, error) from error

    def _bytes(self, image: Path) -> bytes:
        try:
            return image.read_bytes()
        except OSError as error:
            raise RequestError(f"{image} cannot be read: {error.strerror}.") from error

    def _write(self, files: dict[Path, bytes]) -> None:
        staged: list[StagedFile] = []
        try:
            for path, data in files.items():
                with StagedFile(path) as file:
                    staged.append(file)
                    file.write(data)
        except OutputError:
            for file in staged:
                file.discard()
            raise
        commit_together(staged)


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=True, allow_nan=False) + "\n"


def _filled(boxes: Sequence[Box], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    filled = np.zeros(shape, dtype=np.bool_)
    for box in boxes:
        filled[max(0, round(box.y0)) : round(box.y1), max(0, round(box.x0)) : round(box.x1)] = True
    return filled


def _collapsed(answer: Mask, box: Box, least_span: float) -> bool:
    """Whether an answer spans so little of its box that it cannot be what the box was drawn around."""
    bounds = answer.bounds
    if bounds is None:
        return True
    return bounds.width < least_span * (box.x1 - box.x0) or bounds.height < least_span * (box.y1 - box.y0)


def _iou(made: NDArray[np.bool_], known: NDArray[np.bool_]) -> float:
    return round(float(np.count_nonzero(made & known) / np.count_nonzero(made | known)), 6)


def _summary(
    request: PseudoLabelRequest, done: dict[str, dict[str, Any]], *, untouched: int, failures: list[Failure]
) -> PseudoLabelSummary:
    ious = [record["iou"] for record in done.values()]
    return PseudoLabelSummary(
        output=request.output,
        labelled=len(done),
        answered=sum(not record["boxes_taken"] for record in done.values()),
        untouched=untouched,
        mean_iou=statistics.fmean(ious) if ious else None,
        median_iou=statistics.median(ious) if ious else None,
        mean_box_iou=statistics.fmean(record["box_iou"] for record in done.values()) if ious else None,
        failures=tuple(failures),
    )
