"""Where results may go."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from forensic_gui.domain.errors import OutputError, RequestError
from forensic_gui.services.case import CaseSession
from forensic_gui.services.outputs import require_free, require_outside_cases


@pytest.fixture
def case(tmp_path: Path) -> Path:
    with closing(CaseSession.create(tmp_path / "First.case", author="ada")) as session:
        return session.folder


def test_nothing_goes_into_a_case(case: Path) -> None:
    for place in (case, case / "in.zip", case / "originals" / "x", case / "originals" / "ab" / "not yet" / "there"):
        with pytest.raises(RequestError, match="lies in the case"):
            require_outside_cases(place)


def test_no_way_around_leads_into_a_case(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "link").symlink_to(case / "originals")
    with pytest.raises(RequestError):
        require_outside_cases(tmp_path / "link" / "x")
    with pytest.raises(RequestError):
        require_outside_cases(tmp_path / "elsewhere" / ".." / "First.case" / "x")
    monkeypatch.chdir(case)
    with pytest.raises(RequestError):
        require_outside_cases(Path("x"))


def test_beside_a_case_is_free(case: Path, tmp_path: Path) -> None:
    require_outside_cases(tmp_path / "out")
    require_outside_cases(tmp_path / "Other.case")  # a name is no case


def test_what_is_there_is_replaced_only_where_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    (tmp_path / "broken link").symlink_to(tmp_path / "nowhere")
    for name in ("there", "broken link"):
        with pytest.raises(RequestError, match="--replace"):
            require_free(tmp_path / name, replace=False)
        require_free(tmp_path / name, replace=True)
    require_free(tmp_path / "new", replace=False)


def test_a_folder_is_never_replaced(tmp_path: Path) -> None:
    for replace in (False, True):
        with pytest.raises(RequestError, match="is a folder"):
            require_free(tmp_path, replace=replace)
    require_free(tmp_path / ("a" * 300), replace=True)


def test_a_name_that_is_too_long_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"could not be written .*choose another output folder"):
        require_outside_cases(tmp_path / ("a" * 260))
