"""What the library knows of datasets."""

from __future__ import annotations


def source_photographs(stem: str) -> frozenset[str]:
    """Photographs that an image was made of, as far as its stem tells (CASIA's naming); empty where it does not."""
    from boxprompt.data import datasets  # Pillow, and metrics: tenths

    return datasets.source_photographs(stem)
