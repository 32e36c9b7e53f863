"""Scribbles: folders `Tp/` (images), `Pt/` (partial labels) and `Au/` (untouched images, optional)."""

from __future__ import annotations

from pathlib import Path

from boxprompt.data.datasets import (
    TamperedDataset,
    images_by_stem,
    item_of,
    pair_by_stem,
    require_equal_sizes,
)
from boxprompt.data.truth import Scribbles

PARTIAL_FOLDER = "Pt"


def open_scribbles(folder: Path) -> TamperedDataset:
    """List a folder with Tp/, Pt/ and, where it has one, Au/. Only headers of images are read.

    Paired as masks are, see `TamperedDataset.open`. A map of Pt has 8 bits, grey or indexed: 1 on what is manipulated,
    0 on what is not, 255 where nobody said.

    Raises:
        DatasetError: as for masks.
    """
    images, maps = images_by_stem(folder / "Tp"), images_by_stem(folder / PARTIAL_FOLDER)
    pairs = pair_by_stem(images, maps, folder=folder, labels=PARTIAL_FOLDER)
    manipulated = [item_of(stem, images[stem], Scribbles(pairs[stem])) for stem in sorted(images)]
    require_equal_sizes(manipulated)
    untouched = images_by_stem(folder / "Au") if (folder / "Au").is_dir() else {}
    return TamperedDataset(
        name=folder.resolve().name,
        items=(*manipulated, *(item_of(stem, untouched[stem], None) for stem in sorted(untouched))),
    )
