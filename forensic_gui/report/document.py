"""A report laid out in blocks: what HTML and PDF both are made of, so that they say the same.

All texts are plain: renderers escape them. A text that comes from outside (file names, metadata, people) may hold any
characters whatsoever; `domain.plain_text` says how those that cannot be seen are shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from forensic_gui.domain.reports.pictures import Picture, PictureRef

Tick = Callable[[int, int], None]
"""Told (done, total) steps between items; raises what the caller wants to stop rendering with."""


class Tone(StrEnum):
    """How a text is set."""

    BODY = "body"
    QUIET = "quiet"  # remarks of the program
    WORDS = "words"  # a person's words, line ends kept
    EMPTY = "empty"  # «not supplied»
    MONO = "mono"  # hashes, which may be broken anywhere; as a `Text` a command, line ends kept


class Weight(StrEnum):
    """How much a notice matters."""

    REMARK = "remark"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a section; level 2 is an item, level 3 a part of it."""

    text: str
    level: int = 2
    starts_page: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str
    tone: Tone = Tone.BODY


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence that must not be missed."""

    text: str
    weight: Weight = Weight.REMARK


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value."""

    label: str
    value: str
    tone: Tone = Tone.BODY


@dataclass(frozen=True, slots=True)
class Facts:
    """Labelled values under each other."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        header: of the columns; repeated on every page.
        rows: as many cells as the header.
        widths: of the columns, relative.
        mono: numbers of the columns that hold hashes and the like, from 0.
        caption: above it; "" for none.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    mono: frozenset[int] = frozenset()
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its caption.

    Attributes:
        picture: which one.
        caption: under it: what it is, and whether it is a derivative.
        missing: what stands in its place where there is no picture.
    """

    picture: PictureRef
    caption: str
    missing: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures beside each other, as many to a row as `columns`."""

    figures: tuple[Figure, ...]
    columns: int = 2


@dataclass(frozen=True, slots=True)
class ColourScale:
    """The fixed scale of a heatmap from 0 to 1, drawn by the renderer.

    Attributes:
        colours: RGB from 0 to 1, evenly spaced.
        threshold: where the scale is marked; None for no mark.
        caption: what the numbers are.
    """

    colours: tuple[tuple[int, int, int], ...]
    threshold: float | None
    caption: str


@dataclass(frozen=True, slots=True)
class SignatureLines:
    """Room to sign by hand: a line each, with its label, and what is known already above it."""

    lines: tuple[tuple[str, str], ...]
    """(label, what stands there; "" for an empty line)."""


Block = Heading | Text | Notice | Facts | Table | Figures | ColourScale | SignatureLines


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter: begins on a new page, stands in the table of contents.

    Attributes:
        anchor: its name within the document, ASCII letters, digits and hyphens.
        title: of it.
        blocks: what it consists of.
    """

    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Letterhead:
    """Whose report it is.

    Attributes:
        lines: name, address and so on.
        logo: PNG or JPEG; None for none.
    """

    lines: tuple[str, ...] = ()
    logo: Picture | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report.

    Attributes:
        title: on the first page, and the file's title.
        subtitle: under it.
        language: BCP 47, as "en".
        identity: labelled values of the first page: case, revision, head of the audit trail, hash of the record.
        letterhead: whose report it is.
        mark: what every page says across its head, as "DRAFT"; "" for nothing.
        footer: at the foot of every page, before the page's number.
        page_of: how pages are counted, as "page {page} of {pages}".
        contents: heading of the table of contents.
        sections: the chapters.
        remark: what every page says at its head and not across it, as "NOT REVIEWED"; "" for nothing.
        notices: on the first page, over the identity.
    """

    title: str
    subtitle: str
    language: str
    identity: tuple[Fact, ...]
    letterhead: Letterhead
    mark: str
    footer: str
    page_of: str
    contents: str
    sections: tuple[Section, ...]
    remark: str = ""
    notices: tuple[Notice, ...] = ()

    @property
    def heading_mark(self) -> str:
        """Mark and remark together."""
        return " · ".join(each for each in (self.mark, self.remark) if each)
