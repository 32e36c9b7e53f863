"""Cutting a piece out, reshaping it and blending it into an image, with the exact mask of what was covered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import BoolMask, RgbImage
from boxprompt.data import degrade
from boxprompt.data.synthesis.config import EditConfig
from boxprompt.data.synthesis.draws import between, chance, integer
from boxprompt.data.synthesis.histories import draw_interpolation
from boxprompt.data.synthesis.regions import bounds

# Room around a piece for soft edges to reach into its own surroundings.
MARGIN_PX = 8
# Gradient-domain cloning of a larger piece costs more than the rest of a sample.
_POISSON_LARGEST_PX = 20_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A rectangle of pixels and how much of each belongs to the thing cut out.

    Attributes:
        pixels: uint8 (h, w, 3) RGB, surroundings included.
        coverage: uint8 (h, w), 255 inside the thing, 0 outside.
    """

    pixels: RgbImage
    coverage: NDArray[np.uint8]

    @property
    def area_px(self) -> float:
        """Covered pixels, those of the edge in part."""
        return float(self.coverage.sum(dtype=np.int64)) / 255


@dataclass(frozen=True, slots=True)
class Finish:
    """How a piece meets its new surroundings.

    Attributes:
        blend: "hard", "feather" or "poisson".
        feather_px: width of a feathered edge.
        colour_match: from 0, none, to 1, the surroundings' Lab mean and deviation.
        gain: factor on the piece's values.
        gamma: exponent on them.
    """

    blend: str
    feather_px: float = 0.0
    colour_match: float = 0.0
    gain: float = 1.0
    gamma: float = 1.0


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of an image.

    Attributes:
        image: uint8 (H, W, 3) RGB.
        mask: bool (H, W), True where more than half of a pixel is new.
        record: JSON-able account of what was done.
    """

    image: RgbImage
    mask: BoolMask
    record: dict[str, Any]


def cut(image: RgbImage, mask: BoolMask, *, margin_px: int = MARGIN_PX) -> Piece:
    """Return the piece of `image` under a mask that is not empty; replicated pixels stand in beyond the border."""
    top, left, rows, columns = bounds(mask)
    window, pads = _reach(mask.shape, (top, left, rows, columns), margin_px=margin_px)
    pixels = cv2.copyMakeBorder(image[window], *pads, cv2.BORDER_REPLICATE)
    coverage = cv2.copyMakeBorder(mask[window].view(np.uint8), *pads, cv2.BORDER_CONSTANT, value=0)
    return Piece(np.asarray(pixels, dtype=np.uint8), np.asarray(coverage, dtype=np.uint8) * np.uint8(255))


def draw_finish(rng: np.random.Generator, config: EditConfig, *, area_px: float, match: bool) -> Finish:
    """Return how a piece of `area_px` is blended; its colours are matched only where `match` allows it."""
    roll = rng.random()
    if roll < config.hard_share:
        finish = Finish("hard")
    elif roll < config.hard_share + config.poisson_share and area_px <= _POISSON_LARGEST_PX:
        return Finish("poisson")
    else:
        finish = Finish("feather", feather_px=round(between(rng, config.feather_px), 2))
    if match and chance(rng, config.colour_match_share):
        finish = replace(finish, colour_match=round(between(rng, (0.4, 1.0)), 3))
    elif chance(rng, config.tone_share):
        gain, gamma = np.exp(rng.normal(0, 0.12)), np.exp(rng.normal(0, 0.12))
        finish = replace(finish, gain=round(float(gain), 3), gamma=round(float(gamma), 3))
    return finish


def reshape(
    rng: np.random.Generator, piece: Piece, *, scale: float, config: EditConfig
) -> tuple[Piece, dict[str, Any]]:
    """Return `piece` scaled by `scale`, perhaps mirrored and turned, and the record of it."""
    record: dict[str, Any] = {"scale": round(scale, 4)}
    if chance(rng, config.flip_share):
        record["flip"] = True
        piece = Piece(np.ascontiguousarray(piece.pixels[:, ::-1]), np.ascontiguousarray(piece.coverage[:, ::-1]))
    if scale != 1.0:
        rows, columns = (max(3, round(side * scale)) for side in piece.coverage.shape)
        record["interpolation"] = interpolation = draw_interpolation(rng, factor=scale)
        pixels = degrade.resize(piece.pixels, size=(rows, columns), interpolation=interpolation)
        smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        coverage = cv2.resize(piece.coverage, (columns, rows), interpolation=smooth)
        piece = Piece(pixels, np.asarray(coverage, dtype=np.uint8))
    if chance(rng, config.rotate_share):
        angle = round(between(rng, (-config.rotate_deg, config.rotate_deg)), 2)
        record["angle_deg"] = angle
        piece = _rotate(piece, angle_deg=angle, cubic=chance(rng, 0.5))
    return piece, record


def corner_for(piece: Piece, *, centre: tuple[float, float]) -> tuple[int, int]:
    """Return the (row, column) of the piece's rectangle that puts its covered part's centroid at `centre`."""
    moments = cv2.moments(piece.coverage)
    weight = max(moments["m00"], 1e-6)
    return round(centre[0] - moments["m01"] / weight), round(centre[1] - moments["m10"] / weight)


def rest_on_bottom(piece: Piece, *, corner: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """Return `corner` moved so that the piece's lowest covered pixels lie on the image's last row.

    For things that their own photograph's border cut off: floating, they would end in a straight line.
    """
    covered = np.flatnonzero((piece.coverage > 127).any(axis=1))
    return (size[0] - 1 - int(covered[-1]), corner[1]) if covered.size else corner


def visible_px(piece: Piece, *, corner: tuple[int, int], size: tuple[int, int]) -> float:
    """Return how many covered pixels fall inside an image of `size` = (rows, columns)."""
    _, inner = _overlap(piece.coverage.shape, corner=corner, size=size)
    return float(piece.coverage[inner].sum(dtype=np.int64)) / 255


def stamp(host: RgbImage, piece: Piece, *, corner: tuple[int, int], finish: Finish) -> tuple[RgbImage, BoolMask]:
    """Return `host` with `piece` blended in and the mask of pixels that are more than half new.

    Args:
        host: uint8 (H, W, 3) RGB, left as it is.
        piece: what is pasted.
        corner: (row, column) in `host` of the piece's top-left pixel; may lie outside.
        finish: how it is blended.
    """
    outer, inner = _overlap(piece.coverage.shape, corner=corner, size=(host.shape[0], host.shape[1]))
    alpha = _alpha(piece.coverage, feather_px=finish.feather_px)[inner]
    under = np.ascontiguousarray(host[outer])
    over = _recolour(np.ascontiguousarray(piece.pixels[inner]), under=under, alpha=alpha, finish=finish)
    mask = np.zeros(host.shape[:2], dtype=np.bool_)
    mask[outer] = alpha > 0.5
    image = host.copy()
    if finish.blend == "poisson":
        image[outer] = _clone(over, under=under, mask=mask[outer])
    else:
        image[outer] = cv2.blendLinear(over, under, alpha, 1 - alpha)
    return image, mask


def _reach(
    shape: tuple[int, ...], box: tuple[int, int, int, int], *, margin_px: int
) -> tuple[tuple[slice, slice], tuple[int, int, int, int]]:
    """Window inside an array of `shape` and the (top, bottom, left, right) pads that complete the margin."""
    top, left, rows, columns = box
    starts = (top - margin_px, left - margin_px)
    stops = (top + rows + margin_px, left + columns + margin_px)
    window = tuple(slice(max(0, a), min(b, full)) for a, b, full in zip(starts, stops, shape[:2], strict=True))
    pads = (
        max(0, -starts[0]),
        max(0, stops[0] - shape[0]),
        max(0, -starts[1]),
        max(0, stops[1] - shape[1]),
    )
    return (window[0], window[1]), pads


def _overlap(
    piece: tuple[int, ...], *, corner: tuple[int, int], size: tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Slices of the image and of the piece where the two meet; empty where they do not."""
    starts = [min(max(0, at), full) for at, full in zip(corner, size, strict=True)]
    stops = [
        max(start, min(full, at + side)) for start, at, side, full in zip(starts, corner, piece[:2], size, strict=True)
    ]
    outer = [slice(a, b) for a, b in zip(starts, stops, strict=True)]
    inner = [slice(a - at, b - at) for a, b, at in zip(starts, stops, corner, strict=True)]
    return (outer[0], outer[1]), (inner[0], inner[1])


