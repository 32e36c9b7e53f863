"""The recipes that are kept can be read, and the paper's is the paper's where it speaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from boxprompt.training import run
from boxprompt.training.config import TrainingConfig
from boxprompt.training.losses import LossTerms
from boxprompt.training.residual import RESIDUAL_RUN

RECIPES = Path(__file__).resolve().parents[3] / "docs" / "results" / "recipes"


@pytest.fixture(scope="module")
def paper() -> TrainingConfig:
    return run.read_config(RECIPES / "paper.toml")


@pytest.mark.parametrize("path", sorted(RECIPES.glob("boxprompt-student*.toml")), ids=lambda path: path.stem)
def test_recipes_of_students_can_be_read(path: Path) -> None:
    assert run.read_config(path).run.seed > 0


@pytest.mark.parametrize("path", sorted(RECIPES.glob("boxprompt-residual*.toml")), ids=lambda path: path.stem)
def test_recipes_of_residual_streams_can_be_read(path: Path) -> None:
    assert RESIDUAL_RUN.describes(path) and RESIDUAL_RUN.read_config(path).run.seed > 0


def test_the_papers_recipe_is_cross_entropy_and_nothing_else(paper: TrainingConfig) -> None:
    assert LossTerms.of(paper.recipe) == LossTerms()
    assert paper.recipe.ema_decay == 0.0 and not paper.data.augment and paper.data.tile_share == 0.0
    assert paper.student.input_side_px == 224 and paper.student.use_gates and paper.student.use_memory


def test_the_papers_recipe_sees_every_image_twenty_times(paper: TrainingConfig) -> None:
    weights = [dataset.weight for dataset in paper.data.datasets]
    assert weights == [5123, 70, 130, 414]
    kept = sum(weights) * (1 - paper.data.validation_share)
    assert paper.recipe.steps * paper.recipe.batch_size / kept == pytest.approx(20, rel=1e-3)


def test_every_line_of_the_papers_recipe_says_whose_choice_it_is() -> None:
    # A table's first comment speaks for its lines that have none.
    text = (RECIPES / "paper.toml").read_text(encoding="utf-8")
    for table in ("student", "data", "recipe", "run"):
        body = text.partition(f"\n[{table}]\n")[2].partition("\n[")[0]
        lines = [line for line in body.splitlines() if line]
        stated = lines[0].startswith("#") and ("paper" in lines[0] or "ours" in lines[0])
        assert stated or all("# paper" in line or "# ours" in line for line in lines), table
