"""The frame that a screen shot leaves around a picture: flat bars with letters, dots and buttons, rounded corners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import RgbImage
from boxprompt.data.synthesis.draws import between, chance, integer, pick
from boxprompt.data.synthesis.histories import Step
from boxprompt.data.synthesis.lettering import Typeface, draw_time, draw_words, letters

_SMALLEST_BAR_PX = 9


def draw_screen(rng: np.random.Generator, size: tuple[int, int]) -> Step:
    """Return the bars of a telephone, a window or a post, with what stands on them."""
    form = pick(rng, ("telephone", "window", "post"), (0.4, 0.3, 0.3))
    dark = chance(rng, 0.45)
    ground = integer(rng, 10, 50) if dark else integer(rng, 225, 255)
    # Accents are the same on all bars of a theme.
    accent = [integer(rng, 20, 235) for _ in range(3)]
    look = {"ground": [ground] * 3, "ink": [235] * 3 if dark else [40] * 3, "accent": accent}
    bars = {"telephone": _telephone, "window": _desktop, "post": _post}[form](rng, size)
    rounded = form == "post" and chance(rng, 0.5)
    radius_px = round(between(rng, (0.02, 0.06)) * min(size)) if rounded else 0
    return Step("screen", {"form": form, **look, "bars": bars, "radius_px": radius_px})


def frame(
    image: RgbImage,
    *,
    form: str,
    ground: Sequence[int],
    ink: Sequence[int],
    accent: Sequence[int],
    bars: Sequence[Mapping[str, Any]],
    radius_px: int,
) -> tuple[RgbImage, NDArray[np.float32]]:
    """Return `image`, uint8 (H, W, 3) RGB, under the bars of a screen, and what they hide, float32 (H, W) in [0, 1].

    Args:
        image: left as it is.
        form: what the bars are those of, for the record.
        ground: RGB of the bars.
        ink: RGB of letters and lines.
        accent: RGB of buttons.
        bars: each a `box` [top, left, bottom, right] and its `marks`, from `draw_screen`.
        radius_px: of the corners of what is left of the picture.
    """
    del form
    rows, columns = image.shape[:2]
    inner = [0, 0, rows, columns]
    for bar in bars:
        inner = _without(inner, bar["box"])
    flat = np.empty_like(image)
    flat[:] = np.asarray(ground, dtype=np.uint8)
    colours = {"ink": [int(c) for c in ink], "accent": [int(c) for c in accent]}
    for bar in bars:
        for mark in bar["marks"]:
            _mark(flat, mark, colour=colours[mark["colour"]])
    return inset(flat, image, box=inner, radius_px=radius_px)


def inset(
    ground: RgbImage, image: RgbImage, *, box: Sequence[int], radius_px: int
) -> tuple[RgbImage, NDArray[np.float32]]:
    """Return `image` where it shows through a rectangle in `ground`, and how much of each pixel is hidden.

    Args:
        ground: uint8 (H, W, 3) RGB, left as it is.
        image: uint8 (H, W, 3) RGB, left as it is.
        box: (top, left, bottom, right) of the rectangle, the latter two beyond its last pixels.
        radius_px: of its corners; 0 for square ones.
    """
    top, left, bottom, right = box
    hidden = np.ones(image.shape[:2], dtype=np.float32)
    hidden[top:bottom, left:right] = 0
    framed = ground.copy()
    framed[top:bottom, left:right] = image[top:bottom, left:right]
    side = min(radius_px, (bottom - top) // 2, (right - left) // 2)
    if side > 0:
        corner = 1 - _corner(side)
        for rows, down in ((slice(top, top + side), 1), (slice(bottom - side, bottom), -1)):
            for columns, across in ((slice(left, left + side), 1), (slice(right - side, right), -1)):
                hidden[rows, columns] = share = corner[::down, ::across]
                mixed = ground[rows, columns] * share[..., None] + image[rows, columns] * (1 - share[..., None])
                framed[rows, columns] = mixed.astype(np.uint8)
    return framed, hidden


def _corner(radius_px: int) -> NDArray[np.float32]:
    away = radius_px - 0.5 - np.arange(radius_px)
    return np.asarray(np.clip(radius_px + 0.5 - np.hypot(away[:, None], away[None]), 0, 1), dtype=np.float32)


def _without(inner: Sequence[int], bar: Sequence[int]) -> list[int]:
    """Return what a bar along one side leaves of a rectangle; boxes are [top, left, bottom, right]."""
    top, left, bottom, right = inner
    if bar[1] <= left and bar[3] >= right:
        return [bar[2], left, bottom, right] if bar[0] <= top else [top, left, bar[0], right]
    return [top, bar[3], bottom, right] if bar[1] <= left else [top, left, bottom, bar[1]]


def _telephone(rng: np.random.Generator, size: tuple[int, int]) -> list[dict[str, Any]]:
    rows, columns = size
    status = max(_SMALLEST_BAR_PX, round(between(rng, (0.035, 0.06)) * rows))
    signs = [_dot(status / 2, columns - status * (0.7 + step), status / 4) for step in range(integer(rng, 1, 3))]
    marks = [_text(draw_time(rng), row=status / 2, column=status * 0.4, height_px=status * 0.45), *signs]
    bars = [_bar((0, 0, status, columns), marks)]
    if chance(rng, 0.6):
        app = max(_SMALLEST_BAR_PX, round(between(rng, (0.06, 0.11)) * rows))
        bars.append(_bar((status, 0, status + app, columns), _title_marks(rng, top=status, height=app)))
    if chance(rng, 0.7):
        navigation = max(_SMALLEST_BAR_PX, round(between(rng, (0.04, 0.09)) * rows))
        centre = rows - navigation / 2
        buttons = [_dot(centre, columns * share, navigation / 5) for share in (0.25, 0.5, 0.75)]
        bars.append(_bar((rows - navigation, 0, rows, columns), buttons))
    return bars


def _desktop(rng: np.random.Generator, size: tuple[int, int]) -> list[dict[str, Any]]:
    rows, columns = size
    title = max(_SMALLEST_BAR_PX, round(between(rng, (0.045, 0.09)) * rows))
    at_left = chance(rng, 0.5)
    centres = [title * (0.6 + 0.8 * step) for step in range(3)]
    buttons = [_dot(title / 2, at if at_left else columns - at, title / 4, colour="accent") for at in centres]
    name = _text(
        draw_words(rng, most=3), row=title / 2, column=columns * between(rng, (0.3, 0.5)), height_px=title * 0.4
    )
    bars = [_bar((0, 0, title, columns), [*buttons, name])]
    if chance(rng, 0.5):
        side = round(between(rng, (0.1, 0.22)) * columns)
        bars.append(_bar((title, 0, rows, side), _list_marks(rng, top=title, bottom=rows, width=side)))
    if chance(rng, 0.5):
        status = max(_SMALLEST_BAR_PX, round(0.05 * rows))
        words = _text(draw_words(rng, most=2), row=rows - status / 2, column=status * 0.5, height_px=status * 0.4)
        bars.append(_bar((rows - status, 0, rows, columns), [words]))
    return bars


def _post(rng: np.random.Generator, size: tuple[int, int]) -> list[dict[str, Any]]:
    rows, columns = size
    head = max(_SMALLEST_BAR_PX, round(between(rng, (0.08, 0.14)) * rows))
    foot = max(_SMALLEST_BAR_PX, round(between(rng, (0.08, 0.18)) * rows))
    below = rows - foot
    icons = [_dot(below + head * 0.3, head * (0.5 + 0.6 * step), head / 6) for step in range(3)]
    lines = _text(draw_words(rng, most=5), row=rows - foot * 0.3, column=head * 0.3, height_px=foot * 0.2)
    bars = [
        _bar((0, 0, head, columns), _title_marks(rng, top=0, height=head)),
        _bar((below, 0, rows, columns), [*icons, lines]),
    ]
    if chance(rng, 0.4):
        side = max(2, round(between(rng, (0.01, 0.04)) * columns))
        bars += [_bar((head, 0, below, side), []), _bar((head, columns - side, below, columns), [])]
    return bars


def _title_marks(rng: np.random.Generator, *, top: int, height: int) -> list[dict[str, Any]]:
    middle = top + height / 2
    words = draw_words(rng, most=3)
    return [
        _dot(middle, height * 0.6, height * 0.32, colour="accent"),
        _text(words, row=middle, column=height * 1.2, height_px=height * 0.32),
    ]


def _list_marks(rng: np.random.Generator, *, top: int, bottom: int, width: int) -> list[dict[str, Any]]:
    step = max(8, round(between(rng, (0.15, 0.3)) * width))
    lengths = {row: round(between(rng, (0.3, 0.75)) * width) for row in range(top + step, bottom - 2, step)}
    left = round(0.12 * width)
    return [{"mark": "line", "row": row, "column": left, "length_px": lengths[row], "colour": "ink"} for row in lengths]


def _bar(box: tuple[int, int, int, int], marks: list[dict[str, Any]]) -> dict[str, Any]:
    return {"box": list(box), "marks": marks}


def _text(text: str, *, row: float, column: float, height_px: float) -> dict[str, Any]:
    place = {"row": round(row), "column": round(column), "height_px": max(4, round(height_px))}
    return {"mark": "text", "text": text, **place, "typeface": "pillow", "colour": "ink"}


def _dot(row: float, column: float, radius: float, *, colour: str = "ink") -> dict[str, Any]:
    place = {"row": round(row), "column": round(column), "radius_px": max(1, round(radius))}
    return {"mark": "dot", **place, "colour": colour}


def _mark(canvas: RgbImage, mark: Mapping[str, Any], *, colour: Sequence[int]) -> None:
    row, column = mark["row"], mark["column"]
    if mark["mark"] == "dot":
        cv2.circle(canvas, (column, row), mark["radius_px"], colour, -1, cv2.LINE_AA)
    elif mark["mark"] == "line":
        cv2.line(canvas, (column, row), (column + mark["length_px"], row), colour, 1)
    else:
        _write(
            canvas,
            mark["text"],
            typeface=mark["typeface"],
            height_px=mark["height_px"],
            at=(row, column),
            colour=colour,
        )


def _write(
    canvas: RgbImage, text: str, *, typeface: Typeface, height_px: int, at: tuple[int, int], colour: Sequence[int]
) -> None:
    """Write on `canvas` in place, centred on row `at[0]` and from column `at[1]`; what has no room is left out."""
    glyphs = letters(text, typeface=typeface, height_px=height_px)
    top = max(0, at[0] - glyphs.shape[0] // 2)
    window = canvas[top : top + glyphs.shape[0], at[1] : at[1] + glyphs.shape[1]]
    ink = glyphs[: window.shape[0], : window.shape[1]].astype(np.float32)[..., None] / np.float32(255)
    window[:] = (window * (1 - ink) + np.asarray(colour, dtype=np.float32) * ink).astype(np.uint8)
