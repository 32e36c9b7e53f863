"""A renderer that is quick to read: the record, then every picture's bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from forensic_gui.domain.reports.opinion import Level, Opinion
from forensic_gui.domain.reports.pictures import Picture, PictureRef, Pictures
from forensic_gui.domain.reports.plan import PictureKind
from forensic_gui.domain.reports.record import ReportRecord, SignedOff
from forensic_gui.domain.reports.template import BUILT_IN, TemplateIdentity

CONCLUDED = Opinion(
    title="Two photographs of a crane",
    first_proposition="Item 1 was altered after it was taken",
    second_proposition="Item 1 was not altered",
    level=Level.MODERATE_FIRST,
    reasons="Shadows",
    examiner="Ada",
)


@dataclass
class PlainRenderer:
    """See above; keeps what it was given."""

    pictures: dict[PictureRef, Picture | None] = field(default_factory=dict)
    signed_off: list[SignedOff] = field(default_factory=list)
    template: TemplateIdentity = BUILT_IN

    def __call__(
        self,
        record: ReportRecord,
        out: BinaryIO,
        *,
        record_json: str,
        signed_off: SignedOff,
        pictures: Pictures,
        tick: Callable[[int, int], None],
    ) -> None:
        self.signed_off.append(signed_off)
        out.write(record_json.encode())
        for number, item in enumerate(record.items, start=1):
            tick(number, len(record.items))
            for ref in [*(PictureRef(item.id, kind) for kind in PictureKind), *_pinned(record, item.id)]:
                picture = self.pictures[ref] = pictures.get(ref)
                out.write(f"\n{ref} {hashlib.sha256(b'' if picture is None else picture.data).hexdigest()}".encode())

    def of(self, item_id: int, kind: PictureKind) -> Picture | None:
        return self.pictures[PictureRef(item_id, kind)]


def _pinned(record: ReportRecord, item_id: int) -> list[PictureRef]:
    views = [view for view in record.plan.pinned if view.item_id == item_id]
    return [PictureRef(item_id, view.picture, view.box) for view in views]


def names_in(folder: Path) -> list[str]:
    """Everything in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())
