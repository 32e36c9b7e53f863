"""What a report shows: which items in what order, which parts of them, in what language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from forensic_gui.domain.geometry import Box


class PictureKind(StrEnum):
    """A picture of an item. Never enhanced; every one but the first two is a derivative and labelled so."""

    ORIGINAL = "original"  # reduced, orientation applied
    EMBEDDED = "embedded thumbnail"  # the one that the file itself carries
    HEATMAP = "heatmap"  # colours of the fixed scale 0 to 1
    MASK = "mask"  # the model's, at the threshold: white on black
    OVERLAY = "overlay"  # heatmap over the image, with the mask's border
    REGIONS = "regions"  # the analyst's
    DIFFERENCE = "difference"  # model only, analyst only, both


class Part(StrEnum):
    """The two halves of a report."""

    EXAMINER = "examiner"  # the examiner's report
    APPENDIX = "appendix"  # the technical appendix


@dataclass(frozen=True, slots=True)
class PinnedView:
    """A part of an item that the examiner wants to be seen.

    Attributes:
        item_id: of which item.
        picture: what is drawn; never `EMBEDDED`.
        box: the part, evidence pixels, stored orientation.
        caption: the examiner's words; "" for none.
    """

    item_id: int
    picture: PictureKind
    box: Box
    caption: str = ""

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        box = [self.box.x0, self.box.y0, self.box.x1, self.box.y1]
        return {"item": self.item_id, "picture": self.picture.value, "box": box, "caption": self.caption}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> PinnedView:
        """The view of JSON values of `to_record`; KeyError, TypeError or ValueError where they are not."""
        return cls(int(record["item"]), PictureKind(record["picture"]), Box(*record["box"]), str(record["caption"]))


@dataclass(frozen=True, slots=True)
class ReportPlan:
    """What a report shows.

    Attributes:
        item_ids: items in their order; empty for all of the case, in the order of adding.
        parts: which halves, in the order of `Part`.
        pinned: views beside the ones that every item has, in their order.
        language: of the printed words, as "en"; one that the template has.
    """

    item_ids: tuple[int, ...] = ()
    parts: tuple[Part, ...] = (Part.EXAMINER, Part.APPENDIX)
    pinned: tuple[PinnedView, ...] = ()
    language: str = "en"

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "items": list(self.item_ids),
            "parts": [part.value for part in self.parts],
            "pinned": [view.to_record() for view in self.pinned],
            "language": self.language,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> ReportPlan:
        """The plan of JSON values of `to_record`; KeyError, TypeError or ValueError where they are not."""
        return cls(
            item_ids=tuple(int(each) for each in record["items"]),
            parts=tuple(Part(each) for each in record["parts"]),
            pinned=tuple(PinnedView.from_record(each) for each in record["pinned"]),
            language=str(record["language"]),
        )
