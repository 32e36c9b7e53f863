"""The three parts of a labelled set: one to learn from, one to choose by, one that chooses nothing and is reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from boxprompt.data.datasets import DatasetItem, groups_by_source
from boxprompt.data.labels import file_digest, fingerprint
from boxprompt.errors import ConfigurationError

FEWEST_IMAGES = 8
"""Manipulated images that a fine-tuning needs at least."""

FEWEST_GROUPS = 4
"""Groups of manipulated images, sharing no photograph, that it needs at least: one is held out, one chooses."""


@dataclass(frozen=True, slots=True)
class Shares:
    """What share of the images each part holds; the rest is learned from.

    Attributes:
        held_out: chooses nothing; scored before and after.
        validation: chooses the stopping step and the threshold.

    Raises:
        ConfigurationError: nothing would be left to learn from.
    """

    held_out: float = 0.25
    validation: float = 0.15

    def __post_init__(self) -> None:
        if min(self.held_out, self.validation) <= 0 or self.held_out + self.validation > 0.8:
            raise ConfigurationError(
                "The shares held out and validated on are more than 0 and at most 0.8 together, "
                f"not {self.held_out:g} and {self.validation:g}."
            )


@dataclass(frozen=True, slots=True)
class Parts:
    """A labelled set in three parts that share no source photograph.

    Attributes:
        training: learned from.
        validation: chooses the stopping step and the threshold.
        held_out: chooses nothing.
    """

    training: tuple[DatasetItem, ...]
    validation: tuple[DatasetItem, ...]
    held_out: tuple[DatasetItem, ...]

    def counts(self) -> dict[str, dict[str, int]]:
        """Manipulated and untouched images by part."""
        named = {"training": self.training, "validation": self.validation, "held_out": self.held_out}
        return {
            name: {
                "manipulated": sum(item.mask is not None for item in part),
                "untouched": sum(item.mask is None for item in part),
            }
            for name, part in named.items()
        }


def split_parts(items: Sequence[DatasetItem], *, shares: Shares, seed: int) -> Parts:
    """Split a labelled set by source photograph.

    Groups with manipulated images and groups without are dealt out apart, so that every part has some of the former,
    and of the latter as far as they go round. A group of which some pixels are not known is learned from: figures of
    it would compare with none.

    Args:
        items: manipulated and untouched images.
        shares: of images by part; a part holds at most that, but at least one group with a manipulated image.
        seed: decides which groups go where.

    Raises:
        ConfigurationError: too few images or groups.
    """
    groups = groups_by_source(items)
    partial = [item for group in groups for item in group if not all(one.is_complete for one in group)]
    complete = [group for group in groups if all(item.is_complete for item in group)]
    edited = [group for group in complete if any(item.mask is not None for item in group)]
    untouched = [group for group in complete if all(item.mask is None for item in group)]
    count = sum(item.mask is not None for group in complete for item in group)
    if count < FEWEST_IMAGES or len(edited) < FEWEST_GROUPS:
        raise ConfigurationError(
            f"Fine-tuning needs at least {FEWEST_IMAGES} images with a mask, of at least {FEWEST_GROUPS} groups that "
            f"share no photograph{', beside those with scribbles' if partial else ''}; there are {count} of "
            f"{len(edited)}. Label more images."
        )
    generator = np.random.default_rng(seed)
    dealt = [
        _deal(part, shares=(shares.held_out, shares.validation), generator=generator, least=least)
        for part, least in ((edited, 1), (untouched, 0))
    ]
    held_out, validation, training = (
        tuple(sorted((*ours, *theirs), key=_by_name)) for ours, theirs in zip(*dealt, strict=True)
    )
    learned = tuple(sorted((*training, *partial), key=_by_name))
    return Parts(training=learned, validation=validation, held_out=held_out)


def manifest_sha256(items: Sequence[DatasetItem]) -> str:
    """SHA-256 over the sorted hashes of images and masks, "untouched" in place of a mask: what was learned from.

    It depends on the bytes alone, not on names or places.

    Raises:
        UnreadableImageError: a file cannot be read.
    """
    return fingerprint(items)


def shared_images(some: Sequence[DatasetItem], others: Sequence[DatasetItem]) -> int:
    """How many of the others' images are, byte for byte, among some.

    Raises:
        UnreadableImageError: a file cannot be read.
    """
    known = {file_digest(item.image) for item in some}
    return sum(file_digest(item.image) in known for item in others)


def _deal(
    groups: Sequence[tuple[DatasetItem, ...]],
    *,
    shares: tuple[float, ...],
    generator: np.random.Generator,
    least: int,
) -> list[list[DatasetItem]]:
    """Deal whole groups in random order into parts of at most the shares; the last part takes the rest."""
    total = sum(map(len, groups))
    left = [groups[index] for index in generator.permutation(len(groups))]
    parts: list[list[DatasetItem]] = []
    for position, share in enumerate(shares):
        room = round(share * total)
        # Every later part must still be able to get its least.
        spare = len(left) - least * (len(shares) - position)
        taken: list[int] = []
        held = 0
        for index, group in enumerate(left):
            if len(taken) < spare and held + len(group) <= room:
                taken.append(index)
                held += len(group)
        if len(taken) < least:
            taken = sorted(range(len(left)), key=lambda index: len(left[index]))[:least]
        parts.append([item for index in taken for item in left[index]])
        left = [group for index, group in enumerate(left) if index not in taken]
    return [*parts, [item for group in left for item in group]]


def _by_name(item: DatasetItem) -> tuple[bool, str]:
    return (item.mask is None, item.name)
