"""The validation part as the network sees it: whole images, not augmented, the same ones every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from boxprompt.contracts import IGNORE_LABEL
from boxprompt.inference.preprocess import normalise
from boxprompt.metrics.pixel import RankedScores, f1, rank, threshold_grid
from boxprompt.network.student import Student
from boxprompt.training.finetune_samples import LabelledImage, as_tensors
from boxprompt.training.losses import masked_bce

_BATCH = 16
_MANIPULATED = 0.5  # share of the pixel, after squeezing
_THRESHOLDS = threshold_grid(200)


@dataclass(frozen=True, slots=True)
class ViewScores:
    """Scores at the network's own input size.

    Attributes:
        loss: what the training lowers, on images it does not see.
        f1: pixel F1 of manipulated images at the best single threshold; 0 where no labelled pixel is manipulated.
        auc: mean pixel AUC of manipulated images; 0.5, what chance gives, where there is none.
    """

    loss: float
    f1: float
    auc: float


class Views:
    """Labelled images, squeezed to the network's input.

    Args (of the constructor):
        images: at least one.
        side_px: input side S.
        mean: of the input, by channel.
        std: of the input, by channel.
    """

    def __init__(
        self,
        images: Sequence[LabelledImage],
        *,
        side_px: int,
        mean: tuple[float, float, float],
        std: tuple[float, float, float],
    ) -> None:
        tensors = [as_tensors(one.resized((side_px, side_px))) for one in images]
        self._images = np.stack([image.numpy() for image, _, _ in tensors])
        self._targets = torch.stack([target for _, target, _ in tensors])
        self._labelled = torch.stack([labelled for _, _, labelled in tensors])
        self._manipulated = (self._targets > 0).flatten(1).any(dim=1)
        self.mean, self.std = mean, std

    @torch.inference_mode()
    def score(
        self, network: Student, *, device: torch.device, positive_weight: float = 1.0, untouched_share: float = 0.0
    ) -> ViewScores:
        """Run the network over the views, in evaluation mode, float32.

        Args:
            network: a student.
            device: where it is.
            positive_weight: of the loss, as in training.
            untouched_share: share of untouched images that the loss is of, as in training, however many there are.
        """
        network.eval()
        logits = torch.cat([self._logits(network, first, device) for first in range(0, len(self._images), _BATCH)])
        ranked = self._ranked(torch.sigmoid(logits))
        loss = self._loss(logits, positive_weight, untouched_share)
        if not ranked:
            return ViewScores(loss=loss, f1=0.0, auc=0.5)
        by_threshold = np.mean([f1(one.confusion(_THRESHOLDS)) for one in ranked], axis=0)
        aucs = [auc for auc in (one.auc() for one in ranked) if not np.isnan(auc)]
        return ViewScores(loss=loss, f1=float(by_threshold.max()), auc=float(np.mean(aucs)) if aucs else 0.5)

    def _loss(self, logits: torch.Tensor, positive_weight: float, untouched_share: float) -> float:
        def of(chosen: torch.Tensor) -> float:
            loss = masked_bce(
                logits[chosen],
                self._targets[chosen],
                labelled=self._labelled[chosen],
                positive_weight=positive_weight,
            )
            return float(loss)

        if bool(self._manipulated.all()) or not bool(self._manipulated.any()):
            return of(torch.ones_like(self._manipulated))
        return (1 - untouched_share) * of(self._manipulated) + untouched_share * of(~self._manipulated)

    def _ranked(self, scores: torch.Tensor) -> list[RankedScores]:
        truth = (self._targets[:, 0].numpy() > _MANIPULATED).astype(np.uint8)
        truth[~self._labelled[:, 0].numpy()] = IGNORE_LABEL
        return [
            rank(one, labels)
            for one, labels in zip(scores[:, 0].numpy(), truth, strict=True)
            if bool((labels == 1).any())
        ]

    def _logits(self, network: Student, first: int, device: torch.device) -> torch.Tensor:
        images = normalise(self._images[first : first + _BATCH], mean=self.mean, std=self.std)
        logits: torch.Tensor = network(torch.from_numpy(images).to(device)).logits
        return logits.float().cpu()
