"""The edge between this program and the parsers of untrusted bytes: errors and warnings are translated here."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from PIL import Image, ImageFile, PngImagePlugin, UnidentifiedImageError

from boxprompt.data.decode.contract import DecodeRefused, Refusal

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_LONGEST_MESSAGE = 300
_MOST_MESSAGES = 32
# Pillow refuses a whole PNG for one compressed profile or text over 1 MiB; display profiles grow larger than that.
_MOST_PNG_METADATA = 16 << 20


@contextmanager
def parser_errors(decoder: str) -> Iterator[None]:
    """Turn whatever a parser raises on hostile bytes into a refusal.

    Only calls into a parser belong inside: an error of our own code must stay visible as one.

    Raises:
        DecodeRefused: TOO_LARGE when memory or pixels ran out, DAMAGED for everything else.
    """
    try:
        yield
    except DecodeRefused:
        raise
    except MemoryError as error:
        raise DecodeRefused(Refusal.TOO_LARGE, f"{decoder} needs more memory than the limit allows.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DecodeRefused(Refusal.TOO_LARGE, "The header asks for more pixels than the limit allows.") from error
    except Exception as error:
        raise DecodeRefused(Refusal.DAMAGED, f"{decoder} could not decode the file: {_reason(error)}.") from error


@contextmanager
def pillow_limits(*, max_pixels: int | None, allow_truncated: bool) -> Iterator[None]:
    """Set Pillow's own limits, which are module variables, for one decode and put them back.

    Pillow checks sizes in places that we do not see (frames, thumbnails), so its limit must be ours; its
    warning above the limit is raised as an error. None leaves the check to the caller, who can name the size.
    """
    before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, PngImagePlugin.MAX_TEXT_CHUNK)
    Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = max_pixels, allow_truncated
    PngImagePlugin.MAX_TEXT_CHUNK = _MOST_PNG_METADATA
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    finally:
        Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, PngImagePlugin.MAX_TEXT_CHUNK = before


def as_sentences(messages: Iterable[str]) -> tuple[str, ...]:
    """Clean messages of a decoder: printable, bounded, each once, in order."""
    cleaned: dict[str, None] = {}
    for message in messages:
        text = printable(message)
        if text:
            cleaned.setdefault(text)
    kept = list(cleaned)[:_MOST_MESSAGES]
    if len(cleaned) > len(kept):
        kept.append(f"{len(cleaned) - len(kept)} more warnings are not shown.")
    return tuple(kept)


def printable(text: str) -> str:
    """One line without control characters and bidirectional marks, at most 300 characters."""
    line = _UNPRINTABLE.sub(" ", text).strip()
    return line if len(line) <= _LONGEST_MESSAGE else line[: _LONGEST_MESSAGE - 1] + "…"


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):  # its text names a Python object
        return "its header is damaged or of a variant that is not supported"
    said = error.args[0] if error.args else ""  # LibRaw's texts are bytes
    text = printable(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(error)).rstrip(".")
    if not text or "object at 0x" in text:
        return type(error).__name__
    return text
