"""`weights`: what is installed, fetched, imported and removed; the network is this machine alone."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from forensic_gui.cli.main import main
from forensic_gui.domain.errors import OutputExhausted
from forensic_gui.services import bootstrap, engine
from forensic_gui.services.segmenting import installing

DATA = np.random.default_rng(2).bytes(1_200_003)
PUBLISHED = replace(
    engine.CHECKPOINTS[0], size_bytes=len(DATA), sha256=hashlib.sha256(DATA).hexdigest(), file_name="mobile_sam.pt"
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder of an installation for which a small file is the published one."""
    home = tmp_path / "home"
    monkeypatch.setattr(bootstrap, "user_data_folder", lambda: home)
    monkeypatch.setattr(bootstrap, "published_checkpoints", lambda: (PUBLISHED, *engine.CHECKPOINTS[1:]))
    return home


@pytest.fixture
def place(home: Path) -> Path:
    return home / "segmenters" / "mobile_sam.pt"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that a server on this machine publishes, in place of the official address."""
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    folder = tmp_path / "published"
    folder.mkdir()

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=folder)

        def log_message(self, *_: object) -> None:
            pass

    http_server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    address = f"http://127.0.0.1:{http_server.server_port}/{PUBLISHED.file_name}"
    monkeypatch.setattr(installing, "install", partial(installing.install, address=address))
    thread = Thread(target=http_server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield folder
    finally:
        http_server.shutdown()
        thread.join()
        http_server.server_close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "downloaded (1).bin"
    path.write_bytes(DATA)
    return path


@pytest.fixture
def student(untrained_weights: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "colleague"
    folder.mkdir()
    for suffix in (".safetensors", ".json"):
        shutil.copy(untrained_weights.with_suffix(suffix), folder)
    return folder / untrained_weights.name


def records(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    return {each["id"]: each for each in map(json.loads, capsys.readouterr().out.splitlines())}


class TestInstall:
    def test_it_announces_the_network_fetches_and_says_where_the_file_is(
        self, home: Path, place: Path, server: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (server / PUBLISHED.file_name).write_bytes(DATA)
        assert main(["weights", "install", "mobile-sam"]) == 0
        assert place.read_bytes() == DATA
        told = capsys.readouterr()
        assert told.err.startswith(
            "Fetching MobileSAM (1 MB, licence Apache-2.0) over the network from http://127.0.0.1"
        )
        assert str(place) in told.out and PUBLISHED.sha256 in told.out
        assert main(["weights", "install", "mobile-sam", "--json"]) == 0
        told = capsys.readouterr()
        assert told.err == "" and json.loads(told.out)["was_there"] is True  # nothing was asked of the network

    def test_progress_is_told_to_programs(self, home: Path, server: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (server / PUBLISHED.file_name).write_bytes(DATA)
        assert main(["weights", "install", "mobile-sam", "--progress", "jsonl", "--json"]) == 0
        *events, installed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert events and events[-1]["done"] == events[-1]["total"] == 1 and events[-1]["item"] == "127.0.0.1"
        assert installed["kind"] == "segmenter"

    def test_a_damaged_file_in_place_is_fetched_anew(self, place: Path, server: Path) -> None:
        (server / PUBLISHED.file_name).write_bytes(DATA)
        place.parent.mkdir(parents=True)
        place.write_bytes(b"damaged")
        assert main(["weights", "install", "mobile-sam"]) == 0
        assert place.read_bytes() == DATA

    def test_another_file_at_the_address_is_refused_and_the_way_without_it_told(
        self, place: Path, server: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (server / PUBLISHED.file_name).write_bytes(DATA[::-1])
        assert main(["weights", "install", "mobile-sam"]) == 2
        _, told = capsys.readouterr().err.splitlines()
        assert "is not the published file" in told
        assert "weights import mobile_sam.pt" in told and PUBLISHED.address in told
        assert not list(place.parent.iterdir())

    def test_an_unknown_id_is_a_wrong_call(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        for unknown in ("sam-4", "grabcut", "../mobile-sam"):
            assert main(["weights", "install", unknown]) == 2
            assert "published are mobile-sam, sam-vit-b" in capsys.readouterr().err
        assert not home.exists()


class TestImport:
    def test_a_checkpoint_is_known_by_its_hash_under_any_name(
        self, file: Path, place: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["weights", "import", str(file)]) == 0
        assert place.read_bytes() == file.read_bytes() == DATA
        assert "mobile-sam: " in capsys.readouterr().out
        assert main(["weights", "import", str(place)]) == 0  # onto itself
        assert place.read_bytes() == DATA

    def test_an_unknown_hash_is_refused_with_the_hash(
        self, file: Path, home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file.write_bytes(DATA[:-1])
        assert main(["weights", "import", str(file)]) == 2
        told = capsys.readouterr().err
        assert hashlib.sha256(DATA[:-1]).hexdigest() in told and "sam_vit_b_01ec64.pth (sam-vit-b)" in told
        assert not home.exists()

    def test_another_than_expected_is_refused(
        self, file: Path, student: Path, home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["weights", "import", str(file), "--id", "sam-vit-b"]) == 2
        assert "is «mobile-sam», not «sam-vit-b»" in capsys.readouterr().err
        assert main(["weights", "import", str(student), "--id", "mobile-sam"]) == 2
        assert "is «untrained»" in capsys.readouterr().err
        assert not home.exists()

    def test_weights_of_the_localizer_come_with_their_card_and_are_listed(
        self, student: Path, home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        renamed = student.rename(student.with_name("from-colleague.safetensors"))
        student.with_suffix(".json").rename(renamed.with_suffix(".json"))
        assert main(["weights", "import", str(renamed), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["path"] == str(home / "weights" / "untrained.safetensors")
        assert main(["weights", "list", "--json"]) == 0
        assert records(capsys)["untrained"]["kind"] == "localizer"
        assert main(["weights", "verify"]) == 0
        assert main(["weights", "import", str(renamed)]) == 0  # the same again

    def test_importing_what_is_in_place_changes_nothing(
        self, student: Path, home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["weights", "import", str(student)]) == 0
        capsys.readouterr()
        assert main(["weights", "import", str(home / "weights" / "untrained.safetensors"), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["was_there"] is True

    def test_a_card_that_cannot_be_written_leaves_no_weights_without_card(
        self, student: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        staged = installing.StagedFile

        def refuse_cards(path: Path) -> installing.StagedFile:
            if path.suffix == ".json":
                raise OutputExhausted("No space.")
            return staged(path)

        monkeypatch.setattr(installing, "StagedFile", refuse_cards)
        assert main(["weights", "import", str(student)]) == 2
        assert "No space." in capsys.readouterr().err and not list((home / "weights").iterdir())

    def test_weights_that_are_not_those_of_their_card_are_refused(
        self, student: Path, home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with student.open("ab") as stream:
            stream.write(b"!")
        assert main(["weights", "import", str(student)]) == 2
        assert "it is not taken" in capsys.readouterr().err
        assert not list((home / "weights").iterdir())

    def test_other_weights_of_an_id_in_use_are_refused(
        self, student: Path, home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["weights", "import", str(student)]) == 0
        before = (home / "weights" / "untrained.safetensors").read_bytes()
        other = student.read_bytes() + b"!"
        student.write_bytes(other)
        card = json.loads(student.with_suffix(".json").read_text())
        card["sha256"] = hashlib.sha256(other).hexdigest()
        student.with_suffix(".json").write_text(json.dumps(card))
        capsys.readouterr()
        assert main(["weights", "import", str(student)]) == 2
        assert "weights remove untrained" in capsys.readouterr().err
        assert (home / "weights" / "untrained.safetensors").read_bytes() == before

    def test_weights_of_the_program_cannot_be_shadowed(
        self, student: Path, home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        card = json.loads(student.with_suffix(".json").read_text())
        card["id"] = engine.DEFAULT_WEIGHTS
        student.with_suffix(".json").write_text(json.dumps(card))
        assert main(["weights", "import", str(student)]) == 2
        assert "part of the program" in capsys.readouterr().err and not home.exists()

    def test_no_file_and_no_card_are_told(
        self, student: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["weights", "import", str(tmp_path / "missing.pth")]) == 2
        assert "There is no file" in capsys.readouterr().err
        student.with_suffix(".json").unlink()
        assert main(["weights", "import", str(student)]) == 2
        assert "no card" in capsys.readouterr().err

    def test_a_place_that_takes_no_file_is_told(
        self, file: Path, home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        home.write_text("in the way")
        assert main(["weights", "import", str(file)]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


class TestRemove:
    def test_what_was_imported_is_gone_with_all_that_belongs_to_it(
        self, file: Path, student: Path, place: Path, home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for source in (file, student):
            assert main(["weights", "import", str(source)]) == 0
        place.with_name("mobile_sam.pt.part").write_bytes(b"half")
        assert main(["weights", "remove", "mobile-sam"]) == 0
        assert main(["weights", "remove", "untrained"]) == 0
        assert not list(place.parent.iterdir()) and not list((home / "weights").iterdir())
        assert file.exists() and student.exists()
        capsys.readouterr()
        assert main(["weights", "remove", "untrained"]) == 2
        assert "weights list" in capsys.readouterr().err

    def test_weights_whose_card_is_missing_can_be_removed(self, student: Path, home: Path) -> None:
        assert main(["weights", "import", str(student)]) == 0
        (home / "weights" / "untrained.json").unlink()
        assert main(["weights", "remove", "untrained"]) == 0
        assert not list((home / "weights").iterdir())

    @pytest.mark.parametrize("id", [engine.DEFAULT_WEIGHTS, "grabcut"])
    def test_parts_of_the_program_stay(self, home: Path, id: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["weights", "remove", id]) == 2
        assert "cannot be removed" in capsys.readouterr().err
        assert main(["weights", "verify"]) == 0

    def test_a_file_that_cannot_be_removed_is_told(
        self, file: Path, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["weights", "import", str(file)]) == 0

        def refused(path: Path, missing_ok: bool = False) -> None:
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(Path, "unlink", refused)
        assert main(["weights", "remove", "mobile-sam"]) == 2
        assert f"{place} could not be removed: Permission denied." in capsys.readouterr().err

    def test_an_id_is_never_made_a_path(self, home: Path, tmp_path: Path, student: Path) -> None:
        (home / "weights").mkdir(parents=True)
        inside = f"../../{student.parent.name}/untrained"
        assert main(["weights", "remove", inside]) == 2
        assert student.exists()


class TestListAndVerify:
    def test_segmenters_are_listed_with_grabcut_built_in(
        self, file: Path, home: Path, place: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["weights", "import", str(file)]) == 0
        capsys.readouterr()
        assert main(["weights", "list"]) == 0
        text = capsys.readouterr().out
        assert ".;" not in text
        assert "grabcut (segmenter)\n  name: GrabCut (no SAM)\n  file: none needed; built in" in text
        assert f"file: {place}" in text and "`forensic-gui weights install sam-vit-b` fetches 375 MB" in text
        assert main(["weights", "list", "--json"]) == 0
        listed = records(capsys)
        assert {id: each["installed"] for id, each in listed.items() if each["kind"] == "segmenter"} == {
            "grabcut": True,
            "mobile-sam": True,
            "sam-vit-b": False,
            "sam-vit-l": False,
            "sam-vit-h": False,
        }

    def test_an_altered_checkpoint_fails_verification(
        self, file: Path, home: Path, place: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["weights", "import", str(file)]) == 0
        assert main(["weights", "verify"]) == 0
        assert f"mobile-sam: SHA-256 {PUBLISHED.sha256}, as published" in capsys.readouterr().out
        with place.open("r+b") as stream:
            stream.write(b"!")
        assert main(["weights", "verify", "--json"]) == 1
        told = capsys.readouterr()
        assert "mobile-sam: " in told.err and "weights install mobile-sam" in told.err
        assert "altered" in str({each["id"]: each for each in map(json.loads, told.out.splitlines())}["mobile-sam"])
