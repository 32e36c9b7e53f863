"""What people put over a finished picture: captions, borders, a screen's bars, and lighter or darker places.

None of it counts as manipulated. Captions, borders and bars show openly that they are no part of the scene; where they
hide an edit, the edit's mask gives way to them. A place made lighter or darker through a wide soft edge shows what it
showed before: its content, grain and compression stay its own, and there is no boundary that a mask could follow. A
region cut out and put back at its own place changes no pixel, so there is nothing to draw. What stays out is a region
blurred, sharpened, denoised or compressed by itself after the shot: its traces are those of a paste, and calling it
untouched would teach a network to overlook them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import RgbImage
from boxprompt.data.synthesis import screens
from boxprompt.data.synthesis.draws import between, chance, integer, log_between, pick, weighted
from boxprompt.data.synthesis.histories import Step
from boxprompt.data.synthesis.lettering import TYPEFACES, Typeface, draw_date, draw_words, letters
from boxprompt.data.synthesis.scenery import draw_spot, soft_spot

Coverage: TypeAlias = NDArray[np.float32]

_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
# Cameras stamp in the colour of the small lamps that exposed the film.
_STAMP = (255, 150, 40)
_SMALLEST_LETTERS_PX = 5


def draw_dodge(rng: np.random.Generator, size: tuple[int, int]) -> Step:
    """Return one or two places made lighter or darker; the soft edge is wider than a tenth of the shorter side."""
    spots = []
    for _ in range(integer(rng, 1, 2)):
        gain = log_between(rng, (1.15, 1.7)) if chance(rng, 0.5) else log_between(rng, (0.55, 0.87))
        spots.append({**draw_spot(rng, size, radius=(0.14, 0.35)), "gain": round(gain, 3)})
    return Step("dodge", {"spots": spots})


def draw_stamp(rng: np.random.Generator, size: tuple[int, int]) -> Step:
    """Return what a camera burns in: a date, mostly, small and in a corner."""
    text = draw_date(rng) if chance(rng, 0.8) else draw_words(rng, most=2)
    anchor = [pick(rng, (0.04, 0.95), (0.2, 0.8)), pick(rng, (0.04, 0.95), (0.35, 0.65))]
    colour = _STAMP if chance(rng, 0.5) else _WHITE
    params = _draw_lettering(rng, size, height=(0.02, 0.05))
    style = {"colour": list(colour), "rim": None, "box": None, "opacity": round(between(rng, (0.75, 1)), 3)}
    return Step("caption", {"text": text, "anchor": anchor, **params, **style})


def draw_caption(rng: np.random.Generator, size: tuple[int, int]) -> Step:
    """Return a caption, a date or a watermark, single or repeated over the picture."""
    kind = pick(rng, ("caption", "title", "name", "date", "watermark"), (0.3, 0.2, 0.2, 0.15, 0.15))
    if kind == "watermark":
        params = _draw_lettering(rng, size, height=(0.03, 0.09))
        grey = integer(rng, 150, 255) if chance(rng, 0.8) else integer(rng, 0, 90)
        tile = {"angle_deg": round(between(rng, (-50, 50)), 1), "gap": round(between(rng, (0.6, 2.5)), 2)}
        look = {"colour": [grey] * 3, "opacity": round(between(rng, (0.12, 0.45)), 3)}
        return Step("watermark", {"text": draw_words(rng, most=2), **params, **look, **tile})
    if kind == "date":
        return draw_stamp(rng, size)
    height = (0.05, 0.14) if kind == "title" else (0.022, 0.06)
    text = draw_words(rng, most={"caption": 6, "title": 3, "name": 2}[kind])
    edge = pick(rng, (0.03, 0.97), (0.3, 0.7)) if chance(rng, 0.75) else round(between(rng, (0, 1)), 3)
    side = 0.5 if kind != "name" and chance(rng, 0.7) else round(between(rng, (0.02, 0.98)), 3)
    params = {"text": text, "anchor": [edge, side], **_draw_lettering(rng, size, height=height)}
    return Step("caption", {**params, **_draw_style(rng)})


def draw_border(rng: np.random.Generator, size: tuple[int, int]) -> Step:
    """Return a frame, letterbox bars, an instant picture's border or rounded corners."""
    rows, columns = size
    form = pick(rng, ("frame", "letterbox", "pillarbox", "instant", "corners"), (0.4, 0.25, 0.15, 0.1, 0.1))
    width = log_between(rng, (0.008, 0.07)) * min(size)
    bar = between(rng, (0.05, 0.17))
    widths = {
        "frame": (width, width, width, width),
        "letterbox": (bar * rows, bar * rows, 0, 0),
        "pillarbox": (0, 0, bar * columns, bar * columns),
        "instant": (width, 0.16 * rows, width, width),
        "corners": (0, 0, 0, 0),
    }[form]
    top, bottom, left, right = (round(side) for side in widths)
    rounded = form == "corners" or (form == "frame" and chance(rng, 0.2))
    params: dict[str, Any] = {
        "form": form,
        "margins_px": [top, bottom, left, right],
        "radius_px": round(between(rng, (0.03, 0.15)) * min(size)) if rounded else 0,
        "fill": "blurred" if form in ("letterbox", "pillarbox") and chance(rng, 0.3) else "plain",
        "colour": _draw_plain(rng),
        # A thin line inside the frame, as on prints and postcards.
        "line_px": integer(rng, 1, 3) if form == "frame" and chance(rng, 0.25) else 0,
    }
    return Step("border", params)


