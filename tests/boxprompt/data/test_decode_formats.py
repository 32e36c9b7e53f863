"""Every format of the allow-list becomes the RGB that was put in, and the facts say how."""

from __future__ import annotations

import base64
import io
import zlib
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms

from boxprompt.data.decode import Decoded, DecodeRefused, Limits, Refusal, decode_bytes
from boxprompt.data.decode.to_rgb import high_byte, unit_floats

RED, BLUE, WHITE = (220, 30, 30), (30, 30, 220), (255, 255, 255)

# 64x32 stored, left half red and right half blue, upper half darkened; irot turns it by 270 degrees anticlockwise and
# EXIF orientation 6 says the same again, as telephones write it. Encoded with x265, boxes added by hand.
ROTATED_HEIC = (
    "eNpjYGCQSSupLMhIzUxmAILczDRDEDs3MzGNgYHxfW5qSSIDBChmpOQUQdkMBZnJJQxogK8gsyQXzGICYoHMlESIEgcGBSDpk5mT"
    "n8wIZLg4MDAzMEK0MAnDWIwsQF1QNpzmAKoEA2ZxuJgcEPtmZualQSSAWBTISWUC6QKqyShLNmRAEgQ7Jr0oM4UBRSVQn2tFJtiM"
    "x5kFRQVA+kBmQXI+kC4HGuHMyMIB95fcB4Y//3/8YGDgZ1YAahV3YORh/P8fpICZYZ4F2A1yu5gcFIFyWk6MjKgSE1gEFDbdjZly"
    "3ZyJiY0FJAYhFJSAyjlcGA8WSxhwTADaIpJZXJAKtdEBitHFQOEoUJBZkQn2OgcHyI2cmUX5JaBgkM4syIXFFTAomRqZGJiYmVta"
    "gVyNzKLUNFgspWTmpoPDGhSifMkpxcng+AAFi1YuOM4YGTQY17NZRH3fdv/Ri/r/v0Xvtb+qWDF/6ub3577d/5+02/zLxg9rNn14"
    "d/rZ//M8PC1ylqr2goKRz487xhx65K85O2x7rQHXREsxgyzuk+lGM1t+TfDtrHn6X3bSx8/P8/+X/m9ftLL2gf5EFvb5J/7ETI18"
    "8NhsbsiOAhM3r7xyo/v/q9jvbQ/xOMyTumXFvLWn/kdfE/WpzTx7o9KGf+3928f6DuUuKTtz5v+J5Ez14lrWW+t9Jdfty9C4au2s"
    "unJ1Q7L30srz3DXR/+Q1f8r/tJS8tuLml31s65ptw45M2BW11rRGMFWy98GTzwWPF1SHBjacVZticscwkXXrdOvQwCz/TdxBS0Rc"
    "4u+fa38ACihfXwYtcBpkZBQCpzNGBjZIEAIA4L/U2w=="
)


