"""What fresh processes say of themselves, as rows: peak memory, first frame, blocks of the window's thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from forensic_gui.services.benchmark.ports import Message, ProbeError, RunProbe
from forensic_gui.services.benchmark.rows import Row, Unit
from forensic_gui.services.progress import CancelToken

MEMORY_TARGET_MB, FIRST_FRAME_TARGET_MS, BLOCK_TARGET_MS = 1200.0, 1000.0, 50.0
FRAME_TARGET_MS = 16.0


def memory_rows(run: RunProbe, *, image: Path, options: Sequence[str], cancel: CancelToken) -> list[Row]:
    """Peak memory of the analysis of one large image with all files, in a process of its own.

    Args:
        run: starts it.
        image: the file.
        options: of the command line, which choose the weights and the runtime.
        cancel: ends it.
    """
    try:
        peaks = _find(run(("--probe", "memory", "--image", str(image), *options), cancel=cancel), "peaks")
    except ProbeError as failure:
        return rows_of_memory(None, None, missing=str(failure))
    return rows_of_memory(peaks["program"], peaks["decoder"], missing="this system does not say")


def rows_of_memory(program: int | None, decoder: int | None, *, missing: str) -> list[Row]:
    """The rows of peak memory.

    Args:
        program: bytes of the program's process, None where unknown.
        decoder: bytes of the decoder's, likewise.
        missing: why one is unknown.
    """
    both = None if program is None or decoder is None else program + decoder

    def row(name: str, figure: str, size: int | None, *, target: float | None = None, note: str = "") -> Row:
        value = None if size is None else size / 1e6
        return Row(name, figure, Unit.MEGABYTES, value, target=target, note=note if value is not None else missing)

    return [
        row(
            "memory",
            "Peak memory, both processes",
            both,
            target=MEMORY_TARGET_MB,
            note="one large image, thorough view, all files, fresh processes; both peaks added, not their common one",
        ),
        row("memory_program", "  program", program),
        row("memory_decoder", "  decoder", decoder),
    ]


def first_frame_rows(run: RunProbe, *, starts: int, options: Sequence[str], cancel: CancelToken) -> list[Row]:
    """Time from the start of a process to the first painted frame of its window."""

    def measure() -> list[float]:
        arguments = ("--probe", "frame", *options)
        return [1000 * _first(run(arguments, cancel=cancel), "first_frame").seconds for _ in range(starts)]

    return _rows_or_reason("first_frame", "First frame", lambda: _rows_of_first_frame(measure()))


def window_rows(run: RunProbe, *, image: Path, options: Sequence[str], cancel: CancelToken) -> list[Row]:
    """Longest blocks of the window's thread, while the localizer is loaded and while an image is read and analyzed."""

    def measure() -> dict[str, Any]:
        return dict(_find(run(("--probe", "window", "--image", str(image), *options), cancel=cancel), "blocks"))

    return _rows_or_reason("block_loading", "Window blocked", lambda: _rows_of_blocks(measure()))


def stroke_rows(run: RunProbe, *, options: Sequence[str], cancel: CancelToken) -> list[Row]:
    """Time from a brush let go to its region repainted, and the longest block of the window's thread meanwhile."""

    def measure() -> dict[str, Any]:
        return dict(_find(run(("--probe", "stroke", *options), cancel=cancel), "strokes"))

    return _rows_or_reason("brush_stroke", "Brush stroke painted", lambda: _rows_of_strokes(measure()))


def _rows_of_strokes(strokes: dict[str, Any]) -> list[Row]:
    width, height = strokes["canvas"]
    note = f"{strokes['strokes']} strokes on a canvas of {width}x{height} pixels, without keeping the edit on disk"
    figure = f"Brush stroke painted, {strokes['megapixels']:g} MP"
    return [
        Row(
            name="brush_stroke",
            figure=f"{figure}, median",
            unit=Unit.MILLISECONDS,
            value=strokes["painted_ms"],
            note=f"from the button let go to the frame that shows it in its region; {note}",
        ),
        Row(
            name="block_stroke",
            figure="Window blocked, brush stroke",
            unit=Unit.MILLISECONDS,
            value=strokes["block_ms"],
            target=FRAME_TARGET_MS,
            note=f"longest of all, against one frame of a screen; {note}",
        ),
    ]


def _rows_of_first_frame(times: Sequence[float]) -> list[Row]:
    note = f"from the start of the process to the window's first paint, drawn into memory; {len(times)} starts"
    return [
        Row(
            name="first_frame",
            figure="First frame, median",
            unit=Unit.MILLISECONDS,
            value=median(times),
            target=FIRST_FRAME_TARGET_MS,
            note=note,
        ),
        Row(
            name="first_frame_best",
            figure="First frame, best",
            unit=Unit.MILLISECONDS,
            value=min(times),
            target=FIRST_FRAME_TARGET_MS,
            note=note,
        ),
    ]


def _rows_of_blocks(blocks: dict[str, Any]) -> list[Row]:
    beats = f"longest gap between beats of a {blocks['interval_ms']:g}-ms timer, less the interval"
    return [
        Row(
            name=f"block_{phase}",
            figure=f"Window blocked, {phase}",
            unit=Unit.MILLISECONDS,
            value=blocks[f"{phase}_ms"],
            target=BLOCK_TARGET_MS,
            note=f"{beats}; {during}",
        )
        for phase, during in (
            ("loading", "from the first frame until the localizer is ready"),
            ("analysis", "while the large image is opened, analyzed and drawn"),
        )
    ]


def _rows_or_reason(name: str, figure: str, rows: Callable[[], list[Row]]) -> list[Row]:
    """The rows, or one that says why there are none."""
    try:
        return rows()
    except ProbeError as failure:
        return [Row(name, figure, Unit.MILLISECONDS, None, note=str(failure))]


def _find(messages: Sequence[Message], event: str) -> Any:
    return _first(messages, event).values


def _first(messages: Sequence[Message], event: str) -> Message:
    for message in messages:
        if message.values.get("event") == event:
            return message
    raise ProbeError(f"The measured process ended without saying «{event}».")
