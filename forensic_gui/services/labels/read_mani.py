"""Folders Tp, Gt and Au, their images and masks paired by stem, never by their order in a listing."""

from __future__ import annotations

import os
from pathlib import Path

from forensic_gui.domain.errors import LabelsError
from forensic_gui.services.labels.foreign import MAX_IMAGES, SUFFIXES, ForeignImage, ForeignRegion
from forensic_gui.services.labels.shapes import MaskFile
from forensic_gui.services.labels.staging import sha256_of

_MASK_ENDING = "_gt"


def mani_folders(path: Path) -> tuple[Path, ...]:
    """The folder itself where it has Tp or Au, else the parts of a split within it.

    Raises:
        LabelsError: there is none.
    """
    if _is_mani(path):
        return (path,)
    parts = tuple(sorted(each for each in path.iterdir() if _is_mani(each))) if path.is_dir() else ()
    if not parts:
        raise LabelsError(f"{path} has no folder Tp or Au; name the folder that holds them.")
    return parts


def read_mani(folder: Path) -> tuple[ForeignImage, ...]:
    """Images of one such folder.

    Raises:
        LabelsError: files do not pair; they are named.
    """
    images, masks = _by_stem(folder / "Tp"), _by_stem(folder / "Gt")
    paired = {_image_stem(stem, images): mask for stem, mask in masks.items()}
    lonely = sorted({images[stem].name for stem in images.keys() - paired.keys()})
    lonely += sorted(mask.name for stem, mask in paired.items() if stem not in images)
    if lonely or len(paired) != len(masks):
        named = ", ".join(lonely[:5]) or "several masks of one image"
        raise LabelsError(f"{folder}: images of Tp and masks of Gt do not pair ({named}).")
    manipulated = tuple(_manipulated(images[stem], paired[stem]) for stem in sorted(images))
    return (*manipulated, *(_untouched(image) for _, image in sorted(_by_stem(folder / "Au").items())))


def _is_mani(path: Path) -> bool:
    return (path / "Tp").is_dir() or (path / "Au").is_dir()


def _manipulated(image: Path, mask: Path) -> ForeignImage:
    try:
        mask_sha256 = sha256_of(mask)
    except OSError as error:
        raise LabelsError(f"{mask} cannot be read ({error.strerror}).") from error
    region = ForeignRegion(MaskFile(mask), where="the mask")
    return ForeignImage(image.name, f"Gt/{mask.name}", mask_sha256, (region,), file=image)


def _untouched(image: Path) -> ForeignImage:
    return ForeignImage(image.name, f"Au/{image.name}", "", (), file=image, untouched=True)


def _image_stem(stem: str, images: dict[str, Path]) -> str:
    return stem if stem in images else stem.removesuffix(_MASK_ENDING)


def _by_stem(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    if not folder.is_dir():
        return found
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            if (
                path.suffix.lower() not in SUFFIXES
                or entry.name.startswith(".")
                or not entry.is_file(follow_symlinks=False)
            ):
                continue
            if path.stem in found:
                raise LabelsError(f"{folder}: {found[path.stem].name} and {entry.name} have the same stem.")
            if len(found) == MAX_IMAGES:
                raise LabelsError(f"{folder} holds more than {MAX_IMAGES:,} images.")
            found[path.stem] = path
    return found
