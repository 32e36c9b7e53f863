"""Letters drawn with the typefaces that come with OpenCV and Pillow, and texts such as people put on pictures."""

from __future__ import annotations

from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont

from boxprompt.data.synthesis.draws import chance, integer

Typeface: TypeAlias = Literal["pillow", "simplex", "duplex", "complex", "triplex", "script", "italic"]

# Most text on pictures is a plain sans serif.
TYPEFACES: dict[Typeface, float] = {
    "pillow": 4, "simplex": 3, "duplex": 2, "complex": 1, "triplex": 1, "script": 0.5, "italic": 0.5,
}  # fmt: skip
_HERSHEY: dict[str, int] = {
    "simplex": cv2.FONT_HERSHEY_SIMPLEX,
    "duplex": cv2.FONT_HERSHEY_DUPLEX,
    "complex": cv2.FONT_HERSHEY_COMPLEX,
    "triplex": cv2.FONT_HERSHEY_TRIPLEX,
    "script": cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    "italic": cv2.FONT_HERSHEY_SIMPLEX | cv2.FONT_ITALIC,
}
_LETTERS = "eeeettaaooinnsshhrrddlluccmmwfggyppbvkjxqz"
_CAPITAL_SHARE = 0.25


def draw_words(rng: np.random.Generator, *, most: int) -> str:
    """Return one to `most` made-up words of Latin letters, sometimes all in capitals."""
    words = []
    for _ in range(integer(rng, 1, most)):
        picks = rng.integers(0, len(_LETTERS), integer(rng, 2, 9))
        words.append("".join(_LETTERS[i] for i in picks))
    text = " ".join(words)
    return text.upper() if chance(rng, _CAPITAL_SHARE) else text.capitalize()


def draw_date(rng: np.random.Generator) -> str:
    """Return a date and perhaps a time as cameras stamp them."""
    year, month, day = integer(rng, 1994, 2026), integer(rng, 1, 12), integer(rng, 1, 28)
    forms = (
        f"{year}/{month:02d}/{day:02d}",
        f"{day:02d}.{month:02d}.{year}",
        f"{year}-{month:02d}-{day:02d}",
        f"{month} {day} '{year % 100:02d}",
    )
    date = forms[integer(rng, 0, len(forms) - 1)]
    return f"{date} {draw_time(rng)}" if chance(rng, 0.5) else date


def draw_time(rng: np.random.Generator) -> str:
    """Return a time of day."""
    return f"{integer(rng, 0, 23):02d}:{integer(rng, 0, 59):02d}"


def letters(text: str, *, typeface: Typeface, height_px: int) -> NDArray[np.uint8]:
    """Return how much of each pixel `text` covers, uint8 (h, w), 255 in full; a margin of about 2 px lies around it.

    Args:
        text: one line, not blank.
        typeface: whose letters.
        height_px: of a capital, about; at least 4.
    """
    plane = _pillow(text, height_px=height_px) if typeface == "pillow" else _hershey(text, typeface, height_px)
    return np.asarray(cv2.copyMakeBorder(plane, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=0), dtype=np.uint8)


def _pillow(text: str, *, height_px: int) -> NDArray[np.uint8]:
    # A capital of the built-in typeface is seven tenths of its size.
    mask = ImageFont.load_default(max(6.0, height_px / 0.7)).getmask(text, mode="L")
    return np.asarray(mask, dtype=np.uint8).reshape(mask.size[::-1])


def _hershey(text: str, typeface: Typeface, height_px: int) -> NDArray[np.uint8]:
    font, thickness = _HERSHEY[typeface], max(1, height_px // 9)
    scale = cv2.getFontScaleFromHeight(font, height_px, thickness)
    (columns, rows), base = cv2.getTextSize(text, font, scale, thickness)
    # Descenders reach below the base line, accents and slanted letters beyond the box that is told.
    plane = np.zeros((rows + 2 * base + 4, columns + height_px), dtype=np.uint8)
    cv2.putText(plane, text, (height_px // 4, rows + base // 2 + 2), font, scale, 255, thickness, cv2.LINE_AA)
    left, top, width, height = cv2.boundingRect(plane)
    return plane[top : top + height, left : left + width]
