"""Validation on composites of photographs the training never saw: the same ones every time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from boxprompt.inference.preprocess import normalise
from boxprompt.network.student import Student
from boxprompt.training.losses import masked_bce
from boxprompt.training.samples import SynthesisDataset

_BATCH = 16
_THRESHOLDS = np.arange(0.02, 1.0, 0.02)


@dataclass(frozen=True, slots=True)
class ValidationScores:
    """Scores at the student's own input size.

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
        dataset: numbered samples, (uint8 (S, S, 3), float32 (1, S, S)) each; all of them are made at once.
    """

    def __init__(
        self,
        dataset: SynthesisDataset,
        *,
        mean: tuple[float, float, float],
        std: tuple[float, float, float],
    ) -> None:
        pairs = [dataset[index] for index in range(len(dataset))]
        self._images = np.stack([image.numpy() for image, _ in pairs])
        self._targets = torch.stack([target for _, target in pairs])
        self._mean, self._std = mean, std

    @torch.inference_mode()
    def score(self, network: Student, *, device: torch.device) -> ValidationScores:
        """Run the network over the set, in evaluation mode, float32."""
        network.eval()
        logits = torch.cat([self._logits(network, start, device) for start in range(0, len(self._images), _BATCH)])
        scores = torch.sigmoid(logits)[:, 0].numpy()
        masks = self._targets[:, 0].numpy() > 0.5
        manipulated = masks.any(axis=(1, 2))
        return ValidationScores(
            validation_loss=float(masked_bce(logits, self._targets)),
            validation_f1=_best_f1(scores[manipulated], masks[manipulated]),
            validation_auc=_mean_auc(scores[manipulated], masks[manipulated]),
        )

    def _logits(self, network: Student, start: int, device: torch.device) -> torch.Tensor:
        images = normalise(self._images[start : start + _BATCH], mean=self._mean, std=self._std)
        logits: torch.Tensor = network(torch.from_numpy(images).to(device)).logits
        return logits.float().cpu()


def _best_f1(scores: NDArray[np.float32], masks: NDArray[np.bool_]) -> float:
    best = 0.0
    for threshold in _THRESHOLDS:
        found = scores > threshold
        hits = (found & masks).sum(axis=(1, 2))
        f1 = 2 * hits / np.maximum(found.sum(axis=(1, 2)) + masks.sum(axis=(1, 2)), 1)
        best = max(best, float(f1.mean()))
    return best


def _mean_auc(scores: NDArray[np.float32], masks: NDArray[np.bool_]) -> float:
    values = []
    for score, mask in zip(scores, masks, strict=True):
        order = score.ravel().argsort(kind="stable")
        ranks = np.empty(order.size)
        ranks[order] = np.arange(1, order.size + 1)
        positives = int(mask.sum())
        negatives = mask.size - positives
        if positives and negatives:
            rank_sum = ranks[mask.ravel()].sum()
            values.append((rank_sum - positives * (positives + 1) / 2) / (positives * negatives))
    return float(np.mean(values))
