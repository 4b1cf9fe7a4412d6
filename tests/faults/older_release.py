"""A worker of an older release: it writes milestones in the version before, and knows no later one.

python -m tests.faults.older_release
"""

from streams.cli.main import main
from streams.signals.state import MILESTONES

if __name__ == "__main__":
    MILESTONES.version -= 1
    main(["worker"])
