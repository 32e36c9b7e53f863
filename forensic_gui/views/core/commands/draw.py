"""Commands of the Draw menu: tools, regions, masks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from forensic_gui.domain.annotation import Confidence, Kind
from forensic_gui.views.core.commands.records import Command, Menu, Needs
from forensic_gui.views.core.gestures import Tool

_D = Menu.DRAW

TOOL_COMMANDS: Mapping[str, Tool] = MappingProxyType({f"tool_{tool.value}": tool for tool in Tool})
"""Which tool each command takes in hand."""

KIND_COMMANDS: Mapping[str, Kind] = MappingProxyType({f"kind_{kind.value.replace('-', '_')}": kind for kind in Kind})
"""Which kind each command gives the selected region."""

CONFIDENCE_COMMANDS: Mapping[str, Confidence] = MappingProxyType(
    {f"confidence_{confidence.value}": confidence for confidence in Confidence}
)
"""Which confidence each command gives the selected region."""


def _tool(tool: Tool, text: str, key: str, tip: str, *, ends_section: bool = False) -> Command:
    return Command(
        f"tool_{tool.value}",
        _D,
        text,
        (key,),
        tip,
        Needs.DRAWABLE,
        group="tool",
        checkable=True,
        ends_section=ends_section,
    )


def _kind(kind: Kind, text: str, key: str) -> Command:
    return Command(
        f"kind_{kind.value.replace('-', '_')}",
        _D,
        text,
        (key,),
        _KIND_TIPS[kind],
        Needs.REGION,
        checkable=True,
        submenu="&Kind",
    )


def _confidence(confidence: Confidence, text: str, key: str) -> Command:
    return Command(
        f"confidence_{confidence.value}",
        _D,
        text,
        (key,),
        f"Say that your confidence in the selected region is {confidence.value}.",
        Needs.REGION,
        checkable=True,
        submenu="Con&fidence",
    )


def _on_mask(command_id: str, text: str, key: str, tip: str, *, checkable: bool = False) -> Command:
    return Command(command_id, _D, text, (key,), tip, Needs.REGION, checkable=checkable, submenu="Ma&sk")


_KIND_TIPS = {
    Kind.SPLICE: "The selected region shows pixels of another photograph.",
    Kind.COPY_MOVE: "The selected region was copied from another place of the same photograph.",
    Kind.REMOVAL: "Something was taken away in the selected region.",
    Kind.RETOUCHING: "The selected region was retouched.",
    Kind.GENERATED: "The selected region was made by a generator.",
    Kind.UNKNOWN: "What was done in the selected region is not known.",
}

_TOOLS = (
    _tool(Tool.HAND, "&Hand", "V", "Move the image; click a region to select it."),
    _tool(Tool.BOX, "&Box", "X", "Draw a coarse box around a region: the segmenter cuts it out."),
    _tool(Tool.POINT, "&Point", "P", "Click what belongs to the region; with Alt or the right button, what does not."),
    _tool(
        Tool.SCRIBBLE,
        "S&cribble",
        "D",
        "Draw through what belongs to the region; with Alt or the right button, through what does not.",
    ),
    _tool(Tool.BRUSH, "B&rush", "Q", "Paint a region by hand; Alt erases."),
    _tool(Tool.ERASER, "&Eraser", "E", "Take pixels away from a region by hand."),
    _tool(
        Tool.POLYGON, "Pol&ygon", "G", "Click the corners of an outline; a double click or Enter closes it. Alt erases."
    ),
    _tool(Tool.LASSO, "&Lasso", "L", "Draw an outline with the button held. Alt erases.", ends_section=True),
    Command("thinner", _D, "Thi&nner Stroke", ("[",), "Draw brush, eraser and scribble thinner.", Needs.DRAWABLE),
    Command(
        "wider",
        _D,
        "&Wider Stroke",
        ("]",),
        "Draw brush, eraser and scribble wider.",
        Needs.DRAWABLE,
        ends_section=True,
    ),
)

_REGIONS = (
    Command(
        "new_region", _D, "New Re&gion", ("A",), "Select no region: the next drawing begins a new one.", Needs.REGION
    ),
    Command("next_region", _D, "Ne&xt Region", ("Ctrl+Down",), "Select the next region.", Needs.REGIONS),
    Command("previous_region", _D, "Pre&vious Region", ("Ctrl+Up",), "Select the region before.", Needs.REGIONS),
    Command("edit_note", _D, "Edit No&te", ("Shift+N",), "Write a note on the selected region.", Needs.REGION),
    Command("delete_region", _D, "&Delete Region", ("Shift+Del",), "Delete the selected region.", Needs.WRITABLE),
    _kind(Kind.SPLICE, "Splice", "2"),
    _kind(Kind.COPY_MOVE, "Copy-Move", "3"),
    _kind(Kind.REMOVAL, "Removal", "4"),
    _kind(Kind.RETOUCHING, "Retouching", "5"),
    _kind(Kind.GENERATED, "Generated", "6"),
    _kind(Kind.UNKNOWN, "Unknown Kind", "0"),
    _confidence(Confidence.LOW, "Low Confidence", "Ctrl+Alt+1"),
    _confidence(Confidence.MEDIUM, "Medium Confidence", "Ctrl+Alt+2"),
    _confidence(Confidence.HIGH, "High Confidence", "Ctrl+Alt+3"),
    _confidence(Confidence.UNSTATED, "Confidence Not Stated", "Ctrl+Alt+0"),
)

_MASKS = (
    _on_mask("fill_holes", "&Fill Holes", "Shift+H", "Add what the selected region encloses on all sides."),
    _on_mask(
        "grow_region",
        "&Grow",
        "Shift+G",
        "Grow the selected region by a thousandth of the image's longer side, a pixel at least.",
    ),
    _on_mask(
        "shrink_region",
        "&Shrink",
        "Shift+S",
        "Shrink the selected region by a thousandth of the image's longer side, a pixel at least.",
    ),
    _on_mask(
        "remove_specks",
        "Remove Spec&ks",
        "Shift+R",
        "Take away parts that have less than a hundredth of the selected region's pixels.",
    ),
    _on_mask(
        "keep_within",
        "Keep Within Bo&x…",
        "Shift+X",
        "Draw a box: what lies outside it leaves the region.",
        checkable=True,
    ),
    _on_mask("split_region", "Spl&it Parts", "Shift+P", "Make a region of each part of the selected one."),
    Command(
        "set_source",
        _D,
        "Set S&ource…",
        ("Shift+C",),
        "Draw where the selected copy-move was taken from.",
        Needs.COPY_MOVE,
        checkable=True,
        submenu="Ma&sk",
    ),
    Command(
        "clear_source",
        _D,
        "Clear Source",
        ("Shift+U",),
        "Say that it is not known where the selected copy-move was taken from.",
        Needs.SOURCE,
        submenu="Ma&sk",
    ),
)

_IMAGE = (
    Command(
        "take_model_mask",
        _D,
        "T&ake the Model's Mask",
        ("T",),
        "Make a region of where the model score is over the threshold of the Layers panel.",
        Needs.DRAWABLE_HEATMAP,
    ),
    Command(
        "refine_model_mask",
        _D,
        "Ref&ine the Model's Mask",
        ("R",),
        "Let the segmenter cut out what lies in the regions of the model's mask, with no hand.",
        Needs.DRAWABLE_HEATMAP,
    ),
    Command(
        "no_manipulation",
        _D,
        "No &Manipulation Found",
        ("N",),
        "Mark the image as one in which no manipulation was found, or take the mark back.",
        Needs.WRITABLE,
        checkable=True,
        ends_section=True,
    ),
    Command(
        "choose_segmenter",
        _D,
        "Ch&oose Segmenter…",
        ("Ctrl+Shift+E",),
        "Choose what cuts regions out of boxes, points and scribbles.",
    ),
)

DRAW_COMMANDS: tuple[Command, ...] = (*_TOOLS, *_REGIONS, *_MASKS, *_IMAGE)
