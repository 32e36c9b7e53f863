"""Bytes in, RGB and facts out: the one entrance to every decoder."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable
from pathlib import PurePath

import numpy as np

from boxprompt.contracts import require_rgb
from boxprompt.data.decode import heif, pillow, raw, tiff
from boxprompt.data.decode.contract import Decoded, DecodeRefused, Job, Limits, Refusal
from boxprompt.data.decode.guard import as_sentences
from boxprompt.data.decode.sniff import Format, sniff, suffix_disagrees

Messages = Callable[[], tuple[str, ...]]

# What LibRaw, libtiff and libjpeg write, on standard error only, where they put filler in place of missing pixel data
# or lost their place in it. libjpeg's "extraneous bytes before marker" stays a warning: sound photographs have it too.
_DAMAGE_WORDS = (
    "unexpected end of file",
    "data corrupted",
    "premature eo",  # libtiff's premature EOF and EOL
    "premature end",
    "not enough data",
    "bad code word",  # fax compression: the rest of the row is lost
    "bad huffman code",
    "bad arithmetic code",
    "instead of rst",  # libjpeg met another restart marker than the next one
    "inconsistent progression",
)


def no_messages() -> tuple[str, ...]:
    """For callers who do not capture what C libraries write on standard error."""
    return ()


def decode_bytes(
    data: bytes,
    *,
    name: str = "",
    page: int = 0,
    max_side_px: int | None = None,
    limits: Limits | None = None,
    native_messages: Messages = no_messages,
) -> Decoded:
    """Decode an image file to 8-bit RGB in its stored orientation.

    The bytes alone decide the format. Truncated and damaged pixel data is refused unless the limits allow it.

    Args:
        data: all bytes of the file.
        name: file name; only compared with the format found, to record a suffix that disagrees.
        page: page or frame, from 0.
        max_side_px: bound on the longer side for a fast reduced decode; None for all pixels.
        limits: bounds; None for the defaults.
        native_messages: returns what C libraries wrote on standard error since the decode began.

    Returns:
        Pixels uint8 (H, W, 3) and the facts of their making.

    Raises:
        DecodeRefused: with its kind and a sentence that does not name the file.
        ValueError: `page` is negative or `max_side_px` below 1.
    """
    if page < 0 or (max_side_px is not None and max_side_px < 1):
        raise ValueError(f"page {page} must be at least 0 and max_side_px {max_side_px} at least 1")
    job = Job(data, page, max_side_px, limits or Limits(), native_heard=native_messages is not no_messages)
    found = _require_format(job)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            decoded = _DECODERS[found](job)
        except MemoryError as error:
            raise DecodeRefused(Refusal.TOO_LARGE, "Decoding needs more memory than the limit allows.") from error
        except DecodeRefused as refusal:
            raise _with_native_reason(refusal, native_messages()) from refusal
    written = native_messages()
    _refuse_reported_damage(written, job.limits)
    pixels = np.ascontiguousarray(require_rgb(decoded.pixels))
    extra = [str(warning.message) for warning in caught] + list(written)
    if suffix_disagrees(PurePath(name).suffix, found):
        extra.append(f"The name ends in {PurePath(name).suffix}, the bytes are {found.value}.")
    facts = dataclasses.replace(decoded.facts, warnings=as_sentences((*decoded.facts.warnings, *extra)))
    return Decoded(pixels, facts)


def _require_format(job: Job) -> Format:
    if not job.data:
        raise DecodeRefused(Refusal.EMPTY, "The file is empty.")
    if len(job.data) > job.limits.max_bytes:
        raise DecodeRefused(
            Refusal.TOO_LARGE, f"The file has {len(job.data)} bytes; the limit is {job.limits.max_bytes}."
        )
    found = sniff(job.data)
    if found is None:
        raise DecodeRefused(
            Refusal.UNSUPPORTED,
            "The bytes are of no supported image format (JPEG, PNG, TIFF, WebP, BMP, GIF, HEIC, AVIF, camera RAW).",
        )
    return found


def _with_native_reason(refusal: DecodeRefused, messages: tuple[str, ...]) -> DecodeRefused:
    """Add what a C library wrote: often the one thing that tells why ("decoder error -2")."""
    written = as_sentences(messages)
    if refusal.kind is not Refusal.DAMAGED or not written:
        return refusal
    return DecodeRefused(refusal.kind, f"{refusal.sentence.rstrip('.')} ({written[0].rstrip('.')}).")


def _refuse_reported_damage(messages: tuple[str, ...], limits: Limits) -> None:
    if limits.allow_truncated:
        return
    for message in messages:
        if any(word in message.lower() for word in _DAMAGE_WORDS):
            said = as_sentences([message])[0]
            raise DecodeRefused(Refusal.DAMAGED, f"The decoder reports damaged pixel data: {said}")


def _with_pillow(found: Format) -> Callable[[Job], Decoded]:
    return lambda job: pillow.decode(job, found)


_DECODERS: dict[Format, Callable[[Job], Decoded]] = {
    **{found: _with_pillow(found) for found in Format},
    Format.TIFF: tiff.decode,
    Format.HEIF: heif.decode,
    Format.RAW: raw.decode,
}
