"""A finding says how its scores are read and in what the image is unlike the training images; no number changes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from forensic_gui.cli.analyze import summary_record, tell_summary
from forensic_gui.domain.calibration import Calibration
from forensic_gui.domain.suitability import Oddity, TrainingDomain
from forensic_gui.services.analyze import AnalyzeRequest, AnalyzeSummary, analyze
from forensic_gui.services.ports import Views

CALIBRATION = Calibration("isotonic", ((0.0, 0.01), (1.0, 0.2)), "development", 887, 0.05, 0.111, 0.002)
DOMAIN = TrainingDomain(short_side_px=(100, 200))


@pytest.fixture
def run(decoder: Any, localizer: Any, make_image: Any, tmp_path: Path) -> Any:
    def run(name: str, *, images: int = 1, views: Views = Views.FAST, **changes: Any) -> AnalyzeSummary:
        localizer.info = replace(localizer.info, **changes)
        paths = tuple(make_image(tmp_path / "in" / f"{number}.png", seed=number) for number in range(images))
        request = AnalyzeRequest(paths, tmp_path / name, views=views, products=frozenset())
        return analyze(request, decoder=decoder, localizer=localizer)

    return run


def finding(summary: AnalyzeSummary) -> dict[str, Any]:
    return json.loads(summary.findings.read_text().splitlines()[0])


def test_a_calibration_is_told_whole_and_applied_to_nothing(run: Any) -> None:
    plain = finding(run("plain"))
    read = finding(run("read", calibrations={"fast": CALIBRATION}))
    assert plain["calibration"] is None
    assert read["calibration"] == CALIBRATION.to_record()
    for field in ("scores", "threshold", "share_over_threshold", "parameters"):
        assert read[field] == plain[field]


def test_a_view_without_calibration_says_so_and_has_its_own_threshold(run: Any) -> None:
    found = finding(
        run("out", views=Views.THOROUGH, calibrations={"fast": CALIBRATION}, view_thresholds={"thorough": 0.7})
    )
    assert found["calibration"] is None
    assert (found["threshold"], found["threshold_source"]) == (0.7, "weights card")


def test_the_remarks_of_one_image_are_told_in_full(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    summary = run("out", domain=DOMAIN)
    (remark,) = finding(summary)["remarks"]
    assert remark.startswith(
        "This image has 31×21 pixels; the weights were trained on images with a shorter side of 100"
    )
    tell_summary(summary)
    assert f"remark: {remark}" in capsys.readouterr().err
    assert summary_record(summary)["odd"] == {"small": 1}


def test_the_remarks_of_many_images_are_counted(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    summary = run("out", images=3, domain=DOMAIN)
    assert summary.odd == {Oddity.SMALL: 3}
    tell_summary(summary)
    assert "Images unlike those that the weights were trained on: 3 smaller; see «remarks»" in capsys.readouterr().err


def test_nothing_is_said_where_nothing_is_odd(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    summary = run("out", domain=TrainingDomain(short_side_px=(10, 200)))
    assert (finding(summary)["remarks"], dict(summary.odd)) == ([], {})
    tell_summary(summary)
    assert "remark" not in capsys.readouterr().err
