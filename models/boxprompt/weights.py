"""Weights and their cards: find them, verify the hash, read the tensors. No code is ever run from a file.

A card `<id>.json` lies beside `<id>.safetensors` and says what the weights are, how they were made and how well they
do. The hash on the card is checked before a single tensor is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from boxprompt.card_calibration import TrainingDomain, View, ViewCalibration
from boxprompt.errors import WeightsMismatchError, WeightsNotFoundError
from boxprompt.faults import faults

CARD_SCHEMA = 1
_ID = re.compile(r"^[a-z0-9][a-z0-9.-]*$")

_Finite = Annotated[float, Field(allow_inf_nan=False)]
_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class TrainingSource(BaseModel):
    """One set of images the weights were trained on.

    Attributes:
        name: the folder or file as the run named it.
        images: how many it holds.
        terms: on what terms they may be used.
        dataset_sha256: of a labelled dataset, over images and labels; see `boxprompt.data.labels.fingerprint`. "" for
            photographs.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    images: int
    terms: str
    dataset_sha256: str = ""


class WeightCard(BaseModel):
    """What is known of a weights file.

    Attributes:
        id: name it is chosen by.
        sha256: of the safetensors file's bytes.
        architecture: name of the network the tensors belong to.
        student: the architecture's configuration: fields of `boxprompt.network.config.StudentConfig`, or of
            `boxprompt.network.residual.ResidualConfig`.
        input_mean: by RGB channel, of values in [0, 1]; finite.
        input_std: by RGB channel; finite, more than 0.
        threshold: on model scores as the network gives them, strict greater-than.
        threshold_origin: how the threshold was chosen, a sentence.
        view_thresholds: thresholds of views for which `threshold` is not the one.
        calibration: by view, what share of pixels of a score was manipulated in held-out images; views without one are
            not calibrated.
        domain: which images the weights were trained on; None where the card does not say.
        training_data: what it was trained on, with terms.
        recipe: the whole training configuration.
        code_commit: commit of the training code.
        steps: optimizer steps done.
        licence: of the weights.
        created: ISO date.
        parent: SHA-256 of the weights it was trained on from.
        scores: measured figures by name of data set, as `forensic-gui evaluate` writes them.
        limits: what it was not made for, a sentence each.
        error_rates: what goes wrong how often under which condition, by view: `evaluation.error_rates.ErrorRates` as
            JSON values; empty where that was not measured.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: int = CARD_SCHEMA
    id: str = Field(pattern=_ID.pattern)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    architecture: str
    student: dict[str, Any]
    input_mean: tuple[_Finite, _Finite, _Finite]
    input_std: tuple[_Positive, _Positive, _Positive]
    threshold: float = Field(ge=0, le=1)
    threshold_origin: str
    view_thresholds: dict[View, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    calibration: dict[View, ViewCalibration] = Field(default_factory=dict)
    domain: TrainingDomain | None = None
    training_data: tuple[TrainingSource, ...]
    recipe: dict[str, Any]
    code_commit: str
    steps: int
    licence: str
    created: str
    parent: str | None = None
    scores: dict[str, Any] = Field(default_factory=dict)
    limits: tuple[str, ...] = ()
    error_rates: tuple[dict[str, Any], ...] = ()

    @model_validator(mode="after")
    def _require_own_calibration(self) -> Self:
        strangers = [view for view, one in self.calibration.items() if one.network_sha256 != self.network_sha256]
        if strangers:
            raise ValueError(f"the calibration of the {strangers[0]} view was fitted to scores of other weights")
        return self

    @model_validator(mode="after")
    def _require_own_error_rates(self) -> Self:
        for one in self.error_rates:
            if one.get("weights_sha256") != self.sha256 or one.get("threshold") != self.threshold_of(one["view"]):
                raise ValueError(f"the error rates of the {one['view']} view are of other weights or another threshold")
        return self

    @property
    def network_sha256(self) -> str:
        """Hash over everything here that scores depend on: the tensors' own, architecture, configuration, statistics.

        The tensors alone do not say it: how networks of one file are fused, say, stands in the configuration.
        """
        values = [self.sha256, self.architecture, self.student, list(self.input_mean), list(self.input_std)]
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

    def threshold_of(self, view: View) -> float:
        """The threshold on model scores of a view."""
        return self.view_thresholds.get(view, self.threshold)


class WeightsFile(BaseModel):
    """A weights file and its card, where they lie."""

    model_config = ConfigDict(frozen=True)

    path: Path
    card: WeightCard

    def verify(self) -> None:
        """Compare the file's hash with the card's.

        Raises:
            WeightsMismatchError: they differ.
            WeightsNotFoundError: the file cannot be read.
        """
        measured = file_sha256(self.path)
        if measured != self.card.sha256:
            raise WeightsMismatchError(
                f"The weights {self.path} have SHA-256 {measured}, but their card states {self.card.sha256}; "
                "they were altered or damaged and are not used."
            )

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Read the tensors by name, verified first.

        Raises:
            WeightsMismatchError: another hash than the card's, or not a safetensors file.
            WeightsNotFoundError: the file cannot be read.
        """
        # Hash and tensors come from the same bytes: nothing can be swapped in between.
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise WeightsNotFoundError(f"The weights {self.path} cannot be read: {error.strerror}.") from error
        measured = hashlib.sha256(data).hexdigest()
        if measured != self.card.sha256:
            self.verify()
            raise WeightsMismatchError(f"The weights {self.path} changed while they were read; try again.")
        try:
            return dict(safetensors.numpy.load(data))
        except safetensors.SafetensorError as error:
            raise WeightsMismatchError(f"{self.path} is not a safetensors file: {error}.") from error


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, lower-case hexadecimal.

    Raises:
        WeightsNotFoundError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise WeightsNotFoundError(f"The weights {path} cannot be read: {error.strerror}.") from error


