"""The grid of an experiment on students: one TOML file says what is made, trained and compared."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from boxprompt.network.config import StudentConfig
from boxprompt.training.config import RecipeTable

Supervision = Literal["mask", "grabcut", "box"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MaterialTable(_Table):
    """`[material]`: images that every row shares, and the backbone that all of them start from.

    Attributes:
        weights: a student's weights, of which only the backbone is used.
        photos: folders of photographs, below the one that the caller names.
        synthesis: fields of `boxprompt.data.synthesis.SynthesisConfig`.
        split_seed: of the split into photographs for training and for the synthetic test.
        held_out_share: of photographs, kept for the test.
        seed: of all composites and boxes.
        training_count: composites to train on.
        test_groups: groups of test photographs; composites of two groups share none.
        test_photos: photographs a group, at least two.
        test_count: composites a group, all of them manipulated.
        precision: of the backbone; "bf16" runs it under bfloat16 autocast.
    """

    weights: Path
    photos: tuple[str, ...] = Field(min_length=1)
    synthesis: dict[str, Any] = Field(default_factory=dict)
    split_seed: int = 0
    held_out_share: float = Field(default=0.1, gt=0, lt=1)
    seed: int = 0
    training_count: int = Field(ge=1)
    test_groups: int = Field(ge=1)
    test_photos: int = Field(default=4, ge=2)
    test_count: int = Field(default=8, ge=1)
    precision: Literal["float32", "bf16"] = "bf16"


class ClaimsRecipe(_Table):
    """`[recipe]`: how a row is trained. Loss: the paper's BCE, unweighted; no augmentation, no averaging.

    Attributes:
        epochs: passes over the composites.
        batch_size: composites a step.
        learning_rate: at its peak, of the head; linear warm-up, then cosine to zero.
        backbone_rate: the backbone's share of the learning rate, where it is trained.
        warmup_steps: until the peak.
        weight_decay: of matrices, AdamW's.
        clip_norm: bound on the gradient's norm.
        precision: "bf16" runs the forward pass under bfloat16 autocast.
    """

    epochs: int = Field(ge=1)
    batch_size: int = Field(default=8, ge=2)
    learning_rate: float = Field(default=2e-3, gt=0)
    backbone_rate: float = Field(default=0.1, gt=0, le=1)
    warmup_steps: int = Field(default=20, ge=0)
    weight_decay: float = Field(default=0.01, ge=0)
    clip_norm: float = Field(default=1.0, gt=0)
    precision: Literal["float32", "bf16"] = "bf16"

    def schedule(self, steps: int) -> RecipeTable:
        """The schedule in the form that `boxprompt.training.loop.learning_rate` reads."""
        return RecipeTable(steps=steps, warmup_steps=min(self.warmup_steps, steps), learning_rate=self.learning_rate)


class RowTable(_Table):
    """`[[row]]`: one way to train a student.

    Attributes:
        name: in tables and file names.
        supervision: what is learned from: the composite's own mask, GrabCut's answer to its boxes, or the boxes filled.
        trains: "head" leaves the backbone as it is; what follows it begins at random either way.
        looseness: each side of a box lies off by up to this share of its length; of no meaning for masks.
        input_side_px: see `StudentConfig`, as for the next three.
        use_gates: False is the ablation row.
        use_memory: False is the ablation row.
        alpha: of Eq. 4.
        seeds: those of the grid that it is trained with; None for all.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    supervision: Supervision
    trains: Literal["head", "all"] = "head"
    looseness: float = Field(default=0.2, ge=0, le=5)
    input_side_px: Literal[224, 448] = 224
    use_gates: bool = True
    use_memory: bool = True
    alpha: float | Literal["learnable"] = 0.5
    seeds: tuple[int, ...] | None = None

    def student(self) -> StudentConfig:
        """The student's architecture."""
        return StudentConfig(
            input_side_px=self.input_side_px,
            use_gates=self.use_gates,
            use_memory=self.use_memory,
            alpha=self.alpha,
        )

    def has(self, seed: int) -> bool:
        """Whether the row is trained with a seed of the grid."""
        return self.seeds is None or seed in self.seeds

    @property
    def labels(self) -> str:
        """Name of the labels that it learns from; rows with equal names share them."""
        return "mask" if self.supervision == "mask" else f"{self.supervision}-{round(100 * self.looseness)}"


class ComparisonTable(_Table):
    """`[[comparison]]`: rows against one reference.

    Attributes:
        title: in the table.
        reference: name of a row.
        others: names of rows; the difference is theirs less the reference's.
    """

    title: str
    reference: str
    others: tuple[str, ...] = Field(min_length=1)


class ClaimsGrid(_Table):
    """A whole experiment."""

    material: MaterialTable
    recipe: ClaimsRecipe
    seeds: tuple[int, ...] = Field(min_length=1)
    row: tuple[RowTable, ...] = Field(min_length=1)
    comparison: tuple[ComparisonTable, ...] = ()

    @model_validator(mode="after")
    def _names_fit(self) -> ClaimsGrid:
        names = [row.name for row in self.row]
        if len(set(names)) != len(names):
            raise ValueError("two rows have the same name")
        compared = {name for one in self.comparison for name in (one.reference, *one.others)}
        if compared - set(names):
            raise ValueError(f"no row is called {', '.join(sorted(compared - set(names)))}")
        return self

    @classmethod
    def read(cls, path: Path) -> ClaimsGrid:
        """Read and check a TOML file.

        Raises:
            OSError: it cannot be read.
            ValueError: it is not TOML, or a value is unknown or out of range (the message names it).
        """
        with path.open("rb") as stream:
            return cls.model_validate(tomllib.load(stream))

    def runs(self) -> tuple[tuple[RowTable, int], ...]:
        """Every row with every seed of its own, each once.

        Comparison by comparison, and seed by seed within one, so that a cut leaves the first comparisons whole.
        """
        by_name = {row.name: row for row in self.row}
        compared = [[by_name[name] for name in (one.reference, *one.others)] for one in self.comparison]
        ordered = ((row, seed) for rows in (*compared, self.row) for seed in self.seeds for row in rows)
        return tuple({(row.name, seed): (row, seed) for row, seed in ordered if row.has(seed)}.values())
