"""A font file: which characters it has, how wide they are, how they are shaped, and its part of a PDF."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import uharfbuzz as hb

from forensic_gui.report.pdf.pdf_file import PdfFile, Value

_UNITS = 1000  # of a glyph's space in a PDF, to the em
_ROWS_TO_A_BLOCK = 100  # PDF 32000-1, 9.10.3: entries of one bfchar block
_SYMBOLIC = 4
# Tables that draw outlines; shaping was done before, and names would say nothing that matters.
_DROPPED_TABLES = (b"GSUB", b"GPOS", b"GDEF", b"MATH", b"kern", b"name", b"post", b"OS/2", b"cmap", b"gasp")


@dataclass(frozen=True, slots=True)
class Glyph:
    """A shaped glyph, in thousandths of the em.

    Attributes:
        code: four hexadecimal digits of its number in the font.
        advance: how far the next glyph is.
        natural: its width in the font, which a PDF reader advances by on its own.
        dx: to the right, off where it would stand.
        dy: upwards.
        cluster: index of the first character it stands for.
    """

    code: str
    advance: float
    natural: float
    dx: float
    dy: float
    cluster: int


class Face:
    """A font file, and which of its glyphs a document uses."""

    def __init__(self, path: Path, *, resource: str) -> None:
        """Open a TrueType font.

        Args:
            path: the font file.
            resource: name of the font within pages.
        """
        self.resource = resource
        self._name = path.stem
        self._face = hb.Face(hb.Blob(path.read_bytes()))
        self._font = hb.Font(self._face)
        self._scale = _UNITS / self._face.upem
        self._widths: dict[int, float] = {}
        self._texts: dict[int, str] = {}
        self.codes = _Codes(self)
        """Hexadecimal digits by character's number, for `str.translate`; asking makes the glyph part of the file."""
        self.advances = _Advances(self)
        """Width by character, in thousandths of the em."""

    def glyph(self, character: str) -> int | None:
        """Number of the glyph that stands for a character on its own; None where the font has none."""
        number: int | None = self._font.get_nominal_glyph(ord(character))
        return number

    def width(self, glyph: int) -> float:
        """Width of a glyph, in thousandths of the em."""
        if glyph not in self._widths:
            self._widths[glyph] = round(self._font.get_glyph_h_advance(glyph) * self._scale, 3)
        return self._widths[glyph]

    def use(self, glyph: int, text: str) -> str:
        """Make a glyph part of the document; its hexadecimal digits.

        Args:
            glyph: its number.
            text: what a reader gets who copies it, the first time counts; "" where one glyph stands for no text.
        """
        self._texts.setdefault(glyph, text)
        return f"{glyph:04x}"

    def shape(self, text: str, *, rightwards: bool) -> list[Glyph]:
        """Glyphs of a text of one script and one direction, from left to right as they stand on the line."""
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "ltr" if rightwards else "rtl"
        buffer.cluster_level = hb.BufferClusterLevel.MONOTONE_CHARACTERS
        hb.shape(self._font, buffer, {"kern": False, "liga": False})
        infos, positions = buffer.glyph_infos, buffer.glyph_positions
        texts = _cluster_texts(text, [info.cluster for info in infos])
        return [
            Glyph(
                code=self.use(info.codepoint, self._said(info.codepoint, texts.get(info.cluster, ""))),
                advance=position.x_advance * self._scale,
                natural=self.width(info.codepoint),
                dx=position.x_offset * self._scale,
                dy=position.y_offset * self._scale,
                cluster=info.cluster,
            )
            for info, position in zip(infos, positions, strict=True)
        ]

    def _said(self, glyph: int, text: str) -> str:
        """What a glyph says wherever it stands: the bracket that it shows, not the one that was turned round."""
        return self._mirrored.get(glyph, text) if len(text) == 1 and unicodedata.mirrored(text) else text

    @cached_property
    def _mirrored(self) -> dict[int, str]:
        """Characters by their glyphs, of those that stand for each other's mirror images where text runs leftwards."""
        characters = map(chr, self._face.unicodes)
        pairs = ((self.glyph(each), each) for each in characters if unicodedata.mirrored(each))
        return {glyph: each for glyph, each in pairs if glyph is not None}

    @property
    def is_used(self) -> bool:
        """Whether any of its glyphs stands in the document."""
        return bool(self._texts)

    def embed(self, file: PdfFile) -> str:
        """Write the font, reduced to the glyphs that are used, to `file`; the reference of its object."""
        glyphs = sorted(self._texts)
        data = self._subset(glyphs)
        tag = "".join(chr(ord("A") + byte % 26) for byte in hashlib.sha256(data).digest()[:6])
        name = f"/{tag}+{self._name}"
        extents = self._font.get_font_extents("ltr")
        descriptor = file.add(
            {
                "Type": "/FontDescriptor",
                "FontName": name,
                "Flags": _SYMBOLIC,
                "FontBBox": [-1000, -500, 2000, 1500],
                "ItalicAngle": -11 if "Oblique" in self._name else 0,
                "Ascent": round(extents.ascender * self._scale),
                "Descent": round(extents.descender * self._scale),
                "CapHeight": 729,
                "StemV": 80,
                "FontFile2": file.add_stream({"Length1": len(data)}, data, deflate=True),
            }
        )
        descendant = file.add(
            {
                "Type": "/Font",
                "Subtype": "/CIDFontType2",
                "BaseFont": name,
                "CIDSystemInfo": {"Registry": b"(Adobe)", "Ordering": b"(Identity)", "Supplement": 0},
                "FontDescriptor": descriptor,
                "CIDToGIDMap": "/Identity",
                "DW": 0,
                "W": _widths(glyphs, [self.width(glyph) for glyph in glyphs]),
            }
        )
        return file.add(
            {
                "Type": "/Font",
                "Subtype": "/Type0",
                "BaseFont": name,
                "Encoding": "/Identity-H",
                "DescendantFonts": [descendant],
                "ToUnicode": file.add_stream({}, _to_unicode(self._texts), deflate=True),
            }
        )

    def _subset(self, glyphs: list[int]) -> bytes:
        subset = hb.SubsetInput()
        subset.glyph_set.update(glyphs)
        subset.drop_table_tag_set.update(int.from_bytes(tag) for tag in _DROPPED_TABLES)
        # Glyphs keep their numbers, so that pages could be written before it was known which ones are used.
        subset.flags = hb.SubsetFlags.RETAIN_GIDS | hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.NO_LAYOUT_CLOSURE
        data: bytes = subset.subset(self._face).blob.data
        return data


