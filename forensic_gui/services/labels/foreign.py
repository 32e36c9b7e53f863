"""What label files say, before it is known which evidence they speak of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from forensic_gui.domain.annotation import Confidence, Kind
from forensic_gui.domain.geometry import Size
from forensic_gui.services.labels.jsonfile import Field
from forensic_gui.services.labels.shapes import Shape

MAX_REGIONS = 10_000
"""Most regions of one image."""
MAX_POINTS = 1_000_000
"""Most corners of one outline."""
MAX_IMAGES = 1_000_000
MAX_NOTE = 10_000

SUFFIXES = frozenset({".bmp", ".gif", ".heic", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
"""Suffixes of images that labels are looked for beside."""


@dataclass(frozen=True, slots=True)
class ForeignRegion:
    """One region of a label file.

    Attributes:
        shape: its pixels, not made yet.
        where: place in the file, for sentences.
        kind: what was done, as far as the label says.
        confidence: how sure the labeller was.
        note: the labeller's words, or the label where it is no kind.
        source: for a copy-move, where it was taken from.
        author: who drew it, as far as the file says.
        drawn: when, as far as the file says.
    """

    shape: Shape
    where: str
    kind: Kind = Kind.UNKNOWN
    confidence: Confidence = Confidence.UNSTATED
    note: str = ""
    source: Shape | None = None
    author: str = ""
    drawn: str = ""


@dataclass(frozen=True, slots=True)
class ForeignImage:
    """One image of a label file.

    Attributes:
        name: file name of the image.
        labels: name of the file with its labels, for sentences.
        labels_sha256: hash of that file.
        regions: its regions.
        size: of the image, as far as the file says.
        file: the image itself, where it lies beside its labels.
        embedded_sha256: hash of the image where the label file holds it itself.
        stated_sha256: hash of the evidence, as far as the file says.
        untouched: whether it is marked as without manipulation.
        turned: whether the tool that wrote the labels shows images with their EXIF orientation applied.
        remarks: what of the file was passed over, a sentence each.
    """

    name: str
    labels: str
    labels_sha256: str
    regions: tuple[ForeignRegion, ...]
    size: Size | None = None
    file: Path | None = None
    embedded_sha256: str = ""
    stated_sha256: str = ""
    untouched: bool = False
    turned: bool = False
    remarks: tuple[str, ...] = ()


def kind_of(label: str) -> Kind | None:
    """The kind that a label names, whatever its case and separators; None where it names none."""
    wanted = label.strip().casefold().replace("_", "-").replace(" ", "-")
    return next((kind for kind in Kind if kind.value.replace(" ", "-") == wanted), None)


def kind_and_note(label: str, note: str) -> tuple[Kind, str]:
    """The kind of a label; one that names no kind is kept in front of the note."""
    kind = kind_of(label)
    if kind is not None:
        return kind, note
    return Kind.UNKNOWN, f"Label: {label}. {note}".rstrip()[:MAX_NOTE]


def confidence_of(stated: Field | None) -> Confidence:
    """The confidence that a file states; unstated where it states none."""
    if stated is None:
        return Confidence.UNSTATED
    try:
        return Confidence(stated.text())
    except ValueError:
        raise stated.refusal("one of " + ", ".join(Confidence)) from None


def size_of(width: Field, height: Field) -> Size:
    """A stated size; LabelsError where it is none."""
    return Size(width.integer(least=1, most=2**20), height.integer(least=1, most=2**20))


def optional_text(field: Field | None, *, most: int = MAX_NOTE) -> str:
    """A text; "" where there is none."""
    return "" if field is None else field.text(most=most)


def regular(path: Path) -> Path | None:
    """The path where a regular file lies there, not reached through a link of its own; None otherwise."""
    return path if path.is_file() and not path.is_symlink() else None
