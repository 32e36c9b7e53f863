"""Regions to cut or paint out: outlines of every kind, regions that follow the image, and labelled things."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import BoolMask, RgbImage
from boxprompt.data.synthesis.config import EditConfig
from boxprompt.data.synthesis.draws import MAX_SEED, between, chance, integer, weighted

# Image-following regions are found on a copy of this longest side: their boundary is as exact as a hand's.
_WORKING_PX = 224
# A flooded region this many times larger or smaller than asked for is no answer.
_FLOOD_MISS = 2.5


@dataclass(frozen=True, slots=True)
class Region:
    """A region of an image.

    Attributes:
        mask: bool (H, W).
        shape: how it was found, "superpixel", "flood", "grabcut", "blob", "polygon", "ellipse", "rectangle" or
            "object".
    """

    mask: BoolMask
    shape: str

    @property
    def area_px(self) -> int:
        """Pixels covered."""
        return int(np.count_nonzero(self.mask))


def draw_region(
    rng: np.random.Generator, image: RgbImage, *, area_px: float, centre: tuple[float, float], config: EditConfig
) -> Region:
    """Return a region of about `area_px` pixels around `centre` = (row, column), cut by the image's border.

    A flood that leaks, or a GrabCut that finds nothing, gives way to superpixels; `shape` says what was used.
    """
    weights = {
        "superpixel": config.superpixel,
        "flood": config.flood,
        "grabcut": config.grabcut,
        "blob": config.blob,
        "polygon": config.polygon,
        "ellipse": config.ellipse,
        "rectangle": config.rectangle,
    }
    shape = weighted(rng, weights)
    if shape not in ("superpixel", "flood", "grabcut"):
        points = _outline(rng, shape, area_px=area_px)
        return Region(_fill(points, centre=centre, size=image.shape[:2]), shape)
    return _follow(rng, image, shape=shape, area_px=area_px, centre=centre)


def draw_object(
    rng: np.random.Generator, labels: NDArray[np.uint8], *, smallest_px: float = 0, largest_px: float = np.inf
) -> Region | None:
    """Return a labelled thing: everything labelled, one label, or one connected piece; None without a fitting one.

    Args:
        rng: source of randomness.
        labels: uint8 (H, W), 0 background.
        smallest_px: least area.
        largest_px: most area.
    """
    smallest_px = max(1, smallest_px)
    counts = np.bincount(labels.ravel(), minlength=256)[:256]
    names = [value for value in range(1, 256) if smallest_px <= counts[value] <= largest_px]
    whole = smallest_px <= counts[1:].sum() <= largest_px
    if not whole and not names:
        return None
    if whole and (not names or chance(rng, 0.5)):
        return Region(labels > 0, "object")
    chosen = labels == names[integer(rng, 0, len(names) - 1)]
    if chance(rng, 0.5):
        piece = _largest_piece(chosen)
        if np.count_nonzero(piece) >= smallest_px:
            chosen = piece
    return Region(chosen, "object")


def bounds(mask: BoolMask) -> tuple[int, int, int, int]:
    """Return (top, left, rows, columns) of the smallest rectangle around a mask that is not empty."""
    left, top, columns, rows = cv2.boundingRect(mask.view(np.uint8))
    return int(top), int(left), int(rows), int(columns)


def grow(mask: BoolMask, *, margin_px: int) -> BoolMask:
    """Return `mask` dilated by a disc of `margin_px`, or eroded where that is negative."""
    if margin_px == 0:
        return mask
    side = 2 * abs(margin_px) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    change = cv2.dilate if margin_px > 0 else cv2.erode
    return np.asarray(change(mask.view(np.uint8), disc), dtype=np.uint8).view(np.bool_)


def _outline(rng: np.random.Generator, shape: str, *, area_px: float) -> NDArray[np.float64]:
    """Points (n, 2) as (x, y) around the origin, enclosing `area_px`."""
    if shape == "rectangle":
        points = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    elif shape == "polygon":
        angles = np.sort(rng.uniform(0, 2 * np.pi, integer(rng, 4, 9)))
        # Evened out, lest all corners fall on one side.
        angles = 0.5 * angles + 0.5 * np.linspace(0, 2 * np.pi, len(angles), endpoint=False)
        points = np.stack([np.cos(angles), np.sin(angles)], axis=1) * rng.uniform(0.5, 1, (len(angles), 1))
    else:
        angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
        radius = np.ones_like(angles) if shape == "ellipse" else _wobble(rng, angles)
        points = np.stack([np.cos(angles), np.sin(angles)], axis=1) * radius[:, None]
    stretch = np.exp(rng.normal(0, 0.3))
    points = points * (stretch, 1 / stretch)
    turn = 0.0 if shape == "rectangle" and chance(rng, 0.6) else rng.uniform(0, np.pi)
    points = points @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    x, y = points.T
    enclosed = 0.5 * abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))))
    scaled: NDArray[np.float64] = points * np.sqrt(area_px / enclosed)
    return scaled


def _wobble(rng: np.random.Generator, angles: NDArray[np.float64]) -> NDArray[np.float64]:
    orders = np.arange(2, 8)
    strengths = rng.normal(0, 0.35, len(orders)) / orders**0.8
    phases = rng.uniform(0, 2 * np.pi, len(orders))
    waves = np.cos(np.outer(angles, orders) + phases) @ strengths
    radius: NDArray[np.float64] = np.maximum(0.25, 1 + waves)
    return radius


def _fill(points: NDArray[np.float64], *, centre: tuple[float, float], size: tuple[int, ...]) -> BoolMask:
    canvas = np.zeros(size[:2], dtype=np.uint8)
    placed = np.round(points + np.array([centre[1], centre[0]])).astype(np.int32)
    cv2.fillPoly(canvas, [placed], 1)
    return canvas.view(np.bool_)


def _follow(
    rng: np.random.Generator, image: RgbImage, *, shape: str, area_px: float, centre: tuple[float, float]
) -> Region:
    rows, columns = image.shape[:2]
    scale = min(1.0, _WORKING_PX / max(rows, columns))
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    small = cv2.GaussianBlur(cv2.resize(image, size, interpolation=cv2.INTER_AREA), (3, 3), 0)
    seed = (min(size[1] - 1, max(0, int(centre[0] * scale))), min(size[0] - 1, max(0, int(centre[1] * scale))))
    area = area_px * scale * scale
    found: BoolMask | None = None
    if shape == "flood":
        found = _flood(small, seed=seed, area_px=area)
    elif shape == "grabcut":
        found = _grabcut(rng, small, seed=seed, area_px=area)
    if found is None:
        shape, found = "superpixel", _superpixels(rng, small, seed=seed, area_px=area)
    return Region(_enlarge(found, size=(rows, columns)), shape)


def _enlarge(mask: BoolMask, *, size: tuple[int, int]) -> BoolMask:
    if mask.shape == size:
        return mask
    soft = cv2.GaussianBlur(mask.view(np.uint8) * np.uint8(255), (3, 3), 0)
    large = cv2.resize(soft, (size[1], size[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(large > 127, dtype=np.bool_)


def _close(mask: NDArray[np.uint8]) -> BoolMask:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    # Zero padding keeps closing from eating regions that touch the border.
    padded = cv2.copyMakeBorder(mask, 4, 4, 4, 4, cv2.BORDER_REPLICATE)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, disc)[4:-4, 4:-4]
    return np.ascontiguousarray(closed).view(np.bool_)


def _flood(small: RgbImage, *, seed: tuple[int, int], area_px: float) -> BoolMask | None:
    """Return the colour-connected region around `seed` whose area is nearest to the wish, or None if all miss."""
    best: NDArray[np.uint8] | None = None
    best_miss = float(np.log(_FLOOD_MISS))
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (1 << 8)
    for tolerance in (6, 10, 15, 22, 30, 42, 58):
        canvas = np.zeros((small.shape[0] + 2, small.shape[1] + 2), dtype=np.uint8)
        cv2.floodFill(small, canvas, (seed[1], seed[0]), 0, (tolerance,) * 3, (tolerance,) * 3, flags)
        found = np.ascontiguousarray(canvas[1:-1, 1:-1])
        miss = abs(float(np.log(max(1, int(np.count_nonzero(found))) / area_px)))
        if miss < best_miss:
            best, best_miss = found, miss
    return None if best is None else _close(best)


def _grabcut(rng: np.random.Generator, small: RgbImage, *, seed: tuple[int, int], area_px: float) -> BoolMask | None:
    """Return GrabCut's foreground in a box around `seed`, or None when it keeps too little of it."""
    side = np.sqrt(1.6 * area_px)
    top, left = (max(1, int(s - side / 2)) for s in seed)
    bottom, right = (min(full - 1, int(s + side / 2)) for s, full in zip(seed, small.shape[:2], strict=True))
    if bottom - top < 8 or right - left < 8:
        return None
    labels = np.full(small.shape[:2], cv2.GC_BGD, dtype=np.uint8)
    # GrabCut starts from a k-means that draws from OpenCV's generator of this thread.
    cv2.setRNGSeed(integer(rng, 0, MAX_SEED))
    cv2.grabCut(small, labels, (left, top, right - left, bottom - top), None, None, 2, cv2.GC_INIT_WITH_RECT)
    found = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).view(np.uint8)
    if np.count_nonzero(found) < area_px / _FLOOD_MISS:
        return None
    return _largest_piece(_close(found))