def apply(image: RgbImage, step: Step) -> tuple[RgbImage, Coverage | None]:
    """Return `image` with one step of this module, and how much of each pixel it hides.

    Args:
        image: uint8 (H, W, 3) RGB, left as it is.
        step: from one of the draws above or of `screens`.

    Returns:
        The picture, uint8 (H, W, 3), and float32 (H, W) in [0, 1]; None for the latter when nothing is hidden.
    """
    return _OPERATIONS[step.name](image, **step.params)


def _draw_lettering(rng: np.random.Generator, size: tuple[int, int], *, height: tuple[float, float]) -> dict[str, Any]:
    height_px = max(_SMALLEST_LETTERS_PX, round(log_between(rng, height) * size[0]))
    return {"typeface": weighted(rng, TYPEFACES), "height_px": height_px}


def _draw_style(rng: np.random.Generator) -> dict[str, Any]:
    light = chance(rng, 0.7)
    colour, other = (_WHITE, _BLACK) if light else (_BLACK, _WHITE)
    if chance(rng, 0.25):
        drawn = [integer(rng, 0, 255) for _ in range(3)]
        colour = (drawn[0], drawn[1], drawn[2])
    style = pick(rng, ("plain", "rimmed", "boxed"), (0.35, 0.35, 0.3))
    box = {"colour": list(other), "opacity": round(between(rng, (0.4, 1)), 3)} if style == "boxed" else None
    opacity = 1.0 if chance(rng, 0.7) else round(between(rng, (0.3, 0.95)), 3)
    return {"colour": list(colour), "rim": list(other) if style == "rimmed" else None, "box": box, "opacity": opacity}


def _draw_plain(rng: np.random.Generator) -> list[int]:
    kind = pick(rng, ("white", "black", "grey", "colour"), (0.4, 0.4, 0.1, 0.1))
    if kind == "colour":
        return [integer(rng, 0, 255) for _ in range(3)]
    return [{"white": 255, "black": 0, "grey": integer(rng, 30, 225)}[kind]] * 3


def _dodge(image: RgbImage, *, spots: Sequence[Mapping[str, Any]]) -> tuple[RgbImage, None]:
    gain = np.ones(image.shape[:2], dtype=np.float32)
    for spot in spots:
        hill = soft_spot(
            (image.shape[0], image.shape[1]), centre=spot["centre"], radii=spot["radii"], angle_deg=spot["angle_deg"]
        )
        gain *= 1 + np.float32(spot["gain"] - 1) * hill
    return np.asarray(cv2.multiply(image, cv2.merge([gain] * 3), dtype=cv2.CV_8U), dtype=np.uint8), None


def _caption(
    image: RgbImage,
    *,
    text: str,
    anchor: Sequence[float],
    typeface: Typeface,
    height_px: int,
    colour: Sequence[int],
    rim: Sequence[int] | None,
    box: Mapping[str, Any] | None,
    opacity: float,
) -> tuple[RgbImage, Coverage]:
    glyphs = _fitted(letters(text, typeface=typeface, height_px=height_px), limit_px=image.shape[1])
    window = _window(image.shape, glyphs.shape, anchor=anchor)
    glyphs = glyphs[: window[0].stop - window[0].start, : window[1].stop - window[1].start]
    part = np.ascontiguousarray(image[window])
    hidden = np.zeros(glyphs.shape, dtype=np.float32)
    if box is not None:
        part, hidden = _lay(part, hidden, np.full(hidden.shape, box["opacity"], np.float32), colour=box["colour"])
    ink = glyphs.astype(np.float32) * np.float32(opacity / 255)
    if rim is not None:
        wide = cv2.dilate(ink, np.ones((3, 3), np.uint8))
        part, hidden = _lay(part, hidden, np.asarray(wide, dtype=np.float32), colour=rim)
    part, hidden = _lay(part, hidden, ink, colour=colour)
    return _put(image, part, hidden, window=window)


