"""A template folder: its own words, order and letterhead; what cannot be used is named with its file."""

from __future__ import annotations

import hashlib
import html
import io
import re
from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image, PngImagePlugin

from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.reports.plan import Part, ReportPlan
from forensic_gui.domain.reports.record import ReportRecord, SignedOff
from forensic_gui.domain.reports.template import TemplateIdentity
from forensic_gui.report.compose import compose
from forensic_gui.report.document import Document
from forensic_gui.report.rendering import renderer
from forensic_gui.report.template import load_template
from forensic_gui.resources import resource
from tests.forensic_gui.report.made_parts import MadePictures
from tests.forensic_gui.report.made_records import made_record

EXAMINER = (
    '"request", "authority", "custody", "examinations", "observations", '
    '"conclusion", "limits", "deviations", "disposition", "signoff"'
)
ENGLISH = load_template().words["en"]


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
    assert "<bdi>House Laboratory</bdi><br><bdi>1 Mill Lane</bdi>" in rendered(path)


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
        ("other.png", picture(), "of the report's template cannot be read"),
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


def test_a_language_can_be_added_and_labels_be_replaced(folder):
    french = own("words.en.toml").replace('title = "Report on the examination of images"', 'title = "Rapport"')
    template = load_template(
        folder(
            words__fr__toml=french,
            words__en__toml='[examiner]\ncustody = "Exhibits"\n',
            template__toml='language = "fr"',
        )
    )
    assert template.languages == ("de", "en", "fr")
    assert template.language == "fr"
    assert template.words["fr"]("document.title") == "Rapport"
    assert template.words["en"]("examiner.custody") == "Exhibits"
    assert template.words["fr"]("examiner.custody") == ENGLISH("examiner.custody")


def test_words_of_a_statement_are_refused_with_file_and_key(folder):
    text = '[levels]\nmoderate_first = "very strong support for the first proposition"\n'
    with pytest.raises(
        ReportError, match=r"words\.en\.toml: «levels\.moderate_first» says what the program alone says"
    ):
        load_template(folder(words__en__toml=text))


def french() -> str:
    """A whole language of a laboratory's own, in which it says what it likes."""
    text = own("words.en.toml").replace(ENGLISH("document.own_words"), "Les mots sont ceux du laboratoire.")
    return text.replace('draft = "DRAFT"', 'draft = "PROJET"').replace("NOT REVIEWED", "APPROUVE")


def document_of(path: Path, record: ReportRecord, *, signed_off: SignedOff | None = None) -> Document:
    return compose(record, record_sha256="0" * 64, signed_off=signed_off or SignedOff(), template=load_template(path))


def test_a_report_in_a_language_of_ones_own_says_so_on_its_first_page_in_both_languages(folder):
    path = folder(words__fr__toml=french())
    in_french = document_of(path, made_record(plan=ReportPlan(language="fr")))
    assert [notice.text for notice in in_french.notices] == [
        "The printed words of this report are the laboratory's own; the record embedded in it is not.",
        "Les mots sont ceux du laboratoire.",
    ]
    assert document_of(path, made_record(plan=ReportPlan(language="de"))).notices == ()


@pytest.mark.parametrize("suffix", [".html", ".pdf"])
def test_both_forms_show_the_notice_before_the_table_of_contents(folder, suffix):
    data = written(folder(words__fr__toml=french()), language="fr", suffix=suffix)
    text = first_page_of(data) if suffix == ".pdf" else data.decode().partition("<nav")[0]
    text = " ".join(text.split())
    assert "are the laboratory's own; the record embedded in it is not." in html.unescape(text)
    assert "Les mots sont ceux du laboratoire." in text


def test_marks_in_a_language_of_ones_own_stand_beside_the_english_ones(folder):
    path = folder(words__fr__toml=french())
    draft = made_record(plan=ReportPlan(language="fr"), issue=None)
    assert document_of(path, draft).mark == "DRAFT · PROJET"
    issued = made_record(plan=ReportPlan(language="fr"))
    assert document_of(path, issued).remark == "NOT REVIEWED · APPROUVE"


