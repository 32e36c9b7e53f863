"""What is measured in this process: the forward pass, the analysis of one large image, a folder of small ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.domain.finding import Product
from forensic_gui.services import artifacts
from forensic_gui.services.analyze import AnalyzeRequest, analyze
from forensic_gui.services.benchmark.pictures import write_photograph
from forensic_gui.services.benchmark.ports import ForwardProbe
from forensic_gui.services.benchmark.rows import Row, Unit
from forensic_gui.services.benchmark.timing import medians_ms
from forensic_gui.services.ports import Decoder, Localizer, Views
from forensic_gui.services.progress import CancelToken

FORWARD_TARGET, FINDING_TARGET, WRITING_TARGET = 2.5, 1.5, 2.0
"""Most that each may be as a multiple of its floor."""

_SMALL_SIZES = ((1152, 896), (384, 256))
_CALLS_IN_A_ROW = 6
_NOTHING: frozenset[Product] = frozenset()
_EVERYTHING = frozenset(Product)


@dataclass(frozen=True, slots=True)
class Bench:
    """What all measures share.

    Attributes:
        decoder: makes pixels of files; warm.
        localizer: makes scores of pixels.
        probe: the localizer's network by itself.
        folder: for what is written; the caller removes it.
        repeats: how often each analysis is timed.
        cancel: looked at before every turn.
    """

    decoder: Decoder
    localizer: Localizer
    probe: ForwardProbe
    folder: Path
    repeats: int
    cancel: CancelToken

    def fresh_folder(self) -> Path:
        """An output folder that does not exist yet."""
        return next(path for path in (self.folder / f"out-{n}" for n in count()) if not path.exists())

    def analyze(self, paths: Iterable[Path], products: frozenset[Product], *, views: Views = Views.FAST) -> None:
        """Analyze as the command line does, into a folder of its own; floors are those of the fast view."""
        request = AnalyzeRequest(paths=tuple(paths), output=self.fresh_folder(), products=products, views=views)
        summary = analyze(request, decoder=self.decoder, localizer=self.localizer, cancel=self.cancel)
        self.cancel.raise_if_cancelled()
        assert not summary.failures and not summary.stopped, summary


def forward_row(bench: Bench) -> tuple[Row, float]:
    """Forward time against the arithmetic floor, and the matrix product's rate in operations a second."""
    probe = bench.probe
    taken = medians_ms(
        {"product": probe.multiply_matrices, "forward": probe.forward},
        repeats=bench.repeats,
        in_a_row=_CALLS_IN_A_ROW,
        cancel=bench.cancel,
    )
    rate = 2 * probe.matrix_macs / (taken["product"] / 1000)
    row = Row(
        name="forward",
        figure="Forward pass",
        unit=Unit.MILLISECONDS,
        value=taken["forward"],
        floor=1000 * 2 * probe.macs / rate,
        floor_of=f"{probe.macs / 1e9:.2f} G multiply-adds at the rate of a 2048³ float32 matrix product",
        target=FORWARD_TARGET,
        note=f"medians of {bench.repeats * (_CALLS_IN_A_ROW - 1)} warm calls, in turns with the matrix product",
    )
    return row, rate


def large_image_rows(bench: Bench, image: Path) -> list[Row]:
    """Analysis of one large image to its finding, and with all files, against their parts."""
    decoded = bench.decoder.decode(image, cancel=bench.cancel)
    pixels = np.ascontiguousarray(decoded.pixels)
    encoders = _encoders(bench, decoded)
    taken = medians_ms(
        {
            "finding": lambda: bench.analyze([image], _NOTHING),
            "everything": lambda: bench.analyze([image], _EVERYTHING),
            "decode": lambda: _decode_plainly(image),
            "resize": lambda: bench.probe.resize(pixels),
            "forward": bench.probe.forward,
            **encoders,
        },
        repeats=bench.repeats,
        cancel=bench.cancel,
    )
    megapixels = decoded.facts.stored.pixels / 1e6
    return [*rows_of_large_image(taken, megapixels=megapixels, repeats=bench.repeats), _thorough_row(bench, image)]


