"""Pictures with their captions, and the scale of a heatmap, as pieces of pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from forensic_gui.domain.plain_text import plain_line
from forensic_gui.domain.reports.pictures import PictureRef
from forensic_gui.report.document import ColourScale, Figure, Figures
from forensic_gui.report.pdf import style as look
from forensic_gui.report.pdf.flow import Piece, space, texts_at
from forensic_gui.report.pdf.lettering import Lettering, Line
from forensic_gui.report.pdf.page import Page
from forensic_gui.report.pdf.style import LEFT, RIGHT, WIDTH

_GAP = 12.0  # between pictures
_HEIGHTS = (330.0, 215.0, 150.0)  # of pictures at most, by how many stand beside each other, 1 to 3
_POINTS_PER_PIXEL = 0.75  # no picture is blown up beyond 96 pixels to the inch: it would look like more than there is
_MISSING_HEIGHT = 56.0
_CAPTION_GAP = 3.0
_CAPTION_LINES = 12  # beside their pictures; what a very long one says beyond them may go over to the next page
_SCALE_HEIGHT = 9.0
_SCALE_WIDTH = 260.0
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class PlacedPicture:
    """A picture that is in the file.

    Attributes:
        resource: its name within pages.
        reference: of its object.
        width_px: of it.
        height_px: of it.
    """

    resource: str
    reference: str
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class _Frame:
    """A picture of a row, at its size in print; or what stands in its place."""

    picture: PlacedPicture | None
    width: float
    height: float
    missing: tuple[Line, ...]
    caption: tuple[Line, ...]


def figures(
    block: Figures, letters: Lettering, picture_of: Callable[[PictureRef], PlacedPicture | None]
) -> Iterator[Piece]:
    """Pieces of pictures, a row each: captions are never parted from them."""
    columns = min(max(1, block.columns), len(_HEIGHTS))
    cell = (WIDTH - (columns - 1) * _GAP) / columns
    tallest = _HEIGHTS[columns - 1]
    for start in range(0, len(block.figures), columns):
        row = [
            _frame(each, picture_of(each.picture), letters, cell, tallest)
            for each in block.figures[start : start + columns]
        ]
        yield from _row(row, cell)


def _frame(figure: Figure, picture: PlacedPicture | None, letters: Lettering, cell: float, tallest: float) -> _Frame:
    caption = letters.lines(plain_line(figure.caption), look.CAPTION, cell)
    if picture is None:
        missing = letters.lines(plain_line(figure.missing), look.EMPTY, cell - 16.0)
        height = max(_MISSING_HEIGHT, len(missing) * look.EMPTY.leading + 16.0)
        return _Frame(None, cell, height, missing, caption)
    scale = min(cell / picture.width_px, tallest / picture.height_px, _POINTS_PER_PIXEL)
    return _Frame(picture, picture.width_px * scale, picture.height_px * scale, (), caption)


def _row(row: list[_Frame], cell: float) -> Iterator[Piece]:
    tallest = max(frame.height for frame in row)
    lefts = [LEFT + column * (cell + _GAP) for column in range(len(row))]
    count = max(len(frame.caption) for frame in row)
    beside = min(count, _CAPTION_LINES)

    def paint(page: Page, top: float) -> None:
        for left, frame in zip(lefts, row, strict=True):
            _paint_frame(page, frame, left, top)
            for index, line in enumerate(frame.caption[:beside]):
                page.drawing.text(line, left, top + tallest + _CAPTION_GAP + index * look.CAPTION.leading)

    yield Piece(tallest + _CAPTION_GAP + beside * look.CAPTION.leading, paint, before=9.0)
    for index in range(beside, count):
        rest = [
            (left, frame.caption[index]) for left, frame in zip(lefts, row, strict=True) if index < len(frame.caption)
        ]
        yield Piece(look.CAPTION.leading, texts_at(rest))


def _paint_frame(page: Page, frame: _Frame, left: float, top: float) -> None:
    if frame.picture is None:
        page.drawing.box(left, top, frame.width, frame.height, look.SHADE)
        height = len(frame.missing) * look.EMPTY.leading
        for index, line in enumerate(frame.missing):
            middle = left + (frame.width - line.width) / 2
            page.drawing.text(line, middle, top + (frame.height - height) / 2 + index * look.EMPTY.leading)
        return
    page.pictures[frame.picture.resource] = frame.picture.reference
    page.drawing.image(frame.picture.resource, left, top, frame.width, frame.height)
    page.drawing.frame(left, top, frame.width, frame.height, look.RULE)


def colour_scale(
    block: ColourScale, letters: Lettering, strip_of: Callable[[tuple[_Rgb, ...]], PlacedPicture]
) -> Iterator[Piece]:
    """The one piece of a heatmap's scale: its colours, numbers under them, and a mark at the threshold."""
    strip = strip_of(block.colours)
    numbers = [(tick, letters.line(f"{tick:g}", look.CAPTION)) for tick in _TICKS]
    mark = None if block.threshold is None else letters.line(f"{block.threshold:.4g}", look.CAPTION)
    caption_left = LEFT + _SCALE_WIDTH + 2 * _GAP
    caption = letters.lines(plain_line(block.caption), look.CAPTION, RIGHT - caption_left)
    above = look.CAPTION.leading + 5.0 if mark else 0.0

    def paint(page: Page, top: float) -> None:
        bar = top + above
        page.pictures[strip.resource] = strip.reference
        page.drawing.image(strip.resource, LEFT, bar, _SCALE_WIDTH, _SCALE_HEIGHT)
        page.drawing.frame(LEFT, bar, _SCALE_WIDTH, _SCALE_HEIGHT, look.RULE)
        for tick, line in numbers:
            page.drawing.text(line, _along(tick, line.width), bar + _SCALE_HEIGHT + 2.0)
        if mark is not None and block.threshold is not None:
            page.drawing.pointer(LEFT + block.threshold * _SCALE_WIDTH, bar - 0.5, 5.0, look.INK)
            page.drawing.text(mark, _along(block.threshold, mark.width), top - 1.0, colour=look.INK)
        for index, line in enumerate(caption):
            page.drawing.text(line, caption_left, bar - 1.0 + index * look.CAPTION.leading)

    numbers_end = above + _SCALE_HEIGHT + 2.0 + look.CAPTION.leading
    caption_end = above - 1.0 + len(caption) * look.CAPTION.leading
    yield Piece(max(numbers_end, caption_end), paint, before=9.0)
    yield space(4.0)


def _along(value: float, width: float) -> float:
    """Where a number stands under its place on the scale, within the scale's ends."""
    return min(max(LEFT + value * _SCALE_WIDTH - width / 2, LEFT), LEFT + _SCALE_WIDTH - width)
