"""The training loop of the student: how its network and its samples are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor
from torch.utils.data import Dataset

from boxprompt.inference.device import resolve_device
from boxprompt.network.config import StudentConfig
from boxprompt.network.student import Student
from boxprompt.training.config import TrainingConfig
from boxprompt.training.dataset_samples import MixedSource, numbered_samples
from boxprompt.training.distributed import ALONE, ProcessGroup
from boxprompt.training.loop import INPUT_MEAN, INPUT_STD, TRAINING_STREAM, NetworkTrainer
from boxprompt.training.samples import SampleSource
from boxprompt.training.validation import ValidationSet


class Trainer(NetworkTrainer):
    """One run of the student."""

    def __init__(
        self,
        config: TrainingConfig,
        *,
        source: SampleSource | MixedSource,
        validation: ValidationSet | None,
        manipulated_share: float = 0.1,
        initial: Mapping[str, Tensor] | None = None,
        group: ProcessGroup = ALONE,
    ) -> None:
        """Seed, then build.

        Args:
            config: the run.
            source: draws composites, or from datasets.
            validation: composites to score; only the first process of a group needs them.
            manipulated_share: share of manipulated pixels in the training data, where a random start begins.
            initial: state to start from instead.
            group: the processes that train together.

        Raises:
            ConfigurationError: the batch cannot be shared by the processes, or TensorBoard is missing.
            DeviceUnavailableError: no such device.
        """
        on_cpu = resolve_device(config.run.device).type == "cpu"

        def build() -> Student:
            network = Student(StudentConfig.from_dict(config.student.model_dump()))
            if initial is None:
                network.initialise_bias(manipulated_share)
            else:
                network.load_state_dict(initial)
            if config.recipe.deep_supervision:
                network.supervise_scales(manipulated_share)
            if on_cpu:
                network.backbone.use_explicit_attention()
            return network

        def samples(length: int) -> Dataset[Any]:
            return numbered_samples(
                source,
                side_px=config.student.input_side_px,
                seed=config.run.seed,
                stream=TRAINING_STREAM,
                length=length,
                tile_share=config.data.tile_share,
            )

        super().__init__(
            config,
            build=build,
            samples=samples,
            validation=validation,
            mean=INPUT_MEAN,
            std=INPUT_STD,
            group=group,
        )
