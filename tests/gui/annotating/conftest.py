"""A drawing table on stand-ins: a case in memory, a segmenter that takes its time, a canvas that remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.annotation import Annotation
from forensic_gui.domain.case import AnnotationState, CaseItem
from forensic_gui.domain.edits import Edit, apply
from forensic_gui.domain.errors import CaseError, EditRefused, ForensicError
from forensic_gui.domain.evidence import DecodedEvidence, DecodeFacts, Evidence
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.views.annotating.controller import AnnotationController
from forensic_gui.views.annotating.describing import Describer
from forensic_gui.views.annotating.edit_queue import EditQueue
from forensic_gui.views.annotating.model_masks import ModelMasks
from forensic_gui.views.annotating.prompter import Prompter
from forensic_gui.views.annotating.sheet import Sheet
from forensic_gui.views.core.gestures import Gesture, Tool
from forensic_gui.workers.lane import Lane
from tests.gui.segmenter_standin import StandInSegmenter, Wait

SIZE = Size(60, 40)


@dataclass
class MemoryCase:
    """Keeps annotations and their history as a case does, in memory."""

    author: str = "Ann"
    size: Size = SIZE
    done: dict[int, list[tuple[str, Edit]]] = field(default_factory=dict)
    undone: dict[int, list[tuple[str, Edit]]] = field(default_factory=dict)
    annotations: dict[int, Annotation] = field(default_factory=dict)
    revision: int = 0
    wait: Wait = field(default_factory=Wait)
    closed: bool = False

    def item(self, item_id: int) -> CaseItem:
        return CaseItem(item_id, f"{item_id:064x}", "1.jpg", "/1.jpg", 1, "", "", self.author, size=self.size)

    def annotation(self, item_id: int) -> AnnotationState:
        if self.closed:
            raise CaseError("The case is closed.")
        done, undone = self.done.get(item_id, []), self.undone.get(item_id, [])
        return AnnotationState(
            item_id,
            self.annotations.get(item_id, Annotation(self.size)),
            self.revision,
            undo=done[-1][0] if done else None,
            redo=undone[-1][0] if undone else None,
        )

    def commit(self, item_id: int, edit: Edit, *, label: str, revision: int | None = None) -> AnnotationState:
        self.wait(None)
        state = self.annotation(item_id)
        if revision not in (None, self.revision):
            raise EditRefused("The edit was made on an older state.")
        self.annotations[item_id] = apply(edit, state.annotation)
        self.done.setdefault(item_id, []).append((label, edit))
        self.undone[item_id] = []
        self.revision += 1
        return self.annotation(item_id)

    def undo(self, item_id: int) -> AnnotationState:
        return self._move(item_id, self.done, self.undone, lambda edit: edit.inverse)

    def redo(self, item_id: int) -> AnnotationState:
        return self._move(item_id, self.undone, self.done, lambda edit: edit)

    def _move(self, item_id, source, target, turn) -> AnnotationState:
        if source.get(item_id):
            label, edit = source[item_id].pop()
            self.annotations[item_id] = apply(turn(edit), self.annotations[item_id])
            target.setdefault(item_id, []).append((label, edit))
            self.revision += 1
        return self.annotation(item_id)


class RecordingCanvas(QObject):
    """Takes what the canvas takes, and remembers it."""

    gesture = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.tool, self.width_px = Tool.HAND, 0.0
        self.annotation = self.preview = None
        self.previews: list[object] = []

    def set_tool(self, tool: Tool) -> None:
        self.tool = tool

    def set_stroke_width(self, width_px: float) -> None:
        self.width_px = width_px

    def set_annotation(self, layer: object) -> None:
        self.annotation = layer

    def set_preview(self, layer: object) -> None:
        self.preview = layer
        if layer is not None:
            self.previews.append(layer)

    def cancel_gesture(self) -> None:
        pass


class Told:
    """Remembers sentences."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.offers: list[tuple[str, Callable[[], None]]] = []

    def note(self, text: str) -> None:
        self.sentences.append(text)

    def warn(self, text: str) -> None:
        self.sentences.append(text)

    def warn_and_offer(self, text: str, *, action: str, answer: Callable[[], None]) -> None:
        self.sentences.append(text)
        self.offers.append((action, answer))

    def fail(self, error: ForensicError) -> None:
        self.sentences.append(str(error))


def picture(number: int, *, size: Size = SIZE, orientation: Orientation = Orientation.UPRIGHT) -> DecodedEvidence:
    """Decoded evidence whose every sample is its number."""
    pixels = np.full((*size.shape, 3), number, np.uint8)
    facts = DecodeFacts("JPEG", "stand-in", "1", size, orientation, "RGB", 8)
    return DecodedEvidence(Evidence(Path(f"{number}.jpg"), f"{number:064x}", 1, ""), facts, pixels, 0.0, 0.0)


class Table:
    """An analyst at the drawing table."""

    def __init__(self, qtbot) -> None:
        self.qtbot = qtbot
        self.canvas, self.told, self.case = RecordingCanvas(), Told(), MemoryCase()
        self.segmenter = StandInSegmenter()
        self.lanes = {name: Lane(name) for name in ("editing", "encoding", "prompting")}
        self.queue = EditQueue(self.lanes["editing"])
        self.prompter = Prompter(encoding=self.lanes["encoding"], prompting=self.lanes["prompting"])
        self.defects: list[object] = []
        self.queue.broke.connect(self.defects.append)
        self.prompter.broke.connect(self.defects.append)
        self.controller = AnnotationController(self.canvas, queue=self.queue, prompter=self.prompter, tell=self.told)
        self.describe = Describer(self.controller, tell=self.told)
        self.model = ModelMasks(self.controller, lane=self.lanes["prompting"], prompter=self.prompter, tell=self.told)
        self.model.broke.connect(self.defects.append)

    def open(self, number: int = 1, *, read_only: str = "", wait: bool = True, **of_picture) -> Sheet:
        """Show an image of the case, with the segmenter ready unless it takes its time."""
        if self.prompter.info is None:
            self.prompter.set_segmenter(self.segmenter)
        sheet = Sheet(self.case, number, picture(number, **of_picture), read_only)
        self.controller.show(sheet)
        if wait:
            self.until(lambda: self.controller.page is not None)
        return sheet

    def draw(self, *gestures: Gesture, settle: bool = True) -> None:
        for gesture in gestures:
            self.canvas.gesture.emit(gesture)
        if settle:
            self.settle()

    def settle(self) -> None:
        """Until all lanes rest and everything is told."""
        self.until(lambda: all(lane.is_idle for lane in self.lanes.values()))

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=10_000)

    @property
    def annotation(self) -> Annotation:
        return self.case.annotation(self.controller.sheet.item_id).annotation

    @property
    def regions(self):
        return self.annotation.regions

    @property
    def labels(self) -> list[str]:
        """What undo would take back, the latest last."""
        return [label for label, _ in self.case.done.get(self.controller.sheet.item_id, [])]

    def close(self) -> None:
        for lane in self.lanes.values():
            lane.close()


@pytest.fixture
def table(qtbot) -> Iterator[Table]:
    """A drawing table that met no defect."""
    made = Table(qtbot)
    yield made
    made.close()
    assert made.defects == []
