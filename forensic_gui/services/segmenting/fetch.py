"""Fetch a published file over the network: asked for by the user, told to the user, and believed only by its hash."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from forensic_gui import __version__
from forensic_gui.domain.errors import ForensicError, OutputExhausted
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress
from forensic_gui.storage.atomic import output_error
from forensic_gui.storage.lock import lock_exclusively

TIMEOUT_S = 30.0
_CHUNK_BYTES = 1 << 20
_ITSELF = frozenset({"127.0.0.1", "::1", "localhost"})


class FetchError(ForensicError):
    """A file could not be fetched; the sentence says why."""


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file and what it is known by.

    Attributes:
        address: where it is published; https, other than on this machine itself.
        size_bytes: of the file.
        sha256: of the file, lower-case hexadecimal.
    """

    address: str
    size_bytes: int
    sha256: str


def fetch(
    published: PublishedFile,
    path: Path,
    *,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Fetch a file to its place; the folder is created.

    What is under way lies beside the place as `<name>.part`. A later call goes on where an interrupted one ended, and
    begins anew where the server cannot. Proxies are those of the environment (`https_proxy`, `no_proxy`).

    Args:
        published: what to fetch.
        path: where to.
        progress: told of the bytes, in megabytes of 10**6, as stages.
        cancel: looked at between parts; what was fetched stays for the next time.
        timeout_s: longest wait for the server's next word.

    Raises:
        FetchError: no connection, another file than published, or another process is fetching it.
        OutputError: the file system refused.
        Cancelled: stopping was asked for.
    """
    token = cancel or CancelToken()
    part = path.with_name(path.name + ".part")
    with _refusals_told(part), _held(part) as file:
        download = _Download(published, file, progress, token)
        download.keep_what_fits()
        if download.done < published.size_bytes:
            _require_space(path.parent, published.size_bytes - download.done)
            download.go_on(timeout_s)
        if download.sha256 != published.sha256:
            file.truncate(0)
            raise FetchError(
                f"What {urlsplit(published.address).hostname} sent is not the published file: its SHA-256 is "
                f"{download.sha256}, not {published.sha256}. It was not kept."
            )
        file.flush()
        os.fsync(file.fileno())
    with _refusals_told(path):
        part.replace(path)


class _Download:
    """Bytes on their way into an open file, hashed as they come."""

    def __init__(self, published: PublishedFile, file: IO[bytes], progress: ProgressSink, cancel: CancelToken) -> None:
        self._published = published
        self._file = file
        self._progress = progress
        self._cancel = cancel
        self._hash = hashlib.sha256()
        self.done = 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def keep_what_fits(self) -> None:
        """Hash what an earlier call left; more than the whole file is of no use."""
        if os.fstat(self._file.fileno()).st_size > self._published.size_bytes:
            self._begin_anew()
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK_BYTES):
            self._cancel.raise_if_cancelled()
            self._hash.update(chunk)
            self.done += len(chunk)
        if self.done == self._published.size_bytes and self.sha256 != self._published.sha256:
            self._begin_anew()

    def go_on(self, timeout_s: float) -> None:
        """Ask for the rest, and write what comes."""
        with self._ask(timeout_s) as response:
            if response.status != http.client.PARTIAL_CONTENT:
                self._begin_anew()
            elif not _starts_at(response.headers, self.done):
                raise FetchError(f"{self._host} sent another part of the file than was asked for; try again later.")
            self._require_length(response.headers)
            while chunk := self._read(response):
                self._write(chunk)
        if self.done < self._published.size_bytes:
            raise FetchError(
                f"The connection to {self._host} ended after {self.done:,} of {self._published.size_bytes:,} bytes; "
                "run the command again to go on from there."
            )

    def _ask(self, timeout_s: float) -> Any:
        headers = {"User-Agent": f"forensic-gui/{__version__}", "Accept-Encoding": "identity"}
        if self.done:
            headers["Range"] = f"bytes={self.done}-"
        _require_private(self._published.address)
        request = urllib.request.Request(self._published.address, headers=headers)
        opener = urllib.request.build_opener(_NoDowngrade)
        try:
            return opener.open(request, timeout=timeout_s)
        except urllib.error.HTTPError as error:
            with error:
                raise FetchError(f"{self._host} answered {error.code} ({error.reason}).") from error
        except (OSError, http.client.HTTPException) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            raise FetchError(f"{self._host} could not be reached ({_reason(reason)}).") from error

    def _read(self, response: Any) -> bytes:
        try:
            # One byte more than there should be shows a longer file.
            chunk: bytes = response.read(min(_CHUNK_BYTES, self._published.size_bytes - self.done + 1))
        except (OSError, http.client.HTTPException) as error:
            raise FetchError(
                f"The connection to {self._host} broke ({_reason(error)}) after {self.done:,} bytes; run the command "
                "again to go on from there."
            ) from error
        return chunk

    def _require_length(self, headers: Mapping[str, str]) -> None:
        announced = headers.get("Content-Length")
        rest = self._published.size_bytes - self.done
        if announced is not None and announced != str(rest):
            raise FetchError(
                f"{self._host} would send {announced} bytes where {rest} are published: it is not the published file."
            )

    def _write(self, chunk: bytes) -> None:
        self._cancel.raise_if_cancelled()
        if self.done + len(chunk) > self._published.size_bytes:
            self._begin_anew()
            raise FetchError(f"{self._host} sent more bytes than are published: it is not the published file.")
        self._file.write(chunk)
        self._hash.update(chunk)
        self.done += len(chunk)
        told = ProgressEvent(self.done // 10**6, self._published.size_bytes // 10**6, 0, self._host, "stage", "MB")
        self._progress(told)

    def _begin_anew(self) -> None:
        self._file.seek(0)
        self._file.truncate(0)
        self._hash = hashlib.sha256()
        self.done = 0

    @property
    def _host(self) -> str:
        return str(urlsplit(self._published.address).hostname)


class _NoDowngrade(urllib.request.HTTPRedirectHandler):
    """Follows a server's redirections, but never away from TLS."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        _require_private(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _require_private(address: str) -> None:
    """Nothing crosses a network without TLS."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _ITSELF):
        raise FetchError(f"{address} is not reached over TLS, so nothing is fetched from there.")


def _starts_at(headers: Mapping[str, str], place: int) -> bool:
    found = re.match(r"bytes (\d+)-", headers.get("Content-Range", ""))
    return found is not None and int(found[1]) == place


def _require_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OutputExhausted(
            f"{folder} has {free / 1e6:,.0f} MB free, and {needed / 1e6:,.0f} MB are needed: free space there first."
        )


@contextmanager
def _held(part: Path) -> Iterator[IO[bytes]]:
    """The file of what was fetched so far, for this process alone."""
    part.parent.mkdir(parents=True, exist_ok=True)
    # Never through a link, and never cut before it is known to be ours alone.
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    held = False
    try:
        with os.fdopen(os.open(part, flags, 0o666), "r+b") as file:
            held = lock_exclusively(file)
            if not held:
                raise FetchError(f"Another process is fetching {part.stem}; wait until it has ended.")
            yield file
    finally:
        with contextlib.suppress(OSError):
            if held and not part.stat().st_size:
                part.unlink()


@contextmanager
def _refusals_told(path: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # no file breaks so: it was whoever was told of the progress
        raise
    except OSError as error:
        raise output_error(path, error) from error


def _reason(error: object) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)
