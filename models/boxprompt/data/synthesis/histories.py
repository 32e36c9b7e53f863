"""What happened to pixels before and after an edit, as replayable steps.

A step is a frozen record; drawing steps and applying them are apart, so that a recipe can say exactly what was done
and the same history can be given to a forged image and to an untouched one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import BoolMask, RgbImage
from boxprompt.data import degrade
from boxprompt.data.synthesis.config import HistoryConfig
from boxprompt.data.synthesis.draws import MAX_SEED, between, chance, integer, log_between, pick

_SUBSAMPLINGS: tuple[degrade.Subsampling, ...] = ("4:2:0", "4:4:4", "4:2:2")
_SHRINKING: tuple[degrade.Interpolation, ...] = ("area", "linear", "cubic", "lanczos")
_GROWING: tuple[degrade.Interpolation, ...] = ("linear", "cubic", "lanczos")

Route: TypeAlias = Literal["untouched", "social", "edited"]


@dataclass(frozen=True, slots=True)
class Step:
    """One operation on the whole image.

    Attributes:
        name: a key of the table of operations.
        params: its JSON-able arguments.
    """

    name: str
    params: dict[str, Any]

    def record(self) -> dict[str, Any]:
        """Return the JSON-able form."""
        return {"step": self.name, **self.params}


@dataclass(frozen=True, slots=True)
class Finished:
    """An image after its last step.

    Attributes:
        image: uint8 (H, W, 3) RGB.
        mask: bool (H, W), moved with the image's geometry by nearest neighbour.
        encoded: the file's own bytes when the last step was a compression, whose decoded pixels are `image`;
            None otherwise.
    """

    image: RgbImage
    mask: BoolMask
    encoded: bytes | None


def draw_interpolation(rng: np.random.Generator, *, factor: float) -> degrade.Interpolation:
    """Return a resampling filter that editors would use for `factor`."""
    choices = _SHRINKING if factor < 1 else _GROWING
    return choices[integer(rng, 0, len(choices) - 1)]


def draw_prior(rng: np.random.Generator, config: HistoryConfig, *, size: tuple[int, int]) -> tuple[Step, ...]:
    """Return the steps of a material before an edit: optics, sensor noise, then compressions.

    Args:
        rng: source of randomness.
        config: shares and ranges.
        size: (rows, columns) of the material.
    """
    steps: list[Step] = []
    if chance(rng, config.scene_share):
        steps.append(_draw_scene(rng, size=size))
    if chance(rng, config.prior_noise_share):
        steps.append(_draw_noise(rng, config))
    for _ in range(pick(rng, (0, 1, 2), config.prior_jpeg_counts)):
        shift = (0, 0) if chance(rng, 0.4) else (integer(rng, 0, 7), integer(rng, 0, 7))
        steps.append(_draw_jpeg(rng, config, limits=config.prior_quality, shift=shift))
    return tuple(steps)


def draw_route(rng: np.random.Generator, config: HistoryConfig) -> tuple[Route, float]:
    """Return which way an image goes after the edit, and the factor of its rescaling, 1 where there is none."""
    if chance(rng, config.untouched_share):
        return "untouched", 1.0
    if chance(rng, config.social_share):
        # Services only ever shrink what they are given.
        return "social", log_between(rng, (min(config.rescale[0], 1.0), 1.0))
    return "edited", log_between(rng, config.rescale) if chance(rng, config.rescale_share) else 1.0


def draw_post(
    rng: np.random.Generator, config: HistoryConfig, *, size: tuple[int, int], route: Route, factor: float
) -> tuple[Step, ...]:
    """Return the steps after an edit.

    Args:
        rng: source of randomness.
        config: shares and ranges.
        size: (rows, columns) of the edited image.
        route: from `draw_route`.
        factor: of the rescaling; the step is left out when it is 1.
    """
    if route == "untouched":
        return ()
    steps: list[Step] = []
    if factor != 1.0:
        scaled = [max(16, round(side * factor)) for side in size]
        interpolation = draw_interpolation(rng, factor=factor)
        steps.append(Step("rescale", {"rows": scaled[0], "columns": scaled[1], "interpolation": interpolation}))
    if route == "social":
        steps.append(Step("sharpen", {"amount": round(between(rng, (0, 0.5)), 3), "sigma_px": 1.0}))
        quality = integer(rng, max(int(config.quality[0]), 60), 90)
        return (*steps, Step("jpeg", {"quality": quality, "subsampling": "4:2:0", "shift": (0, 0)}))
    steps.extend(_draw_look(rng, config))
    for generation in range(pick(rng, (0, 1, 2), config.jpeg_counts)):
        if generation > 0 and chance(rng, config.shifted_share):
            steps.append(Step("crop", {"top": integer(rng, 0, 7), "left": integer(rng, 0, 7)}))
        steps.append(_draw_jpeg(rng, config, limits=config.quality, shift=(0, 0)))
    return tuple(steps)


def apply(image: RgbImage, steps: Sequence[Step], *, mask: BoolMask | None = None) -> Finished:
    """Return `image` and `mask` after `steps`.

    Args:
        image: uint8 (H, W, 3) RGB.
        steps: in order.
        mask: bool (H, W); all False without one.
    """
    moved = np.zeros(image.shape[:2], dtype=np.bool_) if mask is None else mask
    encoded: bytes | None = None
    for step in steps:
        encoded = None
        if step.name == "jpeg" and tuple(step.params["shift"]) == (0, 0):
            encoded = degrade.encode_jpeg(image, quality=step.params["quality"], subsampling=step.params["subsampling"])
            image = degrade.decode_rgb(encoded)
        else:
            image = _OPERATIONS[step.name](image, **step.params)
            moved = _move(moved, step)
    return Finished(image=image, mask=moved, encoded=encoded)


def _draw_look(rng: np.random.Generator, config: HistoryConfig) -> list[Step]:
    steps: list[Step] = []
    if chance(rng, config.tone_share):
        gains = [round(float(g), 4) for g in np.exp(rng.normal(0, 0.03, 3) + rng.normal(0, 0.1))]
        steps.append(Step("tone", {"gamma": round(float(np.exp(rng.normal(0, 0.18))), 4), "gains": gains}))
    if chance(rng, config.blur_share):
        steps.append(Step("blur", {"sigma_px": round(between(rng, config.blur_sigma_px), 3)}))
    if chance(rng, config.sharpen_share):
        steps.append(
            Step(
                "sharpen", {"amount": round(between(rng, (0.2, 1.2)), 3), "sigma_px": round(between(rng, (0.5, 2)), 3)}
            )
        )
    if chance(rng, config.noise_share):
        steps.append(_draw_noise(rng, config))
    return steps


def _draw_noise(rng: np.random.Generator, config: HistoryConfig) -> Step:
    variance = round(log_between(rng, config.noise_variance), 3)
    return Step("noise", {"variance": variance, "seed": integer(rng, 0, MAX_SEED), "grey": chance(rng, 0.4)})


def _draw_jpeg(
    rng: np.random.Generator, config: HistoryConfig, *, limits: tuple[float, float], shift: tuple[int, int]
) -> Step:
    quality = integer(rng, int(limits[0]), int(limits[1]))
    subsampling = pick(rng, _SUBSAMPLINGS, config.subsampling)
    return Step("jpeg", {"quality": quality, "subsampling": subsampling, "shift": shift})


def _draw_scene(rng: np.random.Generator, *, size: tuple[int, int]) -> Step:
    centre = [round(float(rng.uniform(0.15, 0.85)) * side, 1) for side in size]
    if chance(rng, 0.5):
        return Step(
            "depth_of_field",
            {
                "centre": centre,
                "focus_px": round(between(rng, (0.2, 0.5)) * min(size), 1),
                "sigma_px": round(between(rng, (1, 4)), 2),
            },
        )
    # Positive: a flash near the centre; negative: a vignette.
    strength = between(rng, (0.15, 0.6)) if chance(rng, 0.4) else -between(rng, (0.15, 0.5))
    return Step("light", {"centre": centre, "strength": round(strength, 3)})


def _move(mask: BoolMask, step: Step) -> BoolMask:
    if step.name == "crop":
        return np.ascontiguousarray(mask[step.params["top"] :, step.params["left"] :])
    if step.name == "rescale":
        size = (step.params["columns"], step.params["rows"])
        # INTER_NEAREST rounds towards the corner; the exact one keeps pixel centres.
        scaled = cv2.resize(mask.view(np.uint8), size, interpolation=cv2.INTER_NEAREST_EXACT)
        return np.asarray(scaled, dtype=np.uint8).view(np.bool_)
    return mask


def _crop(image: RgbImage, *, top: int, left: int) -> RgbImage:
    return np.ascontiguousarray(image[top:, left:])


def _rescale(image: RgbImage, *, rows: int, columns: int, interpolation: degrade.Interpolation) -> RgbImage:
    return degrade.resize(image, size=(rows, columns), interpolation=interpolation)


def _blur(image: RgbImage, *, sigma_px: float) -> RgbImage:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma_px), dtype=np.uint8)


def _tone(image: RgbImage, *, gamma: float, gains: Sequence[float]) -> RgbImage:
    ramp = (np.arange(256) / 255.0) ** gamma
    table = np.clip(np.round(ramp[:, None] * np.asarray(gains) * 255), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table[None]), dtype=np.uint8)


def _falloff(size: tuple[int, ...], centre: Sequence[float]) -> NDArray[np.float32]:
    """Distance from `centre` in pixels, float32 (H, W)."""
    rows = np.arange(size[0], dtype=np.float32)[:, None] - np.float32(centre[0])
    columns = np.arange(size[1], dtype=np.float32)[None] - np.float32(centre[1])
    return np.asarray(cv2.magnitude(*np.broadcast_arrays(rows, columns)), dtype=np.float32)


def _depth_of_field(image: RgbImage, *, centre: Sequence[float], focus_px: float, sigma_px: float) -> RgbImage:
    weight = np.clip(_falloff(image.shape[:2], centre) / np.float32(focus_px) - 0.7, 0, 1).astype(np.float32)
    blurred = cv2.GaussianBlur(image, (0, 0), sigma_px)
    return np.asarray(cv2.blendLinear(blurred, image, weight, 1 - weight), dtype=np.uint8)


def _light(image: RgbImage, *, centre: Sequence[float], strength: float) -> RgbImage:
    distance = _falloff(image.shape[:2], centre) / np.float32(max(image.shape[:2]))
    bright = np.exp(-4 * distance * distance)
    gain = 1 + strength * bright if strength > 0 else 1 + strength * (1 - bright)
    return np.asarray(cv2.multiply(image, cv2.merge([gain.astype(np.float32)] * 3), dtype=cv2.CV_8U), dtype=np.uint8)


_OPERATIONS: dict[str, Callable[..., RgbImage]] = {
    "jpeg": degrade.jpeg,
    "noise": degrade.gaussian_noise,
    "sharpen": degrade.sharpen,
    "crop": _crop,
    "rescale": _rescale,
    "blur": _blur,
    "tone": _tone,
    "depth_of_field": _depth_of_field,
    "light": _light,
}
