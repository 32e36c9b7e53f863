"""Views of photographs with a history of their own: what edits are made on and made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import RgbImage
from boxprompt.data import degrade
from boxprompt.data.synthesis import histories
from boxprompt.data.synthesis.config import HistoryConfig, SynthesisConfig
from boxprompt.data.synthesis.draws import between, chance, integer, log_between
from boxprompt.data.synthesis.pool import Photograph, Pixels

# Growing a view further than this would show nothing that photographs have.
_MOST_GROWTH = 1.3


@dataclass(frozen=True, slots=True)
class Material:
    """Pixels of one photograph, ready to be edited or cut from.

    Attributes:
        image: uint8 (H, W, 3) RGB.
        labels: uint8 (H, W) label map; None without one.
        source: the photograph's identifier.
        record: JSON-able history.
    """

    image: RgbImage
    labels: NDArray[np.uint8] | None
    source: str
    record: dict[str, Any]


def draw_size(rng: np.random.Generator, config: SynthesisConfig, *, photograph: tuple[int, int]) -> tuple[int, int]:
    """Return the (rows, columns) of a finished image, mostly oriented as `photograph` = (rows, columns) is."""
    short = integer(rng, *config.short_side_px)
    long = round(short * between(rng, config.aspect))
    portrait = (photograph[0] > photograph[1]) != chance(rng, config.turned_share)
    return (long, short) if portrait else (short, long)


def draw_material(
    rng: np.random.Generator,
    photograph: Photograph,
    pixels: Pixels,
    *,
    size: tuple[int, int],
    config: HistoryConfig,
    arrange: Callable[[Material], Material] | None = None,
) -> Material:
    """Return a view of `photograph` at `size` (less where it is smaller), after a drawn history.

    A native view keeps the photograph's sampling, and on its 8x8 grid also the phase of its compression; a resized
    view has lost both. `arrange` changes the view before its history begins, and draws nothing from `rng`.
    """
    view = _native_view if chance(rng, config.native_share) else _resized_view
    image, labels, record = view(rng, pixels, size=size, config=config)
    steps = histories.draw_prior(rng, config, size=(image.shape[0], image.shape[1]))
    material = Material(image, labels, photograph.source, record)
    if arrange is not None:
        material = arrange(material)
    return Material(
        image=histories.apply(material.image, steps).image,
        labels=labels,
        source=photograph.source,
        record={**material.record, "steps": [step.record() for step in steps]},
    )


def _native_view(
    rng: np.random.Generator, pixels: Pixels, *, size: tuple[int, int], config: HistoryConfig
) -> tuple[RgbImage, NDArray[np.uint8] | None, dict[str, Any]]:
    window = _window(rng, pixels.native.shape, size=size, step=8 if chance(rng, config.on_grid_share) else 1)
    labels = None if pixels.labels is None else np.ascontiguousarray(pixels.labels[window])
    record = {"view": "native", "window": _corners(window)}
    return np.ascontiguousarray(pixels.native[window]), labels, record


def _resized_view(
    rng: np.random.Generator, pixels: Pixels, *, size: tuple[int, int], config: HistoryConfig
) -> tuple[RgbImage, NDArray[np.uint8] | None, dict[str, Any]]:
    del config
    full = pixels.overview.shape
    fit = max(size[0] / full[0], size[1] / full[1])
    if fit > _MOST_GROWTH:
        size = (int(size[0] * _MOST_GROWTH / fit), int(size[1] * _MOST_GROWTH / fit))
        fit = _MOST_GROWTH
    factor = log_between(rng, (fit, max(1.0, fit)))
    window = _window(rng, full, size=(round(size[0] / factor), round(size[1] / factor)), step=1)
    interpolation = histories.draw_interpolation(rng, factor=factor)
    image = degrade.resize(np.ascontiguousarray(pixels.overview[window]), size=size, interpolation=interpolation)
    labels = None
    if pixels.overview_labels is not None:
        turned = (size[1], size[0])
        scaled = cv2.resize(pixels.overview_labels[window], turned, interpolation=cv2.INTER_NEAREST_EXACT)
        labels = np.asarray(scaled, dtype=np.uint8)
    record = {
        "view": "resized",
        "window": _corners(window),
        "size": list(size),
        "interpolation": interpolation,
    }
    return image, labels, record


def _window(
    rng: np.random.Generator, full: tuple[int, ...], *, size: tuple[int, int], step: int
) -> tuple[slice, slice]:
    sides = [min(side, limit) for side, limit in zip(size, full[:2], strict=True)]
    starts = [step * integer(rng, 0, (full[axis] - side) // step) for axis, side in enumerate(sides)]
    rows, columns = (slice(start, start + side) for start, side in zip(starts, sides, strict=True))
    return rows, columns


def _corners(window: tuple[slice, slice]) -> list[int]:
    rows, columns = window
    return [int(rows.start), int(columns.start), int(rows.stop), int(columns.stop)]
