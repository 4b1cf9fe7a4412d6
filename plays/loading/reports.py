"""The reports of a library: files of `reports/`, one each, named after its id."""

from pathlib import Path

from plays.loading.document import read_document
from plays.loading.errors import Complaint, ConfigError
from plays.loading.rules import LIBRARY
from plays.outcomes.definition import ReportDefinition

REPORTS = "reports"


def load_reports(library: Path = LIBRARY) -> tuple[ReportDefinition, ...]:
    """All of them, in the order of their files; none where the folder is not there. Raises `ConfigError` with every complaint."""
    found: list[ReportDefinition] = []
    complaints: list[Complaint] = []
    for path in sorted((library / REPORTS).glob("*.yaml")):
        try:
            document = read_document(path)
            report = document.validate(ReportDefinition, ReportDefinition.problems)
        except ConfigError as error:
            complaints.extend(error.complaints)
            continue
        if report.id != path.stem:
            complaints.append(
                Complaint(path, document.line(("id",)), f"report {report.id} is in file {path.name}", f"rename it to {report.id}.yaml")
            )
        found.append(report)
    if complaints:
        raise ConfigError(complaints)
    return tuple(found)
