"""The build's hash can be made by anybody who has the sources."""

from __future__ import annotations

import hashlib
import sys

from forensic_gui.services.build_identity import build_identity, source_hash


def test_the_hash_is_that_of_what_sha256sum_prints(tmp_path):
    for name, text in {"b/__init__.py": "x = 1\n", "a/deep/part.py": "", "a/notes.txt": "no code"}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    empty, one = hashlib.sha256(b"").hexdigest(), hashlib.sha256(b"x = 1\n").hexdigest()
    printed = f"{empty}  a/deep/part.py\n{one}  b/__init__.py\n"
    assert source_hash([tmp_path / "b", tmp_path / "a"]) == hashlib.sha256(printed.encode()).hexdigest()


def test_one_changed_letter_is_another_build(tmp_path):
    (tmp_path / "a").mkdir()
    file = tmp_path / "a" / "part.py"
    file.write_text("x = 1\n", encoding="utf-8")
    before = source_hash([tmp_path / "a"])
    file.write_text("x = 2\n", encoding="utf-8")
    assert source_hash([tmp_path / "a"]) != before


def test_this_build_is_told_by_its_code():
    kind, sha256 = build_identity().split()
    assert kind == "code"
    assert len(bytes.fromhex(sha256)) == 32
    assert build_identity() == f"code {sha256}"


def test_a_frozen_program_is_told_by_its_file(tmp_path, monkeypatch):
    program = tmp_path / "forensic-gui"
    program.write_bytes(b"\x7fELF")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    assert build_identity() == f"program {hashlib.sha256(program.read_bytes()).hexdigest()}"
