"""What the window knows and says of a fine-tuning, from its events."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.main import get_command

from boxprompt.training.finetune_config import FinetuneRecipe
from forensic_gui.cli.main import build_app
from forensic_gui.services.finetune.events import (
    Comparison,
    DoneEvent,
    FailedEvent,
    Figure,
    FinetuneEvent,
    PausedEvent,
    PlanEvent,
    ResumedEvent,
    Scores,
    StageEvent,
    StepEvent,
    ValidationEvent,
)
from forensic_gui.views.finetuning import results
from forensic_gui.views.finetuning.plan import ALL, DEFAULT_STEPS, TuningPlan
from forensic_gui.views.finetuning.run_state import Phase, RunState, headline, parts_in_words, short, smoothed

PARTS = {
    "training": {"manipulated": 8, "untouched": 2},
    "validation": {"manipulated": 2, "untouched": 0},
    "held_out": {"manipulated": 3, "untouched": 1},
}
PLAN = PlanEvent("parent", "a" * 64, "b" * 64, PARTS, 600, 8, "head", 0)


def scores(f1: float | None, flagged: float | None = 0.1) -> Scores:
    figure = Figure(f1, None if f1 is None else f1 - 0.1, None if f1 is None else f1 + 0.1)
    return Scores(3, 1, 0.5, figure, figure, f1, 0.4, figure, Figure(flagged))


def done(**changed) -> DoneEvent:
    composites = Comparison("composites of the sample case", scores(0.5), scores(0.4, 0.2))
    values = {
        "weights_id": "mine",
        "path": "/weights/mine.safetensors",
        "sha256": "c" * 64,
        "threshold": 0.4,
        "before": scores(0.2),
        "after": scores(0.6, 0.05),
        "retention": composites,
        "retained": None,
        "best_step": 150,
        "steps_done": 350,
        "stopped_early": True,
        "warnings": ("They have lost some of what they knew.",),
        "unreadable": (),
    }
    return DoneEvent(**{**values, **changed})


def after(*events: FinetuneEvent) -> RunState:
    return reduce(RunState.after, events, RunState("mine"))


TRAINING = (StageEvent("reading labels"), PLAN, StageEvent("training"), StepEvent(340, 600, 0.2, 1e-3, 16.0))


def test_the_status_bar_counts_steps_while_there_are_any() -> None:
    assert short(after()) == "Fine-tuning…"
    assert short(after(*TRAINING)) == "Fine-tuning 340/600"
    assert short(after(*TRAINING, PausedEvent())) == "Fine-tuning is paused at step 340 of 600"
    assert short(after(*TRAINING, StageEvent("scoring «mine» on held-out images"))) == "Fine-tuning…"


def test_the_headline_tells_pace_and_time_left() -> None:
    told = headline(after(*TRAINING))
    assert told == "Step 340 of 600 at most · 16.0 images/s · about 3 min left"
    assert headline(after(*TRAINING[:3])) == "Training…"
    assert "Paused at step 340" in headline(after(*TRAINING, PausedEvent()))
    assert headline(after(*TRAINING, PausedEvent(), ResumedEvent())) == told


def test_an_early_stop_is_told_and_so_is_a_full_run() -> None:
    assert "Stopped early after 350 steps, because validation got no better" in headline(after(*TRAINING, done()))
    full = headline(after(*TRAINING, done(stopped_early=False)))
    assert full == "All 350 steps are done: the weights of step 150 did best on the validation part and are kept."


def test_a_failure_says_its_own_sentence() -> None:
    failed = after(StageEvent("reading labels"), FailedEvent("No image has a region drawn."))
    assert failed.phase is Phase.FAILED
    assert headline(failed) == "No image has a region drawn."


def test_validations_that_are_told_again_after_a_resume_stand_once() -> None:
    first, second = ValidationEvent(0, 0.5, 0.1, 0.6, True), ValidationEvent(50, 0.4, 0.2, 0.7, True)
    state = after(first, second, first, second, ValidationEvent(100, 0.45, 0.2, 0.7, False))
    assert [each.step for each in state.validations] == [0, 50, 100]
    assert state.best == second


def test_the_parts_are_told_in_images() -> None:
    told = parts_in_words(PLAN)
    assert "«parent»" in told and "aaaaaaaaaaaa…" in told
    assert "10 images learned from" in told and "2 images to choose when to stop" in told
    assert "4 images held out to be scored" in told


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=50))
def test_a_smoothed_curve_stays_within_its_values_and_begins_at_the_first(values: list[float]) -> None:
    means = smoothed(values)
    assert len(means) == len(values)
    assert means[0] == pytest.approx(values[0])
    assert all(min(values) - 1e-9 <= mean <= max(values) + 1e-9 for mean in means)


def test_the_table_tells_what_got_better_and_what_got_worse() -> None:
    rows = results.table(done())
    sections = [row.name for row in rows if row.is_section]
    assert sections[0].startswith("Held-out images of your labels, fast view (3 manipulated, 1 untouched)")
    assert sections[1].startswith("To see what was forgotten: Composites of the sample case")
    held_out, forgotten = rows[1:6], rows[7:12]
    assert held_out[0].before == "0.200 [0.100, 0.300]" and held_out[0].change == "+0.400"
    assert not any(row.is_worse for row in held_out)
    # More F1 is better, more flagged pixels are worse.
    assert all(row.is_worse for row in forgotten)
    assert forgotten[0].change == "−0.100" and forgotten[-1].change == "+0.100"


def test_scores_that_fell_on_held_out_images_are_said_in_a_sentence() -> None:
    enough = replace(scores(0.6), manipulated=30)
    worse = replace(scores(0.55), manipulated=30)
    assert results.verdict(done(before=enough, after=worse)) == (
        "On the images held out the new weights are worse: "
        "pixel F1 at its own threshold fell from 0.600 to 0.550 and pixel AUC fell from 0.600 to 0.550.",
    )
    only_auc = replace(enough, auc=Figure(0.5))
    (told,) = results.verdict(done(before=enough, after=only_auc))
    assert told.endswith("worse: pixel AUC fell from 0.600 to 0.500.")
    assert results.verdict(done(before=worse, after=enough)) == ()
    assert results.verdict(done(before=enough, after=replace(enough, auc=Figure(0.5999)))) == ()


@pytest.mark.parametrize(
    ("manipulated", "told"),
    [(0, ("1 image held out decides little.",)), (18, ("19 images held out decide little.",)), (19, ())],
)
def test_few_held_out_images_are_said_to_decide_little(manipulated: int, told: tuple[str, ...]) -> None:
    assert results.verdict(done(after=replace(scores(0.6), manipulated=manipulated))) == told


def test_a_figure_without_an_image_is_a_dash_and_no_change() -> None:
    rows = results.table(done(before=scores(None, None), after=scores(None, None)))
    assert {row.before for row in rows[1:6]} == {"–"}
    assert {row.change for row in rows[1:6]} == {""}


def test_a_dataset_to_retain_is_a_section_of_its_own() -> None:
    rows = results.table(done(retained=Comparison("casia", scores(0.3), scores(0.3))))
    assert [row.name for row in rows if row.is_section][2].startswith("To see what was forgotten: Casia")
    assert not any(row.is_worse for row in rows[13:])


def test_the_command_line_takes_every_argument_of_a_plan() -> None:
    plan = TuningPlan(Path("-odd.case"), "mine", weights="parent", train=ALL, retain=Path("kept"), resume=True)
    arguments = plan.arguments(replaces_unfinished=True)
    command = get_command(build_app()).commands["finetune"]  # type: ignore[attr-defined]
    context = command.make_context("finetune", list(arguments[1:]))
    assert context.params["source"] == Path("-odd.case")
    assert context.params["output"] == "mine" and context.params["weights"] == "parent"
    assert (context.params["train"], context.params["steps"]) == ("all", DEFAULT_STEPS)
    assert context.params["retain"] == Path("kept")
    assert context.params["resume"] and context.params["replace"]
    assert context.params["control"] == "stdin" and context.params["progress"] == "jsonl"


def test_the_defaults_in_the_window_are_those_of_the_recipe() -> None:
    recipe = FinetuneRecipe()
    assert (TuningPlan(Path(), "").steps, TuningPlan(Path(), "").train) == (recipe.steps, recipe.train)
