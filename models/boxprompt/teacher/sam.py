"""SAM and MobileSAM as teachers: the image is encoded once, each prompt is decoded in a fraction of a second."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from boxprompt.contracts import RgbImage, require_rgb
from boxprompt.errors import ImageError, StoppedError
from boxprompt.inference.device import describe_device, resolve_device
from boxprompt.teacher.checkpoints import Checkpoint
from boxprompt.teacher.contracts import (
    Encoding,
    ImageSize,
    Parameter,
    TeacherMask,
    TeacherPrompts,
    never_stop,
)
from boxprompt.teacher.executor import EMBEDDING_STRIDE_PX, SamExecutor
from boxprompt.teacher.networks import INPUT_SIDE_PX, PIXEL_MEAN, PIXEL_STD, SamNetwork, load_network
from boxprompt.teacher.parity import Placement, place
from boxprompt.teacher.region import find_region
from boxprompt.teacher.sam_prompts import STROKE_POINTS_AT_MOST, STROKE_SPACING_PX, to_sam
from boxprompt.torchvision_import import import_segment_anything

EMBEDDING_SHAPE = (256, INPUT_SIDE_PX // EMBEDDING_STRIDE_PX, INPUT_SIDE_PX // EMBEDDING_STRIDE_PX)
_FLOAT32 = "float32"
_ARRAYS = frozenset({"embedding", "image_size", "input_size"})


@dataclass(frozen=True, slots=True, eq=False)
class SamEncoding:
    """SAM's view of one image.

    Attributes:
        embedding: float32 (256, 64, 64) over the padded square, 16 input pixels a cell.
        image_size: (height, width) of the image.
        input_size: (height, width) of the image as resized for the network, without padding.
    """

    embedding: NDArray[np.float32]
    image_size: ImageSize
    input_size: ImageSize

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the embedding takes."""
        return self.embedding.nbytes

    def to_arrays(self) -> Mapping[str, NDArray[Any]]:
        """The embedding, and both sizes as int64 (2,)."""
        return {
            "embedding": self.embedding,
            "image_size": np.array(self.image_size, dtype=np.int64),
            "input_size": np.array(self.input_size, dtype=np.int64),
        }


