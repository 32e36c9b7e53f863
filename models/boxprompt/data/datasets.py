"""Datasets of manipulated images: folders `Tp/` (images), `Gt/` (masks) and `Au/` (untouched images, optional).

Images and masks are paired by stem, never by their order in a listing, and what does not pair is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from boxprompt.contracts import BoolMask, RgbImage
from boxprompt.data.truth import Box, Scribbles, Truth, Unknown
from boxprompt.errors import BoxpromptError
from boxprompt.metrics.pixel import truth_from_pixels

Kind = Literal["splice", "copy-move", "removal", "unstated", "untouched"]

IMAGE_SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
MASK_SUFFIX = "_gt"

# CASIA v1 and v2: [ST]p_<S same | D different image>_<letters>_<source><source>, as Sp_D_NRN_A_ani0001_arc0002_0003
# (one name of v1 has a dot before its last number); Au_<kind>_<number> is the source <kind><number>.
_CASIA_MANIPULATED = re.compile(
    r"[ST]p_(?P<kind>[SD])_[A-Z]{3}_.*?(?P<first>[a-z]{3}\d+)_(?P<second>[a-z]{3}\d+)[_.]\d+"
)
_CASIA_UNTOUCHED = re.compile(r"Au_(?P<subject>[a-z]{3})_(?P<number>\d+)")
_CASIA_KINDS: dict[str, Kind] = {"D": "splice", "S": "copy-move"}
# Channel mean > 127.5 has a meaning only for masks of 8 bits; a 16-bit mask would be clipped without a word.
_MASK_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
_NAMED_AT_MOST = 5
# What Pillow raises on damaged files; its parsers' SyntaxError among them.
DECODE_ERRORS = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


class DatasetError(BoxpromptError):
    """A folder is not a dataset of this layout, or its files do not fit together."""


class UnreadableImageError(DatasetError):
    """One image or mask of a dataset cannot be read; the others can still be measured."""


@dataclass(frozen=True, slots=True)
class DatasetItem:
    """One image of a dataset.

    Attributes:
        name: the image file's stem, unique within manipulated and within untouched images.
        image: path of the image.
        mask: what is known of where it was manipulated, as a rule the path of a mask of the same size; None for an
            untouched image.
        kind: what was done, as far as the name says.
        sources: photographs it was made of; images that share one must not be split apart.
        boxes: what was drawn around its regions, beside a mask or in place of one.
    """

    name: str
    image: Path
    mask: Truth | None
    kind: Kind
    sources: frozenset[str]
    boxes: tuple[Box, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether it is known of every pixel if it was manipulated."""
        return not isinstance(self.mask, Scribbles | Unknown)

    def of_kind(self, kind: Kind) -> DatasetItem:
        """The same, of which is known what was done."""
        return replace(self, kind=kind)


