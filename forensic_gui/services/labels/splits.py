"""Splits by source: images that share a photograph or a group are never on two sides, whatever their number."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from forensic_gui.domain.errors import RequestError
from forensic_gui.domain.labels import LabelledImage

UNSPLIT = "all"
"""Name of the only part of an export that is not split."""

SourcesOfName = Callable[[str], frozenset[str]]
"""Photographs that an image was made of, as far as its stem tells; empty where it does not."""

_PART_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
# Names of folders and files of the exports, which a part must not take.
_RESERVED = frozenset({"images", "masks", "regions", "labels", "annotations", "splits", "scribbles", "manifest"})
_RESERVED_TOO = frozenset({"tp", "gt", "au", "data", "names", "path"})


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a split.

    Attributes:
        name: letters, digits, `_` and `-`.
        share: of the images, in (0, 1].
    """

    name: str
    share: float

    def __post_init__(self) -> None:
        if not _PART_NAME.fullmatch(self.name) or self.name.casefold() in _RESERVED | _RESERVED_TOO:
            raise RequestError(f"A part of a split cannot be called {self.name!r}; choose a name such as train or val.")
        if not 0 < self.share <= 1:
            raise RequestError(f"The share of {self.name} lies between 0 and 1, not at {self.share:g}.")


def parse_parts(text: str) -> tuple[Part, ...]:
    """Parts of a text such as `train=0.8,val=0.2`.

    Raises:
        RequestError: it is no such text, or names and shares do not fit together.
    """
    parts = []
    for piece in text.split(","):
        name, equals, share = piece.strip().partition("=")
        try:
            parts.append(Part(name, float(share)))
        except ValueError:
            equals = ""
        if not equals:
            raise RequestError(f"A split is written as train=0.8,val=0.2, not as {text!r}.")
    require_whole(parts)
    return tuple(parts)


def require_whole(parts: Sequence[Part]) -> None:
    """Check that names differ and shares make up the whole.

    Raises:
        RequestError: they do not.
    """
    if len({part.name.casefold() for part in parts}) != len(parts):
        raise RequestError("The parts of a split have names of their own.")
    total = sum(part.share for part in parts)
    if parts and not math.isclose(total, 1, abs_tol=1e-6):
        raise RequestError(f"The shares of a split add up to 1, not to {total:g}.")


def assign(
    images: Sequence[LabelledImage], parts: Sequence[Part], *, seed: int, sources_of_name: SourcesOfName
) -> dict[int, str]:
    """The part of every image, by item id.

    Groups come in an order that the seed and the hashes of their images decide, so that neither the machine nor the
    order of adding does; each goes where most room is left.
    """
    if not parts:
        return dict.fromkeys((image.item_id for image in images), UNSPLIT)
    room = {part.name: part.share * len(images) for part in parts}
    assigned: dict[int, str] = {}
    for group in sorted(source_groups(images, sources_of_name), key=lambda group: _place(group, seed)):
        chosen = max(room, key=lambda name: room[name])
        room[chosen] -= len(group)
        assigned.update((image.item_id, chosen) for image in group)
    return assigned


def source_groups(
    images: Iterable[LabelledImage], sources_of_name: SourcesOfName
) -> tuple[tuple[LabelledImage, ...], ...]:
    """Images that belong together, directly or through others, by the case's groups and by what names tell."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    keys = {image.item_id: _keys(image, sources_of_name) for image in images}
    for first, *others in keys.values():
        for other in others:
            parent[root(other)] = root(first)
    groups: dict[str, list[LabelledImage]] = {}
    for image in images:
        groups.setdefault(root(keys[image.item_id][0]), []).append(image)
    return tuple(tuple(group) for group in groups.values())


def _keys(image: LabelledImage, sources_of_name: SourcesOfName) -> list[str]:
    # The hash is a key of its own: the same bytes never lie on two sides.
    keys = [f"bytes {image.sha256}", *(f"photograph {name}" for name in sorted(sources_of_name(_stem(image))))]
    return [*keys, f"group {image.group}"] if image.group else keys


def _stem(image: LabelledImage) -> str:
    return PurePath(image.name).stem


def _place(group: Sequence[LabelledImage], seed: int) -> str:
    key = f"{seed} {min(image.sha256 for image in group)}"
    return hashlib.sha256(key.encode("ascii")).hexdigest()
