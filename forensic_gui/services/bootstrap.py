"""The composition root: the one place that decides which real thing stands behind each port."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from forensic_gui.resources import resources_folder
from forensic_gui.services import engine
from forensic_gui.services.decoding import DecoderPool, DecoderProcess, default_command
from forensic_gui.services.ports import Decoder, Localizer, Segmenter
from forensic_gui.services.segmenting import offers
from forensic_gui.services.segmenting.offers import KnownSegmenter
from forensic_gui.services.segmenting.places import Places
from forensic_gui.storage.embeddings import EmbeddingCache, read_secret

if TYPE_CHECKING:
    from forensic_gui.services.benchmark.ports import MeasurableLocalizer
    from forensic_gui.services.benchmark.segmenters import SegmenterPorts
    from forensic_gui.services.demonstrate import PixelF1
    from forensic_gui.services.finetune.destination import Destination
    from forensic_gui.services.finetune.run import Ports as FinetunePorts
    from forensic_gui.services.reporting.contract import ReportPorts
    from forensic_gui.services.reproducing.shelf import WeightsByHash
    from forensic_gui.services.scoring import ScoreFolder
    from forensic_gui.services.weights_shelf import Shelf

_APPLICATION = "forensic-gui"
_REPORT_DECODERS = 2


def open_decoder() -> DecoderProcess:
    """A decoder, which reads metadata too, with a child process of its own that starts at the first request.

    Close it when done.
    """
    return DecoderProcess(default_command())


def load_localizer(*, weights: str | None = None, device: str = "auto") -> Localizer:
    """Load weights by id or file path (None: the default) onto a device: seconds, never on a GUI thread.

    Raises:
        WeightsError: unknown, altered or unfit weights.
        DeviceUnavailable: the device is not on this machine.
    """
    return engine.load_localizer(folders=weight_folders(), weights=weights or engine.DEFAULT_WEIGHTS, device=device)


def load_measurable_localizer(*, weights: str | None = None, runtime: str = "auto") -> MeasurableLocalizer:
    """Load weights for the benchmark, with a choice of what executes the network.

    Raises:
        WeightsError: unknown, altered or unfit weights.
        RequestError: the runtime cannot be used.
    """
    return engine.load_localizer(folders=weight_folders(), weights=weights, runtime=runtime)


def load_segmenter(*, segmenter: str | None = None, device: str = "auto") -> Segmenter:
    """Load a segmenter by id (None: the best one installed, GrabCut where none is): seconds, never on a GUI thread.

    Raises:
        SegmenterError: unknown, not installed, altered or unfit.
        DeviceUnavailable: the device is not on this machine.
    """
    return engine.load_segmenter(
        folders=segmenter_folders(), segmenter=segmenter, device=device, embeddings=embedding_cache()
    )


def segmenter_ports() -> SegmenterPorts:
    """What the benchmark needs of segmenters."""
    from forensic_gui.services.benchmark.segmenters import SegmenterPorts

    return SegmenterPorts(
        load=partial(engine.load_measurable_segmenter, folders=segmenter_folders()), count_macs=engine.encoder_macs
    )


def embedding_cache() -> EmbeddingCache:
    """What segmenters saw of images, on disk; its secret is made when it is first needed."""
    return EmbeddingCache(
        user_cache_folder() / "embeddings", secret=partial(read_secret, user_data_folder() / "embedding-cache.secret")
    )


score_folder: ScoreFolder = engine.score_folder
"""Scores localizers on a folder of images with known masks."""

pixel_f1: PixelF1 = engine.pixel_f1
"""Measures a mask against a known one."""


def weights_destination(name: str) -> Destination:
    """Where new weights go that are called so: a `.safetensors` file, or an id among the user's weights.

    Raises:
        RequestError: it is no id, or that of weights that ship.
    """
    from forensic_gui.services.finetune.destination import destination

    return destination(name, installed=user_data_folder() / "weights", shipped=resources_folder() / "weights")


def finetune_ports(decoder: Decoder) -> FinetunePorts:
    """What a fine-tuning needs, with a decoder that the caller closes."""
    from forensic_gui.services.finetune.run import Ports
    from forensic_gui.services.sample_case import load_sample_case

    return Ports(
        decoder=decoder,
        load_localizer=load_localizer,
        weight_folders=tuple(weight_folders()),
        sample_images=lambda: tuple(load_sample_case()),
    )


@contextmanager
def report_ports() -> Iterator[ReportPorts]:
    """What making, checking and repeating a report needs; its child processes end with the context."""
    from forensic_gui.services.metadata import metadata_reader
    from forensic_gui.services.reporting.contract import ReportPorts
    from forensic_gui.services.reporting.software import describe_computer, installed_packages
    from forensic_gui.services.reporting.weights import KnownWeights

    with DecoderPool([DecoderProcess(default_command()) for _ in range(_REPORT_DECODERS)]) as decoders:
        yield ReportPorts(
            decoder=decoders,
            metadata=metadata_reader(decoders),
            weights=KnownWeights(folders=weight_folders(), shipped=resources_folder() / "weights"),
            packages=installed_packages,
            environment=describe_computer,
        )


def weights_by_hash(*, device: str, further: Sequence[Path] = ()) -> WeightsByHash:
    """Localizers by the hash of their weights, as findings have it; `further` folders are looked in as well."""
    from forensic_gui.services.reproducing.shelf import WeightsByHash

    folders = [*weight_folders(), *further]
    return WeightsByHash(partial(engine.load_localizer, folders=folders), folders=folders, device=device)


def weight_folders() -> list[Path]:
    """Where weights are looked for: the ones that ship first, so that nothing installed later can take their name."""
    return [folder for folder in (resources_folder() / "weights", user_data_folder() / "weights") if folder.is_dir()]


def segmenter_folders() -> list[Path]:
    """Where checkpoints of segmenters are looked for."""
    return [user_data_folder() / "segmenters"]


def weight_places() -> Places:
    """Where weights are put, and which folders are the program's own."""
    return Places(
        segmenters=segmenter_folders()[0],
        students=user_data_folder() / "weights",
        shipped=(resources_folder() / "weights",),
    )


def weights_shelf() -> Shelf:
    """Weights of localizers on this computer, and which names are free for new ones."""
    from forensic_gui.services.weights_shelf import read_shelf

    return read_shelf(folders=weight_folders(), places=weight_places())


def remove_weights(weights_id: str) -> Path:
    """Remove weights that the user installed; the file that is gone.

    Raises:
        RequestError: there are none of that id, or they are part of the program.
        OutputError: the file system refused.
    """
    from forensic_gui.services.segmenting.installing import remove

    return remove(weights_id, places=weight_places(), checkpoints=())


def published_checkpoints() -> tuple[engine.Checkpoint, ...]:
    """The checkpoints of segmenters that are known by their hash."""
    return engine.CHECKPOINTS


def known_segmenters() -> tuple[KnownSegmenter, ...]:
    """Every segmenter there is, and where it is installed."""
    return offers.known_segmenters(folders=segmenter_folders(), checkpoints=published_checkpoints())


def user_data_folder() -> Path:
    """Where what the user installs lies."""
    return Path(platformdirs.user_data_dir(_APPLICATION, appauthor=False))


def user_cache_folder() -> Path:
    """Where lies what can be computed anew."""
    return Path(platformdirs.user_cache_dir(_APPLICATION, appauthor=False))


def log_folder() -> Path:
    """Where logs and crash reports go."""
    return Path(platformdirs.user_log_dir(_APPLICATION, appauthor=False))
