"""Pages and what hangs together with them, written to the file as soon as each is finished."""

from __future__ import annotations

from typing import BinaryIO

from forensic_gui.domain.plain_text import plain_line
from forensic_gui.domain.reports.pictures import Picture, PictureRef, Pictures
from forensic_gui.report.document import Document
from forensic_gui.report.pdf.contents import Contents
from forensic_gui.report.pdf.figures import PlacedPicture
from forensic_gui.report.pdf.furniture import Furniture
from forensic_gui.report.pdf.images import add_picture, add_scale
from forensic_gui.report.pdf.lettering import Lettering
from forensic_gui.report.pdf.page import Drawing, Page
from forensic_gui.report.pdf.pdf_file import PdfFile, Value, text_string
from forensic_gui.report.pdf.style import BOTTOM, LEFT, PAGE_HEIGHT, PAGE_WIDTH, RIGHT, TOP

RECORD_NAME = "record.json"
"""Name of the one file that is embedded in a report."""

_MARK = "Mark"
_PRODUCER = "Forensic GUI"
_Rgb = tuple[int, int, int]


class Assembly:
    """A PDF file while it is made: its pages, pictures, fonts and contents."""

    def __init__(self, document: Document, out: BinaryIO, pictures: Pictures) -> None:
        self.letters = Lettering()
        self.contents = Contents(document)
        self._document = document
        self._file = PdfFile(out)
        self._pictures = pictures
        self._furniture = Furniture(document, self.letters)
        self._fonts = self._file.reserve()
        self._tree = self._file.reserve()
        self._mark = self._add_mark()
        self._placed: dict[PictureRef, PlacedPicture | None] = {}
        self._strips: dict[tuple[_Rgb, ...], PlacedPicture] = {}
        self._pages: list[Page] = []
        self._bodies: list[str] = []

    def new_page(self) -> Page:
        """Finish the page before, and begin one."""
        self._finish_page()
        page = Page(number=len(self._pages) + 1, reference=self._file.reserve())
        self._pages.append(page)
        if self._mark is not None:
            page.drawing.code.append(f"q /{_MARK} Do Q")
        self._furniture.head(page)
        return page

    def picture(self, ref: PictureRef) -> PlacedPicture | None:
        """Put a picture of an item into the file, once; None where there is none."""
        if ref not in self._placed:
            picture = self._pictures.get(ref)
            self._placed[ref] = None if picture is None else self.place(picture)
        return self._placed[ref]

    def place(self, picture: Picture) -> PlacedPicture:
        """Put a picture into the file."""
        return self._placed_as(add_picture(self._file, picture), picture.width_px, picture.height_px)

    def strip(self, colours: tuple[_Rgb, ...]) -> PlacedPicture:
        """Put a row of colours into the file, once."""
        if colours not in self._strips:
            self._strips[colours] = self._placed_as(add_scale(self._file, colours), len(colours), 1)
        return self._strips[colours]

    def finish(self, record_json: str) -> None:
        """Write all that was waiting for the last page, and the record."""
        self._finish_page()
        for page, body in zip(self._pages, self._bodies, strict=True):
            self._add_page(page, body)
        self._file.add(
            {"Type": "/Pages", "Kids": [page.reference for page in self._pages], "Count": len(self._pages)},
            at=self._tree,
        )
        self._file.add(self.letters.embed(self._file), at=self._fonts)
        self._file.finish(root=self._add_catalog(self._add_record(record_json)), info=self._add_info())

    def _placed_as(self, reference: str, width_px: int, height_px: int) -> PlacedPicture:
        return PlacedPicture("P" + reference.split(" ", 1)[0], reference, width_px, height_px)

    def _add_mark(self) -> str | None:
        code = self._furniture.mark()
        if code is None:
            return None
        box = [LEFT, PAGE_HEIGHT - BOTTOM, RIGHT, PAGE_HEIGHT - TOP]
        form: dict[str, Value] = {"Type": "/XObject", "Subtype": "/Form", "BBox": [round(each, 2) for each in box]}
        return self._file.add_stream({**form, "Resources": {"Font": self._fonts}}, code, deflate=False)

    def _finish_page(self) -> None:
        if self._pages:
            page = self._pages[-1]
            self._bodies.append(self._file.add_stream({}, page.drawing.joined(), deflate=True))
            page.drawing = Drawing()  # it is in the file

    def _add_page(self, page: Page, body: str) -> None:
        late = Drawing()
        for draw in page.later:
            draw(late)
        self._furniture.foot(late, page.number, len(self._pages))
        pictures = dict(page.pictures)
        if self._mark is not None:
            pictures[_MARK] = self._mark
        value: dict[str, Value] = {
            "Type": "/Page",
            "Parent": self._tree,
            "MediaBox": [0, 0, PAGE_WIDTH, PAGE_HEIGHT],
            "Resources": {"Font": self._fonts, "XObject": pictures},
            "Contents": [body, self._file.add_stream({}, late.joined(), deflate=True)],
        }
        if page.links:
            value["Annots"] = [
                self._file.add(
                    {
                        "Type": "/Annot",
                        "Subtype": "/Link",
                        "Rect": [
                            round(each, 2)
                            for each in (link.left, PAGE_HEIGHT - link.bottom, link.right, PAGE_HEIGHT - link.top)
                        ],
                        "Border": [0, 0, 0],
                        "Dest": self.contents.places[link.entry].destination,
                    }
                )
                for link in page.links
            ]
        self._file.add(value, at=page.reference)

    def _add_record(self, record_json: str) -> str:
        data = record_json.encode("utf-8")
        kind: dict[str, Value] = {
            "Type": "/EmbeddedFile",
            "Subtype": "/application#2Fjson",
            "Params": {"Size": len(data)},
        }
        stream = self._file.add_stream(kind, data, deflate=True)
        name = text_string(RECORD_NAME)
        return self._file.add(
            {
                "Type": "/Filespec",
                "F": name,
                "UF": name,
                "AFRelationship": "/Data",
                "EF": {"F": stream, "UF": stream},
            }
        )

    def _add_catalog(self, record: str) -> str:
        value: dict[str, Value] = {
            "Type": "/Catalog",
            "Pages": self._tree,
            "PageMode": "/UseOutlines",
            "Lang": text_string(self._document.language),
            "ViewerPreferences": {"DisplayDocTitle": "true"},
            "Names": {"EmbeddedFiles": {"Names": [text_string(RECORD_NAME), record]}},
            "AF": [record],
        }
        outline = self.contents.outline(self._file)
        if outline is not None:
            value["Outlines"] = outline
        return self._file.add(value)

    def _add_info(self) -> str:
        # No dates: what the report is as of stands in it, and the same case state gives the same file.
        return self._file.add(
            {"Title": text_string(plain_line(self._document.title)), "Producer": text_string(_PRODUCER)}
        )
