"""Tools, regions and masks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from forensic_gui.domain.annotation import Conclusion, Kind
from forensic_gui.views.annotating.controller import NextDrawing
from forensic_gui.views.annotating.drawing import MaskOperation
from forensic_gui.views.core.commands import Needs
from forensic_gui.views.core.commands.draw import CONFIDENCE_COMMANDS, KIND_COMMANDS, TOOL_COMMANDS
from forensic_gui.views.handlers.desk import Desk, Table


def draw_table(desk: Desk) -> Table:
    """What the commands of the Draw menu do."""
    session, studio = desk.session, desk.session.studio
    controller, describe = studio.controller, studio.describe
    return {
        **{each: partial(controller.choose_tool, tool) for each, tool in TOOL_COMMANDS.items()},
        **{each: partial(describe.set_kind, kind) for each, kind in KIND_COMMANDS.items()},
        **{each: partial(describe.set_confidence, level) for each, level in CONFIDENCE_COMMANDS.items()},
        "thinner": lambda: controller.hand.widen(-1),
        "wider": lambda: controller.hand.widen(1),
        "new_region": lambda: controller.select(None),
        "next_region": lambda: controller.step_selection(1),
        "previous_region": lambda: controller.step_selection(-1),
        "edit_note": lambda: _edit_note(desk),
        "delete_region": describe.remove,
        "fill_holes": lambda: describe.operate(MaskOperation.FILL_HOLES),
        "grow_region": lambda: describe.operate(MaskOperation.GROW),
        "shrink_region": lambda: describe.operate(MaskOperation.SHRINK),
        "remove_specks": lambda: describe.operate(MaskOperation.REMOVE_SPECKS),
        "keep_within": lambda: controller.await_drawing(NextDrawing.WITHIN),
        "split_region": describe.split,
        "set_source": lambda: controller.await_drawing(NextDrawing.SOURCE),
        "clear_source": describe.clear_source,
        "take_model_mask": lambda: studio.take_model_mask(
            session.current.examination, threshold=session.layers.settings.threshold
        ),
        "refine_model_mask": lambda: studio.refine_model_mask(
            session.current.examination, threshold=session.layers.settings.threshold
        ),
        "no_manipulation": describe.toggle_conclusion,
        "choose_segmenter": studio.offer_segmenters,
    }


def available_to_draw(desk: Desk) -> Iterator[Needs]:
    """What there is to draw on, and to change."""
    session, controller = desk.session, desk.session.studio.controller
    page, region = controller.page, controller.selected
    can_edit, chosen = controller.can_edit, controller.selected_id is not None
    state = None if page is None else page.state
    have = {
        Needs.DRAWABLE: session.current.decoded is not None and not controller.locked,
        Needs.WRITABLE: can_edit,
        Needs.DRAWABLE_HEATMAP: can_edit and session.current.examination is not None,
        Needs.REGIONS: page is not None and bool(page.annotation.regions),
        Needs.REGION: can_edit and chosen,
        Needs.COPY_MOVE: can_edit and region is not None and region.details.kind is Kind.COPY_MOVE,
        Needs.SOURCE: can_edit and region is not None and region.source is not None,
        Needs.UNDO: bool(controller.waiting) or (can_edit and state is not None and state.undo is not None),
        Needs.REDO: can_edit and state is not None and state.redo is not None,
    }
    yield from (need for need, there in have.items() if there)


def check_drawing(desk: Desk) -> None:
    """Show which tool is in hand, what the selected region is, and what undo and redo would do."""
    actions, controller = desk.window.actions_, desk.session.studio.controller
    actions.check(f"tool_{controller.hand.tool.value}")
    region, page = controller.selected, controller.page
    for command_id, kind in KIND_COMMANDS.items():
        actions.check(command_id, region is not None and region.details.kind is kind)
    for command_id, level in CONFIDENCE_COMMANDS.items():
        actions.check(command_id, region is not None and region.details.confidence is level)
    actions.check("set_source", controller.next_drawing is NextDrawing.SOURCE)
    actions.check("keep_within", controller.next_drawing is NextDrawing.WITHIN)
    concluded = page is not None and page.annotation.conclusion is Conclusion.NO_MANIPULATION_FOUND
    actions.check("no_manipulation", concluded)
    actions.explain("no_manipulation", desk.session.studio.why_not if desk.session.case.is_open else "")
    state = None if page is None else page.state
    undone = controller.waiting or (None if state is None else state.undo)
    actions.rename("undo", f"&Undo {undone}" if undone else "&Undo")
    actions.rename("redo", "&Redo" if state is None or state.redo is None else f"&Redo {state.redo}")


def _edit_note(desk: Desk) -> None:
    desk.window.show_regions()
    desk.session.studio.edit_note()
