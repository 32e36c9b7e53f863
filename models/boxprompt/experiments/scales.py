"""What a backbone answers to a set of images: kept as float16 on disk for a fixed one, or asked for anew each time."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from boxprompt.errors import WeightsMismatchError
from boxprompt.experiments.material import ImageSet
from boxprompt.inference.preprocess import normalise, resize_to_square
from boxprompt.network.backbone import SCALE_STRIDES, SCALE_WIDTHS, TinyVitPyramid
from boxprompt.weights import WeightsFile

BACKBONE = "backbone."
_BATCH = 8


class ScaleSource(Protocol):
    """F1 … F4 of the images of a set."""

    @property
    def side_px(self) -> int:
        """Side S of the square input."""
        ...

    def __len__(self) -> int:
        """How many images there are."""
        ...

    def batch(self, indices: NDArray[np.int64], *, backbone: TinyVitPyramid) -> list[Tensor]:
        """F1 … F4 of some images: float (B, C, h, w), channels last in memory.

        Args:
            indices: which images.
            backbone: that of the student that asks.
        """
        ...


class LiveScales:
    """Asks the backbone; see `ScaleSource`."""

    def __init__(self, views: NDArray[np.uint8], *, weights: WeightsFile) -> None:
        """Scales of images that are held in memory.

        Args:
            views: uint8 (N, S, S, 3), see `squeezed_views`.
            weights: whose card says how the input is normalised.
        """
        self.side_px = int(views.shape[1])
        self._views, self._card = views, weights.card

    def __len__(self) -> int:
        return len(self._views)

    def batch(self, indices: NDArray[np.int64], *, backbone: TinyVitPyramid) -> list[Tensor]:
        """F1 … F4 of some images; see `ScaleSource`."""
        images = normalise(self._views[indices], mean=self._card.input_mean, std=self._card.input_std)
        scales: list[Tensor] = backbone(torch.from_numpy(images))
        return scales


class CachedScales:
    """Reads from disk what a fixed backbone answered, whatever backbone the student has; see `ScaleSource`."""

    def __init__(self, folder: Path, *, side_px: int) -> None:
        """Scales that `cache_scales` left in `folder`.

        Args:
            folder: one array a scale, float16 (N, h, w, C).
            side_px: side S of the input they were computed from.
        """
        self.side_px = side_px
        self._arrays: list[NDArray[np.float16]] = [
            np.load(_path(folder, scale), mmap_mode="r") for scale in range(len(SCALE_WIDTHS))
        ]

    def __len__(self) -> int:
        return len(self._arrays[0])

    def batch(self, indices: NDArray[np.int64], *, backbone: TinyVitPyramid) -> list[Tensor]:  # noqa: ARG002
        """F1 … F4 of some images; see `ScaleSource`."""
        return [
            torch.from_numpy(np.asarray(array[indices], dtype=np.float32)).permute(0, 3, 1, 2) for array in self._arrays
        ]


def squeezed_views(images: ImageSet, *, side_px: int) -> NDArray[np.uint8]:
    """Every image of a set as it enters a student, uint8 (N, S, S, 3)."""
    return np.stack([resize_to_square(images.known(index).image, side_px) for index in range(len(images))])


def backbone_of(weights: WeightsFile) -> TinyVitPyramid:
    """The backbone of a student's weights, in evaluation mode.

    Raises:
        WeightsMismatchError: altered weights, or tensors of another network.
        WeightsNotFoundError: the file cannot be read.
    """
    backbone = TinyVitPyramid()
    state = {
        name.removeprefix(BACKBONE): torch.from_numpy(value)
        for name, value in weights.tensors().items()
        if name.startswith(BACKBONE)
    }
    try:
        backbone.load_state_dict(state)
    except RuntimeError as error:
        raise WeightsMismatchError(f"The tensors of «{weights.card.id}» hold no backbone that fits: {error}") from error
    backbone.eval()
    backbone.use_explicit_attention()
    return backbone.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def cache_scales(images: ImageSet, folder: Path, *, weights: WeightsFile, side_px: int, precision: str) -> CachedScales:
    """The scales of a set; computed unless an earlier call left them in `folder`.

    Args:
        images: decoded one after another.
        folder: of these scales alone.
        weights: whose backbone is asked; their card says how the input is normalised.
        side_px: side of the square input.
        precision: "bf16" runs the backbone under bfloat16 autocast.

    Raises:
        WeightsMismatchError: altered weights, or a response that float16 cannot hold.
    """
    if not folder.exists():
        beside = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        _compute(images, beside, weights=weights, side_px=side_px, precision=precision)
        beside.rename(folder)
    return CachedScales(folder, side_px=side_px)


@torch.inference_mode()
def _compute(images: ImageSet, folder: Path, *, weights: WeightsFile, side_px: int, precision: str) -> None:
    backbone = backbone_of(weights)
    arrays = [
        np.lib.format.open_memmap(
            _path(folder, scale), mode="w+", dtype=np.float16, shape=(len(images), side, side, width)
        )
        for scale, (width, side) in enumerate(
            zip(SCALE_WIDTHS, (side_px // stride for stride in SCALE_STRIDES), strict=True)
        )
    ]
    for start in range(0, len(images), _BATCH):
        views = [
            resize_to_square(images.known(index).image, side_px)
            for index in range(start, min(start + _BATCH, len(images)))
        ]
        batch = normalise(np.stack(views), mean=weights.card.input_mean, std=weights.card.input_std)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
            scales = backbone(torch.from_numpy(batch))
        for array, scale in zip(arrays, scales, strict=True):
            half = scale.float().permute(0, 2, 3, 1).numpy().astype(np.float16)
            if not np.isfinite(half).all():
                raise WeightsMismatchError(f"The backbone of «{weights.card.id}» answers beyond float16's range.")
            array[start : start + len(views)] = half
    for array in arrays:
        array.flush()


def _path(folder: Path, scale: int) -> Path:
    return folder / f"f{scale + 1}.npy"
