"""SAM's mask decoder on the CPU: its own layers in its own order, with the memory laid out as they read it.

`segment_anything` keeps image tokens channel by channel, while every layer of its two-way transformer reads and writes
them token by token, so that each sum of the two crosses memory. Laid out by tokens from the start, the same products
and sums take three quarters of the time.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def decode_masks(
    decoder: Any, *, features: Tensor, positions: Tensor, sparse: Tensor, dense: Tensor, ambiguous: bool
) -> tuple[Tensor, Tensor]:
    """What `segment_anything.modeling.MaskDecoder.forward` answers about one image (arXiv 2304.02643, appendix A).

    Args:
        decoder: the mask decoder.
        features: float32 (1, C, h, w), embedding of the image.
        positions: float32 (1, C, h, w), encoding of its places; quickest as `by_token` lays it out.
        sparse: float32 (1, N, C), embedding of points and box.
        dense: float32 (1, C, h, w), embedding of the absent mask prompt.
        ambiguous: whether to answer with the three masks of a whole, a part and a part of a part, or with one.

    Returns:
        Logits float32 (1, M, 4h, 4w) and estimated IoUs float32 (1, M), M = 3 or 1.
    """
    wanted = slice(1, None) if ambiguous else slice(0, 1)
    asking = torch.cat((decoder.iou_token.weight, decoder.mask_tokens.weight))[None]
    read, image = decoder.transformer(by_token(features + dense), positions, torch.cat((asking, sparse), dim=1))
    upscaled = decoder.output_upscaling(image.transpose(1, 2).reshape(features.shape))
    # All of them, also where one is wanted: one alone is summed in another order.
    mixtures = torch.stack([mix(read[:, 1 + index]) for index, mix in enumerate(decoder.output_hypernetworks_mlps)], 1)
    logits = (mixtures @ upscaled.flatten(2)).unflatten(2, upscaled.shape[2:])
    return logits[:, wanted], decoder.iou_prediction_head(read[:, 0])[:, wanted]


def by_token(image: Tensor) -> Tensor:
    """The same numbers (1, C, h, w) with the channels of a place beside each other in memory."""
    return image.contiguous(memory_format=torch.channels_last)
