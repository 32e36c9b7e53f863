"""The student: an image alone in, a manipulation heatmap out; no prompt at inference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from boxprompt.network.backbone import SCALE_WIDTHS, TinyVitPyramid
from boxprompt.network.config import StudentConfig
from boxprompt.network.gating import GatedIntegration, PlainFusion
from boxprompt.network.guidance import BaseResponse, DualGuidance
from boxprompt.network.memory import MemoryBank
from boxprompt.network.preprocessing import MultiScalePreprocessing
from boxprompt.network.refinement import Refinement

ARCHITECTURE = "boxprompt-student"

AUXILIARY = "auxiliary."
"""Prefix of tensors that serve training alone; weights files have none of them."""


@dataclass(frozen=True, slots=True)
class StudentOutput:
    """What a forward pass returns.

    Attributes:
        logits: float (B, 1, S, S); A_refined = σ(logits).
        coarse_logits: float (B, 1, S/4, S/4), the same before upsampling.
        mean_gate: G_avg, float (B, 1, S/4, S/4) in [0, 1]; all ones without gates.
        memory: A_mem, float (B, 1, S/4, S/4) in [0, 1]; None without memory.
        retrieval: weights over prototypes, float (B, K, S/4, S/4); None without memory.
        scales: logits of each F'_i alone, float (B, 1, S, S); none but in training with supervised scales.
    """

    logits: Tensor
    coarse_logits: Tensor
    mean_gate: Tensor
    memory: Tensor | None
    retrieval: Tensor | None
    scales: tuple[Tensor, ...] = ()


class Student(nn.Module):
    """BoxPromptIML's student (paper, Eq. 4 and the section on memory-guided gated fusion).

    Input: float (B, 3, S, S), RGB normalised by the weight card's statistics, S = `config.input_side_px`
    (other multiples of 32 work and are out of training geometry).
    """

    def __init__(self, config: StudentConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.backbone = TinyVitPyramid()
        self.preprocessing = MultiScalePreprocessing(width)
        self.integration: nn.Module = GatedIntegration(width) if config.use_gates else PlainFusion()
        self.memory = (
            MemoryBank(width, size=config.memory_size, key_width=config.memory_key_width) if config.use_memory else None
        )
        self.base = BaseResponse(width)
        self.guidance = DualGuidance(config.alpha)
        self.refinement = Refinement(width)
        self.auxiliary: nn.ModuleList | None = None

    def forward(self, image: Tensor) -> StudentOutput:
        """Localize; see `StudentOutput` for shapes."""
        return self.from_scales(self.backbone(image), size=image.shape[-2:])

    def from_scales(self, scales: Sequence[Tensor], *, size: Sequence[int]) -> StudentOutput:
        """Localize from what the backbone answered.

        Args:
            scales: F1 … F4, see `TinyVitPyramid`.
            size: (S, S) of the logits.
        """
        prepared = self.preprocessing(scales)
        fused, mean_gate = self.integration(prepared)
        memory, retrieval = (None, None) if self.memory is None else self.memory(fused)
        response = self.guidance(self.base(fused), mean_gate, memory)
        coarse = self.refinement(response, fused)
        return StudentOutput(
            logits=_enlarged(coarse, size),
            coarse_logits=coarse,
            mean_gate=mean_gate,
            memory=memory,
            retrieval=retrieval,
            scales=self._supervised(prepared, size),
        )

    def supervise_scales(self, manipulated_share: float) -> None:
        """Give every F'_i a head of its own, for a loss on it (deep supervision: ours, not the paper's).

        Args:
            manipulated_share: share of manipulated pixels in the training data, in (0, 1), where their biases start.
        """
        heads = [nn.Conv2d(self.config.width, 1, 1) for _ in SCALE_WIDTHS]
        for head in heads:
            _start_at(head, manipulated_share)
        self.auxiliary = nn.ModuleList(heads)

    def initialise_bias(self, manipulated_share: float) -> None:
        """Start the last bias at the prior of a manipulated pixel, so that the first steps do not unlearn it.

        Args:
            manipulated_share: share of manipulated pixels in the training data, in (0, 1).
        """
        last = self.refinement.body[-1]
        assert isinstance(last, nn.Conv2d)
        _start_at(last, manipulated_share)

    def _supervised(self, prepared: Sequence[Tensor], size: Sequence[int]) -> tuple[Tensor, ...]:
        if self.auxiliary is None or not self.training:
            return ()
        return tuple(_enlarged(head(scale), size) for head, scale in zip(self.auxiliary, prepared, strict=True))


def _enlarged(coarse: Tensor, size: Sequence[int]) -> Tensor:
    return functional.interpolate(coarse, size=tuple(size), mode="bilinear", align_corners=False)


@torch.no_grad()
def _start_at(head: nn.Conv2d, manipulated_share: float) -> None:
    assert head.bias is not None
    head.bias.fill_(float(torch.logit(torch.tensor(manipulated_share))))