def scene(width: int = 48, height: int = 32) -> NDArray[np.uint8]:
    """A smooth colour ramp: survives lossy codecs, and no two corners are alike."""
    y, x = np.mgrid[:height, :width]
    channels = (x * 255 // (width - 1), y * 255 // (height - 1), 255 - x * 255 // (width - 1))
    return np.stack(channels, axis=2).astype(np.uint8)


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def tiff_of(samples: NDArray[Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, samples, **options)
    return stream.getvalue()


def far_off(decoded: Decoded, expected: NDArray[np.uint8]) -> int:
    assert decoded.pixels.shape == expected.shape
    return int(np.abs(decoded.pixels.astype(int) - expected).max())


def says(decoded: Decoded, *words: str) -> bool:
    return any(all(word in choice for word in words) for choice in decoded.facts.choices)


@pytest.mark.parametrize(
    ("format", "name", "options"),
    [
        ("PNG", "PNG", {}),
        ("BMP", "BMP", {}),
        ("TIFF", "TIFF", {}),
        ("TIFF", "TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", "TIFF", {"compression": "tiff_adobe_deflate"}),
        ("TIFF", "TIFF", {"compression": "packbits"}),
        ("WEBP", "WebP", {"lossless": True}),
    ],
)
def test_lossless_formats_come_back_exactly(format: str, name: str, options: dict[str, Any]) -> None:
    decoded = decode_bytes(encoded(Image.fromarray(scene()), format, **options))
    assert far_off(decoded, scene()) == 0
    facts = decoded.facts
    assert (facts.format, facts.decoder, facts.width, facts.height) == (name, "Pillow", 48, 32)
    assert (facts.bit_depth, facts.pages, facts.orientation, facts.warnings) == (8, 1, 1, ())
    assert decoded.pixels.dtype == np.uint8
    assert decoded.pixels.flags.c_contiguous


@pytest.mark.parametrize(
    ("format", "options"),
    [
        ("JPEG", {"quality": 95, "subsampling": 0}),
        ("JPEG", {"quality": 95, "subsampling": 2, "progressive": True}),
        ("WEBP", {"quality": 95}),
        ("AVIF", {"quality": 95}),
        ("TIFF", {"compression": "jpeg", "quality": 95}),
    ],
)
def test_lossy_formats_come_back_nearly(format: str, options: dict[str, Any]) -> None:
    decoded = decode_bytes(encoded(Image.fromarray(scene()), format, **options))
    assert far_off(decoded, scene()) < 24
    assert np.abs(decoded.pixels.astype(int) - scene()).mean() < 4


def test_the_codec_library_is_named_with_its_version() -> None:
    facts = decode_bytes(encoded(Image.fromarray(scene()), "JPEG")).facts
    assert facts.decoder_version.split("; ")[0].count(".") >= 1
    assert "libjpeg-turbo " in facts.decoder_version


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
def test_exif_orientation_is_reported_and_not_applied(format: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    lossless = {"lossless": True} if format == "WEBP" else {}
    decoded = decode_bytes(encoded(Image.fromarray(scene()), format, exif=exif, **lossless))
    assert decoded.facts.orientation == orientation
    assert decoded.pixels.shape == (32, 48, 3)
    assert decoded.pixels[0, 0, 0] < 40
    assert decoded.pixels[0, -1, 0] > 215


def test_a_turned_sixteen_bit_tiff_comes_back_as_stored() -> None:
    samples = np.random.default_rng(4).integers(0, 65536, (20, 30)).astype(np.uint16)
    for orientation in range(1, 9):
        tag = [(274, "H", 1, orientation, True)]
        decoded = decode_bytes(tiff_of(samples, photometric="minisblack", extratags=tag))
        assert far_off(decoded, np.repeat((samples >> 8).astype(np.uint8)[..., np.newaxis], 3, axis=2)) == 0
        assert (decoded.facts.width, decoded.facts.height, decoded.facts.orientation) == (30, 20, orientation)


def test_an_orientation_out_of_range_is_upright_with_a_warning() -> None:
    exif = Image.Exif()
    exif[0x0112] = 9
    facts = decode_bytes(encoded(Image.fromarray(scene()), "JPEG", exif=exif)).facts
    assert facts.orientation == 1
    assert any("orientation 9" in warning for warning in facts.warnings)


def test_adobe_cmyk_is_inverted_once_and_said() -> None:
    ink = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    decoded = decode_bytes(encoded(ink, "JPEG", quality=95))
    assert far_off(decoded, np.full((16, 16, 3), (255, 0, 0), np.uint8)) < 6
    assert decoded.facts.mode == "CMYK"
    assert says(decoded, "CMYK", "without a profile")


def test_a_colour_profile_is_said_and_not_applied() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    decoded = decode_bytes(encoded(Image.fromarray(scene()), "PNG", icc_profile=profile))
    assert far_off(decoded, scene()) == 0
    assert says(decoded, "ICC profile", "not applied")


def test_a_palette_becomes_its_colours() -> None:
    image = Image.fromarray(scene()).quantize(32)
    decoded = decode_bytes(encoded(image, "PNG"))
    assert far_off(decoded, np.asarray(image.convert("RGB"))) == 0
    assert decoded.facts.mode == "P"
    assert says(decoded, "Palette")


def test_a_transparent_palette_entry_shows_the_background_and_says_its_share() -> None:
    image = Image.new("P", (10, 10), 0)
    image.putpalette([*RED, *BLUE])
    image.paste(1, (0, 0, 5, 10))
    decoded = decode_bytes(encoded(image, "PNG", transparency=0))
    assert tuple(decoded.pixels[0, 0]) == BLUE
    assert tuple(decoded.pixels[0, 9]) == WHITE
    assert says(decoded, "50 %", "composited on white")


def test_alpha_is_composited_on_white() -> None:
    image = Image.new("RGBA", (8, 8), (*RED, 255))
    image.paste((0, 0, 0, 0), (0, 0, 4, 8))
    for format, options in (("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {})):
        decoded = decode_bytes(encoded(image, format, **options))
        assert tuple(decoded.pixels[0, 0]) == WHITE
        assert tuple(decoded.pixels[0, 7]) == RED
        assert says(decoded, "Alpha", "50 %")


def test_an_opaque_alpha_changes_nothing_and_is_said() -> None:
    decoded = decode_bytes(encoded(Image.fromarray(scene()).convert("RGBA"), "PNG"))
    assert far_off(decoded, scene()) == 0
    assert says(decoded, "opaque everywhere")


def test_one_bit_and_grey_are_repeated_in_three_channels() -> None:
    bits = decode_bytes(encoded(Image.fromarray(scene()[..., 0] > 127), "PNG"))
    assert set(np.unique(bits.pixels)) == {0, 255}
    assert bits.facts.bit_depth == 1
    grey = decode_bytes(encoded(Image.fromarray(scene()[..., 0]), "PNG"))
    assert far_off(grey, np.repeat(scene()[..., :1], 3, axis=2)) == 0


@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_sixteen_bits_are_reduced_by_their_high_byte(byteorder: Any) -> None:
    samples = np.random.default_rng(1).integers(0, 65536, (20, 30, 3)).astype(np.uint16)
    expected = (samples >> 8).astype(np.uint8)
    grey = np.repeat(expected[..., :1], 3, axis=2)
    rgb_tiff = decode_bytes(tiff_of(samples, photometric="rgb", byteorder=byteorder))
    grey_tiff = decode_bytes(tiff_of(samples[..., 0].copy(), photometric="minisblack", byteorder=byteorder))
    grey_png = decode_bytes(encoded(Image.fromarray(samples[..., 0].copy()), "PNG"))
    assert far_off(rgb_tiff, expected) == far_off(grey_tiff, grey) == far_off(grey_png, grey) == 0
    for decoded in (rgb_tiff, grey_tiff, grey_png):
        assert decoded.facts.bit_depth == 16
        assert says(decoded, "high byte")


def test_sixteen_bit_planes_are_not_taken_for_eight_bit_planes() -> None:
    samples = np.random.default_rng(2).integers(0, 65536, (3, 20, 30)).astype(np.uint16)
    decoded = decode_bytes(tiff_of(samples, photometric="rgb", planarconfig="separate"))
    assert far_off(decoded, np.moveaxis(samples >> 8, 0, -1).astype(np.uint8)) == 0
    assert decoded.facts.decoder == "tifffile"
    assert says(decoded, "tifffile", "Pillow does not")


@pytest.mark.parametrize("depth", [8, 16])
def test_white_is_zero_is_turned_round(depth: int) -> None:
    samples = (scene()[..., 0].astype(np.uint16) << (depth - 8)).astype(np.uint8 if depth == 8 else np.uint16)
    decoded = decode_bytes(tiff_of(samples, photometric="miniswhite"))
    assert far_off(decoded, 255 - np.repeat(scene()[..., :1], 3, axis=2)) == 0


@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
def test_floats_are_mapped_from_zero_to_one(kind: str) -> None:
    decoded = decode_bytes(tiff_of((scene() / 255).astype(kind), photometric="rgb"))
    assert far_off(decoded, scene()) == 0
    assert says(decoded, "0..1")


def test_floats_outside_the_range_are_clipped_and_counted() -> None:
    samples, warnings = unit_floats(np.array([-1.0, 0.0, 0.5, 1.0, 2.0, np.nan, np.inf]))
    assert samples.tolist() == [0, 0, 128, 255, 255, 0, 255]
    assert "4 of 7" in warnings[0]


def test_dark_integers_are_not_stretched_and_said() -> None:
    samples, warnings = high_byte(np.array([0, 4095], np.uint16), bit_depth=16)
    assert samples.tolist() == [0, 15]
    assert "not stretched" in warnings[0]
    assert high_byte(np.array([0, 4095], np.uint16), bit_depth=12)[0].tolist() == [0, 255]


def test_sixteen_bit_alpha_beyond_pillow_is_composited_too() -> None:
    grey = np.dstack([np.full((8, 8), 40000, np.uint16), np.zeros((8, 8), np.uint16)])
    decoded = decode_bytes(tiff_of(grey, photometric="minisblack", extrasamples=["unassalpha"]))
    assert tuple(decoded.pixels[0, 0]) == WHITE


def test_integers_without_a_stated_rule_are_refused() -> None:
    with pytest.raises(DecodeRefused) as refusal:
        decode_bytes(tiff_of(np.arange(64, dtype=np.uint32).reshape(8, 8)))
    assert refusal.value.kind is Refusal.UNSUPPORTED


def test_the_page_asked_for_is_decoded_and_said() -> None:
    data = tiff_of(np.stack([scene(), 255 - scene()]), photometric="rgb")
    first, second = decode_bytes(data), decode_bytes(data, page=1)
    assert (first.facts.pages, first.facts.page, second.facts.page) == (2, 0, 1)
    assert far_off(first, scene()) == far_off(second, 255 - scene()) == 0
    assert says(second, "Page 2 of 2")
    with pytest.raises(DecodeRefused, match="2 pages") as refusal:
        decode_bytes(data, page=2)
    assert refusal.value.kind is Refusal.PAGE_NOT_FOUND


@pytest.mark.parametrize(
    ("format", "options"),
    [("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {}), ("AVIF", {"quality": 100}), ("MPO", {})],
)
def test_of_several_frames_the_first_is_decoded_and_said(format: str, options: dict[str, Any]) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in (RED, BLUE)]
    decoded = decode_bytes(encoded(frames[0], format, save_all=True, append_images=frames[1:], **options))
    assert np.abs(decoded.pixels[8, 8].astype(int) - RED).max() < 6
    assert decoded.facts.pages == 2
    assert says(decoded, "1 of 2", "not looked at")


def test_an_interlaced_png_is_read_whole() -> None:
    # Adam7 of a 1x1 image is one pass of one pixel: the smallest file of the kind.
    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    header = bytes([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 1])
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" + bytes(RED))) + chunk(b"IEND", b"")
    assert tuple(decode_bytes(b"\x89PNG\r\n\x1a\n" + body).pixels[0, 0]) == RED


def test_heic_rotation_is_applied_once() -> None:
    data = zlib.decompress(base64.b64decode("".join(ROTATED_HEIC)))
    decoded = decode_bytes(data)
    assert (decoded.facts.format, decoded.facts.width, decoded.facts.height) == ("HEIF", 32, 64)
    assert decoded.facts.orientation == 1
    upper, lower = decoded.pixels[8, 8].astype(int), decoded.pixels[-8, 8].astype(int)
    assert np.abs(upper - RED).max() < 6
    assert np.abs(lower - BLUE).max() < 6
    assert decoded.pixels[8, 24, 0] < 120  # the darker half lies on the right once turned
    assert says(decoded, "irot", "applied by libheif")
    assert says(decoded, "EXIF orientation 6")
    assert "libheif" in decoded.facts.decoder_version


def test_a_truncated_heic_is_refused() -> None:
    data = zlib.decompress(base64.b64decode("".join(ROTATED_HEIC)))
    with pytest.raises(DecodeRefused) as refusal:
        decode_bytes(data[:-40])
    assert refusal.value.kind is Refusal.DAMAGED


def synthetic_dng(orientation: int = 6, width: int = 48, height: int = 32) -> bytes:
    """A DNG of one colour filter array: red sites bright in the left half."""

    def ratio(values: list[int]) -> tuple[int, ...]:
        return tuple(part for value in values for part in (value, 1))

    y, x = np.mgrid[:height, :width]
    samples = (500 + 3000 * ((x < width // 2) & (y % 2 == 0) & (x % 2 == 0))).astype(np.uint16)
    tags = [
        (271, "s", 0, "Maker", True),
        (272, "s", 0, "Model", True),
        (274, "H", 1, orientation, True),
        (33421, "H", 2, (2, 2), True),
        (33422, "B", 4, bytes([0, 1, 1, 2]), True),
        (50706, "B", 4, bytes([1, 4, 0, 0]), True),
        (50708, "s", 0, "Maker Model", True),
        (50717, "I", 1, 4095, True),
        (50721, "2i", 9, ratio([1, 0, 0, 0, 1, 0, 0, 0, 1]), True),
        (50728, "2I", 3, ratio([1, 1, 1]), True),
        (50778, "H", 1, 21, True),
    ]
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        writer.write(samples, photometric=32803, extratags=tags, metadata=None, software=False, rowsperstrip=height)
    return stream.getvalue()


def test_camera_raw_is_rendered_with_recorded_parameters_and_not_turned() -> None:
    decoded = decode_bytes(synthetic_dng(), name="IMG_1.DNG")
    facts = decoded.facts
    assert (facts.format, facts.decoder, facts.width, facts.height) == ("camera RAW", "LibRaw (rawpy)", 48, 32)
    assert facts.orientation == 6
    assert facts.bit_depth == 12
    assert facts.parameters["use_camera_wb"] is True
    assert facts.parameters["no_auto_bright"] is True
    assert facts.parameters["user_flip"] == 0
    assert "LibRaw " in facts.decoder_version
    red, green, _ = decoded.pixels[16, 8].astype(int)
    assert red > green + 50
    assert facts.warnings == ()


def test_rendering_camera_raw_twice_gives_the_same_bytes() -> None:
    data = synthetic_dng()
    assert np.array_equal(decode_bytes(data).pixels, decode_bytes(data).pixels)


def test_a_plain_tiff_is_not_taken_for_camera_raw() -> None:
    assert decode_bytes(tiff_of(scene(), photometric="rgb"), name="a.dng").facts.format == "TIFF"


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF"])
def test_a_reduced_decode_keeps_the_stored_size_in_its_facts(format: str) -> None:
    decoded = decode_bytes(encoded(Image.fromarray(scene(640, 480)), format), max_side_px=100)
    assert decoded.pixels.shape == (75, 100, 3)
    assert (decoded.facts.width, decoded.facts.height) == (640, 480)
    assert decoded.facts.parameters["max_side_px"] == 100


@pytest.mark.parametrize(("size", "wanted", "scaled"), [((1600, 1200), 640, "800x600"), ((300, 900), 225, "75x225")])
def test_libjpeg_itself_reduces_as_far_as_the_shape_of_the_image_lets_it(
    size: tuple[int, int], wanted: int, scaled: str
) -> None:
    decoded = decode_bytes(encoded(Image.fromarray(scene(*size)), "JPEG"), max_side_px=wanted)
    assert decoded.facts.parameters["jpeg_scaled_to"] == scaled
    assert max(decoded.pixels.shape) == wanted


def test_a_reduced_decode_never_enlarges() -> None:
    assert decode_bytes(encoded(Image.fromarray(scene()), "PNG"), max_side_px=1000).pixels.shape == (32, 48, 3)


def test_a_reduced_decode_of_camera_raw_is_bounded() -> None:
    decoded = decode_bytes(synthetic_dng(), max_side_px=24)
    assert max(decoded.pixels.shape) == 24
    assert (decoded.facts.width, decoded.facts.height) == (48, 32)


def test_a_name_that_disagrees_with_the_bytes_is_a_warning() -> None:
    data = encoded(Image.fromarray(scene()), "PNG")
    assert decode_bytes(data, name="holiday.jpg").facts.warnings == ("The name ends in .jpg, the bytes are PNG.",)
    assert decode_bytes(data, name="holiday.PNG").facts.warnings == ()


def test_limits_default_to_refusing_what_is_damaged() -> None:
    assert Limits().allow_truncated is False
