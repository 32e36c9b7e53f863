"""The paper's claims on one material: `python -m boxprompt.experiments.claims GRID.toml --photos … --forgeries … -o …`.

Every row trains the head anew, most of them on what a fixed backbone answers, so that many rows fit into little time.
What is done stays done: a call that was cut off, or that `--minutes` ended, is gone on with by the same call.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from boxprompt.errors import BoxpromptError, ConfigurationError, StoppedError
from boxprompt.evaluation.baselines import BASELINES
from boxprompt.experiments.grid import ClaimsGrid, RowTable
from boxprompt.experiments.material import ImageSet, forgeries, make_material
from boxprompt.experiments.scales import LiveScales, ScaleSource, cache_scales, squeezed_views
from boxprompt.experiments.scoring import SetScores, score_maps
from boxprompt.experiments.students import respond, shipped_head, train_student
from boxprompt.experiments.supervision import LabelFacts, Labels
from boxprompt.experiments.tables import RunResult, comparisons_table, differences, markdown, rows_table, summary
from boxprompt.network.student import Student
from boxprompt.teacher.grabcut import GrabCut
from boxprompt.training.run import code_commit, read_toml
from boxprompt.weights import WeightsFile, read_weights

DONE, FAILED, UNFINISHED = 0, 2, 75
_REFERENCES = ("all-ones", "centred-gaussian")
_SHIPPED = "as shipped"


@dataclass(frozen=True, slots=True)
class Places:
    """Where an experiment reads and writes.

    Attributes:
        photos: folder that the grid's folders of photographs are below.
        forgeries: a dataset of manipulated images, never trained on.
        output: folder of everything that is made.
    """

    photos: Path
    forgeries: Path
    output: Path


class Claims:
    """One experiment, from its grid to its tables."""

    def __init__(
        self,
        grid: ClaimsGrid,
        places: Places,
        *,
        tell: Callable[[str], None] = lambda _: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Find or make the images.

        Args:
            grid: what to do.
            places: where.
            tell: given a line for each piece of work.
            should_stop: asked between pieces.

        Raises:
            BoxpromptError: the photographs, the weights or the dataset cannot be used.
        """
        self._grid, self._output, self._tell, self._should_stop = grid, places.output, tell, should_stop
        self._weights: WeightsFile = read_weights(grid.material.weights)
        tell("composites")
        self._training, made = make_material(grid.material, photos=places.photos, folder=places.output / "images")
        self._tests = (made, forgeries(places.forgeries))
        self._facts: dict[str, tuple[LabelFacts, ...]] = {}
        self._views: dict[tuple[str, int], NDArray[np.uint8]] = {}
        self._held: dict[tuple[str, int], NDArray[np.uint8]] = {}
        self._truths = {test.name: [test.truth(index) for index in range(len(test))] for test in self._tests}

    def run(self) -> dict[str, Any]:
        """Do what is not done yet, and write `claims.json` and `claims.md`; returns what the former holds.

        Raises:
            StoppedError: the caller said so; the tables hold what there is.
            BoxpromptError: something cannot be used.
        """
        results: list[RunResult] = []
        stopped: StoppedError | None = None
        pieces: list[Callable[[], Iterable[RunResult]]] = [self._references]
        pieces.extend(partial(self._row, row, seed) for row, seed in self._grid.runs())
        for take in pieces:
            try:
                results.extend(take())
            except StoppedError as error:
                stopped = error  # and go on to what an earlier call has done
        record = self._write(results)
        if stopped is not None:
            raise stopped
        return record

    def _row(self, row: RowTable, seed: int) -> tuple[RunResult]:
        self._learn_from(row)
        return (self._result(row, seed),)

    def _learn_from(self, row: RowTable) -> None:
        if row.labels not in self._facts:
            self._tell(f"labels {row.labels}")
            self._facts[row.labels] = self._labels(row).make(should_stop=self._should_stop)

    def _result(self, row: RowTable, seed: int) -> RunResult:
        path = self._output / "rows" / f"{row.name}-{seed}.json"
        identity = {
            "row": row.model_dump(mode="json", exclude={"name", "seeds"}),
            "recipe": self._grid.recipe.model_dump(mode="json"),
        }
        if path.exists():
            held = json.loads(path.read_text(encoding="utf-8"))
            if held["identity"] != identity:
                raise ConfigurationError(f"{path} was made by another row of that name; choose another folder.")
            return RunResult.from_record(held["result"])
        self._mind()
        result = self._train(row, seed)
        _replace(path, json.dumps({"identity": identity, "result": result.to_record()}))
        return result

    def _mind(self) -> None:
        if self._should_stop():
            raise StoppedError("The experiment was stopped.")

    def _train(self, row: RowTable, seed: int) -> RunResult:
        started = time.monotonic()
        trained = train_student(
            row.student(),
            weights=self._weights,
            trains=row.trains,
            source=self._source(self._training, row.input_side_px, trains=row.trains),
            targets=self._targets(row),
            recipe=self._grid.recipe,
            seed=seed,
        )
        done = time.monotonic()
        scores = self._scores(trained.student, row.input_side_px, trains=row.trains)
        self._tell(
            f"{row.name} seed {seed}: {trained.steps} steps in {done - started:.0f} s, loss {trained.loss:.4f}, "
            f"scored in {time.monotonic() - done:.0f} s"
        )
        alpha = float(torch.as_tensor(trained.student.guidance.alpha).detach()) if row.use_memory else None
        return RunResult(row=row.name, seed=seed, steps=trained.steps, loss=trained.loss, alpha=alpha, scores=scores)

    def _scores(self, student: Student, side_px: int, *, trains: str = "head") -> dict[str, SetScores]:
        return {
            test.name: score_maps(
                respond(student, self._source(test, side_px, trains=trains), precision=self._grid.recipe.precision),
                self._truths[test.name],
            )
            for test in self._tests
        }

    def _references(self) -> Iterator[RunResult]:
        """What any row must beat: maps that learned nothing, and the head that the weights were shipped with."""
        for name in (*_REFERENCES, _SHIPPED):
            path = self._output / "rows" / f"reference-{name.replace(' ', '-')}.json"
            if not path.exists():
                self._mind()
                self._tell(name)
                scores = self._reference(name)
                result = RunResult(row=name, seed=None, steps=0, loss=None, alpha=None, scores=scores)
                _replace(path, json.dumps(result.to_record()))
            yield RunResult.from_record(json.loads(path.read_text(encoding="utf-8")))

    def _reference(self, name: str) -> dict[str, SetScores]:
        if name == _SHIPPED:
            student = shipped_head(self._weights)
            return self._scores(student, student.config.input_side_px)
        return {
            test.name: score_maps(
                (BASELINES[name](test.known(index).image) for index in range(len(test))), self._truths[test.name]
            )
            for test in self._tests
        }

    def _source(self, images: ImageSet, side_px: int, *, trains: str) -> ScaleSource:
        if trains == "all":
            key = (images.name, side_px)
            if key not in self._views:
                self._views[key] = squeezed_views(images, side_px=side_px)
            return LiveScales(self._views[key], weights=self._weights)
        return cache_scales(
            images,
            self._output / "scales" / f"{images.name}-{side_px}",
            weights=self._weights,
            side_px=side_px,
            precision=self._grid.material.precision,
        )

    def _labels(self, row: RowTable) -> Labels:
        return Labels(
            self._training,
            self._output / "labels" / row.labels,
            supervision=row.supervision,
            looseness=row.looseness,
            seed=self._grid.material.seed,
            teacher=GrabCut(),
        )

    def _targets(self, row: RowTable) -> NDArray[np.uint8]:
        key = (row.labels, row.input_side_px)
        if key not in self._held:
            self._held[key] = self._labels(row).targets(row.input_side_px)
        return self._held[key]

    def _write(self, results: Sequence[RunResult]) -> dict[str, Any]:
        groups = {test.name: test.groups for test in self._tests}
        record = {
            "grid": self._grid.model_dump(mode="json"),
            "weights_sha256": self._weights.card.sha256,
            "code_commit": code_commit(),
            "images": {"training": len(self._training), **{test.name: len(test) for test in self._tests}},
            "groups": {name: len(set(names)) for name, names in groups.items()},
            "labels": {name: _label_figures(facts) for name, facts in self._facts.items()},
            **summary(self._grid, results, groups=groups),
        }
        _replace(self._output / "claims.json", json.dumps(record, indent=1))
        tables = [_labels_table(record["labels"]), rows_table(results, sets=list(groups))]
        for comparison in self._grid.comparison:
            found = differences(comparison, results, groups=groups)
            tables.extend([comparisons_table(comparison, found)] if found else [])
        _replace(self._output / "claims.md", "\n".join(tables))
        return record


