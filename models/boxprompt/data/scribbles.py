"""Scribbles: folders `Tp/` (images), `Pt/` (partial labels), and where there are such `Gt/` (masks) and `Au/`."""

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
    """List a folder with Tp/ and Pt/. Only headers of images are read.

    Paired as masks are, see `TamperedDataset.open`; where there is Gt/ too, an image has a mask there or scribbles in
    Pt/. A map of Pt/ has 8 bits, grey or indexed: 1 on what is manipulated, 0 on what is not, 255 where nobody said.

    Raises:
        DatasetError: as for masks, or an image has both.
    """
    images, maps = images_by_stem(folder / "Tp"), images_by_stem(folder / PARTIAL_FOLDER)
    masks = _images_if_there(folder / "Gt")
    pairs = pair_by_stem(
        images,
        [*masks.items(), *maps.items()],
        folder=folder,
        labels=f"Gt and {PARTIAL_FOLDER}" if masks else PARTIAL_FOLDER,
    )
    partial = set(maps.values())
    manipulated = [
        item_of(stem, images[stem], Scribbles(pairs[stem]) if pairs[stem] in partial else pairs[stem])
        for stem in sorted(images)
    ]
    require_equal_sizes(manipulated)
    untouched = _images_if_there(folder / "Au")
    return TamperedDataset(
        name=folder.resolve().name,
        items=(*manipulated, *(item_of(stem, untouched[stem], None) for stem in sorted(untouched))),
    )


def _images_if_there(folder: Path) -> dict[str, Path]:
    return images_by_stem(folder) if folder.is_dir() else {}