def test_a_template_has_the_hash_that_sha256sum_gives_of_its_files(folder):
    files = {"logo.png": picture(), "template.toml": b'name = "House"\n[letterhead]\nlogo = "logo.png"\n'}
    path = folder(**{name.replace(".", "__"): data for name, data in files.items()}, README=b"not of the template")
    lines = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    assert load_template(path).identity == TemplateIdentity("House", hashlib.sha256(lines.encode()).hexdigest())


def test_the_identity_follows_every_byte_that_takes_part(folder):
    path = folder(template__toml='[letterhead]\nlogo = "logo.png"\n', logo__png=picture())
    seen = {load_template(path).identity.sha256}
    for name, data in (("words.de.toml", b""), ("logo.png", picture((9, 9))), ("template.toml", b'language = "de"\n')):
        (path / name).write_bytes(data)
        seen.add(load_template(path).identity.sha256)
    assert len(seen) == 4
    assert load_template(path).identity.name == path.name


def test_the_first_page_names_the_template_where_one_was_used(folder):
    plain = {fact.label for fact in document_of(folder(), made_record()).identity}
    path = folder(template__toml='name = "House"\n')
    shown = {fact.label: fact.value for fact in document_of(path, made_record()).identity}
    assert shown["Template"] == f"House, SHA-256 {load_template(path).identity.sha256}"
    assert "Template" not in plain


@pytest.mark.parametrize("name", ["template.toml", "words.en.toml", "logo.png"])
def test_a_link_is_not_followed_within_the_folder_or_out_of_it(folder, tmp_path_factory, name):
    path = folder(template__toml='[letterhead]\nlogo = "logo.png"\n', logo__png=picture(), words__en__toml="")
    outside = tmp_path_factory.mktemp("outside") / name
    (path / name).rename(outside)
    (path / name).symlink_to(outside)
    with pytest.raises(ReportError, match=rf"{re.escape(name)} is a link or no file"):
        load_template(path)


def test_a_language_that_is_written_from_the_right_turns_the_page(folder):
    path = folder(words__he__toml=own("words.en.toml"))
    assert '<html lang="he" dir="rtl">' in rendered(path, language="he")


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"template__toml": 'langage = "en"'}, r"template\.toml: «langage» is not known"),
        ({"template__toml": 'language = "xx"'}, r"template\.toml: there are no words in «xx»"),
        ({"template__toml": "name = 3"}, r"template\.toml: «name» is a text of at most 80 characters"),
        ({"template__toml": f'name = "{"x" * 81}"'}, r"template\.toml: «name» is a text of at most 80 characters"),
        ({"template__toml": "language = 3"}, r"template\.toml: there are no words in «3»"),
        ({"template__toml": 'sections = "all"'}, r"template\.toml: «sections» is of the wrong kind"),
        ({"template__toml": '[sections]\nother = ["request"]'}, r"template\.toml: «sections\.other» is not known"),
        ({"template__toml": '[sections]\nexaminer = ["request"]'}, r"«sections\.examiner» has to name each of request"),
        ({"template__toml": "[sections]\nexaminer = 3"}, r"«sections\.examiner» has to name each of request"),
        ({"template__toml": "[letterhead]\nlines = [1]"}, r"«letterhead\.lines» is a list of at most 12 texts"),
        (
            {"template__toml": f'[letterhead]\nlines = ["{"x" * 161}"]'},
            r"«letterhead\.lines» is a list .* 160 characters",
        ),
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
    return written(path, language=language, suffix=".HTML").decode("utf-8")


def written(path: Path, *, language: str, suffix: str) -> bytes:
    out, record = io.BytesIO(), made_record(plan=ReportPlan(language=language))
    render = renderer(suffix, template_folder=path)
    values = {"record_json": record.to_json(), "signed_off": SignedOff(), "pictures": MadePictures()}
    render(record, out, tick=lambda _done, _total: None, **values)
    return out.getvalue()


def first_page_of(pdf: bytes) -> str:
    document = pdfium.PdfDocument(pdf)
    try:
        return document[0].get_textpage().get_text_range()
    finally:
        document.close()
