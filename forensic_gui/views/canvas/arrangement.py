"""Which states stand in which pane: the rules of blink, swipe and side by side, without a widget."""

from __future__ import annotations

from dataclasses import dataclass

from forensic_gui.domain.geometry import Point, Size
from forensic_gui.views.canvas.scene import CompareMode, Inspected

_OVERLAY_LABELS: dict[Inspected, str] = {"none": "Overlay", "gate": "Gate map", "memory": "Memory response"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One state of the canvas.

    Attributes:
        second: whether the second scene is shown rather than the first.
        layered: whether its layers are painted over the bare image.
        label: name of the state, plain text; empty for none.
    """

    second: bool
    layered: bool
    label: str


@dataclass(frozen=True, slots=True)
class Labels:
    """Names of the two states; an empty one is replaced by what it stands for."""

    first: str = ""
    second: str = ""


Panes = tuple[tuple[Shown, ...], ...]
"""For each pane its states: one, or two on either side of the swipe divider."""


def arrange(
    *, mode: CompareMode, blink: bool, has_second: bool, inspected: Inspected, labels: Labels | None = None
) -> Panes:
    """Lay the states out.

    Without a second scene the bare evidence is compared with its own overlay, and a held blink takes every layer
    away. With one, the two scenes are compared with their layers, and a held blink lets them change places.
    """
    states = _states(has_second=has_second, inspected=inspected, labels=labels or Labels())
    if mode is CompareMode.SINGLE:
        return ((_single(states, blink=blink, has_second=has_second),),)
    before, after = states
    if blink:
        before, after = (after, before) if has_second else (before, before)
    return ((before, after),) if mode is CompareMode.SWIPE else ((before,), (after,))


def placed_over(first: Size, second: Size) -> tuple[Point, float]:
    """Where a second image lies on the first: its top-left corner in the first's view pixels, and its scale.

    It is scaled alike on both axes, so that nothing is distorted, until it just fits, and centred. A copy that was
    only resized thus lies exactly on its original.
    """
    scale = min(first.width / second.width, first.height / second.height)
    corner = Point((first.width - second.width * scale) / 2, (first.height - second.height * scale) / 2)
    return corner, scale


def _states(*, has_second: bool, inspected: Inspected, labels: Labels) -> tuple[Shown, Shown]:
    if has_second:
        return (
            Shown(second=False, layered=True, label=labels.first or "First"),
            Shown(second=True, layered=True, label=labels.second or "Second"),
        )
    return (
        Shown(second=False, layered=False, label=labels.first or "Evidence"),
        Shown(second=False, layered=True, label=labels.second or _OVERLAY_LABELS[inspected]),
    )


def _single(states: tuple[Shown, Shown], *, blink: bool, has_second: bool) -> Shown:
    """The usual state needs no name; the one shown while a key is held does."""
    before, after = states
    if has_second:
        return after if blink else before
    return before if blink else Shown(second=False, layered=True, label="")
