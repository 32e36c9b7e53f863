"""HEIC through pi-heif (libheif with libde265; no encoder in it)."""

from __future__ import annotations

import io

from PIL import Image

from boxprompt.data.decode.contract import Decoded, Facts, Job, Parameter
from boxprompt.data.decode.guard import parser_errors
from boxprompt.data.decode.sniff import Format
from boxprompt.data.decode.to_rgb import as_pixels, convert, shrink

NAME = "libheif (pi-heif)"
_ORIENTATION = 0x0112


def decode(job: Job) -> Decoded:
    """Decode an image of a HEIF file.

    Raises:
        DecodeRefused: DAMAGED, TOO_LARGE or PAGE_NOT_FOUND.
    """
    # Here because its shared libraries are needed for this format alone.
    import pi_heif

    with parser_errors(NAME):
        container = pi_heif.open_heif(io.BytesIO(job.data), convert_hdr_to_8bit=True)
        pages = len(container)
    job.require_page(pages)
    # The primary image first: it is what every viewer shows, wherever it stands in the file.
    order = sorted(range(pages), key=lambda index: (index != container.primary_index, index))
    stored = container[order[job.page]]
    job.require_pixels(*stored.size)
    with parser_errors(NAME):
        image = stored.to_pillow()
    bits = int(stored.info.get("bit_depth", 8))
    converted = convert(image, bit_depth=8)
    parameters: dict[str, Parameter] = {"convert_hdr_to_8bit": True}
    if job.max_side_px is not None:
        parameters["max_side_px"] = job.max_side_px
    facts = Facts(
        format=Format.HEIF.value,
        decoder=NAME,
        decoder_version=f"{pi_heif.__version__}; libheif {pi_heif.libheif_info()['libheif']}",
        width=image.width,
        height=image.height,
        orientation=1,
        mode=stored.mode,
        bit_depth=bits,
        pages=pages,
        page=job.page,
        choices=(*_choices(stored.info, job, bits=bits, pages=pages), *converted.choices),
        warnings=converted.warnings,
        parameters=parameters,
    )
    return Decoded(as_pixels(shrink(converted.image, job.max_side_px)), facts)


def _choices(info: dict[str, object], job: Job, *, bits: int, pages: int) -> tuple[str, ...]:
    # ISO/IEC 23008-12: the container's irot and imir rule, EXIF orientation only repeats them.
    properties = job.data.partition(b"mdat")[0]
    turned = b"irot" in properties or b"imir" in properties
    applied = "was applied by libheif" if turned else "is not declared"
    choices = [f"Rotation or mirroring by the container (irot, imir) {applied}; EXIF orientation was not applied."]
    exif = info.get("exif")
    if isinstance(exif, bytes) and exif:
        choices += _repeated_orientation(exif)
    if pages > 1:
        choices.append(
            f"Image {job.page + 1} of {pages} decoded (counted from the primary one), the others were not looked at."
        )
    if bits > 8:
        choices.append(f"Samples of {bits} bits reduced to 8 by libheif.")
    if info.get("icc_profile"):
        choices.append("An ICC profile is present and was not applied.")
    return tuple(choices)


def _repeated_orientation(exif: bytes) -> list[str]:
    parsed = Image.Exif()
    try:
        parsed.load(exif)
        value = parsed.get(_ORIENTATION)
    except Exception as error:  # noqa: BLE001 - metadata parsers raise anything; pixels do not depend on it
        return [f"The EXIF data could not be read ({type(error).__name__})."]
    return [f"EXIF orientation {value} is stored beside it."] if value not in (None, 1) else []
