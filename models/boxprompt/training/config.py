"""One TOML file a run: data, recipe and schedule, checked before anything is loaded."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StudentTable(_Table):
    """`[student]`: fields of `boxprompt.network.config.StudentConfig`."""

    input_side_px: Literal[224, 448] = 224
    width: int = 64
    use_gates: bool = True
    use_memory: bool = True
    memory_size: int = 64
    memory_key_width: int = 32
    alpha: float | Literal["learnable"] = 0.5


class PhotoFolder(_Table):
    """One folder of photographs; a relative path is resolved against the working directory.

    Attributes:
        path: the folder; object masks are looked for in a folder `masks` beside it.
        terms: on what terms its photographs may be used, for the weights' card.
    """

    path: Path
    terms: str


class LabelledDataset(_Table):
    """One labelled dataset, in any layout of `boxprompt.data.layouts.open_dataset`.

    Attributes:
        path: folder or JSON file; a relative path is resolved against the working directory.
        terms: on what terms its images may be used, for the weights' card.
        weight: how often it is drawn from, against the other sources; equal weights are equal shares.
        boxes: what becomes of images of which only boxes are known: refused, or taken as manipulated all over them.
    """

    path: Path
    terms: str
    weight: float = Field(default=1.0, gt=0.0)
    boxes: Literal["refuse", "fill"] = "refuse"


class DataTable(_Table):
    """`[data]`: photographs to make composites of, labelled datasets, and how samples are drawn from them.

    Attributes:
        photos: folders of photographs.
        photos_weight: how often composites are drawn, against the datasets.
        datasets: labelled datasets, beside the photographs or instead of them.
        untouched_share: share of a dataset's samples that are untouched images, where it has any.
        augment: whether images of datasets are mirrored half of the time and post-processed in `process_share` of the
            draws; the paper says of neither. Composites have histories of their own and are mirrored in either case.
        process_share: see `boxprompt.data.augment`.
        validation_share: share of source photographs, and of the datasets' images by groups that share one, kept for
            validation.
        validation_count: number of validation samples at most, the same ones for every run with this seed.
        tile_share: share of samples that are a native-scale square crop instead of the whole, squeezed image.
        workers: processes that make samples; 0 makes them in the training process.
        synthesis: fields of `boxprompt.data.synthesis.SynthesisConfig`.
    """

    photos: tuple[PhotoFolder, ...] = ()
    photos_weight: float = Field(default=1.0, gt=0.0)
    datasets: tuple[LabelledDataset, ...] = ()
    untouched_share: float = Field(default=0.3, ge=0.0, lt=1.0)
    augment: bool = True
    process_share: float = Field(default=0.5, ge=0.0, le=1.0)
    validation_share: float = Field(default=0.1, gt=0.0, lt=0.5)
    validation_count: int = Field(default=256, ge=1)
    tile_share: float = Field(default=0.0, ge=0.0, le=1.0)
    workers: int = Field(default=1, ge=0)
    synthesis: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_a_source(self) -> DataTable:
        if not (self.photos or self.datasets):
            raise ValueError("photos or datasets must name something to learn from")
        return self


class RecipeTable(_Table):
    """`[recipe]`: loss and optimizer. The defaults are the paper's where it speaks (BCE, nothing else).

    Attributes:
        steps: optimizer steps in all.
        hold_until: step until which the rate stays at its peak; cosine from there to zero at `steps`.
        warmup_steps: steps over which the rate rises to its peak.
        batch_size: samples of a step, in all processes together.
        accumulate: parts in which a batch is taken, for a memory that holds no more. The gradient is that of the whole
            batch; BatchNorm knows one part at a time, in several processes the part of all of them.
        learning_rate: peak rate of AdamW.
        weight_decay: of matrices; biases, norms and scales are left free.
        clip_norm: largest norm of the gradient.
        positive_weight: weight of manipulated pixels in the BCE (1 is the paper's).
        edge_weight: weight of a further BCE of the pixels near a mask's boundary (0, none, is the paper's).
        edge_width_px: how near, in pixels of the sample.
        dice_weight: weight of a Dice term (0, none, is the paper's).
        deep_supervision: weight of BCE terms on the student's four scales, by heads that are not exported (0, none, is
            the paper's).
        ema_decay: decay of the averaged weights that are validated and shipped; 0 turns averaging off.
        precision: "bf16" runs the forward pass under bfloat16 autocast; weights stay float32.
    """

    steps: int = Field(ge=1)
    hold_until: int = Field(default=0, ge=0)
    warmup_steps: int = Field(default=200, ge=0)
    batch_size: int = Field(default=32, ge=1)
    accumulate: int = Field(default=1, ge=1)
    learning_rate: float = Field(default=5e-4, gt=0)
    weight_decay: float = Field(default=0.05, ge=0)
    clip_norm: float = Field(default=1.0, gt=0)
    positive_weight: float = Field(default=1.0, gt=0)
    edge_weight: float = Field(default=0.0, ge=0)
    edge_width_px: int = Field(default=3, ge=1)
    dice_weight: float = Field(default=0.0, ge=0)
    deep_supervision: float = Field(default=0.0, ge=0)
    ema_decay: float = Field(default=0.0, ge=0, lt=1)
    precision: Literal["float32", "bf16"] = "float32"

    @model_validator(mode="after")
    def _schedule_fits(self) -> RecipeTable:
        if max(self.hold_until, self.warmup_steps) > self.steps:
            raise ValueError("hold_until and warmup_steps may not exceed steps")
        if self.batch_size % self.accumulate:
            raise ValueError("accumulate must divide batch_size")
        return self


class RunTable(_Table):
    """`[run]`: where it writes, how often, on what.

    Attributes:
        output: folder for checkpoint, log and weights.
        initial: `.safetensors` file with its card beside it, whose tensors the run starts from; None: a random start.
        seed: of initialisation, of every sample and of the validation set.
        device: "cpu", "cuda", "mps" or "auto".
        threads: CPU threads of torch in each process; 0 leaves its default.
        checkpoint_every_s: seconds between checkpoints.
        validate_every: steps between validations.
        log_every: steps between lines of the log; every validation has a line.
        tensorboard: whether to write TensorBoard's event files beside `log.csv`.
        max_seconds: stop (with a checkpoint) after this time; 0 is no limit.
    """

    output: Path
    initial: Path | None = None
    seed: int = 0
    device: str = "auto"
    threads: int = Field(default=0, ge=0)
    checkpoint_every_s: float = Field(default=180.0, gt=0)
    validate_every: int = Field(default=250, ge=1)
    log_every: int = Field(default=50, ge=1)
    tensorboard: bool = False
    max_seconds: float = Field(default=0.0, ge=0)


_WITHOUT_EFFECT = {"output", "checkpoint_every_s", "max_seconds", "log_every", "tensorboard"}
"""Fields of `[run]` that the weights do not depend on."""


class RunConfig(_Table):
    """A run of any localizing network: what all their files have."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    description: str = ""
    recipe: RecipeTable
    run: RunTable

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read and check a TOML file.

        Raises:
            OSError: it cannot be read.
            ValueError: it is not TOML, or a value is unknown or out of range (the message names it).
        """
        with path.open("rb") as stream:
            return cls.model_validate(tomllib.load(stream))

    def recipe_record(self) -> dict[str, Any]:
        """Everything that determines the weights, for the card and for the check on resume."""
        return self.model_dump(mode="json", exclude={"run": _WITHOUT_EFFECT})

    def completed(self, record: dict[str, Any]) -> dict[str, Any]:
        """A `recipe_record` with the fields that it does not know, being of an earlier version, at their defaults.

        Raises:
            ValueError: it is no record of such a run.
        """
        run = record.get("run")
        if not isinstance(run, dict):
            raise ValueError("the record has no table [run]")
        return self.model_validate({**record, "run": {**run, "output": self.run.output}}).recipe_record()


class TrainingConfig(RunConfig):
    """A whole run of the student."""

    student: StudentTable = StudentTable()
    data: DataTable
