"""Make masks of boxes, as an analyst with a segmenter would, and say how near they come to known ones."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.errors import EvidenceError, RequestError, SegmenterError
from forensic_gui.domain.finding import Failure
from forensic_gui.domain.geometry import Box, Orientation, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import Prompts
from forensic_gui.services import engine
from forensic_gui.services.evaluate import UprightReader
from forensic_gui.services.ports import Decoder, Encoded, Segmentation, Segmenter, SegmenterInfo
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress
from forensic_gui.services.pseudo_mask_folder import PseudoMaskFolder

SCHEMA = "forensic-gui.pseudo-masks/3"

BoxOrigin: TypeAlias = Literal["given", "derived"]
"""Whose boxes: those that the dataset gives, or loose ones drawn around its masks."""


@dataclass(frozen=True, slots=True)
class PseudoLabelRequest:
    """What to label.

    Attributes:
        dataset: in any layout that has boxes or complete masks.
        output: folder for the same images with pseudo-masks; an unfinished one is gone on with.
        looseness: each side of a tight box moves outwards by up to this share of that box's side; of given boxes, how
            loose they are taken to be.
        seed: of the boxes that are drawn.
        boxes: whose boxes; None: the given ones of images that have some, and for the others drawn ones.
        box_where_collapsed: where an answer spans too little of its box to be what the box was drawn around, the box is
            taken, as an analyst would who has no better; else such an image is left out. Either is recorded.

    Raises:
        RequestError: the looseness is negative, or the folders are the same.
    """

    dataset: Path
    output: Path
    looseness: float = 0.2
    seed: int = 0
    boxes: BoxOrigin | None = None
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
class Quality:
    """How near pseudo-masks come to known masks, as means over images.

    Attributes:
        images: how many were measured.
        mean_iou: of pseudo-masks.
        iou_interval: of that mean, 95 %, by resampling groups of images that share a photograph.
        median_iou: likewise.
        mean_boundary_f: of their outlines.
        mean_box_iou: of the filled boxes: what a segmenter must beat.
    """

    images: int
    mean_iou: float
    iou_interval: tuple[float, float]
    median_iou: float
    mean_boundary_f: float
    mean_box_iou: float


@dataclass(frozen=True, slots=True)
class PseudoLabelSummary:
    """What was made.

    Attributes:
        output: where it lies.
        labelled: images with a pseudo-mask, those of an earlier piece of the run included.
        answered: those of them where the segmenter answered every box; in the others some boxes were taken.
        untouched: untouched images copied.
        quality: against known masks; None where there are none.
        by_size: the same by the share of the image that the known mask covers, the smallest first.
        by_kind: the same by what was done, in order of name.
        failures: images left out.
    """

    output: Path
    labelled: int
    answered: int
    untouched: int
    quality: Quality | None
    by_size: Mapping[str, Quality]
    by_kind: Mapping[str, Quality]
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
        return Segmentation(Mask.of(engine.fill_boxes([prompts.box], encoded.size)), None, 0.0)


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
        RequestError: no dataset with boxes or masks, two images of one name, or an output folder of another run.
        SegmenterError: the segmenter cannot be used at all.
        OutputError: the output folder refused a file.
        Cancelled: stopping was asked for; what was finished stays.
    """
    token = cancel or CancelToken()
    images = engine.known_images(request.dataset)
    _require_names_apart(images)
    folder = PseudoMaskFolder(request.output, _header(request, segmenter.info))
    done = folder.open()
    labeller = _Labeller(
        request, folder=folder, reader=UprightReader(decoder, token), segmenter=segmenter, cancel=token
    )
    failures: list[Failure] = []
    for number, known in enumerate(images, start=1):
        token.raise_if_cancelled()
        failure = ""
        try:
            if known.is_untouched:
                folder.copy(known.image)
            elif known.image.name not in done:
                done[known.image.name] = labeller.label(known)
        except (EvidenceError, RequestError, SegmenterError) as error:
            failure = str(error)
            failures.append(Failure(path=known.image, kind=type(error).__name__, message=failure))
        kind: Literal["failed", "finished"] = "failed" if failure else "finished"
        progress(ProgressEvent(number, len(images), len(failures), str(known.image), kind, failure))
    folder.finish(images)
    return _summary(request.output, images, done, failures)