def read_weights(path: Path) -> WeightsFile:
    """Weights at a path, with the card beside them.

    Raises:
        WeightsNotFoundError: no such file, or no card beside it that can be read.
        WeightsMismatchError: the card cannot be understood.
    """
    card_path = path.with_suffix(".json")
    if not path.is_file():
        raise WeightsNotFoundError(f"There are no weights at {path}.")
    if not card_path.is_file():
        raise WeightsNotFoundError(f"The weights {path} have no card; expected it at {card_path}.")
    try:
        card = WeightCard.model_validate_json(card_path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WeightsNotFoundError(f"The card {card_path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise WeightsMismatchError(f"The card {card_path} is not of this version's form: it is no UTF-8.") from error
    except ValidationError as error:
        raise WeightsMismatchError(f"The card {card_path} is not of this version's form: {faults(error)}.") from error
    return WeightsFile(path=path, card=card)


@dataclass(frozen=True, slots=True)
class BrokenWeights:
    """A weights file that cannot be used, because of its card.

    Attributes:
        path: the weights file.
        problem: why, a sentence.
    """

    path: Path
    problem: str


def list_weights(folders: Sequence[Path]) -> Iterator[WeightsFile | BrokenWeights]:
    """All weights in the folders, in order of folder, then name; a card that cannot be understood hides no others."""
    for folder in folders:
        for path in sorted(folder.glob("*.safetensors")):
            try:
                yield _read_named(path, path.stem)
            except (WeightsNotFoundError, WeightsMismatchError) as error:
                yield BrokenWeights(path, str(error))


def find_weights(name: str, folders: Sequence[Path]) -> WeightsFile:
    """Weights by file path, or by id: those of the first folder that has a file of that name.

    Raises:
        WeightsNotFoundError: neither; the message names the ids there are.
        WeightsMismatchError: their card cannot be understood, or is of other weights.
    """
    if name.endswith(".safetensors"):
        return read_weights(Path(name))
    if _ID.fullmatch(name):
        for folder in folders:
            path = folder / f"{name}.safetensors"
            if path.is_file():
                return _read_named(path, name)
    known = {found.card.id for found in list_weights(folders) if isinstance(found, WeightsFile)}
    ids = ", ".join(sorted(known)) or "none installed"
    raise WeightsNotFoundError(f"There are no weights «{name}»; known are: {ids}. A file's name ends in .safetensors.")


def _read_named(path: Path, name: str) -> WeightsFile:
    found = read_weights(path)
    if found.card.id != name:
        raise WeightsMismatchError(
            f"The card of {path} is that of «{found.card.id}»: the file's name and the card's id must be the same."
        )
    return found


def write_weights(tensors: Mapping[str, NDArray[Any]], card_fields: Mapping[str, Any], folder: Path) -> WeightsFile:
    """Write tensors as float16 safetensors with their card; floats are rounded, integers kept.

    Args:
        tensors: by parameter name.
        card_fields: fields of `WeightCard` except the hash.
        folder: where to; files of the same id are replaced, each atomically.

    Returns:
        The weights as they now lie there.
    """
    half = {
        name: np.array(value, dtype=np.float16 if np.issubdtype(value.dtype, np.floating) else value.dtype, order="C")
        for name, value in tensors.items()
    }
    data = safetensors.numpy.save(half)
    card = WeightCard.model_validate({**card_fields, "sha256": hashlib.sha256(data).hexdigest()})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{card.id}.safetensors"
    _replace(path, data)
    _replace(path.with_suffix(".json"), card_json(card).encode())
    return WeightsFile(path=path, card=card)


def card_json(card: WeightCard) -> str:
    """The card as text for people and diffs: indented, ends with a newline."""
    return json.dumps(card.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def rewrite_card(weights: WeightsFile, **changes: Any) -> WeightsFile:
    """Replace fields of a card (scores, threshold, calibration) beside unchanged tensors."""
    card = WeightCard.model_validate({**weights.card.model_dump(), **changes})
    _replace(weights.path.with_suffix(".json"), card_json(card).encode())
    return WeightsFile(path=weights.path, card=card)


def _replace(path: Path, data: bytes) -> None:
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)
