"""Lines of text: which font a character is taken from, where lines break, and what is drawn.

Text of Latin, Greek, Cyrillic and Han letters is set character by character, which is quick. Only where marks combine,
letters join or writing runs from the right is it shaped (HarfBuzz) and put in visual order (`bidi`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from forensic_gui.report.pdf import bidi
from forensic_gui.report.pdf.breaking import break_lines
from forensic_gui.report.pdf.face import Face, Glyph
from forensic_gui.report.pdf.pdf_file import PdfFile
from forensic_gui.report.pdf.style import FontName, Style
from forensic_gui.resources import resource

# Letters that stand side by side as they are: no marks that combine, nothing that joins, nothing from the right.
_PLAIN = re.compile(
    "[\u0020-\u02ff\u0370-\u0482\u048a-\u058f\u10a0-\u10ff\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u20cf"
    "\u2100-\u2bff\u2e00-\u2e5d\u2e80-\u3029\u3030-\u3098\u309b-\u9fff\uf900-\ufaff\uff00-\uffef"
    "\U0001f300-\U0001faff\U00020000-\U0003ffff]*"
)
# Scripts that are shaped by rules of their own among those that the fonts have.
_SCRIPTS = (
    re.compile("[\u0590-\u05ff\ufb1d-\ufb4f]"),
    re.compile("[\u0600-\u06ff\u0750-\u077f\u0870-\u08ff\ufb50-\ufdff\ufe70-\ufeff]"),
    re.compile("[\u07c0-\u07ff]"),
    re.compile("[\u0e80-\u0eff]"),
)
_FALLBACKS = (FontName.SANS, FontName.MONO, FontName.WIDE)
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Show:
    """A stretch of a line in one font.

    Attributes:
        resource: name of the font within pages.
        code: operators that draw it where font, size and place are set.
        width: in points.
    """

    resource: str
    code: str
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line, ready to be drawn.

    Attributes:
        shows: stretches from left to right.
        width: of all of them, in points.
        style: how it looks.
        text: what it says, for readers that copy it; "" where the letters say it themselves.
        is_from_right: whether its paragraph runs from the right.
    """

    shows: tuple[Show, ...]
    width: float
    style: Style
    text: str = ""
    is_from_right: bool = False


