"""A teacher behind the `Segmenter` port: upright for the network, evidence pixels for everyone else."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.errors import OutputError, SegmenterError
from forensic_gui.domain.geometry import Box, Orientation, Point, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import Prompts
from forensic_gui.services.engine.translation import SEGMENTER_KINDS, as_stored, translated
from forensic_gui.services.ports import Encoded, Segmentation, SegmenterInfo
from forensic_gui.services.progress import CancelToken
from forensic_gui.storage.embeddings import EmbeddingKey, pixels_sha256

if TYPE_CHECKING:
    from boxprompt.teacher.contracts import Encoding, Teacher, TeacherPrompts

_WAIT_S = 0.05


class KeepEmbeddings(Protocol):
    """A cache of embeddings that outlives the process."""

    def load(self, key: EmbeddingKey) -> Mapping[str, NDArray[Any]] | None:
        """The arrays kept for a key, or None."""
        ...

    def store(self, key: EmbeddingKey, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep arrays; OutputError where they cannot be."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class EngineEncoded:
    """An encoded image.

    Attributes:
        encoding: what the teacher knows of the upright image.
        orientation: that turned the stored pixels upright.
        size: of the stored pixels.
        from_disk: whether it was encoded before, and read.
    """

    encoding: Encoding = field(repr=False)
    orientation: Orientation
    size: Size
    from_disk: bool = False

    @property
    def nbytes(self) -> int:
        """Bytes of memory it takes."""
        return self.encoding.nbytes


class EngineSegmenter:
    """A teacher behind the `Segmenter` port. Images are encoded one at a time; decodes wait for none."""

    def __init__(
        self, teacher: Teacher, *, embeddings: KeepEmbeddings | None = None, notices: tuple[str, ...] = ()
    ) -> None:
        """Wrap a teacher.

        Args:
            teacher: makes masks of upright images.
            embeddings: keeps what it encoded; None for nowhere.
            notices: what the user must be told of how this teacher came to be chosen.
        """
        self._teacher = teacher
        self._embeddings = embeddings if teacher.keeps_encodings else None
        self._notices = notices
        self._encoding = threading.Lock()

    @property
    def info(self) -> SegmenterInfo:
        """Which segmenter this is, with what there is to tell by now."""
        teacher = self._teacher
        return SegmenterInfo(
            id=teacher.id,
            name=teacher.name,
            weights_sha256=teacher.weights_sha256,
            device=teacher.device,
            runtime=teacher.runtime,
            parameters=teacher.parameters(),
            notices=(*self._notices, *teacher.notices),
            quick=teacher.is_quick,
            keeps_encodings=self._embeddings is not None,
        )

    def encode(
        self,
        pixels: NDArray[np.uint8],
        *,
        orientation: Orientation = Orientation.UPRIGHT,
        cancel: CancelToken | None = None,
    ) -> EngineEncoded:
        """Look at an image, or read what was seen before; see the port."""
        token = cancel or CancelToken()
        seen = None if self._embeddings is None else pixels_sha256(pixels, orientation=orientation)
        self._wait_for_turn(token)
        try:
            encoding = None if seen is None else self._restore(seen)
            from_disk = encoding is not None
            if encoding is None:
                upright = np.ascontiguousarray(orientation.apply(pixels))
                with translated(SEGMENTER_KINDS):
                    encoding = self._teacher.encode(upright, should_stop=lambda: token.is_cancelled)
                if seen is not None:
                    self._keep(seen, encoding)
        finally:
            self._encoding.release()
        return EngineEncoded(encoding, orientation, Size.of(pixels), from_disk)

    def decode(self, encoded: Encoded, prompts: Prompts, *, cancel: CancelToken | None = None) -> Segmentation:
        """Answer prompts; see the port."""
        assert isinstance(encoded, EngineEncoded), "an image is decoded by the segmenter that encoded it"
        token = cancel or CancelToken()
        started = time.perf_counter()
        with translated(SEGMENTER_KINDS):
            told = to_teacher(prompts, orientation=encoded.orientation, stored=encoded.size)
            answer = self._teacher.decode(encoded.encoding, told, should_stop=lambda: token.is_cancelled)
        mask = Mask.of(as_stored(answer.mask, encoded.orientation))
        return Segmentation(mask, answer.quality, time.perf_counter() - started)

    def _wait_for_turn(self, token: CancelToken) -> None:
        """Take the lock. Who waits here for the same image finds it on disk afterwards."""
        while not self._encoding.acquire(timeout=_WAIT_S):
            token.raise_if_cancelled()
        if token.is_cancelled:
            self._encoding.release()
            token.raise_if_cancelled()

    def _restore(self, seen: str) -> Encoding | None:
        if self._embeddings is None:  # given up by the encode that this one waited for
            return None
        arrays = self._embeddings.load(self._key(seen))
        if arrays is None:
            return None
        try:
            return self._teacher.restore(arrays)
        except ValueError:  # signed by us for this very key, yet of another form: of no use, and replaced
            return None

    def _keep(self, seen: str, encoding: Encoding) -> None:
        if self._embeddings is None:
            return
        try:
            # The key anew: the teacher may have left its device while it encoded.
            self._embeddings.store(self._key(seen), encoding.to_arrays())
        except OutputError as error:
            self._embeddings = None
            self._notices = (*self._notices, f"What the segmenter saw of the image is not kept: {error}")

    def _key(self, seen: str) -> EmbeddingKey:
        teacher = self._teacher
        told = {"segmenter": teacher.id, "device": teacher.device, "runtime": teacher.runtime}
        return EmbeddingKey(seen, teacher.weights_sha256, {**teacher.encoding_parameters(), **told})


def to_teacher(prompts: Prompts, *, orientation: Orientation, stored: Size) -> TeacherPrompts:
    """Prompts in evidence pixels as prompts in pixels of the upright view.

    Args:
        prompts: in evidence pixels.
        orientation: EXIF orientation of the evidence.
        stored: size of the evidence.

    Raises:
        SegmenterError: a coordinate is no number.
    """
    from boxprompt.teacher.contracts import Stroke, TeacherPrompts

    def turned(points: tuple[Point, ...]) -> NDArray[np.float32]:
        view = [orientation.to_view(point, stored=stored) for point in points]
        return np.array([(point.x, point.y) for point in view], dtype=np.float32).reshape(-1, 2)

    try:
        return TeacherPrompts(
            box=None if prompts.box is None else _turned_box(prompts.box, orientation, stored),
            points=turned(tuple(each.point for each in prompts.points)),
            labels=np.array([each.positive for each in prompts.points], dtype=np.bool_),
            strokes=tuple(Stroke(turned(each.points), each.width_px, each.positive) for each in prompts.scribbles),
        )
    except ValueError as error:
        raise SegmenterError(f"The prompts cannot be used: {error}.") from error


def _turned_box(box: Box, orientation: Orientation, stored: Size) -> tuple[float, float, float, float]:
    one = orientation.to_view(Point(box.x0, box.y0), stored=stored)
    other = orientation.to_view(Point(box.x1, box.y1), stored=stored)
    return (min(one.x, other.x), min(one.y, other.y), max(one.x, other.x), max(one.y, other.y))
