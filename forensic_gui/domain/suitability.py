"""In what an image is unlike those that weights were trained on: facts compared with a card, told in sentences.

What is measured of weights holds for images like those it was measured on. These remarks say where an image is not;
that there are none does not say that it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from forensic_gui.domain.geometry import Size

# Of photographs a tenth of neighbouring pixels is equal, of one in seventy over six tenths; of pages and screens most.
FLAT_SHARE = 0.6
# None of 24 photographs stored without loss is over 1.5; after JPEG 30 half of them are over this, after JPEG 20 23.
MOST_BLOCKINESS = 1.6
_PHOTOGRAPHIC = frozenset({"JPEG", "MPO (JPEG)", "HEIC", "AVIF"})
_SCREEN_SIDES = frozenset(
    {
        (750, 1334), (828, 1792), (1080, 1920), (1080, 2160), (1080, 2280), (1080, 2340), (1080, 2400), (1125, 2436),
        (1170, 2532), (1179, 2556), (1206, 2622), (1242, 2688), (1284, 2778), (1290, 2796), (1320, 2868), (1440, 2560),
        (1440, 2960), (1440, 3040), (1440, 3120), (1440, 3200), (1536, 2048), (1640, 2360), (1668, 2388), (2048, 2732),
        (768, 1366), (800, 1280), (900, 1440), (900, 1600), (1050, 1680), (1200, 1920), (1440, 3440), (1600, 2560),
        (1964, 3024), (2160, 3840), (2234, 3456),
    }
)  # fmt: skip
"""Sizes of usual screens, the shorter side first."""


class Oddity(StrEnum):
    """In what an image is unlike the training images."""

    SMALL = "smaller"
    LARGE = "larger"
    LOW_QUALITY = "compressed more strongly"
    SCREENSHOT = "perhaps a screenshot or drawing"
    RECOMPRESSED = "perhaps stored anew after compression"


@dataclass(frozen=True, slots=True)
class TrainingDomain:
    """Which images weights were trained on, as their card says.

    Attributes:
        short_side_px: least and greatest length of the shorter side.
        jpeg_quality: least and greatest quality of their last JPEG compression; None where none was compressed.
        screenshots: whether pictures of screens, or drawings, were among them.
    """

    short_side_px: tuple[int, int]
    jpeg_quality: tuple[int, int] | None = None
    screenshots: bool = False


@dataclass(frozen=True, slots=True)
class ImageTraits:
    """What is known of an image without any network.

    Attributes:
        size: as stored.
        format: as "JPEG" or "PNG".
        jpeg_quality: as the quantisation tables tell it; None for other formats.
        names_camera: whether the metadata names a camera; None where that is not known.
        flat_share: share of pixels that equal the next one in all channels, in [0, 1].
        blockiness: how much larger steps over the borders of 8×8 blocks are than those within, 1 where they are alike.
    """

    size: Size
    format: str
    jpeg_quality: int | None
    names_camera: bool | None
    flat_share: float
    blockiness: float


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing in which an image is unlike the training images, as a sentence."""

    oddity: Oddity
    sentence: str


def remarks_on(traits: ImageTraits, domain: TrainingDomain | None) -> tuple[Remark, ...]:
    """Compare an image with what weights were trained on.

    Args:
        traits: of the image.
        domain: of the weights; None where their card does not say, which leaves nothing to compare with.
    """
    if domain is None:
        return ()
    found = (_on_size(traits, domain), _on_quality(traits, domain), _on_screen(traits, domain), _on_blocks(traits))
    return tuple(remark for remark in found if remark is not None)


def sentences(remarks: Sequence[Remark]) -> tuple[str, ...]:
    """What remarks say."""
    return tuple(remark.sentence for remark in remarks)


def _on_size(traits: ImageTraits, domain: TrainingDomain) -> Remark | None:
    short, (least, most) = min(traits.size.shape), domain.short_side_px
    size = f"This image has {traits.size.width}×{traits.size.height} pixels"
    trained = f"the weights were trained on images with a shorter side of {least} to {most}"
    if short < least:
        return Remark(Oddity.SMALL, f"{size}; {trained}: little is left in it to see.")
    if short > most:
        return Remark(
            Oddity.LARGE,
            f"{size}; {trained}: traces may look different at this scale, and edits that are a small part of it are "
            "missed more often than was measured.",
        )
    return None


def _on_quality(traits: ImageTraits, domain: TrainingDomain) -> Remark | None:
    if traits.jpeg_quality is None or domain.jpeg_quality is None or traits.jpeg_quality >= domain.jpeg_quality[0]:
        return None
    least, most = domain.jpeg_quality
    return Remark(
        Oddity.LOW_QUALITY,
        f"Its last JPEG compression has a quality of about {traits.jpeg_quality}; the weights were trained on {least} "
        f"to {most}: stronger compression erases traces.",
    )


def _on_screen(traits: ImageTraits, domain: TrainingDomain) -> Remark | None:
    if domain.screenshots:
        return None
    photographic = traits.names_camera or traits.format in _PHOTOGRAPHIC
    of_a_screen = not photographic and tuple(sorted(traits.size.shape)) in _SCREEN_SIDES
    # Very strong compression flattens blocks of any photograph.
    flat = traits.flat_share > FLAT_SHARE and traits.blockiness <= MOST_BLOCKINESS
    signs = [
        *(["it has exactly the size of a screen"] if of_a_screen else []),
        *(["much of it is of one flat colour"] if flat else []),
    ]
    if not signs:
        return None
    return Remark(
        Oddity.SCREENSHOT,
        f"It may be a screenshot or a drawing ({' and '.join(signs)}); the weights were trained on photographs.",
    )


def _on_blocks(traits: ImageTraits) -> Remark | None:
    if traits.format in _PHOTOGRAPHIC or traits.blockiness <= MOST_BLOCKINESS:
        return None
    return Remark(
        Oddity.RECOMPRESSED,
        f"It is stored as {traits.format} but shows the 8×8 blocks of an earlier, strong JPEG compression.",
    )
