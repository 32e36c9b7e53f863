"""Make a data set of manipulated and untouched images from photographs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from forensic_gui.domain.errors import OutputError, RequestError
from forensic_gui.services import engine
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress


@dataclass(frozen=True, slots=True)
class SynthesizeRequest:
    """What to make.

    Attributes:
        photos: folders of photographs, searched recursively.
        output: folder for `Tp`, `Gt`, `Au` and `manifest.jsonl`; empty or absent.
        count: images in all.
        seed: of the whole set; the same seed, photographs and configuration give the same set.
        config: TOML file with a `[data.synthesis]` table, such as a training recipe; None for the defaults.
    """

    photos: tuple[Path, ...]
    output: Path
    count: int
    seed: int = 0
    config: Path | None = None


@dataclass(frozen=True, slots=True)
class SynthesizeSummary:
    """What was made.

    Attributes:
        folder: where it lies.
        written: images by kind of manipulation.
    """

    folder: Path
    written: Mapping[str, int]


def synthesize(
    request: SynthesizeRequest, *, progress: ProgressSink = ignore_progress, cancel: CancelToken | None = None
) -> SynthesizeSummary:
    """Write the data set.

    Raises:
        RequestError: no photographs, a count below one, a configuration that cannot be used, or an output folder that
            holds something.
        OutputError: the output folder refused a file.
        Cancelled: stopping was asked for; the images that were finished stay, each with its line in the manifest.
    """
    if request.count < 1:
        raise RequestError(f"A data set has at least one image, not {request.count}.")

    def on_image(done: int, count: int) -> None:
        progress(ProgressEvent(done, count, 0, f"image {done}", "finished"))

    try:
        made = engine.write_synthetic_dataset(
            request.photos,
            request.output,
            count=request.count,
            seed=request.seed,
            config=request.config,
            on_image=on_image,
            cancel=cancel or CancelToken(),
        )
    except OSError as error:
        raise OutputError(f"{error.filename or request.output} could not be used ({error.strerror}).") from error
    return SynthesizeSummary(made.folder, made.counts)
