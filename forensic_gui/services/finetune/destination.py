"""Where new weights go, and what must not be written over."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from forensic_gui.domain.errors import OutputError, RequestError
from forensic_gui.storage.atomic import StagedFile, commit_together, output_error

CHECKPOINT = "checkpoint.pt"
WORK_SUFFIX = ".finetune"
"""Of the folder of an unfinished run, after the id."""

_SUFFIX = ".safetensors"
_ID = re.compile(r"[a-z0-9][a-z0-9.-]*")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where new weights go.

    Attributes:
        identifier: their id, the file's name without its suffix.
        path: the weights file; the card goes beside it.
        work: folder of the run, beside them; removed when they are in place.
    """

    identifier: str
    path: Path
    work: Path

    @property
    def checkpoint(self) -> Path:
        """State of an unfinished run."""
        return self.work / CHECKPOINT

    def claim(self, *, resume: bool, replace: bool) -> None:
        """See that nothing is lost by writing there, before the work begins; an earlier run is removed as was said.

        Args:
            resume: an unfinished run is to go on.
            replace: existing weights, and an unfinished run, may be written over.

        Raises:
            RequestError: there are weights already, or an unfinished run, and neither was said.
        """
        if self.path.exists() and not replace:
            raise RequestError(f"There are weights at {self.path} already; choose another name, or --replace them.")
        unfinished = self.checkpoint.exists()
        if unfinished and not resume and not replace:
            raise RequestError(
                f"An unfinished fine-tuning lies in {self.work}; go on with --resume, or start anew with --replace."
            )
        if resume and not unfinished:
            raise RequestError(f"There is no unfinished fine-tuning in {self.work}; start without --resume.")
        if not resume:
            shutil.rmtree(self.work, ignore_errors=True)

    def make_folder(self) -> None:
        """Make the working folder.

        Raises:
            OutputError: it cannot be made.
        """
        try:
            self.work.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(self.work, error) from error

    def put_in_place(self, weights: Path) -> None:
        """Copy weights and their card, and remove the working folder; both files are whole, or neither is new.

        Args:
            weights: in the working folder, of the same name.

        Raises:
            OutputError: the folder refused them; the working folder stays.
        """
        staged: list[StagedFile] = []
        try:
            for suffix in (_SUFFIX, ".json"):
                with StagedFile(self.path.with_suffix(suffix)) as file:
                    staged.append(file)
                    file.write(weights.with_suffix(suffix).read_bytes())
        except (OSError, OutputError) as error:
            for file in staged:
                file.discard()
            raise error if isinstance(error, OutputError) else output_error(self.path, error) from error
        commit_together(staged)
        shutil.rmtree(self.work, ignore_errors=True)


def is_identifier(name: str) -> bool:
    """Whether weights can be called so."""
    return _ID.fullmatch(name) is not None


def destination(name: str, *, installed: Path, shipped: Path) -> Destination:
    """Read what `-o` says.

    Args:
        name: path of a `.safetensors` file, or an id.
        installed: folder of the weights that the user installs; an id goes there.
        shipped: folder of the weights that ship with the application.

    Raises:
        RequestError: it is no id, or that of weights that ship.
    """
    path = Path(name) if name.endswith(_SUFFIX) else installed / f"{name}{_SUFFIX}"
    identifier = path.name.removesuffix(_SUFFIX)
    if not is_identifier(identifier) or (not name.endswith(_SUFFIX) and Path(name).name != name):
        raise RequestError(
            f"«{identifier}» can be no id of weights: use small letters, digits, dots and hyphens, "
            "or name a file that ends in .safetensors."
        )
    if (shipped / f"{identifier}{_SUFFIX}").exists() or path.absolute().parent.resolve() == shipped.resolve():
        raise RequestError(f"«{identifier}» names weights that ship with Forensic GUI; choose another name.")
    return Destination(identifier=identifier, path=path, work=path.with_name(f"{identifier}{WORK_SUFFIX}"))