class SamTeacher:
    """A SAM on a device; see `Teacher`.

    Which device and precision compute is decided when it is built, by a small trial; see `boxprompt.teacher.parity`.
    Should the device run out of memory later, the CPU takes over for good and a notice says so.
    """

    is_quick = True
    keeps_encodings = True

    def __init__(
        self,
        network: SamNetwork,
        checkpoint: Checkpoint,
        *,
        sha256: str,
        device: str = "auto",
        precision: str = "auto",
        make_executor: Callable[..., SamExecutor] = SamExecutor,
    ) -> None:
        """Choose where and how to compute.

        Args:
            network: filled, on the CPU.
            checkpoint: what the network is.
            sha256: of the file that the weights come from.
            device: "auto", "cpu", "cuda" or "mps".
            precision: of the image encoder on a CPU: "auto", "float32" or "bfloat16". MobileSAM's is float32 unless
                asked otherwise: the third of a second that bfloat16 gains there is not worth its rounding.
            make_executor: what runs the network on a device; another one in tests.

        Raises:
            DeviceUnavailableError: no such device.
            ConfigurationError: no such precision.
        """
        self._checkpoint = checkpoint
        self._sha256 = sha256
        self._network = network
        self._make_executor = make_executor
        self._transform = import_segment_anything().utils.transforms.ResizeLongestSide(INPUT_SIDE_PX)
        self._lock = threading.Lock()
        self._precision = _FLOAT32 if precision == "auto" and checkpoint.architecture == "tiny_vit" else precision
        self._placement: Placement = self._placed(resolve_device(device))

    @property
    def id(self) -> str:
        """Of the checkpoint."""
        return self._checkpoint.id

    @property
    def name(self) -> str:
        """Of the checkpoint; for weights of an unlisted hash it says so."""
        return self._checkpoint.name if self.is_listed else f"{self._checkpoint.name} (unvalidated weights)"

    @property
    def weights_sha256(self) -> str:
        """Of the file that the weights come from."""
        return self._sha256

    @property
    def is_listed(self) -> bool:
        """Whether these are the published weights."""
        return self._sha256 == self._checkpoint.sha256

    @property
    def device(self) -> str:
        """The device by its full name."""
        return describe_device(self._placement.executor.device)

    @property
    def runtime(self) -> str:
        """Torch and its version."""
        return f"torch {torch.__version__}"

    @property
    def notices(self) -> tuple[str, ...]:
        """What a user must be told of weights and device."""
        if self.is_listed:
            return self._placement.notices
        unvalidated = f"These weights are not the published {self._checkpoint.name}: nobody has validated them."
        return (unvalidated, *self._placement.notices)

    @property
    def placement(self) -> Placement:
        """Where it computes, and what the trial of device and precision found."""
        return self._placement

    def parameters(self) -> dict[str, Parameter]:
        """Everything beside weights, image and prompts that determines a mask."""
        return {
            **self.encoding_parameters(),
            "validated_weights": self.is_listed,
            "decoder_dtype": "float32",
            "threads": torch.get_num_threads(),
            "stroke_spacing_px": STROKE_SPACING_PX,
            "stroke_points_at_most": STROKE_POINTS_AT_MOST,
        }

    def encoding_parameters(self) -> dict[str, Parameter]:
        """What determines an embedding beside weights and pixels."""
        executor = self._placement.executor
        return {
            "input_side_px": INPUT_SIDE_PX,
            "resize_filter": "Pillow bilinear, antialiased, longest side",
            "pixel_mean": ", ".join(map(str, PIXEL_MEAN)),
            "pixel_std": ", ".join(map(str, PIXEL_STD)),
            "encoder_dtype": str(executor.dtype).removeprefix("torch."),
            "encoder_device": executor.device.type,
        }

    def encode(self, image: RgbImage, *, should_stop: Callable[[], bool] = never_stop) -> SamEncoding:
        """Embed an image; see `Teacher.encode`. Stops between the blocks of the encoder."""
        height, width = require_rgb(image).shape[:2]
        if should_stop():
            raise StoppedError("Encoding was stopped.")
        if not all(self._transform.get_preprocess_shape(height, width, INPUT_SIDE_PX)):
            raise ImageError(
                f"{self.name} cannot look at an image of {width}×{height} pixels: of the {INPUT_SIDE_PX} that it "
                "makes of the longer side, none is left for the shorter one. Use GrabCut for it."
            )
        resized: RgbImage = self._transform.apply_image(image)
        embedding = self._surviving(lambda run: run.embed(resized, side_px=INPUT_SIDE_PX, should_stop=should_stop))
        return SamEncoding(
            embedding=embedding,
            image_size=(image.shape[0], image.shape[1]),
            input_size=(resized.shape[0], resized.shape[1]),
        )

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> SamEncoding:
        """The encoding of its arrays; see `Teacher.restore`."""
        if set(arrays) != _ARRAYS:
            raise ValueError(f"an encoding of SAM is {sorted(_ARRAYS)}, not {sorted(arrays)}")
        embedding = arrays["embedding"]
        if embedding.dtype != np.float32 or embedding.shape != EMBEDDING_SHAPE:
            raise ValueError(f"an embedding is float32 {EMBEDDING_SHAPE}, not {embedding.dtype} {embedding.shape}")
        image_size, input_size = (_as_size(arrays[name]) for name in ("image_size", "input_size"))
        if input_size != self._transform.get_preprocess_shape(*image_size, INPUT_SIDE_PX):
            raise ValueError(f"an image of {image_size} is not resized to {input_size}")
        return SamEncoding(embedding=embedding, image_size=image_size, input_size=input_size)

    def decode(
        self, encoding: Encoding, prompts: TeacherPrompts, *, should_stop: Callable[[], bool] = never_stop
    ) -> TeacherMask:
        """Answer prompts; see `Teacher.decode`. Of three masks for one point alone, the one SAM itself thinks best."""
        if not isinstance(encoding, SamEncoding):
            raise TypeError(f"{self.name} cannot use a {type(encoding).__name__}")
        find_region(prompts, encoding.image_size)  # only to refuse what says nothing of where
        asked = to_sam(prompts, image_size=encoding.image_size, input_size=encoding.input_size)
        if should_stop():
            raise StoppedError("Segmentation was stopped.")
        logits, quality = self._surviving(lambda run: run.decode(encoding.embedding, asked))
        best = int(np.argmax(quality))
        if should_stop():
            raise StoppedError("Segmentation was stopped.")
        mask = self._surviving(
            lambda run: run.enlarge(logits[best], input_size=encoding.input_size, image_size=encoding.image_size)
        )
        # An estimate by regression, which may exceed what an IoU can be.
        return TeacherMask(mask=mask, quality=float(np.clip(quality[best], 0, 1)), logits=logits[best].copy())

    def _placed(self, device: torch.device) -> Placement:
        return place(self._network, device, precision=self._precision, make_executor=self._make_executor)

    def _surviving(self, work: Callable[[SamExecutor], Any]) -> Any:
        """Do work on the device, and on the CPU from then on where the device's memory does not suffice."""
        executor = self._placement.executor
        try:
            return work(executor)
        except RuntimeError as error:
            if executor.device.type == "cpu" or not _is_out_of_memory(error):
                raise
        with self._lock:
            if self._placement.executor is executor:
                reason = f"{describe_device(executor.device)} ran out of memory; the CPU computes from here on."
                left = self._placed(torch.device("cpu"))
                self._placement = left.after(*self._placement.notices, reason)
        return work(self._placement.executor)


def load_sam(
    file: Path,
    *,
    id: str,
    device: str = "auto",
    precision: str = "auto",
    allow_unlisted: bool = False,
) -> SamTeacher:
    """Verify and load a SAM checkpoint: seconds.

    Args:
        file: the checkpoint, as published.
        id: "mobile-sam", "sam-vit-b", "sam-vit-l" or "sam-vit-h".
        device: "auto", "cpu", "cuda" or "mps".
        precision: of the image encoder on a CPU: "auto", "float32" or "bfloat16".
        allow_unlisted: also take weights whose hash is not listed; name, notices and parameters then say so.

    Raises:
        WeightsNotFoundError: no such segmenter or file.
        WeightsMismatchError: an altered, unlisted or unfit file.
        DeviceUnavailableError: no such device.
        ConfigurationError: no such precision.
    """
    resolve_device(device)  # before a second is spent on reading
    network, checkpoint, sha256 = load_network(file, id=id, allow_unlisted=allow_unlisted)
    return SamTeacher(network, checkpoint, sha256=sha256, device=device, precision=precision)


def _as_size(array: NDArray[Any]) -> ImageSize:
    if array.shape != (2,) or array.dtype != np.int64 or (array < 1).any():
        raise ValueError("a size is two positive int64")
    return (int(array[0]), int(array[1]))


def _is_out_of_memory(error: RuntimeError) -> bool:
    # MPS raises a plain RuntimeError.
    return isinstance(error, torch.OutOfMemoryError) or "out of memory" in str(error).lower()
