"""A case at a glance: a row for each item, as a table or as a contact sheet."""

from forensic_gui.services.summary.contract import RenderSheet, SummaryForm, SummaryReport, SummaryRequest, form_of
from forensic_gui.services.summary.reading import read_rows
from forensic_gui.services.summary.writing import write_summary

__all__ = [
    "RenderSheet",
    "SummaryForm",
    "SummaryReport",
    "SummaryRequest",
    "form_of",
    "read_rows",
    "write_summary",
]
