"""Runs a SAM's two halves on one device: the slow image encoder, the quick mask decoder. Arrays in, arrays out."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from boxprompt.contracts import BoolMask, RgbImage
from boxprompt.errors import StoppedError
from boxprompt.teacher.contracts import ImageSize, never_stop
from boxprompt.teacher.enlarging import positive_mask
from boxprompt.teacher.mask_decoder import by_token, decode_masks
from boxprompt.teacher.networks import INPUT_SIDE_PX, SamNetwork, encoder_steps
from boxprompt.teacher.sam_prompts import SamPrompts

EMBEDDING_STRIDE_PX = 16


class SamExecutor:
    """A SAM on a device. Stateless once it is built: calls from several threads do not disturb each other."""

    def __init__(self, network: SamNetwork, device: torch.device, *, dtype: torch.dtype = torch.float32) -> None:
        """Take a network to a device.

        Args:
            network: filled, on the CPU, where it stays: another device gets a copy.
            device: where to compute.
            dtype: of the image encoder's products, float32 or bfloat16; the decoder always computes in float32.
        """
        self.network = network if device.type == "cpu" else copy.deepcopy(network).to(device)
        self.device = device
        self.dtype = dtype
        self._positions = self._encode_positions((INPUT_SIDE_PX // EMBEDDING_STRIDE_PX,) * 2)

    @torch.inference_mode()
    def embed(
        self, resized: RgbImage, *, side_px: int, should_stop: Callable[[], bool] = never_stop
    ) -> NDArray[np.float32]:
        """Embed an image.

        Args:
            resized: uint8 (h, w, 3), no side longer than `side_px`.
            side_px: of the square it is padded to, a multiple of 16.
            should_stop: asked before each block of the encoder.

        Returns:
            Float32 (256, side_px / 16, side_px / 16).

        Raises:
            StoppedError: `should_stop` said so.
        """
        pixels = torch.from_numpy(np.ascontiguousarray(resized)).to(self.device).permute(2, 0, 1)[None]
        x = (pixels - self.network.pixel_mean) / self.network.pixel_std
        x = F.pad(x, (0, side_px - x.shape[3], 0, side_px - x.shape[2]))
        for step in encoder_steps(self.network.image_encoder):
            if should_stop():
                raise StoppedError("Encoding was stopped.")
            # Entered anew for every block: what autocast keeps of the weights would double a ViT-H's memory.
            with self.autocast():
                x = step(x)
        embedding: NDArray[np.float32] = x[0].float().cpu().numpy()
        return embedding

    @torch.inference_mode()
    def decode(
        self, embedding: NDArray[np.float32], prompts: SamPrompts
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Answer prompts.

        Args:
            embedding: float32 (256, h, w).
            prompts: in pixels of SAM's input.

        Returns:
            Logits float32 (C, 4h, 4w) and estimated IoUs float32 (C,): three of each where the prompts are ambiguous,
            otherwise one.
        """
        features = torch.from_numpy(embedding).to(self.device)[None]
        encoder = self.network.prompt_encoder
        points = (
            torch.from_numpy(prompts.points).to(self.device)[None],
            torch.from_numpy(prompts.labels).to(self.device)[None],
        )
        sparse, dense = encoder(
            points=points if len(prompts.points) else None,
            boxes=None if prompts.box is None else torch.from_numpy(prompts.box).to(self.device)[None],
            masks=None,
        )
        rows, columns = features.shape[-2:]
        whole = self._positions.shape[-2:] == (rows, columns)
        logits, quality = decode_masks(
            self.network.mask_decoder,
            features=features,
            positions=self._positions if whole else self._encode_positions((rows, columns)),
            sparse=sparse,
            dense=dense[..., :rows, :columns],
            ambiguous=prompts.is_ambiguous,
        )
        return logits[0].float().cpu().numpy(), quality[0].float().cpu().numpy()

    @torch.inference_mode()
    def enlarge(self, logits: NDArray[np.float32], *, input_size: ImageSize, image_size: ImageSize) -> BoolMask:
        """The mask of one logit map, bool (H, W) of the image's size: SAM's own two steps of bilinear interpolation.

        Computed on the CPU, which needs to enlarge only where the mask can be.
        """
        mask = positive_mask(
            torch.from_numpy(logits), side_px=INPUT_SIDE_PX, input_size=input_size, image_size=image_size
        )
        return np.asarray(mask.numpy(), dtype=np.bool_)

    @torch.inference_mode()
    def _encode_positions(self, grid: tuple[int, int]) -> Tensor:
        """The encoding of an embedding's places, float32 (1, 256, rows, columns); the same for every image."""
        return by_token(self.network.prompt_encoder.pe_layer(grid)[None])

    def autocast(self) -> torch.autocast | nullcontext[None]:
        """Where the encoder's products are computed in `dtype`."""
        if self.dtype == torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=self.dtype)
