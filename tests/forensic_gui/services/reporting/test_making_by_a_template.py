"""The template that a report was laid out by stands in the trail and in the manifest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from forensic_gui.domain.reports.manifest import ReportManifest
from forensic_gui.domain.reports.template import BUILT_IN, TemplateIdentity
from forensic_gui.services.case import CaseSession
from forensic_gui.services.reporting.contract import ReportRequest, WrittenReport
from forensic_gui.services.reporting.making import make_report
from tests.forensic_gui.services.reporting.made_reports import PlainRenderer


def made(case: CaseSession, ports, output: Path, template: TemplateIdentity = BUILT_IN) -> WrittenReport:
    return make_report(ReportRequest(output), case=case, ports=ports, render=PlainRenderer(template=template))


def test_the_template_of_a_report_stands_in_the_trail_and_in_the_manifest(case, ports, tmp_path):
    written = made(case, ports, tmp_path / "report.pdf", TemplateIdentity("House", "ab" * 32))
    details = case.audit()[-1].details
    assert (details["template"], details["template_sha256"]) == ("House", "ab" * 32)
    said = json.loads(written.manifest_path.read_text("ascii"))
    assert ReportManifest.from_record(said).template_sha256 == "ab" * 32


def test_the_programs_own_template_has_no_hash_beside_its_builds(case, ports, tmp_path):
    assert made(case, ports, tmp_path / "plain.pdf").manifest.template_sha256 == ""
    assert case.audit()[-1].details["template_sha256"] == ""


def test_a_manifest_without_a_template_is_one_of_the_programs_own(case, ports, tmp_path):
    written = made(case, ports, tmp_path / "report.pdf")
    said = json.loads(written.manifest_path.read_text("ascii"))
    del said["template_sha256"]
    assert ReportManifest.from_record(said) == written.manifest
    with pytest.raises(TypeError, match="template_sha256"):
        ReportManifest.from_record({**said, "template_sha256": None})
