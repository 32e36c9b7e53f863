"""Data sets of composites, made of photographs."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forensic_gui.domain.errors import RequestError
from forensic_gui.services.progress import CancelToken


@dataclass(frozen=True, slots=True)
class SyntheticDataset:
    """A data set of composites that was written.

    Attributes:
        folder: where it lies, with `Tp/`, `Gt/`, `Au/` and `manifest.jsonl`.
        counts: images by kind of manipulation; "authentic" ones are untouched.
    """

    folder: Path
    counts: Mapping[str, int]


def write_synthetic_dataset(
    photos: Sequence[Path],
    out: Path,
    *,
    count: int,
    seed: int,
    config: Path | None = None,
    on_image: Callable[[int, int], None],
    cancel: CancelToken,
) -> SyntheticDataset:
    """Make manipulations of photographs with known masks; see `boxprompt.data.synthesis.write_dataset`.

    Args:
        photos: folders of photographs; object masks are looked for in a folder `masks` beside each.
        out: created; must be empty or absent.
        count: images in all.
        seed: of the whole set.
        config: TOML file whose `[data.synthesis]` table says what is drawn, such as a training recipe; None for the
            defaults.
        on_image: called with (done, count) after each image.
        cancel: looked at before each image; what was written stays.

    Raises:
        RequestError: no photographs, a configuration that cannot be used, an output folder that holds something, or
            photographs nothing can be made of.
        Cancelled: stopping was asked for.
    """
    from boxprompt.data.synthesis import (  # OpenCV: tenths
        PhotoPool,
        SynthesisConfig,
        SynthesisError,
        Synthesizer,
        write_dataset,
    )

    table = {} if config is None else _synthesis_table(config)
    try:
        settings = SynthesisConfig.from_mapping(table)
    except (TypeError, ValueError) as error:
        raise RequestError(f"[data.synthesis] of {config} cannot be used: {error}.") from error
    try:
        pool = PhotoPool.open(photos)
        written = write_dataset(
            Synthesizer(pool, settings),
            out,
            count=count,
            seed=seed,
            progress=on_image,
            should_stop=lambda: cancel.is_cancelled,
        )
    except (SynthesisError, FileExistsError, FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise RequestError(f"No data set was made: {error}.") from error
    cancel.raise_if_cancelled()
    return SyntheticDataset(folder=out, counts=written.written)


def _synthesis_table(config: Path) -> Mapping[str, Any]:
    try:
        with config.open("rb") as stream:
            document = tomllib.load(stream)
    except (OSError, ValueError) as error:
        raise RequestError(f"{config} is not a TOML file that can be read: {error}.") from error
    data = document.get("data")
    table = data.get("synthesis") if isinstance(data, dict) else None
    if not isinstance(table, dict):
        raise RequestError(f"{config} has no table [data.synthesis], which says what to synthesize.")
    return table
