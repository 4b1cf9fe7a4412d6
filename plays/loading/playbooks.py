"""The playbook library: a folder of one file per playbook."""

from pathlib import Path

from plays.loading.document import read_document
from plays.loading.errors import Complaint, ConfigError
from plays.loading.links import load_links
from plays.playbooks.book import Playbooks
from plays.playbooks.model import Playbook
from plays.policy.links import Links

DEFAULT_PLAYBOOKS = Path(__file__).parent.parent / "library" / "playbooks"


def load_playbooks(folder: Path = DEFAULT_PLAYBOOKS, links: Links | None = None) -> Playbooks:
    """All `*.yaml` of the folder, compiled with the links given, else those shipped. Raises `ConfigError` with every complaint.

    The file's name is the playbook's id, so an id can be there only once and is found by looking at the folder.
    """
    known = load_links() if links is None else links
    found: list[Playbook] = []
    complaints: list[Complaint] = []
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise ConfigError([Complaint(folder, 1, "no playbook (*.yaml) in this folder", "name the folder that holds the playbooks")])
    for path in paths:
        try:
            document = read_document(path)
            playbook = document.validate(Playbook, lambda stated: stated.problems(known))
        except ConfigError as error:
            complaints.extend(error.complaints)
            continue
        if playbook.id != path.stem:
            what = f"playbook id {playbook.id!r} in a file named {path.name}"
            complaints.append(Complaint(path, document.line(("id",)), what, f"rename the file to {playbook.id}.yaml, or correct the id"))
        found.append(playbook)
    if complaints:
        raise ConfigError(complaints)
    return Playbooks(found, known)
