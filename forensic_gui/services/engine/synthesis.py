"""Data sets of composites, made of photographs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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
    on_image: Callable[[int, int], None],
    cancel: CancelToken,
) -> SyntheticDataset:
    """Make manipulations of photographs with known masks; see `boxprompt.data.synthesis.write_dataset`.

    Args:
        photos: folders of photographs; object masks are looked for in a folder `masks` beside each.
        out: created; must be empty or absent.
        count: images in all.
        seed: of the whole set.
        on_image: called with (done, count) after each image.
        cancel: looked at before each image; what was written stays.

    Raises:
        RequestError: no photographs, an output folder that holds something, or photographs nothing can be made of.
        Cancelled: stopping was asked for.
    """
    from boxprompt.data.synthesis import PhotoPool, SynthesisError, Synthesizer, write_dataset  # OpenCV: tenths

    try:
        pool = PhotoPool.open(photos)
        written = write_dataset(
            Synthesizer(pool),
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
