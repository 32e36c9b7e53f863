"""Between a case and its labels: what leaves it, and what came into it."""

from __future__ import annotations

from collections.abc import Sequence

from forensic_gui.domain.annotation import Conclusion
from forensic_gui.domain.case import CaseItem
from forensic_gui.domain.labels import LabelledImage, LabelSet
from forensic_gui.services.case.session import CaseSession


def labels_of(case: CaseSession, item_ids: Sequence[int] | None = None) -> LabelSet:
    """What a case says of its images; None: of all of them.

    Raises:
        CaseError: there is no item of one of these ids.
    """
    items = case.items() if item_ids is None else tuple(case.item(item_id) for item_id in item_ids)
    images = tuple(
        image for item in items if _may_say_something(item) if (image := _labelled(case, item)).says_something
    )
    info = case.info
    return LabelSet(case_id=info.id, case_name=info.name, images=images, left_out=len(items) - len(images))


def _may_say_something(item: CaseItem) -> bool:
    return item.regions > 0 or item.conclusion is not Conclusion.OPEN


def _labelled(case: CaseSession, item: CaseItem) -> LabelledImage:
    state = case.annotation(item.id)
    return LabelledImage(item.id, item.name, item.sha256, state.annotation, item.group)
