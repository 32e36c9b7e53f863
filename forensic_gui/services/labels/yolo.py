"""YOLO segmentation: a text file for each image, a line `class x1 y1 x2 y2 ...` for each outline, from 0 to 1.

The corners are centres of border pixels. Readers draw the outline with its border (OpenCV's fillPoly on coordinates cut
to whole pixels), which gives every part back pixel by pixel but for its holes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.annotation import Kind
from forensic_gui.domain.geometry import Size
from forensic_gui.domain.labels import ExportImage, FileRecord, WrittenLabels
from forensic_gui.domain.mask import Mask
from forensic_gui.services.labels.splits import UNSPLIT
from forensic_gui.services.labels.writer import ExportContext, ImageLayout

CLASSES = tuple(Kind)
_LEAST_CORNERS = 3
_DECIMALS = 8  # half a pixel of the longest image stays apart from its neighbours


class YoloWriter:
    """`images`, `labels`, data.yaml and a list of images for each part.

    Readers find the labels of an image by putting `labels` in the place of `images` in its path.
    """

    def __init__(self, context: ExportContext) -> None:
        self.layout = ImageLayout()
        self._context = context
        self._lists: dict[str, list[str]] = {part: [] for part in context.parts}

    def add(self, image: ExportImage) -> WrittenLabels:
        """Write the outlines, and measure what they hold of each region."""
        size = image.labelled.annotation.size
        lines: list[str] = []
        overlap: dict[str, float] = {}
        for region in image.labelled.regions:
            outlines = outlines_of(region.mask)
            written = [_line(region.details.kind, outline, size) for outline in outlines]
            measured = _read_back(written, size).iou(region.mask)
            if measured < 1:
                overlap[region.id] = measured
            lines += written
        path = PurePosixPath("labels", f"{image.stem}.txt")
        file = self._context.folder.write(path, "".join(f"{line}\n" for line in lines).encode("ascii"))
        self._lists[image.part].append(f"./{image.exported.file.path}")
        return WrittenLabels(files=(file,), overlap=overlap)

    def finish(self) -> tuple[FileRecord, ...]:
        """Write the lists and what names them."""
        folder = self._context.folder
        lists = [
            folder.write(PurePosixPath(f"{part}.txt"), "".join(f"{path}\n" for path in paths).encode("utf-8"))
            for part, paths in self._lists.items()
        ]
        # Without a split there is one list to train on: validating on the same images would mislead.
        named = {"train" if part == UNSPLIT else part: f"{part}.txt" for part in self._lists}
        yaml = [f"{name}: {file}" for name, file in named.items()]
        yaml += ["names:", *(f"  {number}: {kind.value}" for number, kind in enumerate(CLASSES))]
        data = folder.write(PurePosixPath("data.yaml"), "".join(f"{line}\n" for line in yaml).encode("utf-8"))
        return (*lists, data)


def outlines_of(mask: Mask) -> tuple[NDArray[np.int32], ...]:
    """Outer borders of the parts of a mask: int32 (n, 2) of (column, row), at least three corners each."""
    contours, _ = cv2.findContours(mask.to_array().astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outlines = []
    for contour in contours:
        corners = contour.reshape(-1, 2)
        if len(corners) < _LEAST_CORNERS:  # a part of one pixel, or a straight line of pixels
            corners = np.concatenate([corners, np.repeat(corners[-1:], _LEAST_CORNERS - len(corners), axis=0)])
        outlines.append(corners.astype(np.int32))
    return tuple(outlines)


def _line(kind: Kind, outline: NDArray[np.int32], size: Size) -> str:
    relative = (outline + 0.5) / (size.width, size.height)
    return " ".join([str(CLASSES.index(kind)), *(f"{value:.{_DECIMALS}f}" for value in relative.ravel())])


def _read_back(lines: Sequence[str], size: Size) -> Mask:
    """The mask that a reader makes of lines."""
    canvas = np.zeros(size.shape, dtype=np.uint8)
    for line in lines:
        values = np.array([float(value) for value in line.split()[1:]]).reshape(-1, 2)
        cv2.fillPoly(canvas, [(values * (size.width, size.height)).astype(np.int32)], 1)
    return Mask.of(canvas.astype(np.bool_))
