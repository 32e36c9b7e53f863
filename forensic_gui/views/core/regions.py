"""What the window says of regions, in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from forensic_gui.domain.annotation import Confidence, Kind, MaskMaker, Region
from forensic_gui.domain.prompt import Prompts
from forensic_gui.views.core.wording import share_text, shown_plainly

KIND_NAMES: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.SPLICE: "Splice",
        Kind.COPY_MOVE: "Copy-move",
        Kind.REMOVAL: "Removal",
        Kind.RETOUCHING: "Retouching",
        Kind.GENERATED: "Generated",
        Kind.UNKNOWN: "Unknown",
    }
)
CONFIDENCE_NAMES: Mapping[Confidence, str] = MappingProxyType(
    {
        Confidence.LOW: "Low",
        Confidence.MEDIUM: "Medium",
        Confidence.HIGH: "High",
        Confidence.UNSTATED: "Not stated",
    }
)
_SEGMENTER_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "grabcut": "GrabCut",
        "mobile-sam": "MobileSAM",
        "sam-vit-b": "SAM ViT-B",
        "sam-vit-l": "SAM ViT-L",
        "sam-vit-h": "SAM ViT-H",
    }
)


def maker_text(region: Region) -> str:
    """Who or what made a region's mask, as "SAM ViT-B from a box, then by hand"."""
    origin, prompts = region.details.origin, region.details.prompts
    tool = shown_plainly(_SEGMENTER_NAMES.get(origin.tool_id, origin.tool_id))
    made = {
        MaskMaker.ANALYST: "By hand",
        MaskMaker.SEGMENTER: f"{tool}{_from(prompts)}",
        MaskMaker.MODEL: f"Model {tool}",
        MaskMaker.MODEL_REFINED: f"{tool} from the model's mask",
        MaskMaker.IMPORTED: f"Imported ({tool})" if tool else "Imported",
    }[origin.maker]
    return f"{made}, then by hand" if origin.edited else made


def area_text(region: Region) -> str:
    """Share of the image's pixels that a region has."""
    return share_text(region.mask.area / region.mask.size.pixels)


def signature_text(region: Region) -> str:
    """Who changed a region last, and when: "Ann, 2026-11-21 07:12 UTC"."""
    details = region.details
    date, _, time = details.time.partition("T")
    return f"{shown_plainly(details.author)}, {date} {time[:5]} UTC"


def _from(prompts: Prompts) -> str:
    """What a segmenter was told, as " from a box and 2 points"."""
    box = "" if prompts.box is None else "a box"
    told = [box, _counted(len(prompts.points), "point"), _counted(len(prompts.scribbles), "scribble")]
    named = [each for each in told if each]
    return f" from {' and '.join(named)}" if named else ""


def _counted(count: int, what: str) -> str:
    if not count:
        return ""
    return f"a {what}" if count == 1 else f"{count} {what}s"