def _label_figures(facts: Sequence[LabelFacts]) -> dict[str, float | int]:
    boxes = sum(one.boxes for one in facts)
    return {
        "images": len(facts),
        "mean_iou": sum(one.iou for one in facts) / max(1, len(facts)),
        "share_taken": sum(one.taken for one in facts) / boxes if boxes else 0.0,
    }


def _labels_table(figures: Mapping[str, Mapping[str, float | int]]) -> str:
    lines = [
        [name, str(one["images"]), f"{one['mean_iou']:.3f}", f"{one['share_taken']:.1%}"]
        for name, one in figures.items()
    ]
    return markdown(["labels", "images", "mean IoU with the mask", "boxes taken as they are"], lines)


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.part")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status: 0 done, 2 it cannot be done, 75 out of time, call again."""
    parser = argparse.ArgumentParser(prog="python -m boxprompt.experiments.claims", description=__doc__)
    parser.add_argument("grid", type=Path, help="TOML file of the experiment")
    parser.add_argument("--photos", type=Path, required=True, help="folder that the grid's photographs are below")
    parser.add_argument("--forgeries", type=Path, required=True, help="dataset (Tp, Gt) to score on, not trained on")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for everything that is made")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no piece of work after so long")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch and OpenCV")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    cv2.setNumThreads(chosen.threads)
    started = time.monotonic()

    def tell(line: str) -> None:
        sys.stderr.write(f"{time.monotonic() - started:6.0f} s  {line}\n")
        sys.stderr.flush()

    try:
        Claims(
            read_toml(ClaimsGrid.read, chosen.grid),
            Places(photos=chosen.photos, forgeries=chosen.forgeries, output=chosen.output),
            tell=tell,
            should_stop=lambda: time.monotonic() - started > 60 * chosen.minutes,
        ).run()
    except StoppedError:
        return UNFINISHED
    except BoxpromptError as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    sys.stdout.write(str(chosen.output / "claims.md") + "\n")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
