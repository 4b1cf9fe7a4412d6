"""`playcall sla`: business time, checked against vectors that others can use too."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfoNotFoundError

import typer
from pydantic import ValidationError

from plays.sla import conformance
from plays.sla.calendar import NoWorkingTimeError
from plays.sla.conformance.checking import differences
from plays.sla.conformance.vectors import VectorFile
from plays.sla.hours import HoursError
from streams.cli.account_file import refuse
from streams.cli.exits import ANSWER_IS_NO
from streams.cli.options import AsJson
from streams.cli.terminal import print_json

SHIPPED = Path(next(iter(conformance.__path__))) / "business-time.json"

app = typer.Typer(name="sla", help="Business time, checked against public vectors.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    pass


@app.command()
def check(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="[VECTORS.json]",
            help="Conformance vectors in the form of docs/business-time.md.",
            exists=True,
            dir_okay=False,
            show_default="those that come with playcall",
        ),
    ] = SHIPPED,
    as_json: AsJson = False,
) -> None:
    """Work out every vector and compare. Exit code 1 if one differs."""
    try:
        vectors = VectorFile.model_validate_json(file.read_bytes())
        found = list(differences(vectors))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise refuse(f"{file}: {'.'.join(str(step) for step in first['loc'])}: {first['msg']}") from None
    except ZoneInfoNotFoundError as error:  # a KeyError, too
        raise refuse(f"{file}: {error.args[0]}: write the name of an IANA timezone") from None
    except KeyError as error:
        raise refuse(f"{file}: a vector names calendar {error}, which is not among `calendars`") from None
    except (HoursError, NoWorkingTimeError) as error:
        raise refuse(f"{file}: {error}") from None
    except OverflowError as error:
        raise refuse(f"{file}: a moment lies outside the years 1970 to 9000 ({error})") from None
    if as_json:
        print_json({"vectors": len(vectors.vectors), "differences": [one._asdict() for one in found]})
    else:
        for one in found:
            print(f"{one.id}: expected {one.expected}, found {one.found}")
        print(f"{len(vectors.vectors) - len(found)} of {len(vectors.vectors)} vectors hold")
    if found:
        raise typer.Exit(ANSWER_IS_NO)