@dataclass(frozen=True, slots=True)
class _Labeller:
    """Makes pseudo-masks of one run."""

    request: PseudoLabelRequest
    folder: PseudoMaskFolder
    reader: UprightReader
    segmenter: Segmenter
    cancel: CancelToken

    def label(self, known: engine.KnownImage) -> dict[str, Any]:
        """Make and write the pseudo-mask of an image; returns its record.

        Raises:
            EvidenceError: it cannot be decoded.
            RequestError: there is no box, or the known mask does not fit.
            SegmenterError: what the boxes are around was not found.
        """
        pixels = self.reader.read(known.image)
        size = Size.of(pixels)
        truth = engine.read_known_mask(known, size=size)
        boxes, origin = _boxes_of(known, truth, self.request)
        answers = self._answers(pixels, boxes)
        collapsed = [
            _collapsed(answer.mask, box, self.request.least_span) for answer, box in zip(answers, boxes, strict=True)
        ]
        if any(collapsed) and not self.request.box_where_collapsed:
            raise SegmenterError(
                f"The segmenter did not find what the boxes of {known.image} are around; it was left out."
            )
        made = np.logical_or.reduce(
            [
                engine.fill_boxes([box], size) if lost else answer.mask.to_array()
                for answer, box, lost in zip(answers, boxes, collapsed, strict=True)
            ]
        )
        record = {
            "image": known.image.name,
            "boxes": [[box.x0, box.y0, box.x1, box.y1] for box in boxes],
            "boxes_are": origin,
            "quality": min((answer.quality for answer in answers if answer.quality is not None), default=None),
            "boxes_taken": sum(collapsed),
            **({} if truth is None else _measured(made, engine.fill_boxes(boxes, size), truth)),
        }
        self.folder.add(known.image, made, record)
        return record

    def _answers(self, pixels: NDArray[np.uint8], boxes: tuple[Box, ...]) -> list[Segmentation]:
        encoded = self.segmenter.encode(pixels, cancel=self.cancel)
        return [self.segmenter.decode(encoded, Prompts(box=box), cancel=self.cancel) for box in boxes]


def _boxes_of(
    known: engine.KnownImage, truth: NDArray[np.bool_] | None, request: PseudoLabelRequest
) -> tuple[tuple[Box, ...], BoxOrigin]:
    if known.boxes and request.boxes != "derived":
        return known.boxes, "given"
    if request.boxes == "given":
        raise RequestError(f"No box is given for {known.image}.")
    if truth is None:
        raise RequestError(f"The mask of {known.image} is not known: no box can be drawn around it.")
    drawn = engine.loose_boxes(truth, looseness=request.looseness, seed=request.seed, name=known.image.stem)
    return drawn, "derived"


def _header(request: PseudoLabelRequest, info: SegmenterInfo) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "dataset": request.dataset.resolve().name,
        "boxes": request.boxes or "given, else derived",
        "looseness": request.looseness,
        "seed": request.seed,
        "box_where_collapsed": request.box_where_collapsed,
        "segmenter": {**asdict(info), "parameters": dict(info.parameters), "notices": list(info.notices)},
    }


def _require_names_apart(images: Iterable[engine.KnownImage]) -> None:
    """Refuse images that would overwrite each other, also where the file system ignores case."""
    names = Counter((known.is_untouched, known.image.stem.casefold()) for known in images)
    twice = sorted(stem for (_, stem), count in names.items() if count > 1)
    if twice:
        raise RequestError(f"Two images of the dataset are called {twice[0]}: rename one, or label its parts apart.")


def _measured(made: NDArray[np.bool_], filled: NDArray[np.bool_], truth: NDArray[np.bool_]) -> dict[str, float]:
    ours = engine.agreement(made, truth)
    return {
        "share": round(float(truth.mean()), 6),
        "iou": round(ours.iou, 6),
        "boundary_f": round(ours.boundary_f, 6),
        "box_iou": round(engine.agreement(filled, truth).iou, 6),
    }


def _collapsed(answer: Mask, box: Box, least_span: float) -> bool:
    """Whether an answer spans so little of its box that it cannot be what the box was drawn around."""
    bounds = answer.bounds
    if bounds is None:
        return True
    return bounds.width < least_span * (box.x1 - box.x0) or bounds.height < least_span * (box.y1 - box.y0)


def _summary(
    output: Path, images: Sequence[engine.KnownImage], done: Mapping[str, dict[str, Any]], failures: list[Failure]
) -> PseudoLabelSummary:
    group_of = engine.source_groups(images)
    kind_of = {known.image.name: known.kind for known in images if not known.is_untouched}
    measured = [record for record in done.values() if "iou" in record]

    def parts(names: Iterable[str], name_of: Callable[[dict[str, Any]], str]) -> dict[str, Quality]:
        divided = {name: [record for record in measured if name_of(record) == name] for name in names}
        return {name: _quality(records, group_of) for name, records in divided.items() if records}

    return PseudoLabelSummary(
        output=output,
        labelled=len(done),
        answered=sum(not record["boxes_taken"] for record in done.values()),
        untouched=sum(known.is_untouched for known in images),
        quality=_quality(measured, group_of) if measured else None,
        by_size=parts(engine.edit_sizes(), lambda record: engine.edit_size_name(record["share"])),
        by_kind=parts(sorted(set(kind_of.values())), lambda record: kind_of[record["image"]]),
        failures=tuple(failures),
    )


def _quality(records: Sequence[Mapping[str, Any]], group_of: Mapping[str, str]) -> Quality:
    def mean(figure: str) -> float:
        return statistics.fmean(record[figure] for record in records)

    ious = [record["iou"] for record in records]
    return Quality(
        images=len(records),
        mean_iou=mean("iou"),
        iou_interval=engine.interval_of_mean(ious, [group_of[record["image"]] for record in records]),
        median_iou=statistics.median(ious),
        mean_boundary_f=mean("boundary_f"),
        mean_box_iou=mean("box_iou"),
    )
