"""One process at a time holds a lock; where the system knows none, nobody is kept out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import pytest

from forensic_gui.storage import lock
from forensic_gui.storage.lock import lock_exclusively


def test_a_lock_is_held_until_its_file_is_closed(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("ab") as first, (tmp_path / "lock").open("ab") as second:
        assert lock_exclusively(first)
        assert not lock_exclusively(second)
        first.close()
        assert lock_exclusively(second)


def test_another_process_is_kept_out_and_its_death_lets_go(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from forensic_gui.storage.lock import lock_exclusively\n"
        "file = Path(sys.argv[1]).open('ab'); print(lock_exclusively(file), flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder, (tmp_path / "lock").open("ab") as file:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert not lock_exclusively(file)
        holder.kill()
        holder.wait()
        assert lock_exclusively(file)


@pytest.mark.parametrize(("answer", "held"), [(BlockingIOError, False), (PermissionError, False), (OSError, True)])
def test_what_systems_say_of_a_lock(
    tmp_path: Path, answer: type[OSError], held: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def say(file: IO[Any]) -> None:
        raise answer

    monkeypatch.setattr(lock, "_lock", say)
    with (tmp_path / "lock").open("ab") as file:
        assert lock_exclusively(file) is held
