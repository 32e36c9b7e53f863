"""What an image is like, measured on its decoded pixels, and what is to be remarked on it for some weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.domain.suitability import ImageTraits, Remark, remarks_on
from forensic_gui.services.ports import LocalizerInfo

# Every so many rows: a share over some ten thousand pixels is as good as over all.
_ROWS_LOOKED_AT = 64
_BLOCK_PX = 8


def traits_of(decoded: DecodedEvidence) -> ImageTraits:
    """What is known of an image without any network; milliseconds, whatever its size."""
    facts, rows = decoded.facts, _some_rows(decoded.pixels)
    return ImageTraits(
        size=facts.stored,
        format=facts.format,
        jpeg_quality=facts.jpeg_quality,
        names_camera=facts.names_camera,
        flat_share=flat_share(rows),
        blockiness=blockiness(rows),
    )


def remarks_on_evidence(decoded: DecodedEvidence, localizer: LocalizerInfo) -> tuple[Remark, ...]:
    """In what evidence is unlike the images that a localizer's weights were trained on."""
    return () if localizer.domain is None else remarks_on(traits_of(decoded), localizer.domain)


def flat_share(rows: NDArray[np.uint8]) -> float:
    """Share of pixels that equal the next one of their row in all channels, in [0, 1].

    Args:
        rows: uint8 (n, W, 3) RGB.
    """
    if rows.shape[1] < 2:
        return 0.0
    return float(np.mean(np.all(rows[:, 1:] == rows[:, :-1], axis=2)))


def blockiness(rows: NDArray[np.uint8]) -> float:
    """Mean step of the green channel over columns' borders of 8 pixels, over the mean step elsewhere.

    The largest over the eight phases that a crop may have left; 1 where no phase stands out, and where nothing changes.

    Args:
        rows: uint8 (n, W, 3) RGB.
    """
    steps = np.abs(np.diff(rows[:, :, 1].astype(np.int16), axis=1)).mean(axis=0)
    if steps.size < 2 * _BLOCK_PX:
        return 1.0
    phases = np.array([steps[phase::_BLOCK_PX].mean() for phase in range(_BLOCK_PX)])
    others = (phases.sum() - phases) / (_BLOCK_PX - 1)
    highest = int(np.argmax(phases))
    return float(phases[highest] / others[highest]) if others[highest] > 0 else 1.0


def _some_rows(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return pixels[:: max(1, pixels.shape[0] // _ROWS_LOOKED_AT)]
