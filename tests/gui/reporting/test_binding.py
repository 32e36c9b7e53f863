"""Previews and exports on the real services: what is made anew, what is not, and what a preview leaves behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from forensic_gui.domain.errors import Cancelled, SigningError
from forensic_gui.domain.geometry import Box
from forensic_gui.domain.reports.plan import Part, PictureKind, PinnedView, ReportPlan
from forensic_gui.services.case import CaseSession
from forensic_gui.services.progress import CancelToken, ignore_progress
from forensic_gui.services.reporting.contract import ReportRequest
from forensic_gui.views.reportroom import binding
from forensic_gui.views.reportroom.door import (
    PREVIEW_ITEMS,
    REVIEW_ITEMS,
    ExportChoice,
    Preview,
    PreviewRequest,
    SigningChoice,
)
from tests.forensic_gui.services.case.made_reports import CONCLUDED, issued
from tests.forensic_gui.signing.made_keys import PASSWORD, made_key

PLAN = ReportPlan(parts=(Part.EXAMINER,))


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> None:
    """The previewer of this module keeps its decoders to the module's end; no window is opened here."""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaseSession]:
    """Twelve small pictures, and a conclusion."""
    folder = tmp_path_factory.mktemp("case")
    for number in range(12):
        Image.new("RGB", (32, 24), (number * 20, 90, 60)).save(folder / f"{number:02}.png")
    with closing(CaseSession.create(folder / "Quay", author="Ada")) as made:
        made.add(sorted(folder.glob("*.png")))
        made.reports.write(opinion=CONCLUDED, plan=PLAN)
        yield made


@pytest.fixture(scope="module")
def previewer() -> Iterator[binding.RealPreviewer]:
    made = binding.RealPreviewer()
    yield made
    made.forget()


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[ReportPlan]:
    """Plans of the records that were put together."""
    plans: list[ReportPlan] = []

    def build(case: CaseSession, **given: Any) -> object:
        plans.append(given["plan"])
        return real(case, **given)

    real = binding.build_record
    monkeypatch.setattr(binding, "build_record", build)
    return plans


def text_of(made: Preview) -> str:
    with closing(pypdfium2.PdfDocument(made.pdf)) as document:
        texts = []
        for page in document:
            with closing(page), closing(page.get_textpage()) as text:
                texts.append(text.get_text_bounded())
        return " ".join(" ".join(texts).split())


def test_only_words_that_changed_are_laid_out_anew(case, previewer, built):
    request = PreviewRequest(CONCLUDED, PLAN, edition=1)
    first = previewer(case, request, cancel=CancelToken())
    assert (first.shown, first.items) == (PREVIEW_ITEMS, 12)
    second = previewer(case, replace(request, opinion=replace(CONCLUDED, place="Hamburg")), cancel=CancelToken())
    assert len(built) == 1 and "Hamburg" in text_of(second) and "Hamburg" not in text_of(first)
    previewer(case, replace(request, edition=2), cancel=CancelToken())
    previewer(case, replace(request, plan=replace(PLAN, item_ids=(3, 1)), edition=2), cancel=CancelToken())
    assert [len(plan.item_ids) for plan in built] == [PREVIEW_ITEMS, PREVIEW_ITEMS, 2]


def test_a_preview_says_draft_and_leaves_neither_event_nor_file(case, previewer):
    before, files = case.audit(), sorted(case.folder.rglob("*"))
    made = previewer(case, PreviewRequest(CONCLUDED, PLAN, edition=3), cancel=CancelToken())
    assert "DRAFT" in text_of(made)
    assert case.audit() == before
    assert {path.name for path in sorted(case.folder.rglob("*"))} - {path.name for path in files} <= {
        "case.sqlite3-shm",
        "case.sqlite3-wal",
    }


def test_a_preview_prints_the_head_of_the_trail_as_it_is(case, previewer):
    request = PreviewRequest(CONCLUDED, PLAN, edition=4)
    previewer(case, request, cancel=CancelToken())
    case.tag([1], add=["crane"])
    made = previewer(case, request, cancel=CancelToken())
    assert case.reports.trail_state().head in text_of(made).replace(" ", "")


def test_views_of_items_beyond_the_preview_are_left_out_and_others_are_shown(case, previewer):
    views = tuple(PinnedView(item, PictureKind.ORIGINAL, Box(0, 0, 8, 8), f"View {item}") for item in (1, 12))
    plan = ReportPlan(parts=(Part.APPENDIX,), pinned=views)
    shown = text_of(previewer(case, PreviewRequest(CONCLUDED, plan, edition=5), cancel=CancelToken()))
    assert "View 1" in shown and "View 12" not in shown


