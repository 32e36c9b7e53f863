"""Several localizers on one folder, and their table."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from boxprompt.data.datasets import DatasetError, TamperedDataset, UnreadableImageError
from boxprompt.evaluation import FolderEvaluation, Subject, baseline_subjects, evaluate_folder
from boxprompt.evaluation.baselines import BASELINES, all_ones, centred_gaussian
from boxprompt.evaluation.evaluate import evaluate
from boxprompt.evaluation.table import markdown_table

SUBJECTS = (Subject(name="ones", localize=all_ones, threshold=0.9), Subject(name="centre", localize=centred_gaussian))


def test_localizers_are_scored_on_the_same_images_in_the_order_asked_for(folder):
    result = evaluate_folder(folder, subjects=SUBJECTS)
    assert [(one["localizer"], one["threshold"]) for one in result.scores_as_json()] == [("ones", 0.9), ("centre", 0.5)]
    assert len({one.scores.dataset_sha256 for one in result.evaluations}) == 1
    assert [row["localizer"] for row in result.rows()] == ["ones"] * 5 + ["centre"] * 5


def test_progress_counts_every_image_once_for_every_localizer(folder):
    told = []
    evaluate_folder(folder, subjects=SUBJECTS, progress=lambda **event: told.append((event["done"], event["total"])))
    assert told == [(done, 10) for done in range(1, 11)]


def test_a_limit_takes_images_from_the_whole_list(folder):
    result = evaluate_folder(folder, subjects=SUBJECTS[:1], limit=2)
    assert [row["kind"] for row in result.rows()] == ["splice", "untouched"]


def test_an_image_that_fails_for_every_localizer_is_named_once(folder):
    def read(path):
        raise UnreadableImageError(f"{path.name} is not readable.")

    assert len(evaluate_folder(folder, subjects=SUBJECTS, read=read).failed) == 5


def test_a_folder_that_is_no_dataset_is_refused(tmp_path):
    with pytest.raises(DatasetError):
        evaluate_folder(tmp_path, subjects=SUBJECTS)


def test_the_baselines_are_all_there_at_one_half():
    assert [(one.name, one.threshold) for one in baseline_subjects()] == [(name, 0.5) for name in BASELINES]


def test_the_table_has_a_row_a_localizer_and_shows_what_was_measured(folder):
    result = evaluate_folder(folder, subjects=SUBJECTS)
    lines = result.markdown().splitlines()
    columns = [cell.strip() for cell in lines[0].strip("|").split("|")]
    cells = [cell.strip() for cell in lines[2].strip("|").split("|")]
    row = dict(zip(columns, cells, strict=True))
    ones = result.evaluations[0].scores
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["ones", "centre"]
    assert row["F1 at 0.5"].startswith(f"{ones.pixel.f1_at_half.value:.3f} [")
    assert row["best F1"] == f"{ones.pixel.f1_at_best:.3f} at 0.000"
    assert row["AUC, splice"] == "0.500"
    assert row["untouched images flagged"] == "1.000"


def test_absent_figures_are_dashes(folder):
    with_untouched = evaluate_folder(folder, subjects=SUBJECTS[:1]).evaluations[0].scores
    for path in (folder / "Au").iterdir():
        path.unlink()
    scores = evaluate_folder(folder, subjects=SUBJECTS[:1]).evaluations[0].scores
    assert markdown_table([scores]).splitlines()[2].endswith("| – | – | – |")
    without_kinds = dataclasses.replace(scores, by_kind={}, dataset_sha256=scores.dataset_sha256)
    assert markdown_table([scores, without_kinds]).splitlines()[3].endswith("| – | – | – | – | – |")
    assert with_untouched.dataset_sha256 != scores.dataset_sha256


def test_a_part_without_manipulated_images_has_a_row_of_dashes(folder):
    part = TamperedDataset(name="part", items=TamperedDataset.open(folder).untouched)
    row = markdown_table([evaluate(all_ones, part, name="ones").scores]).splitlines()[2]
    assert row == "| ones | – | – at 0.500 | – at – | – | – | 1.000 | 1.000 | – |"


def test_scores_of_other_images_are_kept_out_of_one_table(folder):
    full = evaluate_folder(folder, subjects=SUBJECTS[:1])
    part = evaluate_folder(folder, subjects=SUBJECTS[1:], limit=2)
    with pytest.raises(ValueError, match="different images"):
        FolderEvaluation(evaluations=(*full.evaluations, *part.evaluations)).markdown()


def test_evaluation_imports_no_torch():
    code = "import sys, boxprompt.evaluation; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