@dataclass(frozen=True, slots=True)
class TamperedDataset:
    """Manipulated images, then untouched ones, each in order of name.

    Attributes:
        name: the folder's or file's name.
        items: manipulated items, then untouched ones.
    """

    name: str
    items: tuple[DatasetItem, ...]

    @classmethod
    def open(cls, folder: Path) -> TamperedDataset:
        """List a folder with Tp/, Gt/ and, where it has one, Au/. Only headers of images are read.

        A mask belongs to the image of the same stem, or of its stem without a trailing `_gt`. Hidden files and files
        that are no images by their suffix are passed over.

        Raises:
            DatasetError: Tp or Gt is missing or empty, a stem occurs twice, an image has no mask, a mask no image, or
                a mask has another size than its image; the files are named.
        """
        images, masks = images_by_stem(folder / "Tp"), images_by_stem(folder / "Gt")
        pairs = pair_by_stem(images, masks.items(), folder=folder, labels="Gt")
        manipulated = tuple(item_of(stem, images[stem], pairs[stem]) for stem in sorted(images))
        untouched_folder = folder / "Au"
        untouched = images_by_stem(untouched_folder) if untouched_folder.is_dir() else {}
        require_equal_sizes(manipulated)
        return cls(
            name=folder.resolve().name,
            items=(*manipulated, *(item_of(stem, untouched[stem], None) for stem in sorted(untouched))),
        )

    @property
    def manipulated(self) -> tuple[DatasetItem, ...]:
        """Items that were manipulated, whatever is known of where."""
        return tuple(item for item in self.items if item.mask is not None)

    @property
    def untouched(self) -> tuple[DatasetItem, ...]:
        """Items that were not."""
        return tuple(item for item in self.items if item.mask is None)

    def limited_to(self, count: int) -> TamperedDataset:
        """At most `count` items, spread evenly over the list, so that its parts keep their proportions.

        Raises:
            ValueError: `count` is less than 1.
        """
        if count < 1:
            raise ValueError(f"a dataset is limited to at least one item, not {count}")
        if count >= len(self.items):
            return self
        kept = ((2 * position + 1) * len(self.items) // (2 * count) for position in range(count))
        return TamperedDataset(name=self.name, items=tuple(self.items[index] for index in kept))


def split_by_source(
    items: Sequence[DatasetItem], *, share: float, seed: int
) -> tuple[tuple[DatasetItem, ...], tuple[DatasetItem, ...]]:
    """Split items in two so that no source photograph is on both sides.

    Args:
        items: items to split; their order does not matter.
        share: of the items the first part shall hold, in [0, 1]; it holds at most that, as near as whole groups
            taken in random order allow.
        seed: decides which groups.

    Returns:
        The two parts, each in order of name.

    Raises:
        ValueError: `share` is outside [0, 1].
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies in [0, 1], not {share}")
    groups = groups_by_source(items)
    order = np.random.default_rng(seed).permutation(len(groups))
    first: list[DatasetItem] = []
    second: list[DatasetItem] = []
    room = round(share * len(items))
    for index in order:
        part = first if len(first) + len(groups[index]) <= room else second
        part.extend(groups[index])
    return tuple(sorted(first, key=_by_name)), tuple(sorted(second, key=_by_name))


def groups_by_source(items: Iterable[DatasetItem]) -> tuple[tuple[DatasetItem, ...], ...]:
    """Group items that share a source, directly or through others (connected components), in order of name."""
    parent: dict[str, str] = {}

    def root(source: str) -> str:
        while parent.setdefault(source, source) != source:
            parent[source] = parent[parent[source]]
            source = parent[source]
        return source

    ordered = sorted(items, key=_by_name)
    for item in ordered:
        first, *others = sorted(item.sources)
        for other in others:
            parent[root(other)] = root(first)
    groups: dict[str, list[DatasetItem]] = {}
    for item in ordered:
        groups.setdefault(root(min(item.sources)), []).append(item)
    return tuple(tuple(group) for group in groups.values())


def source_photographs(stem: str) -> frozenset[str]:
    """Photographs that an image was made of, where its stem follows CASIA's naming; empty where it tells none."""
    if not (_CASIA_MANIPULATED.fullmatch(stem) or _CASIA_UNTOUCHED.fullmatch(stem)):
        return frozenset()
    return _parse_name(stem)[1]


def read_rgb(path: Path) -> RgbImage:
    """Decode an image with Pillow to uint8 (H, W, 3) RGB, in stored orientation.

    Raises:
        UnreadableImageError: it cannot be decoded.
    """
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except DECODE_ERRORS as error:
        raise UnreadableImageError(f"{path} cannot be read as an image: {error}.") from error


def read_mask(path: Path) -> BoolMask:
    """Read a mask image: bool (H, W), True where the mean over the colour channels exceeds 127.5.

    Raises:
        UnreadableImageError: it cannot be decoded, or does not have 8 bits a sample.
    """
    try:
        with Image.open(path) as image:
            if image.mode not in _MASK_MODES:
                raise UnreadableImageError(f"The mask {path} is of mode {image.mode}; save it with 8 bits a sample.")
            return truth_from_pixels(np.asarray(image.convert("RGB")))
    except DECODE_ERRORS as error:
        raise UnreadableImageError(f"{path} cannot be read as a mask: {error}.") from error


def _by_name(item: DatasetItem) -> tuple[bool, str]:
    return (item.mask is None, item.name)


def images_by_stem(folder: Path) -> dict[str, Path]:
    """The image files of a folder by their stem, in order of name; hidden files and others are passed over.

    Raises:
        DatasetError: it cannot be listed, or two have the same stem.
    """
    try:
        listed = sorted(folder.iterdir())
    except OSError as error:
        raise DatasetError(f"{folder} cannot be listed: {error.strerror}. A dataset has folders Tp and Gt.") from error
    images: dict[str, Path] = {}
    for path in listed:
        if path.suffix.lower() not in IMAGE_SUFFIXES or path.name.startswith(".") or not path.is_file():
            continue
        if path.stem in images:
            raise DatasetError(f"{images[path.stem]} and {path.name} have the same stem; rename or remove one.")
        images[path.stem] = path
    return images


def pair_by_stem(
    images: Mapping[str, Path], masks: Iterable[tuple[str, Path]], *, folder: Path, labels: str
) -> dict[str, Path]:
    """The mask of every image, by the image's stem: that of the same stem, or of the stem and `_gt`.

    Args:
        images: of the folder Tp, by stem.
        masks: stems and files of labels.
        folder: that both lie in.
        labels: name of the folder of labels, or of several in words.

    Raises:
        DatasetError: there is no image, one has no mask or two, or a mask no image; the files are named.
    """
    if not images:
        raise DatasetError(f"There is no image in {folder / 'Tp'}.")
    pairs: dict[str, Path] = {}
    lonely_masks = []
    for stem, mask in masks:
        image_stem = stem if stem in images else stem.removesuffix(MASK_SUFFIX)
        if image_stem not in images:
            lonely_masks.append(mask.name)
        elif image_stem in pairs:
            raise DatasetError(f"{pairs[image_stem]} and {mask} are labels of one image; remove one.")
        else:
            pairs[image_stem] = mask
    lonely_images = [images[stem].name for stem in sorted(images) if stem not in pairs]
    if lonely_images:
        raise DatasetError(f"{folder / labels} has no mask for {name_some(lonely_images)} of Tp.")
    if lonely_masks:
        raise DatasetError(f"{folder / 'Tp'} has no image for {name_some(lonely_masks)} of {labels}.")
    return pairs


def require_equal_sizes(items: Sequence[DatasetItem]) -> None:
    """Refuse manipulated items whose mask, a file, has another size than their image, by their headers.

    Raises:
        DatasetError: the files are named.
    """
    # Resizing a mask would move its border and with it every score: such a pair is for its owner to mend.
    unequal = []
    for item in items:
        assert isinstance(item.mask, Path | Scribbles)
        labels = item.mask if isinstance(item.mask, Path) else item.mask.path
        image_size, mask_size = header_size(item.image), header_size(labels)
        if image_size != mask_size:
            unequal.append("{} ({}x{}, mask {}x{})".format(item.image.name, *image_size, *mask_size))
    if unequal:
        raise DatasetError(f"The mask has another size than its image for {name_some(unequal)}.")


def header_size(path: Path) -> tuple[int, int]:
    """Width and height that the header of an image file states.

    Raises:
        DatasetError: it cannot be read.
    """
    try:
        with Image.open(path) as image:
            return image.size
    except DECODE_ERRORS as error:
        raise DatasetError(f"{path} cannot be read as an image: {error}.") from error


def name_some(names: Sequence[str]) -> str:
    """The first few names of many, in words."""
    shown = ", ".join(names[:_NAMED_AT_MOST])
    rest = len(names) - _NAMED_AT_MOST
    return f"{shown} and {rest} more" if rest > 0 else shown


def sorted_items(items: Iterable[DatasetItem]) -> tuple[DatasetItem, ...]:
    """Manipulated items, then untouched ones, each in order of path."""
    return tuple(sorted(items, key=lambda item: (item.mask is None, str(item.image))))


def item_of(stem: str, image: Path, mask: Truth | None, *, boxes: tuple[Box, ...] = ()) -> DatasetItem:
    """An item of which only its name tells kind and sources."""
    kind, sources = _parse_name(stem)
    told: Kind = "untouched" if mask is None else kind
    return DatasetItem(name=stem, image=image, mask=mask, kind=told, sources=sources, boxes=boxes)


def _parse_name(stem: str) -> tuple[Kind, frozenset[str]]:
    manipulated = _CASIA_MANIPULATED.fullmatch(stem)
    if manipulated:
        return _CASIA_KINDS[manipulated["kind"]], frozenset({manipulated["first"], manipulated["second"]})
    untouched = _CASIA_UNTOUCHED.fullmatch(stem)
    return "unstated", frozenset({untouched["subject"] + untouched["number"] if untouched else stem})
