"""The releases whose inside this package relies on, checked before anything starts."""

from importlib import import_module
from importlib.metadata import version

PINNED = {"faust-streaming": "0.15.3", "aiokafka": "0.14.0"}

_EXTENSIONS = ("faust._cython.streams", "faust.transport._cython.conductor", "aiokafka.record._crecords.default_records")


class SeamError(Exception):
    """The installed libraries are not the ones this release was tested with."""


def check_seams() -> None:
    """Raise `SeamError` when a pinned library has another version, or when its compiled part is missing.

    The transport, the consumer thread and the producer reach into both libraries (see tests/broker/test_shell_seams.py);
    without the compiled parts a worker is several times slower, silently.
    """
    for package, wanted in PINNED.items():
        found = version(package)
        if found != wanted:
            raise SeamError(f"{package} {found} is installed, this release needs {wanted}: pip install {package}=={wanted}")
    for module in _EXTENSIONS:
        try:
            import_module(module)
        except ImportError as problem:
            package = "faust-streaming" if module.startswith("faust") else "aiokafka"
            raise SeamError(
                f"the compiled part {module} is missing ({problem}): reinstall {package} from a wheel for this platform"
            ) from problem