class _Codes(dict[int, str]):
    def __init__(self, face: Face) -> None:
        super().__init__()
        self._face = face

    def __missing__(self, number: int) -> str:
        character = chr(number)
        glyph = self._face.glyph(character)
        assert glyph is not None, f"U+{number:04X} was set in a font that has it not"
        self[number] = code = self._face.use(glyph, character)
        return code


class _Advances(dict[str, float]):
    def __init__(self, face: Face) -> None:
        super().__init__()
        self._face = face

    def __missing__(self, character: str) -> float:
        glyph = self._face.glyph(character)
        assert glyph is not None, f"U+{ord(character):04X} was measured in a font that has it not"
        self[character] = width = self._face.width(glyph)
        return width


def _cluster_texts(text: str, clusters: Sequence[int]) -> dict[int, str]:
    """Characters by cluster, of clusters that are one glyph: others stand for no text on their own."""
    starts = sorted(set(clusters))
    ends = [*starts[1:], len(text)]
    counts = Counter(clusters)
    return {start: text[start:end] for start, end in zip(starts, ends, strict=True) if counts[start] == 1}


def _widths(glyphs: Sequence[int], widths: Sequence[float]) -> list[Value]:
    """Runs of neighbouring glyphs: the number of the first and the widths of all of them."""
    runs: list[Value] = []
    current: list[Value] = []
    for index, (glyph, width) in enumerate(zip(glyphs, widths, strict=True)):
        if index == 0 or glyph != glyphs[index - 1] + 1:
            current = []
            runs += [glyph, current]
        current.append(width)
    return runs


def _to_unicode(texts: Mapping[int, str]) -> bytes:
    """The table by which a reader copies and searches text (PDF 32000-1, 9.10.3)."""
    rows = [f"<{glyph:04x}> <{text.encode('utf-16-be').hex()}>" for glyph, text in sorted(texts.items()) if text]
    blocks = [rows[start : start + _ROWS_TO_A_BLOCK] for start in range(0, len(rows), _ROWS_TO_A_BLOCK)]
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <ffff> endcodespacerange",
        *(line for block in blocks for line in (f"{len(block)} beginbfchar", *block, "endbfchar")),
        "endcmap CMapName currentdict /CMap defineresource pop end end",
    ]
    return "\n".join(lines).encode("ascii")
