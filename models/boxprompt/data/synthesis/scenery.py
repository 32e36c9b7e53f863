"""What the scene or the camera puts before a lens that looks like evidence: drawn steps, and how they are applied.

All of it comes before the compression that the camera makes of it, and what is new in the picture gets the
photograph's own grain: a difference that compression or noise would tell is left to edits alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import RgbImage
from boxprompt.data import degrade
from boxprompt.data.synthesis.config import EditConfig
from boxprompt.data.synthesis.draws import MAX_SEED, between, chance, integer, log_between, pick
from boxprompt.data.synthesis.histories import Step
from boxprompt.data.synthesis.regions import bounds, draw_object, draw_region

# Things that stand out, where a photograph has no label map.
_SUBJECTS = EditConfig(superpixel=0.6, blob=0.15, ellipse=0.15, polygon=0.1, flood=0, grabcut=0, rectangle=0)
_LARGEST_SUBJECT = 0.6
_MOST_GRAIN = 6.0


def draw_focus(rng: np.random.Generator, size: tuple[int, int]) -> Step:
    """Return a thing in focus before a ground that is not, or the reverse."""
    blur_px = log_between(rng, (0.004, 0.04)) * min(size)
    params = {
        "subject": _draw_subject(rng, size, area=(0.02, 0.35)),
        "sigma_px": round(max(1.0, blur_px), 2),
        "rim_px": round(between(rng, (0.5, 1.5)), 2),
        "sharp_ground": chance(rng, 0.15),
        "grain_seed": integer(rng, 0, MAX_SEED),
    }
    return Step("focus", params)


def draw_texture(rng: np.random.Generator, size: tuple[int, int]) -> Step:
    """Return busy texture: the picture's own, raised, or a pattern on a thing or over everything."""
    where = pick(rng, ("everywhere", "spot", "subject"), (0.25, 0.35, 0.4))
    params: dict[str, Any] = {"where": where}
    if where == "spot":
        params["spot"] = draw_spot(rng, size, radius=(0.15, 0.4))
    elif where == "subject":
        params["subject"] = _draw_subject(rng, size, area=(0.02, 0.35))
    params["pattern"] = pick(rng, ("raised", "grains", "stripes", "checks"), (0.45, 0.3, 0.15, 0.1))
    if params["pattern"] == "raised":
        return Step("texture", {**params, "strength": round(between(rng, (0.8, 2.2)), 3)})
    params["strength"] = round(between(rng, (0.08, 0.35)), 3)
    params["period_px"] = round(log_between(rng, (2.5, 16)), 2)
    params["angle_deg"] = round(between(rng, (0, 180)), 1)
    return Step("texture", {**params, "seed": integer(rng, 0, MAX_SEED)})


def draw_edges(rng: np.random.Generator, size: tuple[int, int]) -> Step:
    """Return straight edges: a shadow, a pole, wires, a grille or a flat panel."""
    form = pick(rng, ("shadow", "pole", "wires", "panel"), (0.35, 0.2, 0.3, 0.15))
    short = min(size)
    narrow = {"pole": (0.02, 0.1), "wires": (0.003, 0.012), "panel": (0.08, 0.35), "shadow": (0.1, 0.4)}[form]
    width_px = max(1.2, log_between(rng, narrow) * short)
    # Most things that people build stand upright or lie flat.
    lean = rng.normal(0, 3) if chance(rng, 0.6) else rng.uniform(0, 90)
    line = {
        "centre": [round(between(rng, (0.05, 0.95)) * side, 1) for side in size],
        "angle_deg": round(90.0 * integer(rng, 0, 1) + float(lean), 2),
        "width_px": round(width_px, 2),
        "length_px": round(width_px * between(rng, (0.6, 2.5)), 2),
        "gap_px": round(max(4 * width_px, between(rng, (0.04, 0.3)) * short), 2),
        "soft_px": round(between(rng, (0.8, 3.0)), 2),
    }
    if form == "shadow":
        return Step("shadow", {"line": line, "gain": round(between(rng, (0.35, 0.75)), 3)})
    grey = between(rng, (0, 70)) if form == "wires" or chance(rng, 0.3) else between(rng, (20, 250))
    colour = [round(float(c)) for c in np.clip(grey + rng.normal(0, 18, 3), 0, 255)]
    shading, seed = round(between(rng, (-0.25, 0.25)), 3), integer(rng, 0, MAX_SEED)
    return Step("edges", {"form": form, "line": line, "colour": colour, "shading": shading, "grain_seed": seed})


