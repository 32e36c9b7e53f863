"""Camera RAW through LibRaw (rawpy), rendered with fixed, recorded parameters."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from boxprompt.contracts import RgbImage
from boxprompt.data.decode.contract import Decoded, DecodeRefused, Facts, Job, Parameter, Refusal
from boxprompt.data.decode.guard import parser_errors
from boxprompt.data.decode.sniff import Format
from boxprompt.data.decode.to_rgb import as_pixels, shrink

NAME = "LibRaw (rawpy)"
# LibRaw's flip is a set of bits: 1 mirrors columns, 2 mirrors rows, 4 transposes first.
_EXIF_OF_FLIP = {0: 1, 1: 2, 2: 4, 3: 3, 4: 5, 5: 8, 6: 6, 7: 7}


def decode(job: Job) -> Decoded:
    """Render a camera RAW file; its embedded previews are never taken for the image.

    Raises:
        DecodeRefused: DAMAGED, TOO_LARGE, UNSUPPORTED or PAGE_NOT_FOUND.
    """
    # Here because its shared libraries are needed for this format alone.
    import rawpy

    job.require_page(1)
    try:
        with parser_errors(NAME):
            raw = rawpy.imread(io.BytesIO(job.data))
    except DecodeRefused as refusal:
        if isinstance(refusal.__cause__, rawpy.LibRawFileUnsupportedError):
            raise DecodeRefused(Refusal.UNSUPPORTED, "This camera's RAW format is not known to LibRaw.") from refusal
        raise
    with raw:
        sizes = raw.sizes  # rendering changes them: user_flip resets the flip, half_size halves the rest
        job.require_pixels(sizes.raw_width, sizes.raw_height)
        half = job.max_side_px is not None and 2 * job.max_side_px <= max(sizes.width, sizes.height)
        with parser_errors(NAME):
            pixels = raw.postprocess(**_rendering(rawpy, half_size=half))
        facts = _facts(raw, rawpy, job, pixels=pixels, half_size=half, before=sizes)
    return Decoded(as_pixels(shrink(Image.fromarray(pixels), job.max_side_px)), facts)


def _rendering(rawpy: Any, *, half_size: bool) -> dict[str, Any]:
    return {
        "demosaic_algorithm": rawpy.DemosaicAlgorithm.AHD,
        "use_camera_wb": True,
        "no_auto_bright": True,
        "output_bps": 8,
        "output_color": rawpy.ColorSpace.sRGB,
        "gamma": (2.222, 4.5),
        "highlight_mode": rawpy.HighlightMode.Clip,
        "user_flip": 0,
        "half_size": half_size,
    }


def _facts(raw: Any, rawpy: Any, job: Job, *, pixels: RgbImage, half_size: bool, before: Any) -> Facts:
    parameters: dict[str, Parameter] = {
        name: value if isinstance(value, bool | int) else str(getattr(value, "name", value))
        for name, value in _rendering(rawpy, half_size=half_size).items()
    }
    if job.max_side_px is not None:
        parameters["max_side_px"] = job.max_side_px
    libraw = ".".join(str(part) for part in rawpy.libraw_version)
    return Facts(
        format=Format.RAW.value,
        decoder=NAME,
        decoder_version=f"{rawpy.__version__}; LibRaw {libraw}",
        width=before.width if half_size else pixels.shape[1],
        height=before.height if half_size else pixels.shape[0],
        orientation=_EXIF_OF_FLIP.get(before.flip, 1),
        mode=raw.color_desc.decode("ascii", "replace"),
        bit_depth=max(int(raw.white_level).bit_length(), 8),
        choices=(
            "Sensor data rendered by LibRaw with the parameters recorded: these pixels are not stored in the file.",
            "The camera's own preview was not used.",
        ),
        parameters=parameters,
    )