def _watermark(
    image: RgbImage,
    *,
    text: str,
    typeface: Typeface,
    height_px: int,
    colour: Sequence[int],
    opacity: float,
    angle_deg: float,
    gap: float,
) -> tuple[RgbImage, Coverage]:
    glyphs = letters(text, typeface=typeface, height_px=height_px)
    rows, columns = image.shape[:2]
    space = round(gap * glyphs.shape[0] * 2), round(gap * glyphs.shape[0] * 3)
    tile = cv2.copyMakeBorder(glyphs, 0, space[0], 0, space[1], cv2.BORDER_CONSTANT, value=0)
    reach = int(np.hypot(rows, columns)) + 2
    counts = [-(-reach // side) for side in tile.shape]
    sheet = np.tile(tile, counts)[:reach, :reach]
    matrix = cv2.getRotationMatrix2D((reach / 2, reach / 2), angle_deg, 1.0)
    matrix[:, 2] += ((columns - reach) / 2, (rows - reach) / 2)
    turned = cv2.warpAffine(sheet, matrix, (columns, rows), flags=cv2.INTER_LINEAR)
    ink = turned.astype(np.float32) * np.float32(opacity / 255)
    return _lay(image, np.zeros((rows, columns), np.float32), ink, colour=colour)


def _border(
    image: RgbImage,
    *,
    form: str,
    margins_px: Sequence[int],
    radius_px: int,
    fill: str,
    colour: Sequence[int],
    line_px: int,
) -> tuple[RgbImage, Coverage]:
    del form
    rows, columns = image.shape[:2]
    top, bottom, left, right = margins_px
    inner = (top, left, rows - bottom, columns - right)
    if fill == "blurred":
        small = cv2.resize(image, (24, 24), interpolation=cv2.INTER_AREA)
        grown = cv2.resize(small[4:-4, 4:-4], (columns, rows), interpolation=cv2.INTER_CUBIC)
        ground = np.asarray(grown, dtype=np.uint8)
    else:
        ground = np.empty_like(image)
        ground[:] = np.asarray(colour, dtype=np.uint8)
    framed, hidden = screens.inset(ground, image, box=inner, radius_px=radius_px)
    if line_px:
        inset = 2 * line_px
        box = (top + inset, left + inset, rows - bottom - inset, columns - right - inset)
        ring = (box[1], box[0]), (box[3] - 1, box[2] - 1)
        cv2.rectangle(framed, *ring, list(colour), line_px)
        cv2.rectangle(hidden, *ring, 1.0, line_px)
    return framed, hidden


def _fitted(glyphs: NDArray[np.uint8], *, limit_px: int) -> NDArray[np.uint8]:
    """Return letters that are no wider than the picture."""
    if glyphs.shape[1] <= limit_px:
        return glyphs
    rows = max(_SMALLEST_LETTERS_PX, round(glyphs.shape[0] * limit_px / glyphs.shape[1]))
    return np.asarray(cv2.resize(glyphs, (limit_px, rows), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _window(full: tuple[int, ...], part: tuple[int, ...], *, anchor: Sequence[float]) -> tuple[slice, slice]:
    """Return where a part of a picture lies whose room to move is shared out by `anchor`."""
    starts = [round(max(0, side - own) * at) for side, own, at in zip(full[:2], part[:2], anchor, strict=True)]
    stops = [min(start + own, side) for start, own, side in zip(starts, part[:2], full[:2], strict=True)]
    return slice(starts[0], stops[0]), slice(starts[1], stops[1])


def _lay(under: RgbImage, hidden: Coverage, ink: Coverage, *, colour: Sequence[int]) -> tuple[RgbImage, Coverage]:
    """Return `under` with a colour as thick as `ink` over it, and how much is hidden by then."""
    flat = np.empty_like(under)
    flat[:] = np.asarray(colour, dtype=np.uint8)
    return np.asarray(cv2.blendLinear(flat, under, ink, 1 - ink), dtype=np.uint8), 1 - (1 - hidden) * (1 - ink)


def _put(
    image: RgbImage, part: RgbImage, hidden: Coverage, *, window: tuple[slice, slice]
) -> tuple[RgbImage, Coverage]:
    whole, covered = image.copy(), np.zeros(image.shape[:2], dtype=np.float32)
    whole[window], covered[window] = part, hidden
    return whole, covered


_OPERATIONS: dict[str, Callable[..., tuple[RgbImage, Coverage | None]]] = {
    "dodge": _dodge,
    "caption": _caption,
    "watermark": _watermark,
    "border": _border,
    "screen": screens.frame,
}
NAMES = frozenset(_OPERATIONS)
