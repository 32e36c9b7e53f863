"""Pillow, the decoder of record for every format it can read."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import PIL
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
    features,
)

from boxprompt.data.decode import integrity, second_reading
from boxprompt.data.decode.contract import Decoded, DecodeRefused, Facts, Job, Parameter, Refusal
from boxprompt.data.decode.guard import parser_errors, pillow_limits
from boxprompt.data.decode.jpeg_quality import estimated_quality
from boxprompt.data.decode.sniff import Format
from boxprompt.data.decode.to_rgb import Converted, as_pixels, convert, reduced_size, shrink

NAME = "Pillow"
_ORIENTATION = 0x0112
_MAKE, _MODEL = 0x010F, 0x0110
_SWAPPED = frozenset({5, 6, 7, 8})
_UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
_BITS_PER_SAMPLE, _PLANAR_CONFIGURATION, _SEPARATE_PLANES = 258, 284, 2


@dataclass(frozen=True, slots=True)
class _Codec:
    """How Pillow calls a format, and which library it decodes with.

    Attributes:
        plugin: Pillow's name; the only one that `Image.open` may try.
        feature: Pillow's name of the codec library, or "" where Pillow decodes itself.
        library: what people call it.
        bits: bits of a sample as stored, read from the opened image and the bytes.
    """

    plugin: str
    feature: str
    library: str
    bits: Callable[[Image.Image, bytes], int]


def decode(job: Job, found: Format) -> Decoded:
    """Decode with Pillow.

    Raises:
        DecodeRefused: DAMAGED, TOO_LARGE, UNSUPPORTED or PAGE_NOT_FOUND.
    """
    try:
        return _decode(job, found, fill_gaps=False)
    except DecodeRefused as refusal:
        if refusal.kind is not Refusal.DAMAGED or not job.limits.allow_truncated:
            raise
        damage = refusal.sentence
    decoded = _decode(job, found, fill_gaps=True)
    note = f"Damaged or truncated pixel data decoded on request; what is missing is filler. {damage}"
    facts = dataclasses.replace(decoded.facts, warnings=(note, *decoded.facts.warnings))
    return Decoded(decoded.pixels, facts)


def reads_tiff(job: Job) -> bool:
    """Whether Pillow reads this TIFF page, and reads it right.

    It does not recognise some layouts of samples, and takes planes of more than 8 bits for planes of 8: wrong pixels
    without a word.
    """
    try:
        with pillow_limits(max_pixels=None, allow_truncated=False), parser_errors(NAME):
            image = Image.open(io.BytesIO(job.data), formats=[TiffImagePlugin.TiffImageFile.format])
            image.seek(job.page)
            planes = image.tag_v2.get(_PLANAR_CONFIGURATION) == _SEPARATE_PLANES  # type: ignore[attr-defined]
            return not (planes and _tiff_bits(image, job.data) > 8)
    except DecodeRefused as refusal:
        return not isinstance(refusal.__cause__, PIL.UnidentifiedImageError)


def version(found: Format) -> str:
    """Versions of Pillow and of the codec library it decodes `found` with."""
    codec = _CODECS[found]
    below = features.version(codec.feature) if codec.feature else None
    return f"{PIL.__version__}; {codec.library} {below}" if below else PIL.__version__


def _decode(job: Job, found: Format, *, fill_gaps: bool) -> Decoded:
    with pillow_limits(max_pixels=job.limits.max_pixels, allow_truncated=fill_gaps):
        if found is Format.PNG and not fill_gaps:
            integrity.require_sound_png(job.data)
        image, pages = _open_page(job, found, fill_gaps=fill_gaps)
        facts = _facts(image, job, found, pages=pages)
        drafted = _draft(image, job.max_side_px)
        choices, warnings = _load(image, job, twice=found is Format.JPEG and not fill_gaps)
        # libavif has reduced its samples already.
        depth = 8 if found is Format.AVIF else facts.bit_depth
        stored = _as_stored(image, facts.orientation)
        converted = _upright_greys(convert(stored, bit_depth=depth), image)
        reduced, parameters = _reduce(converted.image, job.max_side_px, drafted=drafted)
    pixels = as_pixels(reduced)
    warnings = (*facts.warnings, *warnings, *converted.warnings)
    if found is Format.JPEG and job.max_side_px is None:
        warnings = (*warnings, *integrity.uniform_tail(pixels))
    facts = dataclasses.replace(
        facts, choices=(*facts.choices, *converted.choices, *choices), warnings=warnings, parameters=parameters
    )
    return Decoded(pixels, facts)


def _load(image: Image.Image, job: Job, *, twice: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Decode, and meanwhile read a whole JPEG a second time where its report is heard; choices and warnings."""
    if not twice or not job.native_heard or job.page or job.max_side_px is not None:
        with parser_errors(NAME):
            image.load()
        return (), ()
    with ThreadPoolExecutor(max_workers=1) as pool:
        second = pool.submit(second_reading.read_again, job.data)
        with parser_errors(NAME):
            image.load()
    choice, warnings = second.result()
    return (choice,), warnings


