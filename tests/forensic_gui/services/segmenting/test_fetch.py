"""A fetched file is the published one to the byte, or there is none; what was fetched of it is not fetched twice."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from forensic_gui.domain.errors import Cancelled, OutputError, OutputExhausted
from forensic_gui.services.progress import CancelToken, ProgressEvent
from forensic_gui.services.segmenting import fetch as fetching
from forensic_gui.services.segmenting.fetch import FetchError, PublishedFile, fetch
from forensic_gui.storage.lock import lock_exclusively

DATA = np.random.default_rng(11).bytes(3_000_017)
SHA256 = hashlib.sha256(DATA).hexdigest()


@dataclass
class Server:
    """A server on this machine that behaves as a test wants, and remembers what it was asked."""

    address: str
    data: bytes = DATA
    announced: int | None = None
    stop_after: int | None = None
    knows_ranges: bool = True
    wrong_start: int = 0
    redirect: str | None = None
    status: int | None = None
    silent_until: threading.Event | None = None
    asked: list[str | None] = field(default_factory=list)

    @property
    def published(self) -> PublishedFile:
        return PublishedFile(self.address, len(DATA), SHA256)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for variable in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    with serving() as running:
        yield running


class Handler(BaseHTTPRequestHandler):
    """Answers as the server's `behaviour` says."""

    server: Quiet

    def do_GET(self) -> None:
        behaviour = self.server.behaviour
        behaviour.asked.append(self.headers.get("Range"))
        if behaviour.silent_until:
            behaviour.silent_until.wait(10)
        elif behaviour.status:
            self.send_error(behaviour.status)
        elif behaviour.redirect:
            self.send_response(302)
            self.send_header("Location", behaviour.redirect)
            self.end_headers()
        else:
            self._send(behaviour)

    def _send(self, behaviour: Server) -> None:
        asked = self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and behaviour.knows_ranges else None
        self.send_response(200 if start is None else 206)
        if start is not None:
            last = len(behaviour.data) - 1
            self.send_header("Content-Range", f"bytes {start + behaviour.wrong_start}-{last}/{last + 1}")
        rest = behaviour.data[(start or 0) :]
        self.send_header("Content-Length", str(behaviour.announced or len(rest)))
        self.end_headers()
        self.wfile.write(rest[: behaviour.stop_after])

    def log_message(self, *_: object) -> None:
        pass


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour = Server(f"http://127.0.0.1:{self.server_port}/folder/file.pth")

    def handle_error(self, *_: object) -> None:
        """A client that leaves early is what several tests are about."""


