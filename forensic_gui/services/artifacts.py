"""The files of a finding: mask, heatmap and overlay, at the evidence's own size.

Rule of orientation: every file has the evidence's *stored* pixels in their stored order, so that row and column mean
the same in the evidence and in its mask, and carries the evidence's EXIF orientation (JPEG APP1, PNG eXIf), so that a
viewer that turns the evidence upright turns these as well.

- `<stem>.mask.png`: 8-bit grey, 255 where the model score is strictly over the threshold, else 0.
- `<stem>.heatmap.png`: 16-bit grey, round(model score * 65535).
- `<stem>.overlay.jpg`: the image under the coloured heatmap, a derivative to look at, labelled as such in its EXIF.

The bytes depend on nothing but the arguments: no time, no path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui import __version__
from forensic_gui.domain.finding import OutputFile, Product
from forensic_gui.domain.geometry import Orientation
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.services import rendering
from forensic_gui.services.imagefiles import JPEG_QUALITY, GreyPng, jpeg_bytes
from forensic_gui.services.outputs import require_outside_cases
from forensic_gui.services.progress import CancelToken
from forensic_gui.storage.atomic import StagedFile, commit_together

SUFFIXES: Mapping[Product, str] = {
    Product.HEATMAP: ".heatmap.png",
    Product.OVERLAY: ".overlay.jpg",
    Product.MASK: ".mask.png",
}
"""What follows the stem; the slowest encoder first, which is the best order to start them in."""

_TAG_IMAGE_DESCRIPTION, _TAG_SOFTWARE = 0x010E, 0x0131


@dataclass(frozen=True, slots=True)
class OverlayStyle:
    """How an overlay is drawn: colour scale and the share of its colour in each pixel, in [0, 1]."""

    colormap: rendering.Colormap = rendering.Colormap.INFERNO
    opacity: float = 0.5

    def to_parameters(self) -> dict[str, str | float]:
        """What a finding records of it."""
        return {
            "overlay_colormap": self.colormap.value,
            "overlay_jpeg_quality": JPEG_QUALITY,
            "overlay_opacity": self.opacity,
            "overlay_scale": "0 to 1, never stretched",
        }


@dataclass(frozen=True, slots=True, eq=False)
class Artwork:
    """Everything the files of one finding are drawn from.

    Attributes:
        pixels: uint8 (H, W, 3) RGB of the evidence, stored orientation.
        heatmap: model scores of the same evidence.
        orientation: EXIF orientation of the evidence.
        threshold: model score above which (strictly) a pixel is in the mask.
        evidence_sha256: hash of the evidence, written into the files.
        weights_sha256: hash of the weights, written into the files.
        style: how the overlay is drawn.
    """

    pixels: NDArray[np.uint8]
    heatmap: Heatmap
    orientation: Orientation
    threshold: float
    evidence_sha256: str
    weights_sha256: str
    style: OverlayStyle = field(default_factory=OverlayStyle)

    def describe(self, product: Product) -> str:
        """The label inside a file: what it is and what of."""
        what = {
            Product.MASK: f"Mask: 255 where the model score is over {self.threshold!r}.",
            Product.HEATMAP: f"Model scores: value / {rendering.SCORE_STEPS}.",
            Product.OVERLAY: (
                f"Derived picture, not evidence: model scores in {self.style.colormap} from 0 to 1 "
                f"at opacity {self.style.opacity:g} over the image."
            ),
        }[product]
        return f"{what} Image SHA-256 {self.evidence_sha256}. Weights SHA-256 {self.weights_sha256}."


def file_name(stem: str, product: Product) -> str:
    """Name of a product's file."""
    return stem + SUFFIXES[product]


def stage(path: Path, *, product: Product, artwork: Artwork, cancel: CancelToken | None = None) -> StagedFile:
    """Write a product beside its place; the caller commits or discards it.

    Raises:
        OutputError: it could not be written; nothing is left.
        Cancelled: stopping was asked for; nothing is left.
    """
    with StagedFile(path) as file:
        _WRITERS[product](file, artwork, cancel)
    return file


def save(path: Path, *, product: Product, artwork: Artwork, cancel: CancelToken | None = None) -> OutputFile:
    """Write a product to a place of the caller's choice, replacing what is there.

    Raises:
        RequestError: the place lies within a case.
        OutputError: it could not be written; what was there still is.
        Cancelled: stopping was asked for; what was there still is.
    """
    require_outside_cases(path)
    file = stage(path, product=product, artwork=artwork, cancel=cancel)
    commit_together([file])
    return output_file(product, file)


def output_file(product: Product, file: StagedFile) -> OutputFile:
    """What a finding records of a written file."""
    return OutputFile(product, file.path.name, file.sha256, file.size_bytes)


def _write_mask(file: StagedFile, artwork: Artwork, cancel: CancelToken | None) -> None:
    png = _grey_png(file, artwork, Product.MASK, np.uint8)
    for strip in rendering.strips(artwork.heatmap, cancel=cancel):
        png.rows(rendering.threshold_mask(strip.scores, artwork.threshold).astype(np.uint8) * np.uint8(255))
    png.close()


def _write_heatmap(file: StagedFile, artwork: Artwork, cancel: CancelToken | None) -> None:
    png = _grey_png(file, artwork, Product.HEATMAP, np.uint16)
    for strip in rendering.strips(artwork.heatmap, cancel=cancel):
        png.rows(rendering.to_16_bit(strip.scores))
    png.close()


def _write_overlay(file: StagedFile, artwork: Artwork, cancel: CancelToken | None) -> None:
    blended = rendering.overlay(
        artwork.pixels,
        artwork.heatmap,
        colormap=artwork.style.colormap,
        opacity=artwork.style.opacity,
        cancel=cancel,
    )
    cv2.cvtColor(blended, cv2.COLOR_RGB2BGR, dst=blended)
    texts = {_TAG_IMAGE_DESCRIPTION: artwork.describe(Product.OVERLAY), _TAG_SOFTWARE: _software()}
    file.write(jpeg_bytes(blended, orientation=artwork.orientation, texts=texts))


def _grey_png(file: StagedFile, artwork: Artwork, product: Product, dtype: type[np.uint8] | type[np.uint16]) -> GreyPng:
    return GreyPng(
        file.write,
        size=artwork.heatmap.size,
        dtype=dtype,
        orientation=artwork.orientation,
        texts={"Description": artwork.describe(product), "Software": _software()},
    )


def _software() -> str:
    return f"forensic-gui {__version__}"


_WRITERS: Mapping[Product, Callable[[StagedFile, Artwork, CancelToken | None], None]] = {
    Product.MASK: _write_mask,
    Product.HEATMAP: _write_heatmap,
    Product.OVERLAY: _write_overlay,
}