def _open_page(job: Job, found: Format, *, fill_gaps: bool) -> tuple[Image.Image, int]:
    with parser_errors(NAME), pillow_limits(max_pixels=None, allow_truncated=fill_gaps):
        image = Image.open(io.BytesIO(job.data), formats=[_CODECS[found].plugin])
    job.require_pixels(*image.size)
    with parser_errors(NAME):
        pages = int(getattr(image, "n_frames", 1))
    job.require_page(pages)
    with parser_errors(NAME):
        if job.page:
            image.seek(job.page)
    job.require_pixels(*image.size)
    return image, pages


def _facts(image: Image.Image, job: Job, found: Format, *, pages: int) -> Facts:
    """Facts that the header tells; read before a reduced decode changes the image's size."""
    with parser_errors(NAME):
        bits = _CODECS[found].bits(image, job.data)
    orientation, warnings = _orientation(image)
    turned = _turns_on_load(image) and orientation in _SWAPPED
    width, height = reversed(image.size) if turned else image.size
    return Facts(
        format="MPO (JPEG)" if image.format == "MPO" else found.value,
        decoder=NAME,
        decoder_version=version(found),
        width=width,
        height=height,
        orientation=orientation,
        mode=image.mode,
        bit_depth=bits,
        pages=pages,
        page=job.page,
        choices=_header_choices(image, page=job.page, pages=pages, bits=bits),
        warnings=warnings,
        jpeg_quality=_jpeg_quality(image),
        names_camera=_names_camera(image),
    )


def _jpeg_quality(image: Image.Image) -> int | None:
    tables = getattr(image, "quantization", None)
    if not isinstance(image, JpegImagePlugin.JpegImageFile) or not tables:
        return None
    return estimated_quality(tables[min(tables)])


def _names_camera(image: Image.Image) -> bool:
    try:
        exif = image.getexif()
        return any(str(exif.get(tag, "")).strip(" \0") for tag in (_MAKE, _MODEL))
    except Exception:  # noqa: BLE001 - metadata parsers raise anything; `_orientation` tells of it
        return False


def _orientation(image: Image.Image) -> tuple[int, tuple[str, ...]]:
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception as error:  # noqa: BLE001 - metadata parsers raise anything; pixels do not depend on it
        return 1, (f"The EXIF data could not be read ({type(error).__name__}); orientation taken as upright.",)
    if isinstance(value, int) and 1 <= value <= 8:
        return int(value), ()
    return 1, (f"The EXIF orientation {value!r} is not one of 1 to 8; taken as upright.",)


def _turns_on_load(image: Image.Image) -> bool:
    """Whether Pillow applies the orientation itself: it does for TIFF, and gives the turned size from the start."""
    return isinstance(image, TiffImagePlugin.TiffImageFile)


def _as_stored(image: Image.Image, orientation: int) -> Image.Image:
    """Undo the turn that Pillow made while loading."""
    undo = _UNDO.get(orientation)
    return image.transpose(undo) if undo is not None and _turns_on_load(image) else image


