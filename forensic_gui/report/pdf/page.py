"""A page's drawing: operators of its content stream. Heights are counted down from the page's upper edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from forensic_gui.report.pdf.lettering import Line
from forensic_gui.report.pdf.style import PAGE_HEIGHT, Colour

_BASELINE = 0.71  # of a line's height: texts of different sizes beside each other stand on one line


@dataclass(frozen=True, slots=True)
class Link:
    """A place on a page that leads to a heading.

    Attributes:
        left: of the place.
        top: of the place.
        right: of the place.
        bottom: of the place.
        entry: number of the heading in the table of contents.
    """

    left: float
    top: float
    right: float
    bottom: float
    entry: int


@dataclass(slots=True)
class Drawing:
    """Operators, in the order in which they paint."""

    code: list[str] = field(default_factory=list)
    _fill: Colour | None = None
    _stroke: Colour | None = None

    def text(self, line: Line, left: float, top: float, *, colour: Colour | None = None) -> None:
        """Draw a line of text from `left`, in a line's height from `top`."""
        if not line.shows:
            return
        style = line.style
        self._set_fill(colour or style.colour)
        baseline = PAGE_HEIGHT - top - _BASELINE * style.leading
        if line.text:
            self.code.append(f"/Span <</ActualText <feff{line.text.encode('utf-16-be').hex()}>>> BDC")
        self.code.append("BT")
        self.code.append(f"{left:.2f} {baseline:.2f} Td")
        for show in line.shows:
            self.code.append(f"/{show.resource} {style.size:g} Tf {show.code}")
        self.code.append("ET")
        if line.text:
            self.code.append("EMC")

    def box(self, left: float, top: float, width: float, height: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self._set_fill(colour)
        self.code.append(f"{left:.2f} {PAGE_HEIGHT - top - height:.2f} {width:.2f} {height:.2f} re f")

    def frame(self, left: float, top: float, width: float, height: float, colour: Colour) -> None:
        """Draw the outline of a rectangle, within it."""
        self._set_stroke(colour)
        edge = 0.25
        self.code.append(
            f"{2 * edge:g} w {left + edge:.2f} {PAGE_HEIGHT - top - height + edge:.2f} "
            f"{width - 2 * edge:.2f} {height - 2 * edge:.2f} re S"
        )

    def rule(self, left: float, right: float, top: float, colour: Colour, *, width: float = 0.5) -> None:
        """Draw a horizontal line."""
        self._set_stroke(colour)
        y = PAGE_HEIGHT - top
        self.code.append(f"{width:g} w {left:.2f} {y:.2f} m {right:.2f} {y:.2f} l S")

    def dots(self, left: float, right: float, top: float, colour: Colour) -> None:
        """Draw a dotted horizontal line."""
        self.code.append("q [0.6 2.4] 0 d")
        self.rule(left, right, top, colour, width=0.6)
        self.code.append("Q")
        self._stroke = None  # what it was before is back

    def pointer(self, tip: float, top: float, size: float, colour: Colour) -> None:
        """Draw a triangle that points down at (tip, top)."""
        self._set_fill(colour)
        y = PAGE_HEIGHT - top
        self.code.append(
            f"{tip:.2f} {y:.2f} m {tip - size / 2:.2f} {y + size:.2f} l {tip + size / 2:.2f} {y + size:.2f} l f"
        )

    def image(self, resource: str, left: float, top: float, width: float, height: float) -> None:
        """Draw a picture that was put into the file before."""
        y = PAGE_HEIGHT - top - height
        self.code.append(f"q {width:.2f} 0 0 {height:.2f} {left:.2f} {y:.2f} cm /{resource} Do Q")

    def joined(self) -> bytes:
        """The content stream."""
        return "\n".join(self.code).encode("ascii")

    def _set_fill(self, colour: Colour) -> None:
        if colour != self._fill:
            self._fill = colour
            self.code.append(f"{colour[0]:g} {colour[1]:g} {colour[2]:g} rg")

    def _set_stroke(self, colour: Colour) -> None:
        if colour != self._stroke:
            self._stroke = colour
            self.code.append(f"{colour[0]:g} {colour[1]:g} {colour[2]:g} RG")


@dataclass(slots=True)
class Page:
    """A page while it is drawn.

    Attributes:
        number: from 1.
        reference: of its object in the file.
        drawing: what is known now.
        later: draws what is known only when all pages are, as their number.
        links: places that lead to headings.
        pictures: references of its pictures by their names within the page.
    """

    number: int
    reference: str
    drawing: Drawing = field(default_factory=Drawing)
    later: list[Callable[[Drawing], None]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    pictures: dict[str, str] = field(default_factory=dict)
