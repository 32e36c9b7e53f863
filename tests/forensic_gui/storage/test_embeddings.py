"""The cache of embeddings returns exactly what was stored for exactly that key, or nothing."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.errors import OutputError, OutputExhausted
from forensic_gui.domain.geometry import Orientation
from forensic_gui.storage import embeddings
from forensic_gui.storage.embeddings import EmbeddingCache, EmbeddingKey, pixels_sha256, read_secret

SECRET = bytes(range(32))
PARAMETERS = {"preprocessing": 1, "input_side_px": 1024, "dtype": "float32", "bfloat16": False}
KEY = EmbeddingKey("aa" * 32, "bb" * 32, PARAMETERS)


def arrays(seed: int = 0, *, side: int = 8) -> dict[str, np.ndarray]:
    draws = np.random.default_rng(seed)
    return {
        "embedding": draws.standard_normal((1, 4, side, side), dtype=np.float32),
        "size": np.array([30, 40], dtype=np.int64),
    }


def key(number: int) -> EmbeddingKey:
    return EmbeddingKey(f"{number:064x}", "bb" * 32, PARAMETERS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def cache(folder: Path) -> EmbeddingCache:
    return EmbeddingCache(folder, secret=lambda: SECRET)


def only_entry(folder: Path) -> Path:
    (entry,) = folder.iterdir()
    return entry


def assert_equal(found: object, expected: dict[str, np.ndarray]) -> None:
    assert isinstance(found, dict) and list(found) == list(expected)
    for name, array in expected.items():
        assert found[name].dtype == array.dtype and found[name].shape == array.shape
        assert found[name].tobytes() == array.tobytes()


def test_what_was_stored_comes_back_bit_by_bit(cache: EmbeddingCache) -> None:
    assert cache.load(KEY) is None
    stored = arrays()
    stored["embedding"][0, 0, 0, :3] = [np.nan, -0.0, np.float32(1e-45)]
    cache.store(KEY, stored)
    assert_equal(cache.load(KEY), stored)


def test_another_process_with_the_same_secret_finds_it(cache: EmbeddingCache, folder: Path) -> None:
    cache.store(KEY, arrays())
    assert_equal(EmbeddingCache(folder, secret=lambda: SECRET).load(KEY), arrays())


@given(
    st.lists(st.integers(0, 3), max_size=4),
    st.sampled_from(["<f4", ">f4", "<f2", "|u1", "<i8", "|b1"]),
)
def test_arrays_of_any_shape_and_number_come_back(shape: list[int], dtype: str) -> None:
    values = np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)
    with tempfile.TemporaryDirectory() as name:
        cache = EmbeddingCache(Path(name), secret=lambda: SECRET)
        cache.store(KEY, {"first": values, "second": values.T})
        found = cache.load(KEY)
    assert found is not None
    assert np.array_equal(found["first"], values) and np.array_equal(found["second"], values.T)


def test_only_plain_numbers_are_stored(cache: EmbeddingCache) -> None:
    with pytest.raises(ValueError, match="no plain number"):
        cache.store(KEY, {"objects": np.array([object()])})


@pytest.mark.parametrize(
    "other",
    [
        EmbeddingKey("ab" * 32, "bb" * 32, PARAMETERS),
        EmbeddingKey("aa" * 32, "bc" * 32, PARAMETERS),
        EmbeddingKey("aa" * 32, "bb" * 32, {**PARAMETERS, "dtype": "bfloat16"}),
        EmbeddingKey("aa" * 32, "bb" * 32, {**PARAMETERS, "preprocessing": 2}),
    ],
)
def test_another_image_checkpoint_or_preprocessing_is_another_entry(
    cache: EmbeddingCache, folder: Path, other: EmbeddingKey
) -> None:
    cache.store(KEY, arrays())
    assert cache.load(other) is None
    # Even where the file of one is put into the place of the other, with its valid signature.
    only_entry(folder).rename(folder / other.name)
    assert cache.load(other) is None
    assert not list(folder.iterdir())


def test_any_changed_byte_refuses_and_removes_the_entry(cache: EmbeddingCache, folder: Path) -> None:
    cache.store(KEY, arrays(side=2))
    whole = only_entry(folder).read_bytes()
    for place in range(len(whole)):
        (folder / KEY.name).write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert cache.load(KEY) is None, place
        assert not list(folder.iterdir())


@pytest.mark.parametrize("kept", [0, 5, 20, 31, 32, 33, -1])
def test_a_truncated_entry_is_refused_and_removed(cache: EmbeddingCache, folder: Path, kept: int) -> None:
    cache.store(KEY, arrays())
    entry = only_entry(folder)
    entry.write_bytes(entry.read_bytes()[:kept])
    assert cache.load(KEY) is None
    assert not entry.exists()


def test_bytes_after_the_end_refuse_the_entry(cache: EmbeddingCache, folder: Path) -> None:
    cache.store(KEY, arrays())
    with only_entry(folder).open("ab") as entry:
        entry.write(b"\0")
    assert cache.load(KEY) is None


def test_an_entry_signed_with_another_secret_is_refused_and_removed(cache: EmbeddingCache, folder: Path) -> None:
    EmbeddingCache(folder, secret=lambda: bytes(32)).store(KEY, arrays())
    assert cache.load(KEY) is None
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    "header",
    [b"", b"[]", b"{}", b"not json", b'{"key": {}, "arrays": []}', b"\xff"],
)
def test_a_signed_entry_of_another_form_is_refused(cache: EmbeddingCache, folder: Path, header: bytes) -> None:
    folder.mkdir()
    for signed in (b"FGEMBED\x01", b"FGEMBED\x01" + len(header).to_bytes(4, "little") + header, b"FGEMBED\x02"):
        signature = embeddings.hmac.digest(SECRET, signed, "sha256")
        (folder / KEY.name).write_bytes(signed + signature)
        assert cache.load(KEY) is None
        assert not list(folder.iterdir())


@pytest.mark.parametrize("described", [["a", "<f4", [1000]], ["a", "O", [1]], ["a", "<f4", [-1]], ["a"], ["a", 3, [1]]])
def test_a_signed_entry_whose_arrays_do_not_fit_is_refused(
    cache: EmbeddingCache, folder: Path, described: list[object]
) -> None:
    folder.mkdir()
    header = embeddings._json({"key": KEY.to_record(), "arrays": [described]})
    signed = b"FGEMBED\x01" + len(header).to_bytes(4, "little") + header + bytes(8)
    (folder / KEY.name).write_bytes(signed + embeddings.hmac.digest(SECRET, signed, "sha256"))
    assert cache.load(KEY) is None


def test_a_signed_entry_with_bytes_that_no_array_claims_is_refused(cache: EmbeddingCache, folder: Path) -> None:
    folder.mkdir()
    header = embeddings._json({"key": KEY.to_record(), "arrays": [["a", "<f4", [1]]]})
    for surplus, accepted in ((0, True), (1, False)):
        signed = b"FGEMBED\x01" + len(header).to_bytes(4, "little") + header + bytes(4 + surplus)
        (folder / KEY.name).write_bytes(signed + embeddings.hmac.digest(SECRET, signed, "sha256"))
        assert (cache.load(KEY) is not None) is accepted


@pytest.mark.skipif(os.name != "posix", reason="links and FIFOs of POSIX")
def test_a_link_a_pipe_or_a_folder_in_the_place_of_an_entry_is_never_read(
    cache: EmbeddingCache, folder: Path, tmp_path: Path
) -> None:
    cache.store(KEY, arrays())
    real = only_entry(folder).rename(tmp_path / "real")
    place = folder / KEY.name
    place.symlink_to(real)
    assert cache.load(KEY) is None and not place.is_symlink() and real.exists()
    os.mkfifo(place)
    assert cache.load(KEY) is None and not place.exists()
    place.mkdir()
    assert cache.load(KEY) is None
    with pytest.raises(OutputError):
        cache.store(KEY, arrays())


def test_the_least_recently_used_entries_make_room(folder: Path) -> None:
    one = EmbeddingCache(folder, secret=lambda: SECRET)
    one.store(key(0), arrays())
    size = one.size_bytes()
    cache = EmbeddingCache(folder, secret=lambda: SECRET, cap_bytes=3 * size)
    for number in range(3):
        cache.store(key(number), arrays(number))
        os.utime(folder / key(number).name, (1000 + number, 1000 + number))
    assert cache.load(key(0)) is not None  # now the most recently used
    cache.store(key(3), arrays(3))
    assert [cache.load(key(number)) is not None for number in range(4)] == [True, False, True, True]
    assert cache.size_bytes() <= 3 * size


def test_storing_an_entry_again_takes_no_room_from_others(folder: Path) -> None:
    one = EmbeddingCache(folder, secret=lambda: SECRET)
    one.store(key(0), arrays())
    cache = EmbeddingCache(folder, secret=lambda: SECRET, cap_bytes=2 * one.size_bytes())
    cache.store(key(1), arrays())
    cache.store(key(1), arrays(5))
    assert cache.load(key(0)) is not None
    assert_equal(cache.load(key(1)), arrays(5))


def test_an_entry_that_grows_makes_room_at_the_cost_of_others_alone(folder: Path) -> None:
    one = EmbeddingCache(folder, secret=lambda: SECRET)
    one.store(key(0), arrays())
    cache = EmbeddingCache(folder, secret=lambda: SECRET, cap_bytes=2 * one.size_bytes() + 100)
    cache.store(key(1), arrays())
    os.utime(folder / key(0).name, (1, 1))
    cache.store(key(0), arrays(side=9))
    assert cache.load(key(1)) is None
    assert_equal(cache.load(key(0)), arrays(side=9))


def test_what_is_larger_than_the_cap_is_not_kept_and_costs_no_other_entry(folder: Path) -> None:
    EmbeddingCache(folder, secret=lambda: SECRET).store(key(0), arrays())
    small = EmbeddingCache(folder, secret=lambda: SECRET, cap_bytes=4000)
    small.store(key(1), arrays(side=100))
    assert small.load(key(0)) is not None and small.load(key(1)) is None


def test_an_entry_larger_than_the_cap_is_not_read(cache: EmbeddingCache, folder: Path) -> None:
    cache.store(KEY, arrays(side=50))
    assert EmbeddingCache(folder, secret=lambda: SECRET, cap_bytes=1000).load(KEY) is None


def test_clearing_removes_every_entry_and_nothing_else(cache: EmbeddingCache, folder: Path) -> None:
    cache.clear()
    cache.store(key(0), arrays())
    cache.store(key(1), arrays())
    (folder / "README").write_text("mine")
    cache.clear()
    assert [path.name for path in folder.iterdir()] == ["README"]
    assert cache.size_bytes() == 0


def test_what_a_killed_process_left_unfinished_is_removed_once_it_is_old(cache: EmbeddingCache, folder: Path) -> None:
    folder.mkdir()
    old, new = folder / ".0123456789abcdef.part", folder / ".fedcba9876543210.part"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    cache.store(KEY, arrays())
    assert not old.exists() and new.exists()


def test_a_full_disk_leaves_what_was_there(
    cache: EmbeddingCache, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.store(key(0), arrays())

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("forensic_gui.storage.atomic.os.fsync", full)
        with pytest.raises(OutputExhausted, match="free space"):
            cache.store(key(1), arrays())
    assert [path.name for path in folder.iterdir()] == [key(0).name]
    assert_equal(cache.load(key(0)), arrays())


def test_a_place_that_takes_no_folder_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        EmbeddingCache(tmp_path / "file" / "cache", secret=lambda: SECRET).store(KEY, arrays())
    with pytest.raises(OutputError):
        EmbeddingCache(tmp_path / "file", secret=lambda: SECRET).size_bytes()


def test_a_time_stamp_that_cannot_be_set_costs_nothing(cache: EmbeddingCache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.store(KEY, arrays())

    def refused(*_: object) -> None:
        raise PermissionError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(embeddings.os, "utime", refused)
    assert_equal(cache.load(KEY), arrays())


WRITER = """
import sys, numpy as np
from pathlib import Path
from forensic_gui.storage.embeddings import EmbeddingCache, EmbeddingKey, read_secret
home, seed = Path(sys.argv[1]), int(sys.argv[2])
cache = EmbeddingCache(home / "cache", secret=lambda: read_secret(home / "secret"), cap_bytes=200_000)
for turn in range(150):
    key = EmbeddingKey(f"{turn % 13:064x}", "", {})
    found = cache.load(key)
    if found is None:
        cache.store(key, {"a": np.full(5000, turn % 13, np.float32)})
    else:
        assert (found["a"] == turn % 13).all() and found["a"].size == 5000
