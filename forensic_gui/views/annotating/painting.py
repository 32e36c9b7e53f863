"""What of a page the canvas shows, and what of it lies under the cursor. Pure functions."""

from __future__ import annotations

from dataclasses import replace

from forensic_gui.domain.geometry import Point
from forensic_gui.domain.prompt import Prompts
from forensic_gui.views.annotating.sheet import Page
from forensic_gui.views.canvas.annotated import MOST_REGIONS, AnnotationLayer


def layer_for(page: Page, *, selected: str | None, prompts: Prompts) -> AnnotationLayer:
    """The page's layer for another selection, at no cost: labels are shared, a source is left out until prepared."""
    ids = [region.id for region in page.annotation.regions]
    return replace(
        page.layer,
        selected=min(ids.index(selected) + 1, MOST_REGIONS) if selected in ids else 0,
        source=page.layer.source if page.selected == selected else None,
        prompts=prompts,
    )


def lacks_source(page: Page, *, selected: str | None) -> bool:
    """Whether the selected region has a source that the page's layer does not show."""
    has_source = any(region.id == selected and region.source is not None for region in page.annotation.regions)
    return has_source and page.selected != selected


def region_at(page: Page, point: Point) -> str | None:
    """Id of the topmost region that holds an evidence pixel; None where there is none."""
    row, column = page.sheet.orientation.to_view(point, stored=page.sheet.size).pixel
    labels = page.layer.labels
    if not (0 <= row < labels.shape[0] and 0 <= column < labels.shape[1]):
        return None
    number = int(labels[row, column])
    return page.annotation.regions[number - 1].id if number else None
