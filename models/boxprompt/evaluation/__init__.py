"""Measuring localizers: trivial baselines, other tools' score maps, one protocol, one table. Imports no torch."""

from boxprompt.evaluation.folder import FolderEvaluation, Plan, evaluate_folder
from boxprompt.evaluation.subjects import Subject, baseline_subjects

__all__ = ["FolderEvaluation", "Plan", "Subject", "baseline_subjects", "evaluate_folder"]