def rows_of_large_image(taken: Mapping[str, float], *, megapixels: float, repeats: int) -> list[Row]:
    """The rows of one large image from the times of its parts.

    Args:
        taken: milliseconds of "finding", "everything", "decode", "resize", "forward", and of each product's encoder by
            the product's value.
        megapixels: of the image.
        repeats: how often each was timed.
    """
    turns = f"medians of {repeats}, taking turns"
    parts = " + ".join(f"{name} {taken[name]:.0f}" for name in ("decode", "resize", "forward"))
    slowest = max(Product, key=lambda product: taken[product.value])
    encoders = ", ".join(f"{product.value} {taken[product.value]:.0f}" for product in Product)

    def against_encoder(name: str, figure: str, value: float, *, note: str) -> Row:
        return Row(
            name=name,
            figure=figure,
            unit=Unit.MILLISECONDS,
            value=value,
            floor=taken[slowest.value],
            floor_of=f"slowest single encoder, {slowest.value}",
            target=WRITING_TARGET,
            note=f"{note}; {turns}",
        )

    return [
        Row(
            name="finding",
            figure=f"{megapixels:.0f} megapixels, fast view, to the finding",
            unit=Unit.MILLISECONDS,
            value=taken["finding"],
            floor=taken["decode"] + taken["resize"] + taken["forward"],
            floor_of="decode + resize + forward, each alone",
            target=FINDING_TARGET,
            note=f"{parts} ms; decoded in this process for the floor; {turns}",
        ),
        against_encoder(
            "writing",
            "  what writing all files adds",
            max(0.0, taken["everything"] - taken["finding"]),
            note=f"with all files less to the finding; encoders alone: {encoders} ms",
        ),
        against_encoder(
            "everything",
            "  with all files",
            taken["everything"],
            note="the stricter reading, in which decoding and localizing count as well",
        ),
    ]


def folder_rows(bench: Bench, *, images: int) -> list[Row]:
    """Images a second over a folder of small images, half of a megapixel and half of a tenth of one."""
    folder = bench.folder / "small"
    folder.mkdir()
    for number in range(images):
        width, height = _SMALL_SIZES[number % 2]
        write_photograph(folder / f"{number:03}.jpg", width=width, height=height, seed=number)
    taken = medians_ms(
        {
            "finding": lambda: bench.analyze([folder], _NOTHING),
            "everything": lambda: bench.analyze([folder], _EVERYTHING),
        },
        repeats=max(1, bench.repeats // 2),
        cancel=bench.cancel,
    )
    sizes = " and ".join(f"{width}x{height}" for width, height in _SMALL_SIZES)
    return [
        Row(
            name=f"folder_{name}",
            figure=f"Folder of {images}, fast view, {what}",
            unit=Unit.IMAGES_PER_SECOND,
            value=1000 * images / taken[name],
            note=f"{sizes}, half each; median of {max(1, bench.repeats // 2)}",
        )
        for name, what in (("finding", "to the findings"), ("everything", "with all files"))
    ]


def _thorough_row(bench: Bench, image: Path) -> Row:
    taken = medians_ms(
        {"thorough": lambda: bench.analyze([image], _NOTHING, views=Views.THOROUGH)}, repeats=1, cancel=bench.cancel
    )
    return Row(
        name="finding_thorough",
        figure="  thorough view, to the finding",
        unit=Unit.MILLISECONDS,
        value=taken["thorough"],
        note="the same image; once, after a first time that does not count",
    )


def _encoders(bench: Bench, decoded: DecodedEvidence) -> dict[str, Callable[[], object]]:
    """Each product drawn, encoded and written by itself."""
    info = bench.localizer.info
    found = bench.localizer.localize(
        decoded.pixels, orientation=decoded.facts.orientation, views=Views.FAST, cancel=bench.cancel
    )
    artwork = artifacts.Artwork(
        pixels=decoded.pixels,
        heatmap=found.heatmap,
        orientation=decoded.facts.orientation,
        threshold=info.threshold,
        evidence_sha256=decoded.evidence.sha256,
        weights_sha256=info.weights_sha256,
    )

    def save(product: Product) -> Callable[[], object]:
        path = bench.folder / artifacts.file_name("alone", product)
        return lambda: artifacts.save(path, product=product, artwork=artwork, cancel=bench.cancel)

    return {product.value: save(product) for product in Product}


def _decode_plainly(image: Path) -> NDArray[np.uint8]:
    """The decoder of record without hash, child process and limits: the floor of any decoding of this file."""
    with Image.open(image) as opened:
        return np.asarray(opened.convert("RGB"))
