"""Segment one evidence file by prompts: its mask as a file, and a record from which another examiner gets it again."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from forensic_gui import __version__
from forensic_gui.domain.errors import RequestError
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.domain.finding import OutputFile, Product
from forensic_gui.domain.geometry import Box, Point, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import PointPrompt, Prompts
from forensic_gui.services.imagefiles import GreyPng
from forensic_gui.services.outputs import require_free, require_outside_cases
from forensic_gui.services.ports import Decoder, Segmenter, SegmenterInfo
from forensic_gui.services.progress import CancelToken
from forensic_gui.services.recording import describe_environment
from forensic_gui.storage.atomic import StagedFile, commit_together

SEGMENTATION_SCHEMA = "forensic-gui.segmentation/1"
_ROWS_A_STRIP = 256


@dataclass(frozen=True, slots=True)
class SegmentRequest:
    """What to segment.

    Attributes:
        image: evidence file.
        output: PNG file to write.
        boxes: coarse boxes in evidence pixels, one a region.
        points: of the region without a box or of the one with the only box; where there are several boxes, each point
            is told about every box that it lies in.
        page: page or frame of a multi-page file, from 0.
        replace: whether a file that lies at `output` is given up; the evidence itself never is.

    Raises:
        RequestError: these contradict each other, or nothing may be written at `output`.
    """

    image: Path
    output: Path
    boxes: tuple[Box, ...]
    points: tuple[PointPrompt, ...] = ()
    page: int = 0
    replace: bool = False

    def __post_init__(self) -> None:
        if not self.boxes and not any(each.positive for each in self.points):
            raise RequestError("Say where the region is: by --box, or by a --point that belongs to it.")
        if self.output.suffix.lower() != ".png":
            raise RequestError(f"A mask is written as PNG: let the name of {self.output} end in .png.")
        _require_other_file(self.output, self.image)
        require_outside_cases(self.output)
        require_free(self.output, replace=self.replace)


@dataclass(frozen=True, slots=True)
class SegmentedRegion:
    """One region of the answer.

    Attributes:
        prompts: what was told, in evidence pixels.
        quality: the segmenter's own estimate of the mask's IoU, in [0, 1]; None where it has none.
        area_px: pixels of the region.
        seconds: wall time of the decode.
    """

    prompts: Prompts
    quality: float | None
    area_px: int
    seconds: float

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "prompts": self.prompts.to_record(),
            "quality": self.quality,
            "area_px": self.area_px,
            "seconds": round(self.seconds, 6),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Segmented:
    """An image segmented and its mask written.

    Attributes:
        decoded: the evidence.
        segmenter: what made the mask.
        regions: in the order of the request; the mask is their union.
        area_px: pixels of the mask.
        output: the file written.
        seconds: by stage; "total" from opening the file to its mask being in place.
        environment: operating system, machine and library versions.
        time: when it was made, ISO 8601 in UTC with offset.
    """

    decoded: DecodedEvidence
    segmenter: SegmenterInfo
    regions: tuple[SegmentedRegion, ...]
    area_px: int
    output: OutputFile
    seconds: Mapping[str, float]
    environment: Mapping[str, str]
    time: str

    def to_record(self) -> dict[str, Any]:
        """JSON values, in the order in which they are written."""
        evidence, facts = self.decoded.evidence, self.decoded.facts
        return {
            "schema": SEGMENTATION_SCHEMA,
            "path": str(evidence.path),
            "sha256": evidence.sha256,
            "size_bytes": evidence.size_bytes,
            "modified_utc": evidence.modified_utc,
            "decoder": facts.decoder,
            "decoder_version": facts.decoder_version,
            "width": facts.stored.width,
            "height": facts.stored.height,
            "orientation": int(facts.orientation),
            "pages": facts.pages,
            "page": facts.page,
            "choices": list(facts.choices),
            "warnings": list(facts.warnings),
            "segmenter": segmenter_record(self.segmenter),
            "regions": [region.to_record() for region in self.regions],
            "area_px": self.area_px,
            "output": {
                "name": self.output.name,
                "sha256": self.output.sha256,
                "size_bytes": self.output.size_bytes,
            },
            "seconds": {stage: round(seconds, 6) for stage, seconds in self.seconds.items()},
            "tool": "forensic-gui",
            "tool_version": __version__,
            "environment": dict(sorted(self.environment.items())),
            "time": self.time,
        }


def segmenter_record(info: SegmenterInfo) -> dict[str, Any]:
    """Which segmenter made a mask, as JSON values."""
    return {
        "id": info.id,
        "name": info.name,
        "weights_sha256": info.weights_sha256,
        "device": info.device,
        "runtime": info.runtime,
        "parameters": dict(sorted(info.parameters.items())),
        "notices": list(info.notices),
    }


def segment(
    request: SegmentRequest, *, decoder: Decoder, segmenter: Segmenter, cancel: CancelToken | None = None
) -> Segmented:
    """Decode, encode, answer the prompts of each region, and write the union of the masks.

    Args:
        request: image, prompts and place.
        decoder: makes pixels of the file, hashed first.
        segmenter: makes masks.
        cancel: looked at between and within the steps.

    Raises:
        EvidenceError: the image cannot be read.
        RequestError: a coordinate lies outside the image; the sentence gives its size.
        SegmenterError: the prompts cannot be used.
        OutputError: the mask could not be written; what was there still is.
        Cancelled: stopping was asked for.
    """
    token = cancel or CancelToken()
    started = time.perf_counter()
    decoded = decoder.decode(request.image, page=request.page, cancel=token)
    regions = prompts_of_regions(request, size=decoded.facts.stored)
    encoding = time.perf_counter()
    encoded = segmenter.encode(decoded.pixels, orientation=decoded.facts.orientation, cancel=token)
    answering = time.perf_counter()
    answers = [segmenter.decode(encoded, prompts, cancel=token) for prompts in regions]
    mask = answers[0].mask
    for answer in answers[1:]:
        mask = mask | answer.mask
    writing = time.perf_counter()
    _require_other_file(request.output, request.image)
    output = _write(request.output, mask, decoded=decoded, regions=regions, info=segmenter.info)
    ended = time.perf_counter()
    return Segmented(
        decoded=decoded,
        segmenter=segmenter.info,
        regions=tuple(
            SegmentedRegion(prompts, answer.quality, answer.mask.area, answer.seconds)
            for prompts, answer in zip(regions, answers, strict=True)
        ),
        area_px=mask.area,
        output=output,
        seconds={
            "hash": decoded.hash_seconds,
            "decode": decoded.decode_seconds,
            "encode": answering - encoding,
            "answer": writing - answering,
            "write": ended - writing,
            "total": ended - started,
        },
        environment=describe_environment(),
        time=datetime.now(UTC).isoformat(timespec="milliseconds"),
    )


def prompts_of_regions(request: SegmentRequest, *, size: Size) -> tuple[Prompts, ...]:
    """What is told about each region.

    Args:
        request: boxes and points.
        size: of the evidence, in stored pixels.

    Raises:
        RequestError: a coordinate lies outside the image, or a point outside all of several boxes.
    """
    for box in request.boxes:
        if min(box.x0, box.y0) < 0 or box.x1 > size.width or box.y1 > size.height:
            raise RequestError(_outside(f"The box {box.x0:g},{box.y0:g},{box.x1:g},{box.y1:g}", size))
    for point in (each.point for each in request.points):
        if not (0 <= point.x < size.width and 0 <= point.y < size.height):
            raise RequestError(_outside(f"The point {point.x:g},{point.y:g}", size))
    if len(request.boxes) <= 1:
        return (Prompts(box=request.boxes[0] if request.boxes else None, points=request.points),)
    for each in request.points:
        if not any(_holds(box, each.point) for box in request.boxes):
            raise RequestError(
                f"The point {each.point.x:g},{each.point.y:g} lies in none of the boxes: with several boxes, a point "
                "is told about those that it lies in."
            )
    return tuple(
        Prompts(box=box, points=tuple(each for each in request.points if _holds(box, each.point)))
        for box in request.boxes
    )


def _outside(what: str, size: Size) -> str:
    return (
        f"{what} is not within the image, which is {size.width} pixels wide and {size.height} high as stored in the "
        "file, before its EXIF orientation is applied."
    )


def _holds(box: Box, point: Point) -> bool:
    return box.x0 <= point.x < box.x1 and box.y0 <= point.y < box.y1


def _require_other_file(output: Path, image: Path) -> None:
    """Refuse to write over the evidence, whatever it is called in that place."""
    try:
        same = output.samefile(image)
    except OSError:  # one of them is not there
        same = output.absolute() == image.absolute()
    if same:
        raise RequestError(f"{output} is the evidence itself; choose another file for the mask.")


def _write(
    path: Path, mask: Mask, *, decoded: DecodedEvidence, regions: Sequence[Prompts], info: SegmenterInfo
) -> OutputFile:
    """The mask as an 8-bit grey PNG of 0 and 255: stored pixels in stored order, with the evidence's orientation tag.

    Its bytes depend on evidence, prompts and segmenter alone: no time, no path.
    """
    weights = f" Weights SHA-256 {info.weights_sha256}." if info.weights_sha256 else ""
    texts = {
        "Description": (
            f"Mask by {info.name} ({info.id}): 255 inside. Image SHA-256 {decoded.evidence.sha256}.{weights}"
        ),
        "Prompts": json.dumps([prompts.to_record() for prompts in regions], separators=(",", ":"), allow_nan=False),
        "Software": f"forensic-gui {__version__}",
    }
    inside = mask.to_array().astype(np.uint8) * np.uint8(255)
    with StagedFile(path) as file:
        png = GreyPng(file.write, size=mask.size, dtype=np.uint8, orientation=decoded.facts.orientation, texts=texts)
        for top in range(0, mask.size.height, _ROWS_A_STRIP):
            png.rows(inside[top : top + _ROWS_A_STRIP])
        png.close()
    commit_together([file])
    return OutputFile(Product.MASK, path.name, file.sha256, file.size_bytes)
