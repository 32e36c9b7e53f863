"""TinyViT-5M as a pyramid: the four scales F1 … F4 of the paper."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from boxprompt.torchvision_import import timm, tiny_vit

SCALE_WIDTHS = (64, 128, 160, 320)
SCALE_STRIDES = (4, 8, 16, 32)


class TinyVitPyramid(nn.Module):
    """timm's `tiny_vit_5m_224` without its classifier, from random initialisation.

    Input: float (B, 3, S, S), normalised RGB, S a multiple of 32.
    Output: F1 (B, 64, S/4, S/4), F2 (B, 128, S/8, S/8), F3 (B, 160, S/16, S/16), F4 (B, 320, S/32, S/32).
    """

    def __init__(self) -> None:
        super().__init__()
        # pretrained=False: this library never fetches anything by itself.
        self.body = timm.create_model("tiny_vit_5m_224", features_only=True, pretrained=False)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Return [F1, F2, F3, F4]."""
        return cast(list[Tensor], self.body(image))

    def use_explicit_attention(self) -> None:
        """Compute attention as matrix products instead of torch's fused call.

        For the biased 49-token windows here the fused call falls back, on a CPU, to a decomposition with extra masking
        passes: a tenth of the backbone's time. The result is the same up to float32 rounding.
        """
        for module in self.body.modules():
            if isinstance(module, tiny_vit.Attention):
                module.fused_attn = False
