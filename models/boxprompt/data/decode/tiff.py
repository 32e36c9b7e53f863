"""TIFF: Pillow decodes; tifffile where Pillow cannot, and the facts say so."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from boxprompt.data.decode import pillow
from boxprompt.data.decode.contract import Decoded, DecodeRefused, Facts, Job, Refusal
from boxprompt.data.decode.guard import parser_errors
from boxprompt.data.decode.sniff import Format
from boxprompt.data.decode.to_rgb import as_pixels, convert, high_byte, high_byte_note, shrink, unit_floats

NAME = "tifffile"
# None, deflate under two numbers, PackBits: what tifffile decodes without further libraries.
_COMPRESSIONS = frozenset({1, 8, 32773, 32946})
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2


def decode(job: Job) -> Decoded:
    """Decode a page of a TIFF.

    Raises:
        DecodeRefused: DAMAGED, TOO_LARGE, UNSUPPORTED or PAGE_NOT_FOUND.
    """
    if pillow.reads_tiff(job):
        return pillow.decode(job, Format.TIFF)
    return _with_tifffile(job)


def _with_tifffile(job: Job) -> Decoded:
    # Here because a TIFF that Pillow cannot read is rare and the import costs a quarter of the worker's start.
    import tifffile

    with parser_errors(NAME):
        container = tifffile.TiffFile(io.BytesIO(job.data))
        pages = len(container.pages)
    job.require_page(pages)
    with parser_errors(NAME):
        page = container.pages[job.page].aspage()
    job.require_pixels(page.imagewidth, page.imagelength)
    _require_plain(page)
    with parser_errors(NAME):
        samples = page.asarray(maxworkers=1)
    if page.planarconfig == 2 and samples.ndim == 3:
        samples = np.moveaxis(samples, 0, -1)
    image, choices, warnings = _to_rgb(samples, page)
    facts = Facts(
        format=Format.TIFF.value,
        decoder=NAME,
        decoder_version=tifffile.__version__,
        width=page.imagewidth,
        height=page.imagelength,
        orientation=_orientation(page),
        mode=f"{page.samplesperpixel} x {samples.dtype}",
        bit_depth=page.bitspersample,
        pages=pages,
        page=job.page,
        choices=(
            "Decoded by tifffile because Pillow does not read this layout of samples.",
            *((f"Page {job.page + 1} of {pages} decoded, the others were not looked at.",) if pages > 1 else ()),
            *choices,
        ),
        warnings=warnings,
        parameters={} if job.max_side_px is None else {"max_side_px": job.max_side_px},
    )
    return Decoded(as_pixels(shrink(image, job.max_side_px)), facts)


def _require_plain(page: Any) -> None:
    plain = page.photometric in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB)
    if not plain or page.imagedepth != 1 or page.dtype is None or page.compression not in _COMPRESSIONS:
        raise DecodeRefused(
            Refusal.UNSUPPORTED,
            f"This TIFF stores {page.samplesperpixel} samples of {page.bitspersample} bits a pixel in a way "
            "that neither "
            "Pillow nor tifffile turns into RGB; convert a copy and say how.",
        )


def _to_rgb(samples: NDArray[Any], page: Any) -> tuple[Image.Image, tuple[str, ...], tuple[str, ...]]:
    eight, choices, warnings = _to_eight_bits(samples, bits=page.bitspersample)
    colours = eight if eight.ndim == 3 else eight[..., np.newaxis]
    if page.photometric == _WHITE_IS_ZERO:
        colours, choices = 255 - colours, (*choices, "White is stored as zero; inverted.")
    wanted = 3 if page.photometric == _RGB else 1
    extra = colours.shape[2] - wanted
    alpha = extra > 0 and bool(page.extrasamples) and int(page.extrasamples[0]) in (1, 2)
    if extra > (1 if alpha else 0):
        choices = (*choices, f"{extra - (1 if alpha else 0)} extra samples a pixel were dropped.")
    mode = ("RGBA" if alpha else "RGB") if wanted == 3 else ("LA" if alpha else "L")
    kept = np.ascontiguousarray(colours[..., : wanted + (1 if alpha else 0)])
    image = Image.frombytes(mode, (kept.shape[1], kept.shape[0]), kept.tobytes())
    converted = convert(image, bit_depth=8)
    return converted.image, (*choices, *converted.choices), (*warnings, *converted.warnings)


def _to_eight_bits(samples: NDArray[Any], *, bits: int) -> tuple[NDArray[np.uint8], tuple[str, ...], tuple[str, ...]]:
    if samples.dtype == np.uint8:
        return samples, (), ()
    if samples.dtype == np.uint16:
        eight, warnings = high_byte(samples, bit_depth=bits)
        return eight, (high_byte_note(bits),), warnings
    if samples.dtype.kind == "f":
        eight, warnings = unit_floats(samples)
        return eight, ("Floating-point samples mapped from 0..1 to 0..255, rounded.",), warnings
    raise DecodeRefused(
        Refusal.UNSUPPORTED,
        f"Samples of type {samples.dtype} have no stated rule to 8-bit RGB; convert a copy to RGB and say how.",
    )


def _orientation(page: Any) -> int:
    tag = page.tags.get(274)
    return int(tag.value) if tag is not None and tag.value in range(1, 9) else 1