def _rotate(piece: Piece, *, angle_deg: float, cubic: bool) -> Piece:
    rows, columns = piece.coverage.shape
    matrix = cv2.getRotationMatrix2D(((columns - 1) / 2, (rows - 1) / 2), angle_deg, 1.0)
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = (int(np.ceil(columns * cosine + rows * sine)), int(np.ceil(columns * sine + rows * cosine)))
    matrix[:, 2] += ((size[0] - columns) / 2, (size[1] - rows) / 2)
    pixels = cv2.warpAffine(
        piece.pixels,
        matrix,
        size,
        flags=cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    coverage = cv2.warpAffine(piece.coverage, matrix, size, flags=cv2.INTER_LINEAR)
    return Piece(np.asarray(pixels, dtype=np.uint8), np.asarray(coverage, dtype=np.uint8))


def _alpha(coverage: NDArray[np.uint8], *, feather_px: float) -> NDArray[np.float32]:
    if feather_px <= 0:
        return coverage.astype(np.float32) / np.float32(255)
    # A box of this width makes a linear ramp; the Gaussian of like width has no corners in it.
    soft = cv2.GaussianBlur(coverage.astype(np.float32), (0, 0), feather_px / 2, borderType=cv2.BORDER_CONSTANT)
    # Straps and strands thinner than the blur would fade below one half: changed, and yet outside the mask.
    firm = np.float32(0.51) * coverage.astype(np.float32)
    return np.asarray(np.maximum(soft, firm) / np.float32(255), dtype=np.float32)


def _recolour(over: RgbImage, *, under: RgbImage, alpha: NDArray[np.float32], finish: Finish) -> RgbImage:
    if finish.gain != 1.0 or finish.gamma != 1.0:
        ramp = (np.arange(256) / 255.0) ** finish.gamma * finish.gain * 255
        over = np.asarray(cv2.LUT(over, np.clip(np.round(ramp), 0, 255).astype(np.uint8)), dtype=np.uint8)
    if finish.colour_match <= 0 or not (alpha > 0.5).any():
        return over
    inside = (alpha > 0.5).view(np.uint8)
    piece_lab = cv2.cvtColor(over, cv2.COLOR_RGB2LAB)
    piece_mean, piece_std = (part.ravel() for part in cv2.meanStdDev(piece_lab, mask=inside))
    mean, std = (part.ravel() for part in cv2.meanStdDev(cv2.cvtColor(under, cv2.COLOR_RGB2LAB)))
    ratio = 1 + finish.colour_match * (np.clip(std / np.maximum(piece_std, 1), 0.6, 1.6) - 1)
    centre = piece_mean + finish.colour_match * (mean - piece_mean)
    # Exact per channel on 256 values, and far cheaper than arithmetic on pixels.
    table = np.round((np.arange(256)[:, None] - piece_mean) * ratio + centre)
    matched = cv2.LUT(piece_lab, np.clip(table, 0, 255).astype(np.uint8)[None])
    return np.asarray(cv2.cvtColor(matched, cv2.COLOR_LAB2RGB), dtype=np.uint8)


def _clone(over: RgbImage, *, under: RgbImage, mask: BoolMask) -> RgbImage:
    """Return `under` with `over` cloned in the gradient domain inside `mask`, untouched outside it."""
    pad = 3
    framed = [cv2.copyMakeBorder(part, pad, pad, pad, pad, cv2.BORDER_REPLICATE) for part in (over, under)]
    inside = cv2.copyMakeBorder(mask.view(np.uint8) * np.uint8(255), pad, pad, pad, pad, cv2.BORDER_CONSTANT)
    left, top, columns, rows = cv2.boundingRect(inside)
    if rows < 3 or columns < 3:
        return np.where(mask[..., None], over, under)
    centre = (left + columns // 2, top + rows // 2)
    cloned = cv2.seamlessClone(framed[0], framed[1], inside, centre, cv2.NORMAL_CLONE)
    return np.where(mask[..., None], cloned[pad:-pad, pad:-pad], under)


def draw_corner(
    rng: np.random.Generator, piece: Piece, *, size: tuple[int, int], config: EditConfig
) -> tuple[int, int]:
    """Return where to put `piece`: anywhere, borders included, but with most of it inside."""
    best: tuple[float, tuple[int, int]] | None = None
    for _ in range(6):
        corner = corner_for(piece, centre=draw_centre(rng, size=size, config=config))
        seen = visible_px(piece, corner=corner, size=size)
        if best is None or seen > best[0]:
            best = (seen, corner)
        if seen >= 0.5 * piece.area_px:
            break
    assert best is not None
    return best[1]


def draw_centre(rng: np.random.Generator, *, size: tuple[int, int], config: EditConfig) -> tuple[float, float]:
    """Return a (row, column) for an edit: anywhere in the image, or near its centre for `centre_share`."""
    near = chance(rng, config.centre_share)
    # A flat draw would leave the borders bare, since an edit there loses what falls outside.
    shares = np.clip(rng.normal(0.5, 0.17, 2), 0, 1) if near else rng.beta(0.6, 0.6, 2)
    return float(shares[0] * size[0]), float(shares[1] * size[1])


def changes_enough(before: RgbImage, after: RgbImage, mask: BoolMask) -> bool:
    """Return whether an edit can be seen at all: copying sky onto the same sky is no forgery to learn from."""
    if not mask.any():
        return False
    top, left, rows, columns = bounds(mask)
    window = (slice(top, top + rows), slice(left, left + columns))
    difference = cv2.absdiff(before[window], after[window]).max(axis=2)[mask[window]]
    return bool(difference.mean() >= 4 and np.count_nonzero(difference) >= 0.5 * difference.size)


def draw_scale(rng: np.random.Generator, config: EditConfig) -> float:
    """Return a factor for a piece; exactly 1 for those that keep their own sampling."""
    if not chance(rng, config.resample_share):
        return 1.0
    low, high = np.log(config.scale[0]), np.log(config.scale[1])
    return float(np.exp(rng.uniform(low, high)))


def draw_jitter_px(rng: np.random.Generator) -> int:
    """Return how far a hand-drawn cut strays from a thing's outline: -2 (inside) to 2 (a rim of background)."""
    return integer(rng, -2, 2) if chance(rng, 0.6) else 0