def test_a_preview_that_is_cancelled_ends(case, previewer):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        previewer(case, PreviewRequest(CONCLUDED, PLAN, edition=6), cancel=token)


def test_an_issued_revision_is_shown_with_the_hash_of_the_whole(case, previewer):
    report = issued(case)
    made = previewer(case, PreviewRequest(CONCLUDED, PLAN, revision=1, edition=7), cancel=CancelToken())
    said = text_of(made)
    assert report.record_sha256 in said.replace(" ", "") and "DRAFT" not in said
    assert made.items == 12
    state = binding.read_state(case)
    assert state.is_as_issued
    binding.review(case, 1, reviewer="Bob", outcome=binding.Outcome.APPROVED, note="")
    assert binding.read_state(case).is_as_issued and case.audit()[-1].actor == "Bob"
    case.tag([1], add=["berth"])
    assert not binding.read_state(case).is_as_issued


def test_a_part_of_a_revision_says_so_on_every_page_and_nothing_untrue_on_the_first(case, previewer):
    report = issued(case, reason="Once more.")
    request = PreviewRequest(CONCLUDED, PLAN, revision=report.issue.number, edition=8)
    part = previewer(case, request, cancel=CancelToken())
    said = text_of(part)
    assert "12 of 12" in said and "10 of 12 in the case" not in said
    assert report.record_sha256 in said.replace(" ", "")
    with closing(pypdfium2.PdfDocument(part.pdf)) as document:
        pages = len(document)
    assert said.count("PARTIAL PREVIEW · 10 OF 12 ITEMS") == pages
    steps: list[int] = []
    whole = previewer(
        case,
        replace(request, whole_up_to=REVIEW_ITEMS),
        cancel=CancelToken(),
        progress=lambda event: steps.append(event.done),
    )
    assert (whole.shown, whole.items) == (12, 12) and "PARTIAL" not in text_of(whole)
    assert steps and steps == sorted(steps)


def test_a_part_of_a_draft_prints_no_hash_of_a_record_that_nobody_has(case, previewer):
    said = text_of(previewer(case, PreviewRequest(CONCLUDED, PLAN, edition=9), cancel=CancelToken()))
    assert "PARTIAL PREVIEW" in said and "DRAFT" in said and "12 of 12" in said
    assert "not supplied" in said.partition("Contents")[0]


def test_an_export_is_signed_with_the_key_that_was_chosen(case, tmp_path):
    key = made_key("Ada Lovelace").write_p12(tmp_path / "ada.p12")
    request = ReportRequest(tmp_path / "out.pdf", revision=0)
    choice = ExportChoice(request, signing=SigningChoice(key, PASSWORD.decode()))
    written = binding.export(case, choice, progress=ignore_progress, cancel=CancelToken())
    assert written.manifest.is_signed and json.loads(written.manifest_path.read_text())["is_signed"]
    assert b"/ByteRange" in written.path.read_bytes()
    assert PASSWORD not in written.path.read_bytes() + written.manifest_path.read_bytes()


def test_a_wrong_password_writes_nothing(case, tmp_path):
    key = made_key("Ada Lovelace").write_p12(tmp_path / "ada.p12")
    choice = ExportChoice(ReportRequest(tmp_path / "out.pdf", revision=0), signing=SigningChoice(key, "wrong"))
    assert choice.signing is not None
    with pytest.raises(SigningError, match="password"):
        binding.try_key(choice.signing)
    binding.try_key(SigningChoice(key, PASSWORD.decode()))
    with pytest.raises(SigningError):
        binding.export(case, choice, progress=ignore_progress, cancel=CancelToken())
    assert not (tmp_path / "out.pdf").exists()


def test_a_template_folder_tells_its_languages_and_letterhead_or_what_is_wrong(tmp_path):
    own = binding.template_facts(None)
    assert own.languages[0] == "en" and own.problem == ""
    assert "no folder" in binding.template_facts(tmp_path / "nowhere").problem
    Path(tmp_path / "template.toml").write_text('[letterhead]\nlines = ["Laboratory"]\n', encoding="utf-8")
    assert binding.template_facts(tmp_path).letterhead == ("Laboratory",)
