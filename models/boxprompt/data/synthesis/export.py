"""A synthetic data set on disk: images, masks and a manifest that says how each was made."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import cv2
import numpy as np

from boxprompt.data.synthesis.synthesizer import Composite, Synthesizer


@dataclass(frozen=True, slots=True)
class WrittenDataset:
    """What `write_dataset` left on disk.

    Attributes:
        folder: holds `Tp`, `Gt`, `Au` and `manifest.jsonl`.
        written: images finished, by kind.
        complete: False when it was stopped before the count was reached.
    """

    folder: Path
    written: dict[str, int]
    complete: bool


def write_dataset(
    synthesizer: Synthesizer,
    out: Path,
    *,
    count: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> WrittenDataset:
    """Write `count` composites: forged images to `Tp/`, their masks to `Gt/`, untouched ones to `Au/`.

    Stems are `<index>_<kind>`. An image whose last step was a compression is written with exactly those JPEG bytes,
    any other as PNG, so that the file adds no generation of its own. Image number i depends on the seed and i alone.

    Args:
        synthesizer: where composites come from.
        out: created; must be empty or absent.
        count: images in all.
        seed: of the whole set.
        progress: called with (done, count) after each image.
        should_stop: asked before each image.

    Raises:
        FileExistsError: `out` holds something.
        ValueError: `count` is not positive.
    """
    if count <= 0:
        raise ValueError(f"a data set needs at least one image, got {count}")
    if out.exists() and any(out.iterdir()):
        raise FileExistsError(f"the folder is not empty: {out}")
    for name in ("Tp", "Gt", "Au"):
        (out / name).mkdir(parents=True, exist_ok=True)
    written: dict[str, int] = dict.fromkeys(synthesizer.config.kind_weights, 0)
    complete = True
    with (out / "manifest.jsonl").open("w", encoding="utf-8") as manifest:
        _line(manifest, {"seed": seed, "count": count, "config": synthesizer.config.to_mapping()})
        for index in range(count):
            if should_stop is not None and should_stop():
                complete = False
                break
            composite = synthesizer.sample(np.random.default_rng((seed, index)))
            _line(manifest, _save(composite, out, stem=f"{index:06d}_{composite.kind}", seed=[seed, index]))
            written[composite.kind] += 1
            if progress is not None:
                progress(index + 1, count)
    return WrittenDataset(folder=out, written=written, complete=complete)


def _save(composite: Composite, out: Path, *, stem: str, seed: list[int]) -> dict[str, Any]:
    forged = composite.kind != "authentic"
    suffix = ".png" if composite.encoded is None else ".jpg"
    image = out / ("Tp" if forged else "Au") / f"{stem}{suffix}"
    _replace(image, composite.encoded or _png(cv2.cvtColor(composite.image, cv2.COLOR_RGB2BGR)))
    record: dict[str, Any] = {"image": image.relative_to(out).as_posix(), "mask": None}
    if forged:
        mask = out / "Gt" / f"{stem}.png"
        _replace(mask, _png(composite.mask.view(np.uint8) * np.uint8(255)))
        record["mask"] = mask.relative_to(out).as_posix()
    return {
        **record,
        "kind": composite.kind,
        "seed": seed,
        "sources": list(composite.sources),
        "recipe": composite.recipe,
    }


def _png(array: Any) -> bytes:
    encoded, buffer = cv2.imencode(".png", array)
    assert encoded
    return bytes(buffer.tobytes())


def _replace(path: Path, data: bytes) -> None:
    """Write beside and replace, so that no half file is ever found under the final name."""
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(data)
    beside.replace(path)


def _line(manifest: TextIO, record: dict[str, Any]) -> None:
    manifest.write(json.dumps(record, sort_keys=True) + "\n")
    # A run that is killed leaves a line for every image it finished.
    manifest.flush()
