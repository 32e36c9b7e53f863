"""What the library knows of datasets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Size


def source_photographs(stem: str) -> frozenset[str]:
    """Photographs that an image was made of, as far as its stem tells (CASIA's naming); empty where it does not."""
    from boxprompt.data import datasets  # Pillow, and metrics: tenths

    return datasets.source_photographs(stem)


def fill_outlines(outlines: Sequence[NDArray[np.float64]], size: Size) -> NDArray[np.bool_]:
    """Pixels inside outlines; see `boxprompt.data.regions.fill_outlines`.

    Raises:
        ValueError: an outline crosses far more rows than any real one.
    """
    from boxprompt.data import regions

    return regions.fill_outlines(outlines, size.shape)
