"""A run of the fingerprint network, from its TOML file to weights with a card. No mask is read."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from boxprompt.data.synthesis.config import HistoryConfig
from boxprompt.data.synthesis.pool import PhotoPool
from boxprompt.errors import ConfigurationError
from boxprompt.network.fingerprint import ARCHITECTURE, FingerprintConfig, FingerprintNetwork
from boxprompt.network.residual import INPUT_MEAN, INPUT_STD
from boxprompt.training.fingerprint_config import FingerprintTrainingConfig
from boxprompt.training.fingerprint_loop import FingerprintTrainer
from boxprompt.training.fingerprint_samples import GroupDataset, GroupShape
from boxprompt.training.kinds import RunKind
from boxprompt.training.log import TrainingEvent
from boxprompt.training.loop import TRAINING_STREAM
from boxprompt.training.run import VALIDATION_STREAM, TrainedRun, open_pools, synthesis_config

FINGERPRINT_KIND = RunKind(
    table="fingerprint",
    read=FingerprintTrainingConfig.read,
    shape_of_dict=FingerprintConfig.from_dict,
    photos_of=lambda config: config.data.photos,
    architecture=ARCHITECTURE,
    input_mean=INPUT_MEAN,
    input_std=INPUT_STD,
)
"""What `train` does with a file that has a table `[fingerprint]`."""


def train(
    config: FingerprintTrainingConfig,
    *,
    resume: bool = False,
    on_event: Callable[[TrainingEvent], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> TrainedRun:
    """Train a fingerprint network by contrast and export it.

    Args:
        config: the run.
        resume: go on from the checkpoint in the run's output folder.
        on_event: called at every line of the log.
        should_stop: asked after every step; a stopped run leaves a checkpoint and its weights so far.

    Raises:
        ConfigurationError: too few photographs of sufficient size, histories that do not exist, or other weights to
            start from.
        CheckpointError: nothing to resume, or a checkpoint of another recipe.
        DeviceUnavailableError: no such device.
        WeightsNotFoundError: the weights to start from are not there.
        WeightsMismatchError: they were altered.
    """
    training, validation = open_pools(
        config.data.photos, validation_share=config.data.validation_share, seed=config.run.seed
    )
    drawn = synthesis_config({"histories": config.data.histories}).histories
    fixed = _groups(config, validation, drawn, stream=VALIDATION_STREAM, length=config.data.validation_count)
    run = trainer(config, pool=training, histories=drawn, validation=_made(fixed))
    if resume:
        run.resume()
    result = run.run(on_event=on_event, should_stop=should_stop)
    return TrainedRun(result=result, weights=FINGERPRINT_KIND.export(run.shipped_state(), config, step=result.step))


def trainer(
    config: FingerprintTrainingConfig, *, pool: PhotoPool, histories: HistoryConfig, validation: list[Tensor]
) -> FingerprintTrainer:
    """The training loop of a fingerprint network.

    Args:
        config: the run.
        pool: photographs to train on.
        histories: what histories and aftermaths are drawn from.
        validation: groups to measure on, uint8 (H, P, S, S, 3) each.

    Raises:
        ConfigurationError: the weights to start from are of another architecture.
        DeviceUnavailableError: no such device.
        WeightsNotFoundError: the weights to start from are not there.
        WeightsMismatchError: they were altered.
    """
    initial = FINGERPRINT_KIND.initial_state(config)

    def build() -> FingerprintNetwork:
        network = FingerprintNetwork(FINGERPRINT_KIND.shape(config))
        if initial is not None:
            network.load_state_dict(initial)
        return network

    return FingerprintTrainer(
        config,
        build=build,
        groups=lambda length: _groups(config, pool, histories, stream=TRAINING_STREAM, length=length),
        validation=validation,
    )


def _groups(
    config: FingerprintTrainingConfig, pool: PhotoPool, histories: HistoryConfig, *, stream: int, length: int
) -> GroupDataset:
    contrast = config.contrast
    return GroupDataset(
        pool,
        histories,
        shape=GroupShape(contrast.histories, contrast.photographs, contrast.piece_px),
        balance=config.data.balance,
        seed=config.run.seed,
        stream=stream,
        length=length,
    )


def _made(groups: GroupDataset) -> list[Tensor]:
    try:
        return [groups[index] for index in range(len(groups))]
    except ValueError as error:
        raise ConfigurationError(f"[data] photos cannot be used for validation: {error}.") from error
