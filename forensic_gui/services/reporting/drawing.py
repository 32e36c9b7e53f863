"""The pictures of one item, made of its record, its original and the maps that the case keeps."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.case import StoredFinding
from forensic_gui.domain.errors import CaseDamaged, CaseError, EvidenceError
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.reports.pictures import Picture, PictureRef
from forensic_gui.domain.reports.plan import PictureKind
from forensic_gui.domain.reports.record import ItemFacts
from forensic_gui.services.case import CaseSession
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken
from forensic_gui.services.reporting import painting
from forensic_gui.services.reporting.contract import ReadMetadata
from forensic_gui.services.reporting.maps import grid_sha256
from forensic_gui.services.reporting.painting import WHOLE_PX, Frame, Shown
from forensic_gui.services.reporting.seen import SeenItems

PINNED_PX = 1000
"""Longest side of a picture of a part that was pinned."""
JPEG_QUALITY = 88

Trouble = Callable[[int, str], None]
"""Told (item's id, a sentence) of what could not be shown."""


@dataclass(frozen=True, slots=True)
class Studio:
    """What pictures are made with.

    Attributes:
        case: where originals and maps are kept.
        decoder: makes pixels of originals; used by several threads.
        metadata: reads embedded thumbnails.
        cancel: looked at all along.
        trouble: told of what could not be shown.
        seen: what was read already; None for nothing.
    """

    case: CaseSession
    decoder: Decoder
    metadata: ReadMetadata
    cancel: CancelToken
    trouble: Trouble
    seen: SeenItems | None


def pictures_of(item: ItemFacts, refs: Sequence[PictureRef], studio: Studio) -> dict[PictureRef, Picture | None]:
    """Make pictures of one item; None for those that there are none of.

    Raises:
        Cancelled: stopping was asked for.
    """
    frames = {ref: _frame(item, ref) for ref in refs}
    sitter = _Sitter(item, studio, is_reduced=all(frame is None or _is_reduced(frame) for frame in frames.values()))
    made: dict[PictureRef, Picture | None] = {}
    for ref, frame in frames.items():
        studio.cancel.raise_if_cancelled()
        made[ref] = None if frame is None else _MAKERS[ref.kind](sitter, frame)
    return made


def kinds_of(item: ItemFacts) -> tuple[PictureKind, ...]:
    """Kinds of pictures that there are of an item as a whole, in the order of `PictureKind`."""
    there = {
        PictureKind.ORIGINAL: item.decoding is not None,
        PictureKind.EMBEDDED: item.metadata is not None and item.metadata["thumbnail"] is not None,
        PictureKind.HEATMAP: item.mask is not None,
        PictureKind.MASK: item.mask is not None,
        PictureKind.OVERLAY: item.mask is not None,
        PictureKind.REGIONS: bool(item.regions),
        PictureKind.DIFFERENCE: item.difference is not None,
    }
    return tuple(kind for kind in PictureKind if there[kind])


def _frame(item: ItemFacts, ref: PictureRef) -> Frame | None:
    if ref.kind not in kinds_of(item):
        return None
    if ref.kind is PictureKind.EMBEDDED:
        thumbnail = _thumbnail_size(item)
        return None if thumbnail is None else Frame.whole(thumbnail)
    if item.decoding is None:
        return None
    if ref.box is None:
        return Frame.whole(_size(item))
    return Frame.of_box(_size(item), ref.box, longest_px=PINNED_PX)


def _thumbnail_size(item: ItemFacts) -> Size | None:
    """Of the embedded one; None where it cannot be decoded."""
    assert item.metadata is not None
    width, height = (item.metadata["thumbnail"][name] for name in ("width_px", "height_px"))
    return Size(width, height) if width and height else None


def _size(item: ItemFacts) -> Size:
    assert item.decoding is not None
    return Size(item.decoding["width"], item.decoding["height"])


def _is_reduced(frame: Frame) -> bool:
    return frame.is_whole and max(frame.size.shape) <= WHOLE_PX


class _Sitter:
    """One item while its pictures are made: its pixels, scores and masks, each had once, when first needed."""

    def __init__(self, item: ItemFacts, studio: Studio, *, is_reduced: bool) -> None:
        self.item = item
        self._studio = studio
        self._longest_px = WHOLE_PX if is_reduced else None
        self._photographs: dict[Frame, NDArray[np.uint8]] = {}
        self._colours: dict[Frame, NDArray[np.uint8] | None] = {}
        self._model: dict[Frame, Shown] = {}

    @property
    def orientation(self) -> Orientation:
        """Upright where the image itself cannot be read, and only its thumbnail can."""
        return Orientation(self.item.decoding["orientation"]) if self.item.decoding else Orientation.UPRIGHT

    def photograph(self, frame: Frame) -> NDArray[np.uint8] | None:
        """What a frame shows of the original, uint8 (rows, columns, 3) RGB; None where there is nothing to show."""
        if self.pixels is None:
            return None
        if frame not in self._photographs:
            self._photographs[frame] = painting.photograph(self.pixels, frame)
        return self._photographs[frame]

    def colours(self, frame: Frame) -> NDArray[np.uint8] | None:
        """Model scores at a picture's pixels in colours, uint8 (rows, columns, 3) RGB; None where there are none."""
        if frame not in self._colours:
            steps = self._levels(frame)
            self._colours[frame] = None if steps is None else painting.coloured(steps)
        return self._colours[frame]

    def _levels(self, frame: Frame) -> NDArray[np.uint8] | None:
        assert self.item.mask is not None
        seen = self._studio.seen
        steps = None if seen is None else seen.scores(self.item.mask.heatmap_sha256, frame)
        if steps is None and self.heatmap is not None:
            steps = painting.levels(self.heatmap, frame)
        return steps

    def model(self, frame: Frame) -> Shown:
        """The model's mask in a frame."""
        if frame not in self._model:
            self._model[frame] = Shown.of(self.mask, frame)
        return self._model[frame]

    @cached_property
    def pixels(self) -> NDArray[np.uint8] | None:
        """Of the original, uint8 (H, W, 3) RGB; None where it is not what was added, or cannot be read."""
        if not self.item.is_unaltered:
            return None  # named by whoever hashed it
        path = self._studio.case.original(self.item.id)
        page = self.item.decoding["page"] if self.item.decoding else 0
        try:
            decoded = self._studio.decoder.decode(
                path, page=page, max_side_px=self._longest_px, cancel=self._studio.cancel
            )
            self._studio.case.confirm(self.item.id, decoded.evidence.sha256)
        except EvidenceError as error:
            self._studio.trouble(self.item.id, str(error).replace(str(path), self.item.name))
            return None
        if decoded.facts.stored != _size(self.item):
            self._studio.trouble(self.item.id, "It decodes to another size than the one on record; see which decoder.")
            return None
        return decoded.pixels

    @cached_property
    def heatmap(self) -> Heatmap | None:
        """Of the finding on record; None where its maps are no longer what they were."""
        assert self.item.mask is not None
        try:
            grid = self._studio.case.maps(self._finding())["heatmap"]
        except (CaseError, KeyError) as error:
            self._studio.trouble(self.item.id, str(error) if isinstance(error, CaseError) else "It has no heatmap.")
            return None
        if grid_sha256(grid) != self.item.mask.heatmap_sha256:
            self._studio.trouble(self.item.id, "The heatmap that the case keeps is not the one on record.")
            return None
        return Heatmap(grid, _size(self.item))

    @cached_property
    def mask(self) -> Mask:
        assert self.item.mask is not None
        return Mask.from_text(_size(self.item), self.item.mask.runs)

    @cached_property
    def regions(self) -> tuple[Mask, ...]:
        return tuple(Mask.from_text(_size(self.item), region.runs) for region in self.item.regions)

    @cached_property
    def sources(self) -> tuple[Mask, ...]:
        texts = (region.source_runs for region in self.item.regions)
        return tuple(Mask.from_text(_size(self.item), text) for text in texts if text)

    def thumbnail(self) -> NDArray[np.uint8] | None:
        """The embedded one, uint8 (H, W, 3) RGB; None where it cannot be decoded, which is no trouble of the item."""
        try:
            data = self._thumbnail_bytes()
            if not data:
                return None
            with tempfile.TemporaryDirectory(prefix="forensic-gui-") as folder:
                file = Path(folder) / "thumbnail"
                file.write_bytes(data)
                return self._studio.decoder.decode(file, max_side_px=WHOLE_PX, cancel=self._studio.cancel).pixels
        except EvidenceError:
            return None

    def _thumbnail_bytes(self) -> bytes:
        seen = None if self._studio.seen is None else self._studio.seen.thumbnail(self.item.sha256)
        if seen is not None:
            return seen
        sha256, _, data = self._studio.metadata(self._studio.case.original(self.item.id), cancel=self._studio.cancel)
        self._studio.case.confirm(self.item.id, sha256)
        return data

    def _finding(self) -> StoredFinding:
        for finding in self._studio.case.findings(self.item.id):
            if finding.id == self.item.finding_id:
                return finding
        raise CaseDamaged("The finding on record is no longer in the case.")


def _original(sitter: _Sitter, frame: Frame) -> Picture | None:
    image = sitter.photograph(frame)
    return None if image is None else _jpeg(image, sitter.orientation)


def _embedded(sitter: _Sitter, _: Frame) -> Picture | None:
    pixels = sitter.thumbnail()
    return None if pixels is None else _jpeg(pixels, sitter.orientation)


def _heatmap(sitter: _Sitter, frame: Frame) -> Picture | None:
    colours = sitter.colours(frame)
    return None if colours is None else _jpeg(colours, sitter.orientation, full_colour=True)


def _mask(sitter: _Sitter, frame: Frame) -> Picture | None:
    return _png(sitter.model(frame).coverage, sitter.orientation)


def _overlay(sitter: _Sitter, frame: Frame) -> Picture | None:
    image, colours = sitter.photograph(frame), sitter.colours(frame)
    if image is None or colours is None:
        return None
    painted = painting.overlaid(image, colours, sitter.model(frame).touched)
    return _jpeg(painted, sitter.orientation, full_colour=True)


def _regions(sitter: _Sitter, frame: Frame) -> Picture | None:
    image = sitter.photograph(frame)
    if image is None:
        return None
    regions, sources = ([Shown.of(mask, frame).touched for mask in masks] for masks in (sitter.regions, sitter.sources))
    return _jpeg(painting.with_regions(image, regions, sources), sitter.orientation, full_colour=True)


def _difference(sitter: _Sitter, frame: Frame) -> Picture | None:
    image = sitter.photograph(frame)
    if image is None:
        return None
    analyst = Mask.empty(_size(sitter.item))
    for region in sitter.regions:
        analyst = analyst | region
    painted = painting.with_difference(image, sitter.model(frame).touched, Shown.of(analyst, frame).touched)
    return _jpeg(painted, sitter.orientation, full_colour=True)


_MAKERS: Mapping[PictureKind, Callable[[_Sitter, Frame], Picture | None]] = {
    PictureKind.ORIGINAL: _original,
    PictureKind.EMBEDDED: _embedded,
    PictureKind.HEATMAP: _heatmap,
    PictureKind.MASK: _mask,
    PictureKind.OVERLAY: _overlay,
    PictureKind.REGIONS: _regions,
    PictureKind.DIFFERENCE: _difference,
}


def _jpeg(pixels: NDArray[np.uint8], orientation: Orientation, *, full_colour: bool = False) -> Picture:
    """Of uint8 (H, W, 3) RGB in stored orientation; `full_colour` keeps thin coloured lines as they are."""
    turned = cv2.cvtColor(np.ascontiguousarray(orientation.apply(pixels)), cv2.COLOR_RGB2BGR)
    sampling = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444 if full_colour else cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420
    settings = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling]
    _, data = cv2.imencode(".jpg", turned, settings)
    return Picture(data.tobytes(), "image/jpeg", turned.shape[1], turned.shape[0])


def _png(grey: NDArray[np.uint8], orientation: Orientation) -> Picture:
    """Of uint8 (H, W) in stored orientation."""
    turned = np.ascontiguousarray(orientation.apply(grey))
    _, data = cv2.imencode(".png", turned)
    return Picture(data.tobytes(), "image/png", turned.shape[1], turned.shape[0])
