"""What a synthesis run draws from: every share and range, readable from a TOML table."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["authentic", "splice", "copy-move", "removal"]
Range: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryConfig:
    """Histories of photographs before an edit and of every image after it.

    Shares are chances in [0, 1]; lists of shares are relative weights; ranges are (low, high).

    Attributes:
        native_share: of materials that are a crop of the photograph's own pixels; the rest are resized views.
        on_grid_share: of native crops that start on the photograph's 8x8 grid and so keep its JPEG phase.
        scene_share: of materials with one optical effect before any compression (depth of field, uneven light).
        prior_noise_share: of materials with sensor-like noise added first.
        prior_jpeg_counts: weights of none, one and two JPEG generations before the edit.
        prior_quality: of those generations.
        untouched_share: of images that get nothing at all after the edit.
        social_share: of the others, those that go resize-then-JPEG as on a sharing service.
        rescale_share: of the others, those rescaled after the edit, by `rescale`.
        rescale: factor, drawn log-uniformly.
        blur_share: of images blurred after the edit, by a deviation in `blur_sigma_px`.
        blur_sigma_px: deviation of that Gaussian.
        sharpen_share: of images sharpened.
        noise_share: of images with noise of `noise_variance` added.
        noise_variance: squared grey levels, drawn log-uniformly.
        tone_share: of images with a gamma, gain and white balance change.
        jpeg_counts: weights of none, one and two JPEG generations after the edit.
        quality: of those generations.
        shifted_share: of later generations whose grid is moved by a crop of up to 7 pixels.
        subsampling: weights of 4:2:0, 4:4:4 and 4:2:2.
    """

    native_share: float = 0.6
    on_grid_share: float = 0.5
    scene_share: float = 0.08
    prior_noise_share: float = 0.15
    prior_jpeg_counts: tuple[float, float, float] = (0.45, 0.42, 0.13)
    prior_quality: Range = (55, 98)
    untouched_share: float = 0.25
    social_share: float = 0.15
    rescale_share: float = 0.35
    rescale: Range = (0.5, 1.5)
    blur_share: float = 0.12
    blur_sigma_px: Range = (0.3, 1.6)
    sharpen_share: float = 0.08
    noise_share: float = 0.15
    noise_variance: Range = (1, 40)
    tone_share: float = 0.2
    jpeg_counts: tuple[float, float, float] = (0.15, 0.6, 0.25)
    quality: Range = (50, 100)
    shifted_share: float = 0.5
    subsampling: tuple[float, float, float] = (0.7, 0.2, 0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditConfig:
    """Edits: what is cut, how large, where it goes and how it is blended.

    Attributes:
        area: share of the image that an edit covers, drawn log-uniformly.
        objects_share: of cuts that follow a label map, where the photograph has one.
        superpixel: weight of regions grown over a watershed of the image.
        flood: weight of regions of similar colour around a point.
        grabcut: weight of GrabCut foregrounds (slow).
        blob: weight of smooth random outlines.
        polygon: weight of random polygons.
        ellipse: weight of ellipses.
        rectangle: weight of rectangles.
        centre_share: of edits placed by a Gaussian around the image's centre; the rest go anywhere.
        grounded_share: of pieces that their photograph's lower border cut off, those put on the host's own.
        resample_share: of pasted pieces that are scaled; the others keep their own sampling.
        scale: of those, drawn log-uniformly.
        rotate_share: of pasted pieces that are turned by up to `rotate_deg` either way.
        rotate_deg: largest turn.
        flip_share: of pasted pieces mirrored left to right.
        colour_match_share: of splices whose Lab mean and deviation are drawn towards the place they go to.
        tone_share: of pasted pieces with a change of gain and gamma of their own.
        hard_share: of pastes with a hard edge.
        poisson_share: of pastes by gradient-domain cloning, where the piece is small enough to be quick.
        feather_px: width of the other pastes' soft edge.
        second_edit_share: of forged images with one more edit of the same kind.
        copy_move_largest: cap on a copied region's share of the image.
        removal_largest: cap on a removed region's share of the image.
        clone_fill: weight of removals filled with a patch of the same photograph.
        inpaint_fill: weight of removals filled by diffusion inpainting.
        smooth_fill: weight of removals filled by a coarse, blurred inpainting.
    """

    area: Range = (0.005, 0.4)
    objects_share: float = 0.45
    superpixel: float = 0.36
    flood: float = 0.12
    grabcut: float = 0.02
    blob: float = 0.22
    polygon: float = 0.1
    ellipse: float = 0.1
    rectangle: float = 0.08
    centre_share: float = 0.25
    grounded_share: float = 0.75
    resample_share: float = 0.6
    scale: Range = (0.5, 1.6)
    rotate_share: float = 0.35
    rotate_deg: float = 40.0
    flip_share: float = 0.3
    colour_match_share: float = 0.35
    tone_share: float = 0.2
    hard_share: float = 0.35
    poisson_share: float = 0.08
    feather_px: Range = (1, 5)
    second_edit_share: float = 0.12
    copy_move_largest: float = 0.25
    removal_largest: float = 0.2
    clone_fill: float = 0.45
    inpaint_fill: float = 0.35
    smooth_fill: float = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class DistractorConfig:
    """Benign things that look like evidence: hosts of every kind get them alike, and no mask ever covers them.

    Shares are of all hosts, each drawn by itself, and 0 unless asked for. What belongs to the scene or to the camera
    comes before the edit and before any compression that the synthesis adds; what people put over a finished picture
    comes after the edit.

    Attributes:
        focus_share: one thing sharp before a ground out of focus, or out of focus before a sharp ground.
        texture_share: busy texture: local contrast raised, or a pattern as of cloth or gravel, here or everywhere.
        edges_share: strong straight edges: shadows, poles, wires, grilles, flat panels.
        highlight_share: flash highlights, saturated and soft, and glints.
        vignette_share: darkened corners.
        stamp_share: a date or a name that the camera burnt in; an edit may lie over it.
        dodge_share: places made lighter or darker after the edit, with a wide soft edge.
        caption_share: captions, dates and watermarks after the edit.
        border_share: plain or blurred borders, letterbox bars, rounded corners.
        screenshot_share: the bars and panels of a screen around the picture.
    """

    focus_share: float = 0.0
    texture_share: float = 0.0
    edges_share: float = 0.0
    highlight_share: float = 0.0
    vignette_share: float = 0.0
    stamp_share: float = 0.0
    dodge_share: float = 0.0
    caption_share: float = 0.0
    border_share: float = 0.0
    screenshot_share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisConfig:
    """One synthesis run.

    Attributes:
        authentic: weight of untouched images.
        splice: weight of pieces of another photograph.
        copy_move: weight of pieces of the same photograph.
        removal: weight of things painted out.
        short_side_px: of the finished image.
        aspect: longer side over shorter side.
        turned_share: of images whose orientation is not the photograph's own.
        balance: exponent on a folder's number of photographs that sets how often it is drawn: 1 draws every
            photograph alike, 0 every folder alike.
        edits: how edits are made.
        histories: what happens to images before and after an edit.
        distractors: benign things that hosts of every kind get.

    Raises:
        ValueError: a share, weight or range cannot be drawn from.
    """

    authentic: float = 0.3
    splice: float = 0.35
    copy_move: float = 0.2
    removal: float = 0.15
    short_side_px: tuple[int, int] = (224, 512)
    aspect: Range = (1.0, 1.5)
    turned_share: float = 0.35
    balance: float = 0.5
    edits: EditConfig = field(default_factory=EditConfig)
    histories: HistoryConfig = field(default_factory=HistoryConfig)
    distractors: DistractorConfig = field(default_factory=DistractorConfig)

    def __post_init__(self) -> None:
        for part in (self, self.edits, self.histories, self.distractors):
            for name, value in _numbers(part):
                _check(name, value)
        if sum(self.kind_weights.values()) <= 0:
            raise ValueError("at least one kind needs a positive weight")

    @property
    def kind_weights(self) -> dict[Kind, float]:
        """The four kinds with their relative weights."""
        return {
            "authentic": self.authentic,
            "splice": self.splice,
            "copy-move": self.copy_move,
            "removal": self.removal,
        }

    @classmethod
    def from_mapping(cls, table: Mapping[str, Any]) -> SynthesisConfig:
        """Return the configuration of a TOML table; `edits`, `histories` and `distractors` are tables of their own.

        Raises:
            ValueError: a key is unknown or a value cannot be drawn from.
        """
        values = dict(table)
        edits = _build(EditConfig, values.pop("edits", {}))
        histories = _build(HistoryConfig, values.pop("histories", {}))
        distractors = _build(DistractorConfig, values.pop("distractors", {}))
        built: SynthesisConfig = _build(cls, values, edits=edits, histories=histories, distractors=distractors)
        return built

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON-able table that `from_mapping` reads."""
        return dataclasses.asdict(self)


