"""One call from a record to the file, in either form."""

from __future__ import annotations

import io

import pytest

from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.reports.plan import ReportPlan
from forensic_gui.domain.reports.record import SignedOff
from forensic_gui.report.rendering import renderer
from forensic_gui.report.template import load_template
from forensic_gui.services.reporting.contract import Form, RenderReport
from tests.forensic_gui.report.made_parts import MadePictures
from tests.forensic_gui.report.made_records import made_record


def written(suffix: str, *, language: str = "en") -> bytes:
    record, out = made_record(plan=ReportPlan(language=language)), io.BytesIO()
    render: RenderReport = renderer(suffix)
    render(
        record,
        out,
        record_json=record.to_json(),
        signed_off=SignedOff(),
        pictures=MadePictures(),
        tick=lambda _done, _total: None,
    )
    return out.getvalue()


@pytest.mark.parametrize(("form", "start"), [(Form.HTML, b"<!DOCTYPE html>"), (Form.PDF, b"%PDF-")])
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_form_is_written_in_every_language_and_twice_the_same(form, start, language):
    first = written(form.value, language=language)
    assert first.startswith(start)
    assert first == written(form.value, language=language)


def test_a_renderer_says_by_which_template_it_lays_out(tmp_path):
    assert renderer(".html").template.is_built_in
    (tmp_path / "template.toml").write_text('name = "House"\n', encoding="utf-8")
    assert renderer(".pdf", template_folder=tmp_path).template == load_template(tmp_path).identity
    assert renderer(".pdf", template_folder=tmp_path).template.name == "House"


def test_another_form_is_refused_with_those_that_there_are():
    with pytest.raises(ReportError, match=r"is a \.pdf or an \.html file, not «\.docx»"):
        renderer(".docx")
