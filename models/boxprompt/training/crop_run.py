"""Runs of networks that learn from crops of composites, from their TOML file to weights with a card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from torch import nn

from boxprompt.data.synthesis import Synthesizer
from boxprompt.training.crop_config import CropRunConfig
from boxprompt.training.crop_samples import Crop, CropDataset
from boxprompt.training.distributed import ALONE, ProcessGroup
from boxprompt.training.kinds import RunKind, Shape
from boxprompt.training.log import TrainingEvent
from boxprompt.training.loop import TRAINING_STREAM, NetworkTrainer
from boxprompt.training.run import VALIDATION_STREAM, TrainedRun, open_pools, synthesis_config
from boxprompt.training.samples import SampleSource
from boxprompt.training.validation import ValidationSet

# Share of a crop that is manipulated, on average: where the last bias starts.
_MANIPULATED_SHARE = 0.15

CropConfigT = TypeVar("CropConfigT", bound=CropRunConfig)
CropShapeT = TypeVar("CropShapeT", bound=Shape)


@dataclass(frozen=True, slots=True)
class CropRunKind(RunKind[CropConfigT, CropShapeT]):
    """A kind of run whose network maps crops of composites to their masks.

    Attributes:
        build: the network of a shape, with `initialise_bias`.
        crop_of: how a run cuts crops out of composites.
    """

    build: Callable[[CropShapeT], nn.Module]
    crop_of: Callable[[CropConfigT], Crop]

    def train(
        self,
        config: CropConfigT,
        *,
        resume: bool = False,
        on_event: Callable[[TrainingEvent], None] = lambda _: None,
        should_stop: Callable[[], bool] = lambda: False,
        group: ProcessGroup = ALONE,
    ) -> TrainedRun:
        """Train a network on crops of composites and export it.

        Args:
            config: the run.
            resume: go on from the checkpoint in the run's output folder.
            on_event: called at every line of the log, in the first process.
            should_stop: asked after every step; a stopped run leaves a checkpoint and its weights so far.
            group: the processes that train together.

        Raises:
            ConfigurationError: no photographs, synthesis fields that do not exist, or other weights to start from.
            CheckpointError: nothing to resume, or a checkpoint of another recipe.
            DeviceUnavailableError: no such device.
            WeightsNotFoundError: the weights to start from are not there.
            WeightsMismatchError: they were altered.
            ProcessLostError: another process of the group is gone.
        """
        data = config.data
        training, validation = open_pools(data.photos, validation_share=data.validation_share, seed=config.run.seed)
        synthesis = synthesis_config(data.synthesis)
        held_out = self._crops(
            config, Synthesizer(validation, synthesis), stream=VALIDATION_STREAM, length=data.validation_count
        )
        run = self.trainer(
            config,
            source=Synthesizer(training, synthesis),
            validation=ValidationSet(held_out, mean=self.input_mean, std=self.input_std) if group.is_first else None,
            group=group,
        )
        if resume:
            run.resume()
        result = run.run(on_event=on_event, should_stop=should_stop)
        weights = self.export(run.shipped_state(), config, step=result.step) if group.is_first else None
        return TrainedRun(result=result, weights=weights)

    def trainer(
        self,
        config: CropConfigT,
        *,
        source: SampleSource,
        validation: ValidationSet | None,
        group: ProcessGroup = ALONE,
    ) -> NetworkTrainer:
        """The training loop.

        Args:
            config: the run.
            source: draws composites.
            validation: composites to score; only the first process of a group needs them.
            group: the processes that train together.

        Raises:
            ConfigurationError: the weights to start from are of another architecture, the batch cannot be shared by
                the processes, or TensorBoard is missing.
            DeviceUnavailableError: no such device.
            WeightsNotFoundError: the weights to start from are not there.
            WeightsMismatchError: they were altered.
        """
        initial = self.initial_state(config)

        def build() -> Any:
            network: Any = self.build(self.shape(config))
            if initial is None:
                network.initialise_bias(_MANIPULATED_SHARE)
            else:
                network.load_state_dict(initial)
            return network

        return NetworkTrainer(
            config,
            build=build,
            samples=lambda length: self._crops(config, source, stream=TRAINING_STREAM, length=length),
            validation=validation,
            mean=self.input_mean,
            std=self.input_std,
            group=group,
        )

    def _crops(self, config: CropConfigT, source: SampleSource, *, stream: int, length: int) -> CropDataset:
        return CropDataset(source, crop=self.crop_of(config), seed=config.run.seed, stream=stream, length=length)
