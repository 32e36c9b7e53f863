"""A PDF drawn page by page. All of it belongs on one thread: PDFium is not made for several."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any

from PySide6.QtGui import QImage

from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.geometry import Size


@dataclass(frozen=True, slots=True)
class PageSize:
    """Width and height of a page in points, 72 an inch."""

    width: float
    height: float


class PdfBook:
    """An open PDF. Open, draw and close it on one thread, the same for every book of the process."""

    def __init__(self, data: bytes) -> None:
        """Open a PDF.

        Raises:
            ReportError: it is none.
        """
        import pypdfium2

        try:
            self._document: Any = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            raise ReportError("The report that was made cannot be shown; export it and look at the file.") from error
        self.sizes: tuple[PageSize, ...] = tuple(
            PageSize(*self._document.get_page_size(number)) for number in range(len(self._document))
        )

    def draw(self, number: int, width_px: int) -> QImage:
        """A page as it is printed.

        Args:
            number: of the page, from 0.
            width_px: of the picture; its height follows.
        """
        with (
            closing(self._document[number]) as page,
            closing(page.render(scale=width_px / self.sizes[number].width, rev_byteorder=True)) as bitmap,
        ):
            pixels = bitmap.to_numpy()
            size = Size.of(pixels)
            kind = QImage.Format.Format_RGB888 if pixels.shape[2] == 3 else QImage.Format.Format_RGBX8888
            # Copied, for the picture outlives the memory of the bitmap; and cut, for PDFium's binding rounds the width
            # up, also where it is whole but for its last digit.
            whole = QImage(pixels.data, size.width, size.height, int(pixels.strides[0]), kind)
            return whole.copy(0, 0, width_px, size.height)

    def close(self) -> None:
        """Let go of it. Idempotent."""
        self._document.close()