def _superpixels(rng: np.random.Generator, small: RgbImage, *, seed: tuple[int, int], area_px: float) -> BoolMask:
    """Return watershed basins joined, from `seed` outwards, always the neighbour of the nearest colour."""
    pixels = small.shape[0] * small.shape[1]
    cells = int(np.clip(pixels / area_px * between(rng, (3, 9)), 16, 500))
    basins = _watershed(rng, small, cells=cells)
    count = int(basins.max()) + 1
    areas = np.bincount(basins.ravel(), minlength=count).astype(np.float64)
    colours = np.stack(
        [np.bincount(basins.ravel(), weights=small[..., c].ravel(), minlength=count) for c in range(3)], axis=1
    ) / np.maximum(areas, 1)[:, None]  # fmt: skip
    neighbours = _neighbours(basins, count=count)
    start = int(basins[seed])
    joined = np.zeros(count, dtype=np.bool_)
    joined[start] = True
    reached, mean = areas[start], colours[start]
    while reached < area_px:
        fringe = np.flatnonzero(neighbours[joined].any(axis=0) & ~joined)
        if fringe.size == 0:
            break
        nearest = fringe[int(np.argmin(np.abs(colours[fringe] - mean).sum(axis=1)))]
        if reached + areas[nearest] - area_px > area_px - reached and reached > 0.5 * area_px:
            break
        joined[nearest] = True
        mean = (mean * reached + colours[nearest] * areas[nearest]) / (reached + areas[nearest])
        reached += areas[nearest]
    return _close(joined[basins].view(np.uint8))


