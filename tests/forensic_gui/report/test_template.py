"""A template folder: its own words, order and letterhead; what cannot be used is named with its file."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.reports.plan import Part, ReportPlan
from forensic_gui.domain.reports.record import SignedOff
from forensic_gui.report.compose import compose
from forensic_gui.report.rendering import renderer
from forensic_gui.report.template import load_template
from forensic_gui.resources import resource
from tests.forensic_gui.report.made_parts import MadePictures
from tests.forensic_gui.report.made_records import made_record

EXAMINER = (
    '"request", "authority", "custody", "examinations", "observations", '
    '"conclusion", "limits", "deviations", "disposition", "signoff"'
)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """A template folder of files by name."""

    def make(**files: str | bytes) -> Path:
        for name, content in files.items():
            path = tmp_path / name.replace("__", ".")
            path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return tmp_path

    return make


def picture(size: tuple[int, int] = (300, 100), *, form: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, form, **options)
    return out.getvalue()


def own(name: str) -> str:
    return (resource("report") / name).read_text(encoding="utf-8")


def test_an_empty_folder_changes_nothing(folder):
    template = load_template(folder())
    assert template.languages == load_template().languages
    assert (template.letterhead.lines, template.letterhead.logo) == ((), None)
    assert template.sections == load_template().sections


def test_the_example_of_the_guide_can_be_used(folder, checkout):
    guide = (checkout / "docs" / "user-guide.md").read_text(encoding="utf-8")
    section = guide.partition("### Your own template")[2]
    example = section.partition("```toml\n")[2].partition("```")[0]
    template = load_template(folder(template__toml=example, logo__png=picture()))
    assert template.letterhead.lines[0] == "House Laboratory"
    assert template.language == "de"


def test_a_letterhead_is_printed_with_its_lines_and_its_logo(folder):
    text = '[letterhead]\nlines = ["House Laboratory", "1 Mill Lane"]\nlogo = "logo.png"\n'
    path = folder(template__toml=text, logo__png=picture())
    letterhead = load_template(path).letterhead
    assert letterhead.lines == ("House Laboratory", "1 Mill Lane")
    assert letterhead.logo is not None
    assert (letterhead.logo.width_px, letterhead.logo.height_px) == (300, 100)
    html = rendered(path)
    assert "<bdi>House Laboratory</bdi><br><bdi>1 Mill Lane</bdi>" in html


def test_a_logo_is_made_anew_without_what_its_file_carries_besides(folder):
    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", "made by somebody")
    text = '[letterhead]\nlogo = "logo.png"\n'
    logo = load_template(folder(template__toml=text, logo__png=picture((3000, 1500), pnginfo=note))).letterhead.logo
    assert logo is not None
    assert b"somebody" not in logo.data
    assert (logo.media_type, logo.width_px, logo.height_px) == ("image/png", 1200, 600)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cannot be read as a PNG or JPEG"),
        ("logo.png", picture(form="GIF"), "cannot be read as a PNG or JPEG"),
        ("logo.png", picture()[:200], "cannot be read as a PNG or JPEG"),
        ("logo.png", picture((6000, 5000)), "has over 25000000 pixels"),
        ("logo.png", b"\0" * (9 << 20), "has over 8 MiB"),
        ("other.png", picture(), "cannot be read"),
    ],
    ids=["SVG", "GIF", "cut", "many pixels", "many bytes", "missing"],
)
def test_a_logo_that_is_no_picture_for_a_letterhead_is_named(folder, name, content, sentence):
    path = folder(template__toml='[letterhead]\nlogo = "logo.png"\n')
    (path / name).write_bytes(content)
    with pytest.raises(ReportError, match=rf"logo\.png {sentence}"):
        load_template(path)


def test_sections_follow_the_order_of_the_template(folder):
    order = EXAMINER.replace('"limits", "deviations"', '"deviations", "limits"')
    template = load_template(folder(template__toml=f"[sections]\nexaminer = [{order}]\n"))
    assert template.sections[Part.EXAMINER][6:8] == ("deviations", "limits")
    document = compose(made_record(), record_sha256="0" * 64, signed_off=SignedOff(), template=template)
    headings = [getattr(block, "text", "") for block in document.sections[1].blocks]
    assert headings.index("Deviations from the usual procedure") < headings.index("Limits")


def test_a_language_can_be_added_and_words_be_replaced(folder):
    french = own("words.en.toml").replace('title = "Report on the examination of images"', 'title = "Rapport"')
    template = load_template(
        folder(
            words__fr__toml=french, words__en__toml='[common]\nnot_supplied = "n/a"\n', template__toml='language = "fr"'
        )
    )
    assert template.languages == ("de", "en", "fr")
    assert template.language == "fr"
    assert template.words["fr"]("document.title") == "Rapport"
    assert template.words["en"]("common.not_supplied") == "n/a"
    assert template.words["fr"]("common.not_supplied") == "not supplied"


def test_a_language_that_is_written_from_the_right_turns_the_page(folder):
    path = folder(words__he__toml=own("words.en.toml"))
    assert '<html lang="he" dir="rtl">' in rendered(path, language="he")


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"template__toml": 'langage = "en"'}, r"template\.toml: «langage» is not known"),
        ({"template__toml": 'language = "xx"'}, r"template\.toml: there are no words in «xx»"),
        ({"template__toml": "language = 3"}, r"template\.toml: there are no words in «3»"),
        ({"template__toml": 'sections = "all"'}, r"template\.toml: «sections» is of the wrong kind"),
        ({"template__toml": '[sections]\nother = ["request"]'}, r"template\.toml: «sections\.other» is not known"),
        ({"template__toml": '[sections]\nexaminer = ["request"]'}, r"«sections\.examiner» has to name each of request"),
        ({"template__toml": "[sections]\nexaminer = 3"}, r"«sections\.examiner» has to name each of request"),
        ({"template__toml": "[letterhead]\nlines = [1]"}, r"«letterhead\.lines» is a list of at most 12 texts"),
        ({"template__toml": '[letterhead]\nline = "x"'}, r"«letterhead\.line» is not known"),
        ({"template__toml": '[letterhead]\nlogo = "../../secret.png"'}, r"«letterhead\.logo» is the name of a file"),
        ({"template__toml": "language = "}, r"template\.toml of the report's template is no TOML"),
        ({"template__toml": b"\xff\xfe"}, r"template\.toml of the report's template is no TOML"),
        ({"words__en__toml": '[common]\nnonne = ""'}, r"words\.en\.toml: «common\.nonne» is not one"),
    ],
)
def test_what_cannot_be_used_is_named_with_file_and_key(folder, files, sentence):
    with pytest.raises(ReportError, match=sentence):
        load_template(folder(**files))


def test_observation_and_opinion_cannot_be_mixed(folder):
    order = EXAMINER.replace('"observations", "conclusion"', '"conclusion", "observations"')
    with pytest.raises(ReportError, match="parts what belongs together"):
        load_template(folder(template__toml=f"[sections]\nexaminer = [{order}]\n"))


def test_a_folder_that_is_none_is_named(tmp_path):
    with pytest.raises(ReportError, match="nowhere is no folder"):
        load_template(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["page.html.j2", "style.css"])
def test_a_page_or_a_style_of_ones_own_is_refused_because_it_could_hide_something(folder, name):
    with pytest.raises(
        ReportError, match=rf"{re.escape(name)}: the page and the style of a report are the program's own"
    ):
        load_template(folder(**{name.replace(".", "__"): own(name)}))


def test_a_link_in_place_of_a_page_is_refused_as_the_page_is(folder, tmp_path):
    path = folder()
    (path / "style.css").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ReportError, match=r"style\.css: the page and the style"):
        load_template(path)


def rendered(path: Path, *, language: str = "en") -> str:
    out, record = io.BytesIO(), made_record(plan=ReportPlan(language=language))
    render = renderer(".HTML", template_folder=path)
    values = {"record_json": record.to_json(), "signed_off": SignedOff(), "pictures": MadePictures()}
    render(record, out, tick=lambda _done, _total: None, **values)
    return out.getvalue().decode("utf-8")
