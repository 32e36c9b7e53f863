"""What the analyst waits for between a box and its mask: encoding, opening what was encoded, answering."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from forensic_gui.domain.geometry import Box, Size
from forensic_gui.domain.prompt import Prompts
from forensic_gui.services.benchmark.measures import Bench
from forensic_gui.services.benchmark.rows import Row, Unit
from forensic_gui.services.benchmark.timing import medians_ms
from forensic_gui.services.ports import Segmenter, SegmenterInfo
from forensic_gui.storage.embeddings import EmbeddingCache, pixels_sha256, read_secret

SAM_ID, GRABCUT_ID = "sam-vit-b", "grabcut"
ENCODE_TARGET, OPEN_TARGET = 2.5, 2.0
"""Most that each may be as a multiple of its floor."""
DECODE_TARGET_MS = 150.0

_BOX_SHARES = (0.3, 0.25, 0.6, 0.75)


class LoadMeasurableSegmenter(Protocol):
    """Loads a segmenter on the CPU to take times of."""

    def __call__(self, segmenter: str, *, embeddings: EmbeddingCache | None) -> Segmenter:
        """Load by id; of random weights where it is not installed."""
        ...


class CountMacs(Protocol):
    """Counts the multiply-adds in which a SAM encodes one image."""

    def __call__(self, segmenter: str) -> int:
        """Count."""
        ...


@dataclass(frozen=True, slots=True)
class SegmenterPorts:
    """What the measures of segmenters need.

    Attributes:
        load: a segmenter to take times of.
        count_macs: of its encoder.
    """

    load: LoadMeasurableSegmenter
    count_macs: CountMacs


def segmenter_rows(bench: Bench, image: Path, *, ports: SegmenterPorts, rate: float) -> list[Row]:
    """SAM ViT-B and GrabCut on one large image.

    Args:
        bench: what all measures share.
        image: the file.
        ports: load segmenters and count.
        rate: of this machine's float32 matrix product, operations a second.

    Raises:
        Cancelled: stopping was asked for.
    """
    decoded = bench.decoder.decode(image, cancel=bench.cancel)
    pixels, orientation = decoded.pixels, decoded.facts.orientation
    kept = bench.folder / "embeddings"
    sam = ports.load(SAM_ID, embeddings=EmbeddingCache(kept, secret=partial(read_secret, bench.folder / "secret")))
    grabcut = ports.load(GRABCUT_ID, embeddings=None)
    look = partial(sam.encode, pixels, orientation=orientation, cancel=bench.cancel)
    started = time.perf_counter()
    seen = look()
    encode_ms = 1000 * (time.perf_counter() - started)
    prompts = Prompts(box=_box(decoded.facts.stored))
    plain = grabcut.encode(pixels, orientation=orientation)
    taken = medians_ms(
        {
            "open": look,
            "hash": lambda: pixels_sha256(pixels, orientation=orientation),
            "answer": lambda: sam.decode(seen, prompts),
            "grabcut": lambda: grabcut.decode(plain, prompts),
        },
        repeats=bench.repeats,
        cancel=bench.cancel,
    )
    macs = ports.count_macs(SAM_ID)
    return rows_of_segmenters(
        {**taken, "encode": encode_ms},
        sam=sam.info,
        grabcut=grabcut.info,
        macs=macs,
        rate=rate,
        megapixels=decoded.facts.stored.pixels / 1e6,
        repeats=bench.repeats,
    )


def rows_of_segmenters(
    taken: Mapping[str, float],
    *,
    sam: SegmenterInfo,
    grabcut: SegmenterInfo,
    macs: int,
    rate: float,
    megapixels: float,
    repeats: int,
) -> list[Row]:
    """The rows of segmenters from their times.

    Args:
        taken: milliseconds of "encode", "open", "hash", "answer" and "grabcut".
        sam: which SAM.
        grabcut: which GrabCut.
        macs: multiply-adds of the SAM's encoder.
        rate: of the float32 matrix product, operations a second.
        megapixels: of the image.
        repeats: how often each was timed, the encoder apart.
    """
    weights = (
        "" if sam.parameters.get("validated_weights") else "; random weights of the true shape, whose masks say nothing"
    )
    on = f"{sam.name.partition(' (')[0]} on {sam.device}{weights}"
    turns = f"medians of {repeats}, taking turns"
    ms = Unit.MILLISECONDS
    return [
        Row(
            name="segmenter_encode",
            figure="SAM encodes an image",
            unit=ms,
            value=taken["encode"],
            floor=1000 * 2 * macs / rate,
            floor_of=f"{macs / 1e9:.0f} G multiply-adds at the rate of a 2048³ float32 matrix product",
            target=ENCODE_TARGET,
            note=f"{on}; {sam.parameters.get('encoder_dtype', 'float32')}, once; in the background when an image opens",
        ),
        Row(
            name="segmenter_cached_open",
            figure="  opened again from disk",
            unit=ms,
            value=taken["open"],
            floor=taken["hash"],
            floor_of="hashing the pixels, without which no embedding is believed",
            target=OPEN_TARGET,
            note=f"{megapixels:.0f} megapixels; {turns}",
        ),
        Row(
            name="segmenter_decode",
            figure="  answers a box",
            unit=ms,
            value=taken["answer"],
            target=DECODE_TARGET_MS,
            note=f"{on}; to a mask of {megapixels:.0f} megapixels; {turns}",
        ),
        Row(
            name="grabcut_decode",
            figure="GrabCut answers a box",
            unit=ms,
            value=taken["grabcut"],
            note=f"{grabcut.runtime}; to a mask of {megapixels:.0f} megapixels; {turns}",
        ),
    ]


def _box(size: Size) -> Box:
    left, top, right, bottom = _BOX_SHARES
    return Box(left * size.width, top * size.height, right * size.width, bottom * size.height)
