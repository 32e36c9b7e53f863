"""Blocks whose compression history is not that of the rest of the image: a fixed map, nothing in it is learned.

Two statistics of `boxprompt.network.trace.statistics` carry it: how usual a block's coefficients are among those that
the image's last quantisation leaves, and how much its chroma would lose in one more compression. Both are read against
the image's own median, averaged over three cells each way and put on the scale of scores; the constants are ours,
chosen on forgeries set aside for development. It says nothing of an image that was never compressed, or was
recompressed so strongly that no earlier history is left.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from boxprompt.network.trace.statistics import against_image

GROUPS = ("chroma", "usual")
"""Groups of statistics that it reads."""

_USUAL = "usual-in-9"
_CHROMA = ("chroma-cb-error-90", "chroma-cr-error-90")
_LEAST, _MOST = -3.0, 6.0
_MIDDLE = 2.0
_SIDE_CELLS = 3


def history_scores(cells: Tensor, *, names: Sequence[str]) -> Tensor:
    """Score cells by how far their history is from the image's.

    Args:
        cells: statistics of a whole image, float32 (1, C, h, w).
        names: of the C statistics, `GROUPS` among them.

    Returns:
        float32 (h, w) in (0, 1).

    Raises:
        ValueError: a statistic that it reads is missing.
    """
    wanted = [names.index(name) for name in (_USUAL, *_CHROMA)]
    relative = against_image(cells[:, wanted])
    usual = (-relative[:, :1]).clamp(_LEAST, _MOST)
    chroma = relative[:, 1:].mean(dim=1, keepdim=True).clamp(_LEAST, _MOST)
    margin = (_SIDE_CELLS // 2,) * 4
    # Replicated, not mirrored: an image may be a single cell wide.
    framed = functional.pad(usual + chroma, margin, mode="replicate")
    smooth = functional.avg_pool2d(framed, _SIDE_CELLS, stride=1)
    return torch.sigmoid(smooth - _MIDDLE)[0, 0]
