"""What every teacher is: it looks at an image once, then answers each prompt with a mask.

All images here are upright RGB, uint8 (H, W, 3); all coordinates are (x, y) in pixels of that image with the origin at
the top-left corner of the top-left pixel, so that the centre of the first pixel is (0.5, 0.5). Who stores images in
another orientation turns pixels before `Teacher.encode`, prompts before `Teacher.decode` and masks after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import BoolMask, RgbImage

Box: TypeAlias = tuple[float, float, float, float]
"""(x0, y0, x1, y1), half-open, in image pixels."""
ImageSize: TypeAlias = tuple[int, int]
"""(height, width) in pixels, the order of array shapes."""
Parameter: TypeAlias = str | int | float | bool
"""What a parameter in a record may be."""


def never_stop() -> bool:
    """A `should_stop` that lets everything finish."""
    return False


def _no_points() -> NDArray[np.float32]:
    return np.zeros((0, 2), dtype=np.float32)


def _no_labels() -> NDArray[np.bool_]:
    return np.zeros(0, dtype=np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """A scribble: a polyline with a width, on the region or on what does not belong to it.

    Attributes:
        points: corners in order, float32 (N, 2) of (x, y) in image pixels, N >= 1; one alone is a dot.
        width_px: of the stroke, in image pixels, at least 1.
        positive: whether what it covers belongs to the region.
    """

    points: NDArray[np.float32]
    width_px: float
    positive: bool = True

    def __post_init__(self) -> None:
        _require_points(self.points)
        if not len(self.points) or not self.width_px >= 1:
            raise ValueError("a stroke has at least one point and is at least one pixel wide")


@dataclass(frozen=True, slots=True, eq=False)
class TeacherPrompts:
    """All that is told about one region.

    Attributes:
        box: coarse box around it in image pixels, or None; it may reach past the image's border.
        points: single positions, float32 (N, 2) of (x, y) in image pixels.
        labels: bool (N,), True where the point lies on the region, False where it does not.
        strokes: scribbles of either sign.
    """

    box: Box | None = None
    points: NDArray[np.float32] = field(default_factory=_no_points)
    labels: NDArray[np.bool_] = field(default_factory=_no_labels)
    strokes: tuple[Stroke, ...] = ()

    def __post_init__(self) -> None:
        _require_points(self.points)
        if self.labels.dtype != np.bool_ or self.labels.shape != (len(self.points),):
            raise ValueError(f"expected a bool label a point, got {self.labels.dtype} {self.labels.shape}")
        if self.box is not None and not (np.isfinite(self.box).all() and _has_area(self.box)):
            raise ValueError(f"a box has x0 < x1 and y0 < y1, not {self.box}")

    @property
    def says_where(self) -> bool:
        """Whether anything tells where the region is: a box, or a positive point or stroke."""
        return self.box is not None or bool(self.labels.any()) or any(stroke.positive for stroke in self.strokes)


@dataclass(frozen=True, slots=True, eq=False)
class TeacherMask:
    """A teacher's answer.

    Attributes:
        mask: bool (H, W) of the image's size, True on the region.
        quality: the teacher's own estimate of the mask's IoU with the region, in [0, 1]; None where it has none.
        logits: float32 (256, 256), the network's mask before upsampling, over the padded square that it sees, positive
            on the region; None where there is no network.
    """

    mask: BoolMask
    quality: float | None
    logits: NDArray[np.float32] | None = None


class Encoding(Protocol):
    """What a teacher knows of one image before any prompt. Immutable; may be shared by threads."""

    @property
    def image_size(self) -> ImageSize:
        """Of the image."""
        ...

    @property
    def nbytes(self) -> int:
        """Bytes of memory that its arrays take."""
        ...

    def to_arrays(self) -> Mapping[str, NDArray[Any]]:
        """Everything as numeric arrays, for a file; `Teacher.restore` makes an equal encoding of them."""
        ...


class Teacher(Protocol):
    """Makes masks of prompts.

    Implementations answer equal calls equally on one device, and may be called from several threads at once: a decode
    does not wait for the encode of another image.
    """

    @property
    def id(self) -> str:
        """As in records: "grabcut", "mobile-sam", "sam-vit-b", "sam-vit-l", "sam-vit-h"."""
        ...

    @property
    def name(self) -> str:
        """What people call it, as "SAM ViT-B" or "GrabCut (no SAM)"."""
        ...

    @property
    def weights_sha256(self) -> str:
        """SHA-256 of the checkpoint, verified before it was loaded; "" for one without weights."""
        ...

    @property
    def device(self) -> str:
        """Where it computes now: "cpu", "cuda:0 (NVIDIA ...)" or "mps". An encode may have to leave a device."""
        ...

    @property
    def runtime(self) -> str:
        """What executes it, as "torch 2.13.0" or "OpenCV 5.0.0"."""
        ...

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences that a user must be told, as that a device was left for the CPU. Grows after a call at most."""
        ...

    @property
    def is_quick(self) -> bool:
        """Whether a decode is fast enough to follow a hand."""
        ...

    @property
    def keeps_encodings(self) -> bool:
        """Whether encoding costs so much that keeping encodings on disk pays."""
        ...

    def parameters(self) -> dict[str, Parameter]:
        """Everything beside weights, image and prompts that determines a mask, for records."""
        ...

    def encoding_parameters(self) -> dict[str, Parameter]:
        """The part of `parameters` that determines an encoding: with pixels and weights, the key of a cache."""
        ...

    def encode(self, image: RgbImage, *, should_stop: Callable[[], bool] = never_stop) -> Encoding:
        """Look at an image. Slow for a large network on a CPU.

        Args:
            image: uint8 (H, W, 3) RGB, upright; not to be written to as long as the encoding lives.
            should_stop: asked between steps.

        Raises:
            ImageError: the teacher cannot look at an image of this shape.
            StoppedError: `should_stop` said so.
            ValueError: the image is of another layout.
        """
        ...

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> Encoding:
        """Make an encoding of the arrays of `Encoding.to_arrays`.

        The arrays say nothing of the image or weights they come from: that is the caller's to sign and to check.

        Raises:
            ValueError: they are no encoding of this kind of teacher.
        """
        ...

    def decode(
        self, encoding: Encoding, prompts: TeacherPrompts, *, should_stop: Callable[[], bool] = never_stop
    ) -> TeacherMask:
        """Answer prompts about an image that this teacher encoded.

        Raises:
            PromptError: the prompts say nothing of where the region is, or lie outside the image.
            StoppedError: `should_stop` said so.
            TypeError: the encoding is of another kind of teacher.
        """
        ...


def _require_points(points: NDArray[np.float32]) -> None:
    if points.dtype != np.float32 or points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise ValueError(f"expected finite float32 (N, 2) of (x, y), got {points.dtype} {points.shape}")


def _has_area(box: Box) -> bool:
    return box[0] < box[2] and box[1] < box[3]