def draw_highlight(rng: np.random.Generator, size: tuple[int, int]) -> Step:
    """Return flashes mirrored by what they light, and glints."""
    glints = chance(rng, 0.3)
    count, radius = (integer(rng, 3, 12), (0.004, 0.015)) if glints else (integer(rng, 1, 3), (0.02, 0.16))
    spots = [
        {**draw_spot(rng, size, radius=radius), "strength": round(between(rng, (0.7, 2.5)), 3)} for _ in range(count)
    ]
    return Step("highlight", {"spots": spots})


def draw_vignette(rng: np.random.Generator, size: tuple[int, int]) -> Step:
    """Return corners that a lens leaves dark."""
    centre = [round(between(rng, (0.4, 0.6)) * side, 1) for side in size]
    params = {"strength": round(between(rng, (0.3, 0.85)), 3), "power": round(between(rng, (2, 5)), 2)}
    return Step("vignette", {"centre": centre, **params})


def apply(image: RgbImage, step: Step, *, labels: NDArray[np.uint8] | None) -> RgbImage:
    """Return `image` with one step of this module.

    Args:
        image: uint8 (H, W, 3) RGB, left as it is.
        step: from one of the draws above.
        labels: uint8 (H, W) label map, which subjects are taken from; None without one.
    """
    return _OPERATIONS[step.name](image, labels, **step.params)


def grain_variance(image: RgbImage) -> float:
    """Return the variance of the fine noise of a picture's quieter half, in squared grey levels, at most 36."""
    green = image[::2, :, 1].astype(np.int16)
    bends = np.abs(green[:, :-2] - 2 * green[:, 1:-1] + green[:, 2:]).ravel()
    half = bends.size // 2
    if half == 0:
        return 0.0
    # White noise of deviation s bends by s * sqrt(6), and the smaller half of a half-normal has a mean of 0.325 s.
    deviation = float(np.partition(bends, half)[:half].mean()) / (0.325 * float(np.sqrt(6)))
    return min(deviation, _MOST_GRAIN) ** 2


def soft_spot(
    size: tuple[int, int], *, centre: Sequence[float], radii: Sequence[float], angle_deg: float
) -> NDArray[np.float32]:
    """Return a Gaussian hill of height 1, float32 (H, W), with deviations `radii` along axes turned by `angle_deg`."""
    # At a sixth of the smaller deviation, straight lines between samples miss the hill by under half a percent.
    step = max(1, int(min(radii) / 6))
    along, across = _axes(size, centre=centre, angle_deg=angle_deg, step=step)
    along, across = along / np.float32(radii[0]), across / np.float32(radii[1])
    return _grown(np.asarray(cv2.exp(-0.5 * (along * along + across * across)), dtype=np.float32), size)


def draw_spot(rng: np.random.Generator, size: tuple[int, int], *, radius: tuple[float, float]) -> dict[str, Any]:
    """Return the arguments of `soft_spot`; `radius` is a share of the shorter side, drawn log-uniformly."""
    base = log_between(rng, radius) * min(size)
    stretch = float(np.exp(rng.normal(0, 0.35)))
    return {
        "centre": [round(between(rng, (0, 1)) * side, 1) for side in size],
        "radii": [round(max(0.7, base * stretch), 2), round(max(0.7, base / stretch), 2)],
        "angle_deg": round(between(rng, (0, 180)), 1),
    }


