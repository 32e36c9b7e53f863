"""Measuring localizers: trivial baselines, one protocol, one table. Imports no torch."""

from boxprompt.evaluation.folder import FolderEvaluation, Subject, baseline_subjects, evaluate_folder

__all__ = ["FolderEvaluation", "Subject", "baseline_subjects", "evaluate_folder"]