def _build(kind: Any, values: Mapping[str, Any], **built: Any) -> Any:
    known = {entry.name for entry in dataclasses.fields(kind)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise ValueError(f"unknown synthesis setting: {', '.join(unknown)}")
    plain = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    for name, value in plain.items():
        numbers = value if isinstance(value, tuple) else (value,)
        if any(isinstance(number, bool) or not isinstance(number, int | float) for number in numbers):
            raise ValueError(f"{name} is a number or a list of numbers, got {value!r}")
    return kind(**plain, **built)


def _numbers(part: Any) -> list[tuple[str, Any]]:
    return [
        (entry.name, getattr(part, entry.name))
        for entry in dataclasses.fields(part)
        if isinstance(getattr(part, entry.name), int | float | tuple)
    ]


def _check(name: str, value: float | tuple[float, ...]) -> None:
    values = value if isinstance(value, tuple) else (value,)
    if any(number < 0 for number in values):
        raise ValueError(f"{name} must not be negative, got {value}")
    if name.endswith("_share") and values[0] > 1:
        raise ValueError(f"{name} is a share of at most 1, got {value}")
    if len(values) == 2 and values[0] > values[1]:
        raise ValueError(f"{name} runs from low to high, got {value}")
    if len(values) == 3 and sum(values) <= 0:
        raise ValueError(f"{name} needs a positive weight, got {value}")
