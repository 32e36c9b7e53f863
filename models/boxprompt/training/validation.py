"""Validation on composites of photographs the training never saw: the same ones every time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from boxprompt.contracts import IGNORE_LABEL
from boxprompt.errors import ConfigurationError
from boxprompt.inference.preprocess import normalise
from boxprompt.metrics.pixel import f1, rank, threshold_grid
from boxprompt.training.losses import masked_bce
from boxprompt.training.samples import NumberedSamples

_BATCH = 16
_MANIPULATED = 0.5  # share of the pixel, after squeezing
_THRESHOLDS = threshold_grid(100)


@dataclass(frozen=True, slots=True)
class ValidationScores:
    """Scores of labelled pixels, at the size that samples have.

    Attributes:
        validation_loss: unweighted BCE, the paper's loss.
        validation_f1: pixel F1 of manipulated composites at the best single threshold.
        validation_auc: mean pixel AUC of manipulated composites.
    """

    validation_loss: float
    validation_f1: float
    validation_auc: float


class ValidationSet:
    """Fixed composites, kept as they enter the network.

    Args (of the constructor):
        dataset: numbered samples, (uint8 (S, S, 3), float32 (1, S, S)) each and, where not all pixels are labelled,
            bool (1, S, S) of those that are; all of them are made at once.
        mean: of the input, by channel.
        std: of the input, by channel.

    Raises:
        ConfigurationError: none of the samples is manipulated, so that nothing could be measured.
    """

    def __init__(
        self,
        dataset: NumberedSamples,
        *,
        mean: tuple[float, float, float],
        std: tuple[float, float, float],
    ) -> None:
        samples = [dataset[index] for index in range(len(dataset))]
        self._images = np.stack([sample[0].numpy() for sample in samples])
        self._targets = torch.stack([sample[1] for sample in samples])
        known = [sample[2] if len(sample) > 2 else torch.ones_like(sample[1], dtype=torch.bool) for sample in samples]
        self._labelled = torch.stack(known)
        if not bool((self._labelled & (self._targets > _MANIPULATED)).any()):
            raise ConfigurationError(
                f"None of the {len(samples)} validation samples is manipulated; keep more of them."
            )
        self._mean, self._std = mean, std

    @torch.inference_mode()
    def score(self, network: nn.Module, *, device: torch.device) -> ValidationScores:
        """Run the network over the set, in evaluation mode, float32."""
        network.eval()
        logits = torch.cat([self._logits(network, start, device) for start in range(0, len(self._images), _BATCH)])
        scores = torch.sigmoid(logits)[:, 0].numpy()
        masks = np.where(self._labelled[:, 0], self._targets[:, 0] > _MANIPULATED, IGNORE_LABEL).astype(np.uint8)
        ranked = [rank(score, mask) for score, mask in zip(scores, masks, strict=True) if (mask == 1).any()]
        by_threshold = np.mean([f1(one.confusion(_THRESHOLDS)) for one in ranked], axis=0)
        return ValidationScores(
            validation_loss=float(masked_bce(logits, self._targets, labelled=self._labelled)),
            validation_f1=float(by_threshold.max()),
            validation_auc=float(
                np.nanmean([one.auc() for one in ranked])
            ),  # NaN where all of an image is manipulated,
        )

    def _logits(self, network: nn.Module, start: int, device: torch.device) -> torch.Tensor:
        images = normalise(self._images[start : start + _BATCH], mean=self._mean, std=self._std)
        logits: torch.Tensor = network(torch.from_numpy(images).to(device)).logits
        return logits.float().cpu()
