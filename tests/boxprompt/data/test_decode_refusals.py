"""Hostile and damaged files are refused with a kind and a sentence, before they cost anything."""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFile

from boxprompt.data.decode import DecodeRefused, Format, Limits, Refusal, decode_bytes, sniff
from boxprompt.data.decode.core import no_messages
from boxprompt.data.decode.guard import as_sentences, parser_errors, printable


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def png_header(width: int, height: int, *, bits: int = 1, colour: int = 0) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))


def noise(width: int = 64, height: int = 64) -> Image.Image:
    return Image.fromarray(np.random.default_rng(3).integers(0, 256, (height, width, 3)).astype(np.uint8))


def encoded(image: Image.Image, format: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def refused(data: bytes, limits: Limits | None = None) -> DecodeRefused:
    with pytest.raises(DecodeRefused) as caught:
        decode_bytes(data, limits=limits)
    sentence = caught.value.sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "object at" not in sentence
    return caught.value


def test_no_bytes_are_called_empty() -> None:
    assert refused(b"").kind is Refusal.EMPTY


@pytest.mark.parametrize(
    "data",
    [
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        b"%PDF-1.7\n",
        b"P6 2 2 255\n" + bytes(12),
        b"BMessage of no picture at all",
        b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2",
        b"\x00" * 64,
        b"\xff",
    ],
    ids=["EPS", "SVG", "PDF", "PPM", "text that begins with BM", "video", "zeros", "one byte"],
)
def test_formats_off_the_list_are_refused_whatever_their_name(data: bytes) -> None:
    with pytest.raises(DecodeRefused) as caught:
        decode_bytes(data, name="photo.png")
    assert caught.value.kind is Refusal.UNSUPPORTED


def test_an_enormous_header_is_refused_before_anything_is_decoded() -> None:
    bomb = png_header(50_000, 50_000) + png_chunk(b"IDAT", zlib.compress(bytes(1000))) + png_chunk(b"IEND", b"")
    refusal = refused(bomb)
    assert refusal.kind is Refusal.TOO_LARGE
    assert "50000x50000" in refusal.sentence


def test_the_pixel_limit_is_the_callers() -> None:
    data = encoded(noise(100, 50), "PNG")
    assert refused(data, Limits(max_pixels=4999)).kind is Refusal.TOO_LARGE
    assert decode_bytes(data, limits=Limits(max_pixels=5000)).pixels.shape == (50, 100, 3)


def test_the_byte_limit_is_the_callers() -> None:
    assert refused(encoded(noise(), "PNG"), Limits(max_bytes=100)).kind is Refusal.TOO_LARGE


def test_pillows_own_limits_are_put_back() -> None:
    before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)
    decode_bytes(encoded(noise(), "JPEG")[:-200], limits=Limits(max_pixels=5000, allow_truncated=True))
    refused(encoded(noise(), "PNG"), Limits(max_pixels=10))
    assert before == (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF", "AVIF"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_truncated_files_are_refused_as_damaged(format: str, share: float) -> None:
    data = encoded(noise(), format)
    assert refused(data[: int(len(data) * share)]).kind is Refusal.DAMAGED


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_a_truncated_file_is_decoded_on_request_with_a_warning(format: str) -> None:
    whole = encoded(noise(), format)
    decoded = decode_bytes(whole[: len(whole) * 3 // 4], limits=Limits(allow_truncated=True))
    assert any("filler" in warning and "truncated" in warning for warning in decoded.facts.warnings)
    assert np.array_equal(decoded.pixels[:16], decode_bytes(whole).pixels[:16])


def test_a_flipped_bit_in_png_pixels_is_refused() -> None:
    data = bytearray(encoded(noise(), "PNG"))
    data[len(data) // 2] ^= 1
    refusal = refused(bytes(data))
    assert refusal.kind is Refusal.DAMAGED
    assert "checksum" in refusal.sentence


def test_a_jpeg_that_is_closed_too_early_carries_a_warning() -> None:
    data = encoded(noise(256, 256), "JPEG")
    cut = data[: len(data) // 3] + b"\xff\xd9"
    assert any("one single colour" in warning for warning in decode_bytes(cut).facts.warnings)
    assert decode_bytes(data).facts.warnings == ()


def test_what_a_c_library_wrote_becomes_a_warning() -> None:
    data = encoded(noise(), "JPEG")
    decoded = decode_bytes(data, native_messages=lambda: ("odd marker \x1b[31m0xd9",))
    assert decoded.facts.warnings == ("odd marker  [31m0xd9",)


def test_damage_that_only_a_c_library_reports_refuses_the_file() -> None:
    def messages() -> tuple[str, ...]:
        return ("unknown file: Unexpected end of file",)

    data = encoded(noise(), "JPEG")
    with pytest.raises(DecodeRefused) as caught:
        decode_bytes(data, native_messages=messages)
    assert caught.value.kind is Refusal.DAMAGED
    assert decode_bytes(data, native_messages=messages, limits=Limits(allow_truncated=True)).facts.warnings


def test_nothing_is_written_when_nothing_is_captured() -> None:
    assert no_messages() == ()


@pytest.mark.parametrize(
    "error", [UnicodeDecodeError("utf-8", b"", 0, 1, "bad"), EOFError(), NotImplementedError("odd"), RecursionError()]
)
def test_whatever_a_parser_raises_becomes_damage(error: Exception) -> None:
    with pytest.raises(DecodeRefused) as caught, parser_errors("A parser"):
        raise error
    assert caught.value.kind is Refusal.DAMAGED
    assert caught.value.sentence.startswith("A parser could not decode the file: ")


def test_running_out_of_memory_is_not_called_damage() -> None:
    with pytest.raises(DecodeRefused) as caught, parser_errors("A parser"):
        raise MemoryError
    assert caught.value.kind is Refusal.TOO_LARGE


def test_messages_are_cleaned_bounded_and_not_repeated() -> None:
    assert as_sentences(["a\u202eb", "a\u202eb", " "]) == ("a b",)
    many = as_sentences(str(number) for number in range(100))
    assert len(many) == 33
    assert many[-1].startswith("68 more")
    assert len(printable("x" * 1000)) == 300


def test_python_warnings_of_the_decoder_are_facts_and_do_not_escape() -> None:
    image = noise()
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(image, "JPEG", exif=exif).replace(
        b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01", b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x09"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decode_bytes(data).facts.warnings


def test_a_large_colour_profile_does_not_cost_the_image() -> None:
    profile = np.random.default_rng(5).bytes(2 << 20)
    decoded = decode_bytes(encoded(noise(), "PNG", icc_profile=profile))
    assert any(f"({2 << 20} bytes)" in choice for choice in decoded.facts.choices)


def test_a_header_that_no_decoder_takes_is_said_in_words() -> None:
    twelve_bits = encoded(noise(), "JPEG").replace(b"\xff\xc0\x00\x11\x08", b"\xff\xc0\x00\x11\x0c")
    assert "variant" in refused(twelve_bits).sentence


def test_a_negative_page_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="page"):
        decode_bytes(b"x", page=-1)
    with pytest.raises(ValueError, match="max_side_px"):
        decode_bytes(b"x", max_side_px=0)


def tiff_with_tag(tag: int, value: int, order: str) -> bytes:
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return mark + struct.pack(order + "IHHHIHHI", 8, 1, tag, 3, 1, value, 0, 0)


@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_containers_are_told_apart_by_what_they_hold(order: str) -> None:
    assert sniff(tiff_with_tag(262, 2, order)) is Format.TIFF
    assert sniff(tiff_with_tag(262, 32803, order)) is Format.RAW
    assert sniff(tiff_with_tag(259, 34713, order)) is Format.RAW
    assert sniff(tiff_with_tag(50706, 1, order)) is Format.RAW


def test_a_raw_image_in_a_subdirectory_is_found() -> None:
    sub = struct.pack("<HHHIHHI", 1, 262, 3, 1, 32803, 0, 0)
    main = struct.pack("<HHHIII", 1, 330, 4, 1, 26, 0)
    assert sniff(b"II*\0" + struct.pack("<I", 8) + main + sub) is Format.RAW


def test_directories_that_chase_their_tail_end() -> None:
    loop = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 330, 4, 1, 8, 8)
    assert sniff(loop) is Format.TIFF
    assert sniff(b"II*\0\xff\xff\xff\xff") is Format.TIFF
    assert sniff(b"II*\0") is Format.TIFF


@pytest.mark.parametrize(
    ("brands", "expected"),
    [
        ((b"heic", b"mif1"), Format.HEIF),
        ((b"mif1", b"heic"), Format.HEIF),
        ((b"mif1", b"avif"), Format.AVIF),
        ((b"avis", b"msf1"), Format.AVIF),
        ((b"crx ", b"isom"), Format.RAW),
        ((b"mp42", b"isom"), None),
    ],
)
def test_iso_containers_are_told_apart_by_their_brands(brands: tuple[bytes, bytes], expected: Format | None) -> None:
    major, compatible = brands
    box = b"ftyp" + major + bytes(4) + compatible
    assert sniff((len(box) + 4).to_bytes(4, "big") + box + bytes(100)) is expected


@pytest.mark.parametrize("mark", [b"FUJIFILMCCD-RAW 0201", b"IIRO\x08\0\0\0", b"IIU\0\x18\0\0\0", b"FOVb", b"\0MRM"])
def test_camera_makers_own_marks_are_known(mark: bytes) -> None:
    assert sniff(mark + bytes(64)) is Format.RAW