class Lettering:
    """The fonts of one document."""

    def __init__(self) -> None:
        """Open the fonts that ship with the program.

        Raises:
            InstallationError: one of them is missing.
        """
        self._faces = {
            name: Face(resource("fonts", f"{name}.ttf"), resource=f"F{number}") for number, name in enumerate(FontName)
        }
        self._chains = {
            name: tuple(self._faces[each] for each in dict.fromkeys((name, *_FALLBACKS))) for name in FontName
        }
        self._chosen: dict[tuple[FontName, str], Face | None] = {}

    def lines(self, text: str, style: Style, width: float, *, is_prose: bool = False) -> tuple[Line, ...]:
        """Set a text within a width; its own line ends are kept.

        Args:
            text: plain, as of `domain.plain_text`.
            style: how it looks.
            width: of the column, in points.
            is_prose: whether its letters say from which side a paragraph runs; others run from the left, so that a
                file's name is put in one order wherever it stands.
        """
        return tuple(
            line
            for paragraph in text.split("\n")
            for line in self._paragraph(paragraph, style, width, is_prose=is_prose)
        )

    def line(self, text: str, style: Style) -> Line:
        """Set a text on one line, however long."""
        return self._paragraph(text, style, float("inf"))[0]

    def shortened(self, text: str, style: Style, width: float) -> Line:
        """Set a text on one line, with its middle left out where it would not fit."""
        text = self._printable(text, style.font)
        ends = list(accumulate(self._advances(text, style)))
        if not ends or ends[-1] <= width:
            return self.line(text, style)
        room = width - self.line(_ELLIPSIS, style).width
        head = sum(end <= room * 0.6 for end in ends)
        tail = sum(ends[-1] - end <= room - (ends[head - 1] if head else 0.0) for end in ends)
        return self.line(text[:head] + _ELLIPSIS + text[len(text) - tail + 1 :], style)

    def embed(self, file: PdfFile) -> dict[str, str]:
        """Write the fonts that were used to `file`; their references by their names within pages."""
        return {face.resource: face.embed(file) for face in self._faces.values() if face.is_used}

    def _paragraph(self, text: str, style: Style, width: float, *, is_prose: bool = False) -> tuple[Line, ...]:
        if text.isascii():
            line = self._plain_line(text, style)
            if line.width <= width:
                return (line,)
        text = self._printable(text, style.font)
        is_left_to_right = bidi.runs_rightwards_only(text)
        base = bidi.base_level(text) if is_prose and not is_left_to_right else bidi.LEFT
        levels = [] if is_left_to_right else bidi.levels(text, base=base)
        spans = break_lines(text, self._advances(text, style), width, anywhere=style.anywhere)
        return tuple(
            self._plain_line(text[start:end], style)
            if is_left_to_right and _PLAIN.fullmatch(text, start, end)
            else self._shaped_line(
                text[start:end],
                bidi.line_levels(text, levels, start=start, end=end, base=base) if levels else [0] * (end - start),
                style,
                is_from_right=base == bidi.RIGHT,
            )
            for start, end in spans
        )

    def _printable(self, text: str, font: FontName) -> str:
        """The text, with characters that no font has as their numbers: nothing is lost silently."""
        if text.isascii():
            return text
        return "".join(
            each if each in bidi.JOINERS or self._face(each, font) else f"[U+{ord(each):04X}]" for each in text
        )

    def _face(self, character: str, font: FontName) -> Face | None:
        """The first font that has a character; None where none has."""
        key = font, character
        if key not in self._chosen:
            chain = self._chains[font]
            self._chosen[key] = next((face for face in chain if face.glyph(character) is not None), None)
        return self._chosen[key]

    def _advances(self, text: str, style: Style) -> list[float]:
        """Width of each character in points; marks and the like are part of the character before them."""
        scale = style.size / 1000
        if text.isascii():
            return [advance * scale for advance in map(self._faces[style.font].advances.__getitem__, text)]
        result = [0.0] * len(text)
        offset = 0
        for face, stretch in self._stretches(text, style.font):
            if _PLAIN.fullmatch(stretch):
                for index, character in enumerate(stretch, start=offset):
                    result[index] = face.advances[character] * scale
            else:
                for glyph in face.shape(stretch, rightwards=bidi.runs_rightwards_only(stretch)):
                    result[offset + glyph.cluster] += glyph.advance * scale
            offset += len(stretch)
        return result

    def _stretches(self, text: str, font: FontName) -> list[tuple[Face, str]]:
        """Stretches of one font and one script, in logical order. Marks stay with the letter that they stand on."""
        kinds: list[tuple[Face, int]] = []
        for character in text:
            kinds.append(self._kind(character, font, kinds[-1] if kinds else (self._faces[font], 0)))
        return [
            (face, "".join(character for _, character in group))
            for (face, _), group in groupby(zip(kinds, text, strict=True), key=lambda pair: pair[0])
        ]

    def _kind(self, character: str, font: FontName, before: tuple[Face, int]) -> tuple[Face, int]:
        """Font and script (0 for any that needs no rules of its own) of a character after one of `before`."""
        if character in bidi.JOINERS:
            return before
        if bidi.is_mark(character) and before[0].glyph(character) is not None:
            return before
        face = self._face(character, font)
        assert face is not None, "characters that no font has were replaced before"
        script = next((number for number, each in enumerate(_SCRIPTS, start=1) if each.match(character)), 0)
        return face, script if script or character.isalpha() else before[1]

    def _plain_line(self, text: str, style: Style) -> Line:
        scale = style.size / 1000
        if text.isascii():
            stretches = [(self._faces[style.font], text)] if text else []
        else:
            stretches = self._stretches(text, style.font)
        shows = tuple(
            Show(
                face.resource,
                f"<{stretch.translate(face.codes)}> Tj",
                sum(map(face.advances.__getitem__, stretch)) * scale,
            )
            for face, stretch in stretches
        )
        return Line(shows, sum(show.width for show in shows), style)

    def _shaped_line(self, text: str, levels: Sequence[int], style: Style, *, is_from_right: bool) -> Line:
        shows: list[Show] = []
        for start, end, level in bidi.visual_runs(levels):
            stretches = self._stretches(text[start:end], style.font)
            if level % 2:
                stretches.reverse()
            for face, stretch in stretches:
                shows.append(_shaped(face, stretch, style, rightwards=level % 2 == 0))
        # Readers turn a line round that runs from the right, and would turn round what they are told, too.
        said = "" if is_from_right else text
        return Line(tuple(shows), sum(show.width for show in shows), style, said, is_from_right)


def _shaped(face: Face, text: str, style: Style, *, rightwards: bool) -> Show:
    glyphs = face.shape(text, rightwards=rightwards)
    width = sum(glyph.advance for glyph in glyphs) * style.size / 1000
    return Show(face.resource, _operators(glyphs, style.size), width)


def _operators(glyphs: Sequence[Glyph], size: float) -> str:
    """Draws glyphs one by one where they are off their places, together where they are not."""
    parts: list[str] = []
    for rise, group in groupby(glyphs, key=lambda glyph: glyph.dy):
        row: list[str] = []
        for glyph in group:
            before, after = -glyph.dx, glyph.natural + glyph.dx - glyph.advance
            row += [f"{before:.3f}"] if before else []
            row.append(f"<{glyph.code}>")
            row += [f"{after:.3f}"] if abs(after) > 0.001 else []
        drawn = f"[{' '.join(row)}] TJ"
        parts.append(f"{rise * size / 1000:.3f} Ts {drawn} 0 Ts" if rise else drawn)
    return " ".join(parts)