def _watershed(rng: np.random.Generator, small: RgbImage, *, cells: int) -> NDArray[np.int32]:
    """Basins int32 (H, W) from 0, from markers on a jittered grid; ridges go to the basin beside them."""
    rows, columns = small.shape[:2]
    step = max(3.0, float(np.sqrt(rows * columns / cells)))
    grid_y, grid_x = np.meshgrid(np.arange(step / 2, rows, step), np.arange(step / 2, columns, step), indexing="ij")
    y = np.clip(grid_y + rng.uniform(-step / 3, step / 3, grid_y.shape), 0, rows - 1).astype(np.int64)
    x = np.clip(grid_x + rng.uniform(-step / 3, step / 3, grid_x.shape), 0, columns - 1).astype(np.int64)
    markers = np.zeros((rows, columns), dtype=np.int32)
    markers[y, x] = np.arange(1, y.size + 1, dtype=np.int32).reshape(y.shape)
    cv2.watershed(small, markers)
    basins = np.asarray(cv2.dilate(np.maximum(markers, 0).astype(np.float32), np.ones((3, 3), np.uint8)), np.int32)
    return np.where(markers > 0, markers, np.maximum(basins, 1)) - np.int32(1)


def _neighbours(basins: NDArray[np.int32], *, count: int) -> BoolMask:
    touching = np.zeros((count, count), dtype=np.bool_)
    for a, b in ((basins[:, :-1], basins[:, 1:]), (basins[:-1], basins[1:])):
        touching[a, b] = True
        touching[b, a] = True
    return touching


def _largest_piece(mask: BoolMask) -> BoolMask:
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=4)
    if count <= 2:
        return mask
    return np.asarray(pieces == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])), dtype=np.bool_)