@contextmanager
def serving() -> Iterator[Server]:
    http_server = Quiet()
    thread = threading.Thread(target=http_server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield http_server.behaviour
    finally:
        http_server.shutdown()
        thread.join()
        http_server.server_close()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "segmenters" / "file.pth"


def part_of(place: Path) -> Path:
    return place.with_name("file.pth.part")


def assert_nothing_is_left(place: Path) -> None:
    assert not list(place.parent.iterdir())


def test_the_published_file_arrives(server: Server, place: Path) -> None:
    events: list[ProgressEvent] = []
    fetch(server.published, place, progress=events.append)
    assert place.read_bytes() == DATA
    assert [path.name for path in place.parent.iterdir()] == ["file.pth"]
    assert server.asked == [None]
    assert events[-1].done == events[-1].total == 3 and events[-1].item == "127.0.0.1"


def test_a_cut_connection_is_told_and_the_next_call_goes_on_from_there(server: Server, place: Path) -> None:
    server.stop_after, server.announced = 2_000_000, len(DATA)
    with pytest.raises(FetchError, match=r"after 2,000,000 of 3,000,017 bytes; run the command again"):
        fetch(server.published, place)
    assert not place.exists() and part_of(place).read_bytes() == DATA[:2_000_000]
    server.stop_after = server.announced = None
    fetch(server.published, place)
    assert place.read_bytes() == DATA and not part_of(place).exists()
    assert server.asked == [None, "bytes=2000000-"]


def test_a_server_without_ranges_is_asked_for_the_whole_again(server: Server, place: Path) -> None:
    place.parent.mkdir()
    part_of(place).write_bytes(DATA[:1000])
    server.knows_ranges = False
    fetch(server.published, place)
    assert place.read_bytes() == DATA


def test_another_part_than_asked_for_is_not_taken(server: Server, place: Path) -> None:
    place.parent.mkdir()
    part_of(place).write_bytes(DATA[:1000])
    server.wrong_start = 1
    with pytest.raises(FetchError, match="another part"):
        fetch(server.published, place)
    assert not place.exists() and part_of(place).read_bytes() == DATA[:1000]


def test_a_part_that_is_whole_needs_no_network(place: Path) -> None:
    place.parent.mkdir()
    part_of(place).write_bytes(DATA)
    fetch(PublishedFile("https://nowhere.invalid/file.pth", len(DATA), SHA256), place)
    assert place.read_bytes() == DATA


@pytest.mark.parametrize("left", [bytes(len(DATA)), DATA + b"!", bytes(5000)], ids=["wrong", "longer", "wrong start"])
def test_a_part_of_something_else_never_becomes_the_file(server: Server, place: Path, left: bytes) -> None:
    place.parent.mkdir()
    part_of(place).write_bytes(left)
    try:
        fetch(server.published, place)
    except FetchError:
        # Its wrong start was found out at the end; by then nothing is left of it.
        fetch(server.published, place)
    assert place.read_bytes() == DATA


def test_a_file_with_another_hash_is_not_kept(server: Server, place: Path) -> None:
    server.data = DATA[:-1] + bytes([DATA[-1] ^ 1])
    with pytest.raises(FetchError, match=f"not {SHA256}"):
        fetch(server.published, place)
    assert_nothing_is_left(place)


@pytest.mark.parametrize("data", [DATA[:-1], DATA + b"!"], ids=["shorter", "longer"])
def test_a_file_of_another_length_is_not_begun(server: Server, place: Path, data: bytes) -> None:
    server.data = data
    with pytest.raises(FetchError, match="not the published file"):
        fetch(server.published, place)
    assert_nothing_is_left(place)


def test_more_bytes_than_announced_are_never_read(server: Server, place: Path) -> None:
    server.data, server.announced = DATA + bytes(100), len(DATA)
    fetch(server.published, place)
    assert place.read_bytes() == DATA


def test_a_server_that_announces_no_length_and_never_ends_is_left(
    server: Server, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.data = DATA + bytes(2_000_000)
    monkeypatch.setattr(fetching._Download, "_require_length", lambda *_: None)
    with pytest.raises(FetchError, match="more bytes"):
        fetch(server.published, place)
    assert_nothing_is_left(place)


def test_what_was_there_stays_until_the_new_file_is_whole(server: Server, place: Path) -> None:
    place.parent.mkdir()
    place.write_bytes(b"damaged")
    server.stop_after, server.announced = 100, len(DATA)
    with pytest.raises(FetchError):
        fetch(server.published, place)
    assert place.read_bytes() == b"damaged"
    server.stop_after = server.announced = None
    fetch(server.published, place)
    assert place.read_bytes() == DATA


def test_a_stopped_fetch_keeps_what_it_has(server: Server, place: Path) -> None:
    token = CancelToken()
    with pytest.raises(Cancelled):
        fetch(server.published, place, progress=lambda _: token.cancel(), cancel=token)
    assert not place.exists()
    kept = part_of(place).read_bytes()
    assert kept and kept == DATA[: len(kept)]
    fetch(server.published, place)
    assert server.asked[1] == f"bytes={len(kept)}-" and place.read_bytes() == DATA


def test_a_refusal_of_the_server_is_told(server: Server, place: Path) -> None:
    server.status = 404
    with pytest.raises(FetchError, match=r"127\.0\.0\.1 answered 404"):
        fetch(server.published, place)
    assert_nothing_is_left(place)


def test_no_connection_is_told_in_a_sentence(place: Path) -> None:
    with serving() as stopped:
        pass
    with pytest.raises(FetchError, match="could not be reached"):
        fetch(stopped.published, place)
    assert_nothing_is_left(place)


@pytest.mark.parametrize("address", ["http://example.invalid/file", "ftp://127.0.0.1/file", "file:///etc/hostname"])
def test_nothing_is_fetched_without_tls(server: Server, place: Path, address: str) -> None:
    with pytest.raises(FetchError, match="TLS"):
        fetch(PublishedFile(address, len(DATA), SHA256), place)
    server.redirect = address
    with pytest.raises(FetchError, match=r"TLS|not allowed"):
        fetch(server.published, place)
    assert_nothing_is_left(place)


def test_a_redirection_on_this_machine_is_followed(server: Server, place: Path) -> None:
    with serving() as other:
        other.redirect = server.address
        fetch(other.published, place)
    assert place.read_bytes() == DATA


def test_a_proxy_of_the_environment_is_asked(server: Server, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", server.address.rpartition("/folder")[0])
    with pytest.raises(FetchError, match=r"example\.invalid could not be reached"):
        fetch(PublishedFile("https://example.invalid/file", len(DATA), SHA256), place)


@pytest.mark.parametrize("begun", [DATA[:10], b""])
def test_two_processes_do_not_write_into_one_part(server: Server, place: Path, begun: bytes) -> None:
    place.parent.mkdir()
    with part_of(place).open("wb") as theirs:
        theirs.write(begun)
        theirs.flush()
        assert lock_exclusively(theirs)
        with pytest.raises(FetchError, match="Another process"):
            fetch(server.published, place)
    assert part_of(place).read_bytes() == begun and not server.asked


def test_a_reader_of_the_progress_who_leaves_is_not_taken_for_a_disk_that_refuses(server: Server, place: Path) -> None:
    def leave(_: ProgressEvent) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        fetch(server.published, place, progress=leave)


def test_a_disk_with_too_little_room_is_told_before_anything_is_asked(
    server: Server, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = fetching.shutil.disk_usage(place.anchor)
    monkeypatch.setattr(fetching.shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    with pytest.raises(OutputExhausted, match="1 MB free, and 3 MB are needed"):
        fetch(server.published, place)
    assert not server.asked
    assert_nothing_is_left(place)


def test_a_place_that_takes_no_file_is_told(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        fetch(server.published, tmp_path / "file" / "file.pth")
    link = tmp_path / "file.pth.part"
    link.symlink_to(tmp_path / "file")
    with pytest.raises(OutputError):
        fetch(server.published, tmp_path / "file.pth")
    assert (tmp_path / "file").read_bytes() == b"" and not server.asked


def test_a_silent_server_is_not_waited_for_for_ever(server: Server, place: Path) -> None:
    server.silent_until = threading.Event()
    try:
        with pytest.raises(FetchError, match="could not be reached"):
            fetch(server.published, place, timeout_s=0.2)
    finally:
        server.silent_until.set()