def _header_choices(image: Image.Image, *, page: int, pages: int, bits: int) -> tuple[str, ...]:
    choices: list[str] = []
    if pages > 1:
        kind = "Image" if image.format == "MPO" else "Page" if image.format == "TIFF" else "Frame"
        choices.append(f"{kind} {page + 1} of {pages} decoded, the others were not looked at.")
    profile = image.info.get("icc_profile")
    if profile:
        choices.append(f"An ICC profile ({len(profile)} bytes) is present and was not applied.")
    if "gamma" in image.info:
        choices.append(f"A gamma of {image.info['gamma']:.5g} is declared and was not applied.")
    if "transparency" in image.info and bits > 8:
        choices.append("A transparent colour is declared and was ignored.")
    if image.format == "AVIF" and bits > 8:
        choices.append(f"Samples of {bits} bits reduced to 8 by libavif.")
    return tuple(choices)


def _draft(image: Image.Image, max_side_px: int | None) -> tuple[int, int] | None:
    """Let libjpeg decode at 1/2, 1/4 or 1/8 scale when that is enough; the size it will give, if so."""
    if max_side_px is None or not isinstance(image, JpegImagePlugin.JpegImageFile):
        return None
    before = image.size
    # A square would keep libjpeg from reducing until the shorter side, too, is as long as the longer one may be.
    image.draft(None, reduced_size(image.size, max_side_px))
    return image.size if image.size != before else None


def _reduce(
    image: Image.Image, max_side_px: int | None, *, drafted: tuple[int, int] | None
) -> tuple[Image.Image, dict[str, Parameter]]:
    if max_side_px is None:
        return image, {}
    parameters: dict[str, Parameter] = {"max_side_px": max_side_px}
    if drafted:
        parameters["jpeg_scaled_to"] = f"{drafted[0]}x{drafted[1]}"
    return shrink(image, max_side_px), parameters


def _upright_greys(converted: Converted, image: Image.Image) -> Converted:
    """Turn 16-bit white-is-zero greys into black-is-zero, which Pillow does only up to 8 bits."""
    tags = getattr(image, "tag_v2", {})
    if not image.mode.startswith("I;16") or tags.get(262) != 0:
        return converted
    inverted = Image.eval(converted.image, lambda value: 255 - value)
    return Converted(inverted, (*converted.choices, "White is stored as zero; inverted."), converted.warnings)


def _jpeg_bits(image: Image.Image, _: bytes) -> int:
    return int(getattr(image, "bits", 8))


def _png_bits(_: Image.Image, data: bytes) -> int:
    return data[24]  # IHDR comes first: signature 8, length 4, type 4, width 4, height 4, depth


def _tiff_bits(image: Image.Image, _: bytes) -> int:
    stored = getattr(image, "tag_v2", {}).get(_BITS_PER_SAMPLE, (1,))
    return max(stored) if isinstance(stored, tuple) else int(stored)


def _bmp_bits(_: Image.Image, data: bytes) -> int:
    bits_per_pixel = int.from_bytes(data[28:30], "little") if data[14] >= 40 else int.from_bytes(data[24:26], "little")
    return {16: 5}.get(bits_per_pixel, min(bits_per_pixel, 8)) or 8


def _avif_bits(_: Image.Image, data: bytes) -> int:
    """Depth in the AV1 codec configuration box (AV1-ISOBMFF 2.3.3): flags in its third byte."""
    at = data.find(b"av1C")
    flags = data[at + 6] if 0 <= at < len(data) - 6 else 0
    if not flags & 0x40:
        return 8
    return 12 if flags & 0x20 else 10


def _eight(_: Image.Image, __: bytes) -> int:
    return 8


_CODECS = {
    Format.JPEG: _Codec(JpegImagePlugin.JpegImageFile.format, "libjpeg_turbo", "libjpeg-turbo", _jpeg_bits),
    Format.PNG: _Codec(PngImagePlugin.PngImageFile.format, "zlib", "zlib", _png_bits),
    Format.TIFF: _Codec(TiffImagePlugin.TiffImageFile.format, "libtiff", "libtiff", _tiff_bits),
    Format.WEBP: _Codec(WebPImagePlugin.WebPImageFile.format, "webp", "libwebp", _eight),
    Format.BMP: _Codec(BmpImagePlugin.BmpImageFile.format, "", "", _bmp_bits),
    Format.GIF: _Codec(GifImagePlugin.GifImageFile.format, "", "", _eight),
    Format.AVIF: _Codec(AvifImagePlugin.AvifImageFile.format, "avif", "libavif", _avif_bits),
}
