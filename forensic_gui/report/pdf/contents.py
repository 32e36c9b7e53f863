"""The table of contents and the bookmarks: headings, and the pages that they came to stand on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from forensic_gui.domain.plain_text import plain_line
from forensic_gui.report.document import Block, Document, Heading
from forensic_gui.report.pdf import style as look
from forensic_gui.report.pdf.flow import Piece, text_at
from forensic_gui.report.pdf.lettering import Lettering
from forensic_gui.report.pdf.page import Drawing, Link, Page
from forensic_gui.report.pdf.pdf_file import PdfFile, Value, text_string
from forensic_gui.report.pdf.style import LEFT, PAGE_HEIGHT, RIGHT, WIDTH

_LISTED_LEVEL = 2  # the deepest headings that stand in the table of contents
_INDENT = 14.0
_NUMBER_WIDTH = 34.0
_AIR = 14.0  # that a reader sees above a heading it leads to


def is_listed(block: Block) -> bool:
    """Whether a block is a heading that stands in the table of contents."""
    return isinstance(block, Heading) and block.level <= _LISTED_LEVEL


@dataclass(frozen=True, slots=True)
class Entry:
    """A heading of the table of contents.

    Attributes:
        title: plain.
        level: 1 for a section, 2 for a heading within.
    """

    title: str
    level: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a heading stands."""

    page: Page
    top: float

    @property
    def destination(self) -> Value:
        """Of links and bookmarks that lead there."""
        return [self.page.reference, "/XYZ", LEFT, round(PAGE_HEIGHT - self.top + _AIR, 2), "null"]


class Contents:
    """Headings of a document in their order, and where they are found to stand."""

    def __init__(self, document: Document) -> None:
        """List the headings; none has a place yet."""
        self.entries = tuple(_entries(document))
        self.places: list[Place] = []

    def note(self, page: Page, top: float) -> None:
        """Take down where the next of them stands."""
        self.places.append(Place(page, top))

    def pieces(self, title: str, letters: Lettering) -> Iterator[Piece]:
        """Pieces of the table; numbers of pages are drawn when they are known."""
        for line in letters.lines(plain_line(title), look.ITEM, WIDTH):
            yield Piece(
                look.ITEM.leading + 3.0,
                text_at(line, LEFT),
                before=26.0,
                stays=True,
            )
        for number, entry in enumerate(self.entries):
            is_last = number == len(self.entries) - 1
            yield self._piece(number, entry, letters, stays=entry.level == 1 and not is_last)

    def _piece(self, number: int, entry: Entry, letters: Lettering, *, stays: bool) -> Piece:
        style = look.CONTENTS_SECTION if entry.level == 1 else look.CONTENTS_ITEM
        left = LEFT + (_INDENT if entry.level > 1 else 0.0)
        line = letters.shortened(entry.title, style, RIGHT - left - _NUMBER_WIDTH)

        def paint(page: Page, top: float) -> None:
            page.drawing.text(line, left, top)
            page.links.append(Link(left, top, RIGHT, top + style.leading, number))
            page.later.append(
                lambda drawing: self._draw_number(drawing, number, left + line.width, top, letters, style)
            )

        return Piece(style.leading, paint, before=4.0 if entry.level == 1 else 0.0, stays=stays)

    def _draw_number(
        self, drawing: Drawing, number: int, end: float, top: float, letters: Lettering, style: look.Style
    ) -> None:
        line = letters.line(str(self.places[number].page.number), style)
        drawing.text(line, RIGHT - line.width, top)
        drawing.dots(end + 5.0, RIGHT - line.width - 4.0, top + style.leading * 0.72, look.RULE)

    def outline(self, file: PdfFile) -> str | None:
        """Write the bookmarks to `file`; their reference, None where there are no headings."""
        if not self.entries:
            return None
        root = file.reserve()
        references = [file.reserve() for _ in self.entries]
        tops = [number for number, entry in enumerate(self.entries) if entry.level == 1]
        children = {
            start: range(start + 1, end) for start, end in zip(tops, [*tops[1:], len(self.entries)], strict=True)
        }
        self._add_siblings(file, references, tops, root, children)
        for top, below in children.items():
            self._add_siblings(file, references, below, references[top], {})
        ends: dict[str, Value] = {"First": references[tops[0]], "Last": references[tops[-1]], "Count": len(tops)}
        return file.add({"Type": "/Outlines", **ends}, at=root)

    def _add_siblings(
        self,
        file: PdfFile,
        references: Sequence[str],
        siblings: Sequence[int],
        parent: str,
        children: Mapping[int, Sequence[int]],
    ) -> None:
        for position, number in enumerate(siblings):
            value: dict[str, Value] = {
                "Title": text_string(self.entries[number].title),
                "Parent": parent,
                "Dest": self.places[number].destination,
            }
            if position > 0:
                value["Prev"] = references[siblings[position - 1]]
            if position < len(siblings) - 1:
                value["Next"] = references[siblings[position + 1]]
            below = children.get(number, ())
            if below:
                value["First"], value["Last"] = references[below[0]], references[below[-1]]
                value["Count"] = -len(below)  # closed: a thousand items would bury the sections
            file.add(value, at=references[number])


def _entries(document: Document) -> Iterator[Entry]:
    for section in document.sections:
        yield Entry(plain_line(section.title), level=1)
        for block in section.blocks:
            if isinstance(block, Heading) and is_listed(block):
                yield Entry(plain_line(block.text), level=2)
