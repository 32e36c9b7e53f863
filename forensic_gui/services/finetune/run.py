"""Fine-tune weights on labelled images: train, score before and after, put weights with a complete card in place."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forensic_gui.domain.errors import RequestError
from forensic_gui.services import engine
from forensic_gui.services.evaluate import UprightReader
from forensic_gui.services.finetune.case_labels import Labelled, is_case, labels_of_case
from forensic_gui.services.finetune.control import RunControl
from forensic_gui.services.finetune.destination import Destination
from forensic_gui.services.finetune.events import Comparison, DoneEvent, FinetuneEvent, PlanEvent, StageEvent
from forensic_gui.services.finetune.request import FinetuneRequest
from forensic_gui.services.finetune.scoring import Scorer, forgetting
from forensic_gui.services.ports import Decoder, LoadLocalizer, Localizer, Views
from forensic_gui.services.progress import CancelToken
from forensic_gui.services.sample_case import SampleImage
from forensic_gui.storage.atomic import output_error

RETENTION_NAME = "composites of the sample case"


@dataclass(frozen=True, slots=True)
class Ports:
    """What a fine-tuning needs of the world.

    Attributes:
        decoder: makes pixels of files, as for evidence.
        load_localizer: loads weights to be scored.
        weight_folders: where weights are looked for.
        sample_images: photographs of the sample case, of which the retention set is made.
    """

    decoder: Decoder
    load_localizer: LoadLocalizer
    weight_folders: tuple[Path, ...]
    sample_images: Callable[[], tuple[SampleImage, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """Every evaluation of a run, as JSON values by name, and what is told of them."""

    held_out: Comparison
    thorough: Comparison
    retention: Comparison
    retained: Comparison | None
    thresholds: Mapping[Views, float]
    threshold_origin: str
    card: Mapping[str, Any]
    unreadable: tuple[str, ...]
    learned_of_retained: int

    def warnings(self) -> tuple[str, ...]:
        told = [forgetting(one) for one in (self.retention, self.retained) if one is not None]
        if self.retained is not None and self.learned_of_retained:
            told.append(
                f"{self.learned_of_retained} images of {self.retained.name} were themselves learned from or chosen by: "
                "its scores say little."
            )
        return tuple(warning for warning in told if warning is not None)


def finetune(
    request: FinetuneRequest,
    *,
    destination: Destination,
    ports: Ports,
    tell: Callable[[FinetuneEvent], None] = lambda _: None,
    control: RunControl | None = None,
    cancel: CancelToken | None = None,
) -> DoneEvent:
    """Fine-tune and put the new weights in place.

    Args:
        request: what.
        destination: where to, as `finetune.destination.destination` read it.
        ports: the world.
        tell: told of everything as it happens, the last event included.
        control: pauses and stops it; its token is `cancel`.
        cancel: stops it, also within an image.

    Returns:
        What was told last.

    Raises:
        RequestError: the source, a number or the destination cannot be used, or nothing was gained.
        WeightsError: unknown or altered weights.
        DeviceUnavailable: the device is not on this machine.
        OutputError: the destination takes no files.
        Cancelled: stopping was asked for; a checkpoint was left, and no weights.
    """
    token = cancel or CancelToken()
    steering = control or RunControl(token, tell=tell)
    destination.claim(resume=request.resume, replace=request.replace)
    tell(StageEvent("reading labels"))
    labelled = _labelled(request, destination, ports, token)
    tuning = _tuning(request, labelled, destination, ports)
    retained = None if request.retain is None else engine.open_dataset(request.retain)
    destination.make_folder()
    tell(_plan_event(tuning))
    reader = UprightReader(ports.decoder, token)
    tell(StageEvent("training"))
    tuned = tuning.run(read=reader.read, on_event=tell, control=steering, resume=request.resume)
    scorer = Scorer(reader=reader, control=steering, cancel=token, tell=tell)
    measured = _measure(request, tuning, tuned, retained, scorer=scorer, ports=ports, work=destination.work)
    completed = tuning.complete(
        tuned.weights,
        thresholds=measured.thresholds,
        origin=measured.threshold_origin,
        scores=measured.card,
        limits=(_limit_of(tuning), *measured.warnings()),
    )
    destination.put_in_place(completed.path)
    done = DoneEvent(
        weights_id=destination.identifier,
        path=str(destination.path),
        sha256=completed.card.sha256,
        threshold=measured.thresholds[Views.FAST],
        before=measured.held_out.before,
        after=measured.held_out.after,
        retention=measured.retention,
        retained=measured.retained,
        best_step=tuned.state.best_step,
        steps_done=tuned.state.steps_done,
        stopped_early=tuned.state.stopped_early,
        warnings=measured.warnings(),
        unreadable=(*labelled.refused, *tuned.unreadable, *measured.unreadable),
        thorough=measured.thorough,
    )
    tell(done)
    return done


def _labelled(request: FinetuneRequest, destination: Destination, ports: Ports, cancel: CancelToken) -> Labelled:
    if not is_case(request.source):
        if request.scribbles:
            raise RequestError(f"{request.source} is no case: a dataset has its scribbles in a folder Pt.")
        return Labelled(folder=request.source, name=request.source.resolve().name, groups={})
    destination.make_folder()
    return labels_of_case(
        request.source,
        destination.work / "labels",
        scribbles=request.scribbles,
        decoder=ports.decoder,
        cancel=cancel,
    )


def _tuning(request: FinetuneRequest, labelled: Labelled, destination: Destination, ports: Ports) -> engine.Tuning:
    return engine.Tuning(
        engine.TuningRequest(
            dataset=labelled.folder,
            name=labelled.name,
            groups=labelled.groups,
            terms=request.terms,
            weights=request.weights or engine.STUDENT_WEIGHTS,
            folders=ports.weight_folders,
            identifier=destination.identifier,
            work=destination.work,
            recipe=request.recipe,
            held_out=request.held_out,
            validation=request.validation,
            seed=request.seed,
            device=request.device,
            threads=request.threads,
        )
    )


def _plan_event(tuning: engine.Tuning) -> PlanEvent:
    recipe = tuning.job.recipe
    return PlanEvent(
        parent_id=tuning.parent.card.id,
        parent_sha256=tuning.parent.card.sha256,
        manifest_sha256=tuning.plan.manifest_sha256,
        parts=tuning.plan.parts.counts(),
        steps=recipe.steps,
        batch_size=recipe.batch_size,
        train=recipe.train,
        seed=tuning.job.seed,
    )


def _measure(
    request: FinetuneRequest,
    tuning: engine.Tuning,
    tuned: Any,
    retained: Any,
    *,
    scorer: Scorer,
    ports: Ports,
    work: Path,
) -> _Measured:
    parent = ports.load_localizer(weights=str(tuning.parent.path), device=request.device)
    child = ports.load_localizer(weights=str(tuned.weights.path), device=request.device)
    validation, held_out = tuning.part("validation"), tuning.part("held_out")
    thresholds, count = _choose_thresholds(validation, parent, child, scorer=scorer)
    card: dict[str, Any] = {}

    def compare(dataset: Any, name: str, *, views: Views = Views.FAST) -> Comparison:
        before = scorer.score(dataset, parent, views=views, threshold=parent.info.threshold_of(views))
        after = scorer.score(dataset, child, views=views, threshold=thresholds[views])
        card.update({name: after, f"{name}, before fine-tuning": before})
        return Comparison(name=name, before=engine.summary_of(before), after=engine.summary_of(after))

    return _Measured(
        held_out=compare(held_out, held_out.name),
        thorough=compare(held_out, f"{held_out.name}, thorough view", views=Views.THOROUGH),
        retention=compare(_retention(ports, work / "retention", count=request.composites), RETENTION_NAME),
        retained=None if retained is None else compare(retained, retained.name),
        thresholds=thresholds,
        threshold_origin=(
            f"of either view, the best single threshold over the {count} manipulated images of {validation.name}"
        ),
        card=card,
        unreadable=tuple(failed["reason"] for failed in card[held_out.name]["failed"]),
        learned_of_retained=0 if retained is None else tuning.learned_of(retained),
    )


def _choose_thresholds(
    validation: Any, parent: Localizer, child: Localizer, *, scorer: Scorer
) -> tuple[Mapping[Views, float], int]:
    """The best single threshold of each view, and the number of manipulated images they were chosen on."""
    thresholds: dict[Views, float] = {}
    count = 0
    for views in Views:
        chosen = scorer.score(validation, child, views=views, threshold=parent.info.threshold_of(views))
        if chosen["best_threshold"] is None:
            raise RequestError("No image with a mask could be read in the validation part: no threshold can be chosen.")
        thresholds[views], count = float(chosen["best_threshold"]), chosen["pixel"]["n"]
    return thresholds, count


def _retention(ports: Ports, folder: Path, *, count: int) -> Any:
    shutil.rmtree(folder, ignore_errors=True)  # of an earlier piece of this run
    try:
        return engine.retention_set(
            {image.path.stem: (image.path, image.known_mask()) for image in ports.sample_images()},
            folder,
            count=count,
        )
    except OSError as error:
        raise output_error(folder, error) from error


def _limit_of(tuning: engine.Tuning) -> str:
    counts = tuning.plan.parts.counts()
    learned = sum(counts["training"].values()) + sum(counts["validation"].values())
    held_out = sum(counts["held_out"].values())
    return (
        f"Fine-tuned on {learned} images of one collection; its scores are of {held_out} others of the same "
        "collection, and may be worse on images of another."
    )
