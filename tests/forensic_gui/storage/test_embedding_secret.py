"""The secret that signs embeddings is made once, for the user alone, and refused where it is not to be trusted."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from forensic_gui.domain.errors import OutputError
from forensic_gui.storage import embeddings
from forensic_gui.storage.embeddings import read_secret

SECRET = bytes(range(32))


def test_the_secret_is_made_once_at_random_for_the_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret"
    secret = read_secret(path)
    assert len(secret) == 32 and read_secret(path) == secret
    assert read_secret(tmp_path / "another") != secret
    assert [each.name for each in path.parent.iterdir()] == ["secret"]
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_one_that_others_could_read_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(SECRET)
    path.chmod(0o644)
    assert read_secret(path) != SECRET
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("length", [0, 31, 33])
def test_one_of_another_length_is_replaced(tmp_path: Path, length: int) -> None:
    path = tmp_path / "secret"
    path.write_bytes(bytes(length))
    path.chmod(0o600)
    assert len(read_secret(path)) == 32


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_a_link_is_replaced_and_what_it_leads_to_left_alone(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(SECRET)
    elsewhere.chmod(0o600)
    (tmp_path / "secret").symlink_to(elsewhere)
    assert read_secret(tmp_path / "secret") != SECRET
    assert elsewhere.read_bytes() == SECRET and not (tmp_path / "secret").is_symlink()


def test_the_process_that_comes_second_takes_the_secret_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    theirs = read_secret(path)
    answers = iter([None])
    real = embeddings._private_secret
    # As if the first one had written it between our look and our own writing.
    monkeypatch.setattr(embeddings, "_private_secret", lambda asked: next(answers, real(asked)))
    assert read_secret(path) == theirs


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    assert read_secret(tmp_path / "secret") == read_secret(tmp_path / "secret")


def test_a_place_that_takes_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        read_secret(tmp_path / "file" / "secret")


def test_a_place_where_others_can_always_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "_private_secret", lambda _: None)
    with pytest.raises(OutputError, match="other users"):
        read_secret(tmp_path / "secret")
