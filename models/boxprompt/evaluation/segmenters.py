"""Measure a segmenter: masks that it makes of loose boxes, against known masks, beside the boxes themselves."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from boxprompt.contracts import BoolMask
from boxprompt.data.datasets import IMAGE_SUFFIXES, DatasetError, UnreadableImageError, read_rgb
from boxprompt.errors import StoppedError
from boxprompt.evaluation.evaluate import Progress, never_stop, no_progress
from boxprompt.evaluation.intervals import estimate
from boxprompt.evaluation.measuring import ReadRgb
from boxprompt.evaluation.records import Estimate, FailedItem
from boxprompt.teacher.contracts import Box, Parameter, Teacher, TeacherPrompts
from boxprompt.teacher.prompts import LOOSENESS, loose_box
from boxprompt.teacher.pseudo_masks import MaskScores, score_mask
from boxprompt.teacher.region import find_region

SEED = 20251120
IMAGES, MASKS = "images", "masks"
SEGMENTER_PROTOCOL = (
    "One box an image, around all labelled pixels; each of its sides moved outwards by a share of the box's side drawn "
    "uniformly from [0, looseness], cut to the image. IoU and boundary F (DAVIS, tolerance 0.8 % of the diagonal) at "
    "the image's own size, by image, then the mean. Intervals: 95 %, bootstrap over images."
)


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """A photograph with a label map.

    Attributes:
        name: the file's stem.
        image: path of the image.
        labels: path of the label map, of the same size: 0 is ground, everything else an object.
    """

    name: str
    image: Path
    labels: Path


@dataclass(frozen=True, slots=True)
class SegmenterRow:
    """Measurements of one image.

    Attributes:
        image: the file's stem.
        box: the prompt, in image pixels.
        iou: of the segmenter's mask.
        boundary_f: of the segmenter's mask.
        box_iou: of the box taken as a mask.
        quality: the segmenter's own estimate of the IoU; None where it makes none.
        encode_seconds: wall time.
        decode_seconds: wall time.
    """

    image: str
    box: Box
    iou: float
    boundary_f: float
    box_iou: float
    quality: float | None
    encode_seconds: float
    decode_seconds: float


@dataclass(frozen=True, slots=True)
class SegmenterScores:
    """A segmenter on a folder.

    Attributes:
        segmenter: its id.
        name: what people call it.
        weights_sha256: of its checkpoint; "" for one without weights.
        device: where it computed.
        runtime: what executed it.
        parameters: what else determined the masks.
        dataset: name of the folder.
        looseness: of the boxes.
        seed: of the boxes.
        iou: mean over images.
        boundary_f: mean over images.
        box_iou: mean over images of the boxes taken as masks: what the segmenter must beat.
        decode_seconds: median wall time; None without images.
        rows: by image.
        failed: images that could not be measured, and why.
        protocol: how it was measured.
    """

    segmenter: str
    name: str
    weights_sha256: str
    device: str
    runtime: str
    parameters: Mapping[str, Parameter]
    dataset: str
    looseness: float
    seed: int
    iou: Estimate
    boundary_f: Estimate
    box_iou: Estimate
    decode_seconds: float | None
    rows: tuple[SegmenterRow, ...]
    failed: tuple[FailedItem, ...]
    protocol: str = SEGMENTER_PROTOCOL

    def as_json(self) -> dict[str, Any]:
        """JSON values; absent figures are null."""
        return asdict(self)


def labelled_photos(folder: Path) -> tuple[LabelledPhoto, ...]:
    """List a folder with `images/` and `masks/`, paired by stem, in order of name.

    Raises:
        DatasetError: a folder is missing or empty, or an image has no label map.
    """
    images, masks = (_by_stem(folder / name) for name in (IMAGES, MASKS))
    lonely = sorted(images.keys() - masks.keys())
    if lonely:
        raise DatasetError(f"{folder / MASKS} has no label map for {lonely[0]} and {len(lonely) - 1} others.")
    return tuple(LabelledPhoto(stem, images[stem], masks[stem]) for stem in sorted(images))


def evaluate_segmenter(
    teacher: Teacher,
    folder: Path,
    *,
    limit: int | None = None,
    looseness: float = LOOSENESS,
    seed: int = SEED,
    read: ReadRgb = read_rgb,
    progress: Progress = no_progress,
    should_stop: Callable[[], bool] = never_stop,
) -> SegmenterScores:
    """Measure a segmenter on photographs with label maps.

    An image's box depends on the seed and on its name alone, so every segmenter is asked the same, whatever the limit.

    Args:
        teacher: the segmenter.
        folder: with `images/` and `masks/`.
        limit: at most so many images, spread evenly; None: all.
        looseness: largest share of a box's side that the box is off, on each side.
        seed: of the boxes.
        read: decodes an image; raises `UnreadableImageError` where it cannot.
        progress: told of every finished image.
        should_stop: asked before every image and by the segmenter.

    Raises:
        DatasetError: the folder is no such dataset.
        StoppedError: `should_stop` said so.
        ValueError: `limit` is less than 1.
    """
    photos = _spread(labelled_photos(folder), limit)
    rows: list[SegmenterRow] = []
    failed: list[FailedItem] = []
    for done, photo in enumerate(photos, start=1):
        if should_stop():
            raise StoppedError("The evaluation was stopped.")
        failure = ""
        try:
            rows.append(_measure(teacher, photo, looseness=looseness, seed=seed, read=read, should_stop=should_stop))
        except UnreadableImageError as error:
            failure = str(error)
            failed.append(FailedItem(image=photo.image.name, reason=failure))
        progress(done=done, total=len(photos), item=str(photo.image), failure=failure)
    return _summary(teacher, folder, rows, failed, looseness=looseness, seed=seed)


def _measure(
    teacher: Teacher,
    photo: LabelledPhoto,
    *,
    looseness: float,
    seed: int,
    read: ReadRgb,
    should_stop: Callable[[], bool],
) -> SegmenterRow:
    image, truth = read(photo.image), _read_labels(photo.labels)
    if truth.shape != image.shape[:2] or not truth.any():
        raise UnreadableImageError(f"The label map {photo.labels} is empty or has another size than its image.")
    generator = np.random.default_rng((seed, zlib.crc32(photo.name.encode())))
    box = loose_box(truth, generator=generator, looseness=looseness)
    started = time.perf_counter()
    encoding = teacher.encode(image, should_stop=should_stop)
    encoded = time.perf_counter()
    answer = teacher.decode(encoding, TeacherPrompts(box=box), should_stop=should_stop)
    decoded = time.perf_counter()
    scores = score_mask(answer.mask, truth)
    return SegmenterRow(
        image=photo.name,
        box=box,
        iou=scores.iou,
        boundary_f=scores.boundary_f,
        box_iou=_score_box(box, truth).iou,
        quality=answer.quality,
        encode_seconds=encoded - started,
        decode_seconds=decoded - encoded,
    )


def _score_box(box: Box, truth: BoolMask) -> MaskScores:
    filled = np.zeros_like(truth)
    filled[find_region(TeacherPrompts(box=box), (truth.shape[0], truth.shape[1])).slices] = True
    return score_mask(filled, truth)


def _summary(
    teacher: Teacher,
    folder: Path,
    rows: Sequence[SegmenterRow],
    failed: Sequence[FailedItem],
    *,
    looseness: float,
    seed: int,
) -> SegmenterScores:
    names = [row.image for row in rows]
    return SegmenterScores(
        segmenter=teacher.id,
        name=teacher.name,
        weights_sha256=teacher.weights_sha256,
        device=teacher.device,
        runtime=teacher.runtime,
        parameters=teacher.parameters(),
        dataset=folder.resolve().name,
        looseness=looseness,
        seed=seed,
        iou=estimate([row.iou for row in rows], names),
        boundary_f=estimate([row.boundary_f for row in rows], names),
        box_iou=estimate([row.box_iou for row in rows], names),
        decode_seconds=float(np.median([row.decode_seconds for row in rows])) if rows else None,
        rows=tuple(rows),
        failed=tuple(failed),
    )


def _spread(photos: tuple[LabelledPhoto, ...], limit: int | None) -> tuple[LabelledPhoto, ...]:
    if limit is None or limit >= len(photos):
        return photos
    if limit < 1:
        raise ValueError(f"a folder is limited to at least one image, not {limit}")
    return tuple(photos[(2 * position + 1) * len(photos) // (2 * limit)] for position in range(limit))


def _by_stem(folder: Path) -> dict[str, Path]:
    try:
        listed = sorted(folder.iterdir())
    except OSError as error:
        reason = error.strerror
        raise DatasetError(f"{folder} cannot be listed: {reason}. Put {IMAGES} and {MASKS} in one folder.") from error
    found = {path.stem: path for path in listed if path.suffix.lower() in IMAGE_SUFFIXES and path.name[0] != "."}
    if not found:
        raise DatasetError(f"There is no image in {folder}.")
    return found


def _read_labels(path: Path) -> BoolMask:
    try:
        with Image.open(path) as image:
            if image.mode not in {"1", "L", "P", "I;16", "I"}:
                raise UnreadableImageError(f"The label map {path} is of mode {image.mode}; save it with one channel.")
            return np.asarray(image) > 0
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadableImageError(f"{path} cannot be read as a label map: {error}.") from error
