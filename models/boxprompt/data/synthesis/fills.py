"""Painting a region out: with a patch of the same photograph, or by inpainting, sharp or coarse."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from boxprompt.contracts import BoolMask, RgbImage
from boxprompt.data import degrade
from boxprompt.data.synthesis.config import EditConfig
from boxprompt.data.synthesis.draws import MAX_SEED, between, chance, integer, weighted
from boxprompt.data.synthesis.paste import MARGIN_PX, Finish, Piece, cut, stamp
from boxprompt.data.synthesis.regions import bounds, grow

_OFFSETS_TRIED = 24
_POINTS_COMPARED = 160
# Inpainting marches pixel by pixel: larger regions are filled at a smaller scale and enlarged.
_INPAINT_PX = 2500
_SMOOTH_PX = 250


def fill(
    rng: np.random.Generator, image: RgbImage, target: BoolMask, *, config: EditConfig
) -> tuple[RgbImage, BoolMask, dict[str, Any]]:
    """Return `image` with `target` painted out, the mask of new pixels and the record of how.

    A patch fill gives way to inpainting when no part of the image of that shape lies clear of the target.
    """
    weights = {"clone": config.clone_fill, "inpaint": config.inpaint_fill, "smooth": config.smooth_fill}
    how = weighted(rng, weights)
    feather = 0.0 if chance(rng, 0.3) else round(between(rng, config.feather_px), 2)
    finish = Finish("feather" if feather else "hard", feather_px=feather)
    offset = _best_offset(rng, image, target) if how == "clone" else None
    if how == "clone" and offset is None:
        how = "inpaint"
    if offset is not None:
        piece, record = _shifted_piece(image, target, offset=offset), {"offset": list(offset)}
    else:
        piece, record = _inpainted_piece(rng, image, target, budget_px=_INPAINT_PX if how == "inpaint" else _SMOOTH_PX)
    painted, mask = stamp(image, piece, corner=_corner(target), finish=finish)
    return painted, mask, {"fill": how, "feather_px": feather, **record}


def _corner(target: BoolMask) -> tuple[int, int]:
    top, left, _, _ = bounds(target)
    return top - MARGIN_PX, left - MARGIN_PX


def _best_offset(rng: np.random.Generator, image: RgbImage, target: BoolMask) -> tuple[int, int] | None:
    """Return the (rows, columns) to a clear patch whose rim looks most like the target's own rim."""
    top, left, rows, columns = bounds(target)
    low = np.array([-top, -left])
    high = np.array([target.shape[0] - top - rows, target.shape[1] - left - columns])
    inside = _some_points(rng, target)
    rim = _some_points(rng, grow(target, margin_px=4) & ~target)
    if rim.size == 0:
        return None
    best: tuple[float, tuple[int, int]] | None = None
    for _ in range(_OFFSETS_TRIED):
        offset = rng.integers(low, high + 1)
        moved = inside + offset
        if target[moved[:, 0], moved[:, 1]].mean() > 0.02:
            continue
        there = np.clip(rim + offset, 0, np.array(target.shape) - 1)
        here = image[rim[:, 0], rim[:, 1]].astype(np.int16)
        cost = float(np.abs(image[there[:, 0], there[:, 1]] - here).mean())
        if best is None or cost < best[0]:
            best = (cost, (int(offset[0]), int(offset[1])))
    return None if best is None else best[1]


def _some_points(rng: np.random.Generator, mask: BoolMask) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return up to a fixed number of (row, column) of `mask`, int64 (N, 2)."""
    flat = np.flatnonzero(mask)
    if flat.size > _POINTS_COMPARED:
        flat = flat[rng.integers(0, flat.size, _POINTS_COMPARED)]
    return np.stack(np.unravel_index(flat, mask.shape), axis=1).astype(np.int64)


def _shifted_piece(image: RgbImage, target: BoolMask, *, offset: tuple[int, int]) -> Piece:
    top, left, rows, columns = bounds(target)
    source = np.zeros_like(target)
    source[top + offset[0] : top + offset[0] + rows, left + offset[1] : left + offset[1] + columns] = target[
        top : top + rows, left : left + columns
    ]
    return cut(image, source)


def _inpainted_piece(
    rng: np.random.Generator, image: RgbImage, target: BoolMask, *, budget_px: int
) -> tuple[Piece, dict[str, Any]]:
    piece = cut(image, target)
    hole = np.asarray(cv2.dilate(piece.coverage, np.ones((3, 3), np.uint8)), dtype=np.uint8)
    scale = min(1.0, float(np.sqrt(budget_px / max(1, int(np.count_nonzero(hole))))))
    method = "telea" if chance(rng, 0.5) else "navier-stokes"
    rows, columns = hole.shape
    size = (max(4, round(columns * scale)), max(4, round(rows * scale)))
    small_hole = cv2.resize(hole, size, interpolation=cv2.INTER_AREA)
    filled = cv2.inpaint(
        cv2.resize(piece.pixels, size, interpolation=cv2.INTER_AREA),
        np.asarray(small_hole > 0, dtype=np.uint8),
        3,
        cv2.INPAINT_TELEA if method == "telea" else cv2.INPAINT_NS,
    )
    pixels = np.asarray(cv2.resize(filled, (columns, rows), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    record: dict[str, Any] = {"method": method, "fill_scale": round(scale, 4)}
    if chance(rng, 0.5):
        # Retouchers add grain so that a smooth fill does not stand out.
        variance = round(between(rng, (0.5, 12)), 2)
        pixels = degrade.gaussian_noise(pixels, variance=variance, seed=integer(rng, 0, MAX_SEED), grey=True)
        record["grain_variance"] = variance
    # The surroundings stay the photograph's own, so that a soft edge blends into them.
    return Piece(np.where(hole[..., None] > 0, pixels, piece.pixels), piece.coverage), record