"""


def test_processes_that_share_the_folder_get_whole_entries_of_the_right_key(tmp_path: Path, checkout: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(seed)], env=environment) for seed in range(3)
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    cache = EmbeddingCache(tmp_path / "cache", secret=lambda: read_secret(tmp_path / "secret"))
    # All signed with the one secret that lies there now.
    assert sum(cache.load(EmbeddingKey(f"{n:064x}", "", {})) is not None for n in range(13)) >= 9
    assert cache.size_bytes() <= 200_000 + 3 * 20_200


def test_without_a_secret_nothing_is_found_and_nothing_kept(cache: EmbeddingCache, folder: Path) -> None:
    cache.store(KEY, arrays())

    def none() -> bytes:
        raise OutputError("No secret.")

    without = EmbeddingCache(folder, secret=none)
    assert without.load(KEY) is None
    with pytest.raises(OutputError, match="No secret"):
        without.store(KEY, arrays())
    assert_equal(cache.load(KEY), arrays())  # not removed by who could not judge it


def test_the_hash_of_pixels_depends_on_bytes_shape_and_turning() -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    reference = pixels_sha256(pixels, orientation=Orientation.UPRIGHT)
    changed = pixels.copy()
    changed[2, 3, 1] ^= 1
    others = [
        pixels_sha256(changed, orientation=Orientation.UPRIGHT),
        pixels_sha256(pixels.reshape(8, 6, 3), orientation=Orientation.UPRIGHT),
        *(pixels_sha256(pixels, orientation=each) for each in list(Orientation)[1:]),
    ]
    assert len({reference, *others}) == len(others) + 1
    assert pixels_sha256(np.asfortranarray(pixels), orientation=Orientation.UPRIGHT) == reference


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_entries_are_for_the_users_eyes_alone(cache: EmbeddingCache, folder: Path) -> None:
    folder.mkdir(mode=0o755)
    cache.store(KEY, arrays())
    assert folder.stat().st_mode & 0o077 == 0
