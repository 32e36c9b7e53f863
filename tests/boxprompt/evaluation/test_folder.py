"""Several localizers on one folder, and their table."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from boxprompt.data.datasets import DatasetError, TamperedDataset, UnreadableImageError
from boxprompt.evaluation import FolderEvaluation, Plan, Subject, baseline_subjects, evaluate_folder
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
    result = evaluate_folder(folder, subjects=SUBJECTS[:1], plan=Plan(limit=2))
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
    lines = result.markdown().split("\n\n")[0].splitlines()
    columns = [cell.strip() for cell in lines[0].strip("|").split("|")]
    cells = [cell.strip() for cell in lines[2].strip("|").split("|")]
    row = dict(zip(columns, cells, strict=True))
    ones = result.evaluations[0].scores
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["ones", "centre"]
    assert row["F1 at 0.5"].startswith(f"{ones.pixel.f1_at_half.value:.3f} [")
    assert row["best F1"] == f"{ones.pixel.f1_at_best:.3f} at 0.000"
    assert row["untouched images flagged"] == "1.000"


def test_absent_figures_are_dashes(folder):
    with_untouched = evaluate_folder(folder, subjects=SUBJECTS[:1]).evaluations[0].scores
    for path in (folder / "Au").iterdir():
        path.unlink()
    scores = evaluate_folder(folder, subjects=SUBJECTS[:1]).evaluations[0].scores
    assert markdown_table([scores]).splitlines()[2].endswith("| – | – | – |")
    assert with_untouched.dataset_sha256 != scores.dataset_sha256


def test_a_part_without_manipulated_images_has_a_row_of_dashes(folder):
    part = TamperedDataset(name="part", items=TamperedDataset.open(folder).untouched)
    row = markdown_table([evaluate(all_ones, part, name="ones").scores]).splitlines()[2]
    assert row == "| ones | – | – at 0.500 | – at – | – | – | 1.000 | 1.000 | – |"


def test_scores_of_other_images_are_kept_out_of_one_table(folder):
    full = evaluate_folder(folder, subjects=SUBJECTS[:1])
    part = evaluate_folder(folder, subjects=SUBJECTS[1:], plan=Plan(limit=2))
    with pytest.raises(ValueError, match="different images"):
        FolderEvaluation(evaluations=(*full.evaluations, *part.evaluations)).markdown()


def test_a_second_table_tells_kinds_and_sizes_with_localizers_side_by_side(folder):
    parts = evaluate_folder(folder, subjects=SUBJECTS).markdown().split("\n\n")[1]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in parts.splitlines()[2:]]
    assert [row[:3] for row in cells] == [
        [part, n, name]
        for part, n in (("copy-move", "1"), ("splice", "2"), ("edit 5-20 %", "2"), ("edit >=20 %", "1"))
        for name in ("ones", "centre")
    ]
    assert cells[0][3:] == ["0.095 [0.095, 0.095]", "0.095", "0.500 [0.500, 0.500]"]


def test_kinds_of_a_manifest_are_measured(folder):
    lines = [
        {"image": f"Tp/{path.name}", "kind": "removal", "sources": [path.stem]} for path in (folder / "Tp").iterdir()
    ]
    (folder / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    scores = evaluate_folder(folder, subjects=SUBJECTS[:1]).evaluations[0].scores
    assert {kind: one.n for kind, one in scores.by_kind.items()} == {"removal": 3}


def test_a_list_of_images_and_masks_is_measured_as_the_folder_is(folder):
    pairs = [[f"Tp/{path.name}", f"Gt/{path.name}"] for path in (folder / "Tp").iterdir()]
    pairs += [[f"Au/{path.name}", "Negative"] for path in (folder / "Au").iterdir()]
    (folder / "all.json").write_text(json.dumps(pairs))
    as_list, as_folder = (
        evaluate_folder(path, subjects=SUBJECTS).scores_as_json() for path in (folder / "all.json", folder)
    )
    assert as_list == [{**one, "dataset": "all"} for one in as_folder]


def test_calibration_is_told_of_manipulated_and_untouched_images_apart(folder):
    def half(image):
        return np.full(image.shape[:2], 0.45, np.float32)

    result = evaluate_folder(folder, subjects=[Subject(name="half", localize=half)])
    curves = result.evaluations[0].scores.calibration
    (filled,) = [one for one in curves.manipulated.bins if one.pixels]
    share = (0.1 + 0.5 + 0.05) / 3
    assert (filled.low, filled.high, filled.pixels) == (0.4, 0.5, 3 * 20 * 20)
    assert filled.share_manipulated == pytest.approx(share)
    assert curves.manipulated.expected_calibration_error == pytest.approx(0.45 - share)
    assert curves.untouched.expected_calibration_error == pytest.approx(0.45)
    assert result.markdown().count("\n\n") == 1
    table = result.markdown(calibration=True).split("\n\n")[2]
    assert "| half | 0.4-0.5 | 100.00% | 0.450 | 0.217 | 100.00% | 0.450 |" in table
    assert table.endswith("| half | calibration error |  | 0.233 |  |  | 0.450 |\n")


def test_calibration_without_untouched_images_is_dashes(folder):
    for path in (folder / "Au").iterdir():
        path.unlink()
    result = evaluate_folder(folder, subjects=SUBJECTS[:1])
    assert result.scores_as_json()[0]["calibration"]["untouched"]["expected_calibration_error"] is None
    assert "| ones | 0.9-1 | 100.00% | 1.000 | 0.217 | – | – |" in result.markdown(calibration=True)


def test_other_definitions_of_f1_have_columns_of_their_own_only_where_asked_for(folder):
    def inverted(image):
        return 1 - (image[..., 0] / 255).astype(np.float32)

    subjects = [Subject(name="inverted", localize=inverted)]
    plain = evaluate_folder(folder, subjects=subjects)
    asked = evaluate_folder(folder, subjects=subjects, plan=Plan(variants=("double", "reverse")))
    assert "double" not in plain.markdown()
    assert plain.evaluations[0].scores.f1_variants == {}
    scores = asked.evaluations[0].scores
    assert scores.pixel == plain.evaluations[0].scores.pixel
    assert scores.pixel.f1_at_half.value == 0
    assert scores.f1_variants["double"].f1_at_half.value == pytest.approx(1, abs=1e-6)
    header, _, row = asked.markdown().split("\n\n")[0].splitlines()
    assert "| F1 «double» at 0.5 | F1 «double» at threshold | F1 «reverse» at 0.5 |" in header
    assert row.count("1.000 [1.000, 1.000]") == 4
    first, *_, last = asked.rows()
    assert first["f1_double_at_half"] == pytest.approx(1, abs=1e-6)
    assert last["f1_double_at_half"] is None


def test_a_name_cannot_break_a_table(folder):
    result = evaluate_folder(folder, subjects=[Subject(name="a|b", localize=all_ones)])
    assert "| a\\|b | " in result.markdown()


def test_two_localizers_of_one_name_are_refused(folder):
    with pytest.raises(ValueError, match="'ones'"):
        evaluate_folder(folder, subjects=SUBJECTS[:1] * 2)


def test_evaluation_imports_no_torch():
    code = "import sys, boxprompt.evaluation; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
