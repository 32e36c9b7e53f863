"""A teacher that needs no weights, as the engine meets one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from boxprompt.errors import StoppedError
from boxprompt.teacher.contracts import TeacherMask, TeacherPrompts


@dataclass(frozen=True, eq=False)
class Seen:
    """The encoding of a pretend teacher: the image it was shown."""

    image: np.ndarray
    nbytes: int = 12

    @property
    def image_size(self) -> tuple[int, int]:
        return self.image.shape[:2]

    def to_arrays(self) -> Mapping[str, np.ndarray]:
        return {"image": self.image}


@dataclass
class PretendTeacher:
    """Answers with the pixels of its box, and remembers what it was asked."""

    id: str = "sam-vit-b"
    name: str = "Pretend SAM"
    weights_sha256: str = "cd" * 32
    device: str = "cpu"
    runtime: str = "pretend 1.0"
    notices: tuple[str, ...] = ()
    is_quick: bool = True
    keeps_encodings: bool = True
    dtype: str = "float32"
    shown: list[np.ndarray] = field(default_factory=list)
    told: list[TeacherPrompts] = field(default_factory=list)
    during_encode: Callable[[Callable[[], bool]], None] = lambda should_stop: None
    failure: Exception | None = None

    def parameters(self) -> dict[str, Any]:
        return {"input_side_px": 1024, "dtype": self.dtype}

    def encoding_parameters(self) -> dict[str, Any]:
        return self.parameters()

    def encode(self, image: np.ndarray, *, should_stop: Callable[[], bool]) -> Seen:
        if self.failure:
            raise self.failure
        self.shown.append(image)
        self.during_encode(should_stop)
        return Seen(image)

    def restore(self, arrays: Mapping[str, np.ndarray]) -> Seen:
        if set(arrays) != {"image"}:
            raise ValueError("no encoding of this teacher")
        return Seen(arrays["image"])

    def decode(self, encoding: Seen, prompts: TeacherPrompts, *, should_stop: Callable[[], bool]) -> TeacherMask:
        if self.failure:
            raise self.failure
        if should_stop():
            raise StoppedError("stopped")
        self.told.append(prompts)
        mask = np.zeros(encoding.image_size, bool)
        if prompts.box is not None:
            left, top, right, bottom = (round(value) for value in prompts.box)
            mask[top:bottom, left:right] = True
        for x, y in prompts.points[prompts.labels]:
            mask[int(y), int(x)] = True
        return TeacherMask(mask, 0.75)