def _draw_subject(rng: np.random.Generator, size: tuple[int, int], *, area: tuple[float, float]) -> dict[str, Any]:
    centre = np.clip(rng.normal(0.5, 0.2, 2), 0.05, 0.95) * size
    return {
        "seed": integer(rng, 0, MAX_SEED),
        "area_px": round(log_between(rng, area) * size[0] * size[1]),
        "centre": [round(float(c), 1) for c in centre],
    }


def _subject(image: RgbImage, labels: NDArray[np.uint8] | None, subject: Mapping[str, Any]) -> NDArray[np.uint8]:
    """Return a thing of the picture, uint8 (H, W), 255 inside: a labelled one, else a region of the area asked for."""
    rng = np.random.default_rng(subject["seed"])
    found = None
    if labels is not None:
        found = draw_object(rng, labels, smallest_px=subject["area_px"] / 8, largest_px=_LARGEST_SUBJECT * labels.size)
    if found is None:
        centre = (subject["centre"][0], subject["centre"][1])
        found = draw_region(rng, image, area_px=subject["area_px"], centre=centre, config=_SUBJECTS)
    return found.mask.view(np.uint8) * np.uint8(255)


def _focus(
    image: RgbImage,
    labels: NDArray[np.uint8] | None,
    *,
    subject: Mapping[str, Any],
    sigma_px: float,
    rim_px: float,
    sharp_ground: bool,
    grain_seed: int,
) -> RgbImage:
    inside = cv2.GaussianBlur(_subject(image, labels, subject).astype(np.float32) / 255, (0, 0), rim_px)
    away = inside if sharp_ground else 1 - inside
    blurred = _out_of_focus(image, away, sigma_px=sigma_px)
    # A sensor's noise is not blurred by a lens.
    grainy = degrade.gaussian_noise(blurred, variance=grain_variance(image), seed=grain_seed, grey=True)
    return np.asarray(cv2.blendLinear(grainy, image, away, 1 - away), dtype=np.uint8)


