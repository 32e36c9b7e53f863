"""Documents for tests of how they are printed."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from forensic_gui.domain.reports.pictures import Picture, PictureRef
from forensic_gui.domain.reports.plan import PictureKind
from forensic_gui.report.document import (
    Block,
    ColourScale,
    Document,
    Fact,
    Facts,
    Figure,
    Figures,
    Heading,
    Letterhead,
    Notice,
    Section,
    SignatureLines,
    Table,
    Text,
    Tone,
    Weight,
)

HASH = "0123456789abcdef" * 4
COLOURS = ((0, 0, 4), (188, 55, 84), (252, 255, 164))


def made_picture(ref: PictureRef) -> Picture | None:
    """A picture of three colours; none of item 3."""
    if ref.item_id == 3:
        return None
    pixels = np.zeros((60, 90, 3), np.uint8)
    pixels[:, :30] = (200, 40, 40)
    pixels[:, 60:] = (40, 40, 200)
    if ref.kind is PictureKind.MASK:
        return png_of(Image.fromarray(pixels[..., 0] > 100))
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=95)
    return Picture(out.getvalue(), "image/jpeg", 90, 60)


def png_of(image: Image.Image) -> Picture:
    out = io.BytesIO()
    image.save(out, "PNG")
    return Picture(out.getvalue(), "image/png", *image.size)


def item_blocks(number: int, name: str) -> tuple[Block, ...]:
    """What is printed of an item."""
    kinds = (PictureKind.ORIGINAL, PictureKind.HEATMAP, PictureKind.MASK)
    figures = tuple(
        Figure(PictureRef(number, kind), f"{kind.value} of item {number}, a derivative", "no picture could be made")
        for kind in kinds
    )
    return (
        Heading(f"Item {number}: {name}"),
        Facts(
            (
                Fact("File name", name),
                Fact("SHA-256", HASH, Tone.MONO),
                Fact("Group", "not supplied", Tone.EMPTY),
            )
        ),
        Notice("Its weights are unvalidated.", Weight.WARNING),
        Figures(figures, columns=2),
        ColourScale(COLOURS, 0.4321, "model score"),
        Text("seen by the examiner\non two lines", Tone.WORDS),
    )


def made_document(
    *sections: Section,
    mark: str = "DRAFT",
    title: str = "Technical appendix",
    letterhead: Letterhead | None = None,
) -> Document:
    """A document of these sections, or of one with two items and one to sign."""
    return Document(
        title=title,
        subtitle="Riverside, revision 3",
        language="en",
        identity=(Fact("Case", "Riverside"), Fact("Head of the audit trail", HASH, Tone.MONO)),
        letterhead=letterhead or Letterhead(("Forensic Laboratory North", "Harbour Street 12")),
        mark=mark,
        footer="as of 2026-11-21",
        page_of="page {page} of {pages}",
        contents="Contents",
        sections=sections
        or (
            Section("items", "Items", item_blocks(1, "harbour.jpg") + item_blocks(3, "pier.jpg")),
            Section(
                "end",
                "Signature",
                (
                    Table(("Item", "Hash"), (("1", HASH),), (1, 4), frozenset({1}), "All items"),
                    SignatureLines((("Examiner", "Jane Doe"), ("Date", ""))),
                ),
            ),
        ),
    )
