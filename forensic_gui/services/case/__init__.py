"""Cases: evidence in a vault, findings, annotations, and the record of everything that was done."""

from forensic_gui.services.case.adding import AddReport as AddReport
from forensic_gui.services.case.session import CaseSession as CaseSession