def _out_of_focus(image: RgbImage, weight: NDArray[np.float32], *, sigma_px: float) -> RgbImage:
    """Return `image` blurred from the pixels of `weight` alone, so that what is in focus casts no halo."""
    # Never at full size: shrinking is part of the blur, and leaves a quarter of the work or less.
    factor = max(2.0, sigma_px / 1.5)
    rows, columns = image.shape[:2]
    size = (max(4, round(columns / factor)), max(4, round(rows / factor)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    share = np.asarray(cv2.resize(weight, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    # Cells across the outline hold some of both; the rest of 1e-3 is for places far from any other.
    share = np.where(share > 0.9, share, 0) + np.float32(1e-3)
    weighed = cv2.multiply(small, cv2.merge([share] * 3), dtype=cv2.CV_32F)
    sigma = sigma_px / factor
    total, norm = cv2.GaussianBlur(weighed, (0, 0), sigma), cv2.GaussianBlur(share, (0, 0), sigma)
    mean = np.clip(total / norm[..., None], 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(mean, (columns, rows), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _texture(
    image: RgbImage,
    labels: NDArray[np.uint8] | None,
    *,
    where: str,
    pattern: str,
    strength: float,
    spot: Mapping[str, Any] | None = None,
    subject: Mapping[str, Any] | None = None,
    **shape: Any,
) -> RgbImage:
    if pattern == "raised":
        textured = _raised(image, strength=strength)
    else:
        plane = _pattern(image.shape[:2], pattern=pattern, **shape)
        gain = cv2.merge([1 + np.float32(strength) * plane] * 3)
        textured = np.asarray(cv2.multiply(image, gain, dtype=cv2.CV_8U), dtype=np.uint8)
    if where == "everywhere":
        return textured
    if subject is not None:
        weight = cv2.GaussianBlur(_subject(image, labels, subject).astype(np.float32) / 255, (0, 0), 0.8)
    else:
        assert spot is not None
        weight = soft_spot((image.shape[0], image.shape[1]), **spot)
    return np.asarray(cv2.blendLinear(textured, image, weight, 1 - weight), dtype=np.uint8)


def _raised(image: RgbImage, *, strength: float) -> RgbImage:
    # A band, not all that is fine: the sensor's noise must not rise where the texture does.
    fine = cv2.GaussianBlur(image, (0, 0), 0.9)
    half = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    coarse = cv2.resize(cv2.GaussianBlur(half, (0, 0), 1.5), image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    band = cv2.addWeighted(fine, strength, coarse, -strength, 0, dtype=cv2.CV_16S)
    return np.asarray(cv2.add(image, band, dtype=cv2.CV_8U), dtype=np.uint8)


def _pattern(
    size: tuple[int, ...], *, pattern: str, period_px: float, angle_deg: float, seed: int
) -> NDArray[np.float32]:
    """Return a pattern in [-1, 1], float32 (H, W)."""
    rows, columns = size[:2]
    if pattern == "grains":
        small = (max(2, round(columns / period_px)), max(2, round(rows / period_px)))
        grains = np.random.default_rng(seed).standard_normal(small[::-1]).astype(np.float32)
        grown = cv2.resize(grains, (columns, rows), interpolation=cv2.INTER_CUBIC)
        return np.asarray(np.clip(0.8 * grown, -1, 1), dtype=np.float32)
    along, across = _axes((rows, columns), centre=(0, 0), angle_deg=angle_deg)
    turn = np.float32(2 * np.pi / period_px)
    waves = np.sin(along * turn) if pattern == "stripes" else np.sin(along * turn) * np.sin(across * turn)
    return np.asarray(np.clip(3 * waves, -1, 1), dtype=np.float32)


def _shadow(image: RgbImage, labels: NDArray[np.uint8] | None, *, line: Mapping[str, Any], gain: float) -> RgbImage:
    del labels
    weight, _ = _drawn_line((image.shape[0], image.shape[1]), form="shadow", **line)
    light = cv2.merge([1 - np.float32(1 - gain) * weight] * 3)
    return np.asarray(cv2.multiply(image, light, dtype=cv2.CV_8U), dtype=np.uint8)


def _edges(
    image: RgbImage,
    labels: NDArray[np.uint8] | None,
    *,
    form: str,
    line: Mapping[str, Any],
    colour: Sequence[int],
    shading: float,
    grain_seed: int,
) -> RgbImage:
    del labels
    weight, across = _drawn_line((image.shape[0], image.shape[1]), form=form, **line)
    if not weight.any():
        return image
    top, left, rows, columns = bounds(weight > 0)
    window = (slice(top, top + rows), slice(left, left + columns))
    # A table over the way across: arithmetic on three planes of floats would cost several times more.
    shade = 1 + np.float32(shading) * np.linspace(-1, 1, 256, dtype=np.float32)
    table = np.clip(shade[:, None] * np.asarray(colour, dtype=np.float32), 0, 255).astype(np.uint8)
    steps = np.clip(np.float32(127.5) * (across[window] + 1), 0, 255).astype(np.uint8)
    flat = np.asarray(cv2.LUT(cv2.merge([steps] * 3), table[None]), dtype=np.uint8)
    grainy = degrade.gaussian_noise(flat, variance=grain_variance(image), seed=grain_seed, grey=True)
    inside = np.ascontiguousarray(weight[window])
    shown = image.copy()
    shown[window] = cv2.blendLinear(grainy, np.ascontiguousarray(image[window]), inside, 1 - inside)
    return shown


def _drawn_line(
    size: tuple[int, int],
    *,
    form: str,
    centre: Sequence[float],
    angle_deg: float,
    width_px: float,
    length_px: float,
    gap_px: float,
    soft_px: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how much of each pixel lies inside, and the way across in half widths, each float32 (H, W)."""
    along, across = _axes(size, centre=centre, angle_deg=angle_deg)
    if form == "wires":
        # The nearest of many lines `gap_px` apart.
        across = np.remainder(across, np.float32(gap_px)) - np.float32(gap_px / 2)
    inside = across if form == "shadow" else np.float32(width_px / 2) - np.abs(across)
    if form == "panel":
        inside = np.minimum(inside, np.float32(length_px / 2) - np.abs(along))
    weight = np.clip(inside / np.float32(soft_px) + np.float32(0.5), 0, 1).astype(np.float32)
    return weight, np.asarray(across / np.float32(width_px / 2), dtype=np.float32)


def _highlight(image: RgbImage, labels: NDArray[np.uint8] | None, *, spots: Sequence[Mapping[str, Any]]) -> RgbImage:
    del labels
    lit = image.copy()
    for spot in spots:
        window = _around(image.shape, spot)
        part = np.ascontiguousarray(lit[window])
        if part.size == 0:
            continue
        centre = (spot["centre"][0] - window[0].start, spot["centre"][1] - window[1].start)
        hill = soft_spot(
            (part.shape[0], part.shape[1]), centre=centre, radii=spot["radii"], angle_deg=spot["angle_deg"]
        )
        light = np.minimum(np.float32(spot["strength"]) * hill, np.float32(1))
        lit[window] = cv2.blendLinear(np.full_like(part, 255), part, light, 1 - light)
    return lit


def _around(full: tuple[int, ...], spot: Mapping[str, Any]) -> tuple[slice, slice]:
    """Return the part of a picture that a spot reaches: further out, its light is under one grey level."""
    reach = 3.6 * max(spot["radii"])
    rows, columns = (
        slice(max(0, int(at - reach)), max(0, min(side, int(at + reach) + 1)))
        for at, side in zip(spot["centre"], full[:2], strict=True)
    )
    return rows, columns


def _vignette(
    image: RgbImage, labels: NDArray[np.uint8] | None, *, centre: Sequence[float], strength: float, power: float
) -> RgbImage:
    del labels
    size = (image.shape[0], image.shape[1])
    along, across = _axes(size, centre=centre, angle_deg=0.0, step=2)
    distance = np.asarray(cv2.magnitude(along, across), dtype=np.float32) * np.float32(2 / np.hypot(*size))
    gain = _grown(np.maximum(0, 1 - np.float32(strength) * cv2.pow(distance, power)).astype(np.float32), size)
    return np.asarray(cv2.multiply(image, cv2.merge([gain] * 3), dtype=cv2.CV_8U), dtype=np.uint8)


def _axes(
    size: tuple[int, int], *, centre: Sequence[float], angle_deg: float, step: int = 1
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the distances from `centre` = (row, column) along and across a direction, float32 (H/step, W/step)."""
    counts = [-(-side // step) for side in size]
    rows, columns = (
        (np.arange(count, dtype=np.float32) + np.float32(0.5)) * np.float32(side / count) - np.float32(0.5 + at)
        for count, side, at in zip(counts, size, centre, strict=True)
    )
    cosine, sine = np.float32(np.cos(np.deg2rad(angle_deg))), np.float32(np.sin(np.deg2rad(angle_deg)))
    return columns[None] * cosine + rows[:, None] * sine, rows[:, None] * cosine - columns[None] * sine


def _grown(plane: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Return a smooth plane that was sampled in steps at `size` = (rows, columns)."""
    if plane.shape == size:
        return plane
    return np.asarray(cv2.resize(plane, (size[1], size[0]), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


_OPERATIONS: dict[str, Callable[..., RgbImage]] = {
    "focus": _focus,
    "texture": _texture,
    "shadow": _shadow,
    "edges": _edges,
    "highlight": _highlight,
    "vignette": _vignette,
}
NAMES = frozenset(_OPERATIONS)
