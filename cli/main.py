"""The command ``vereda``: its group, its options and its exit codes."""

from __future__ import annotations

import json
import sys

import click

from cli.alternatives import alternatives
from cli.build import build
from cli.chokepoints import chokepoints
from cli.corridors import corridors
from cli.inspection import inspect, sources
from cli.sensitivity import sensitivity
from cli.serve import serve, work
from cli.session import Session
from cli.tiles import tiles
from cli.token import token
from cli.validate import validate
from geodata.errors import DataError, InputError, NoPathError, VeredaError

EXIT_CODES: dict[type[VeredaError], int] = {InputError: 2, DataError: 3, NoPathError: 4}
"""What the shell is told: 2 wrong use, 3 bad data, 4 no path."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="vereda", message="vereda %(version)s")
@click.option("-q", "--quiet", is_flag=True, help="Print results only, no progress.")
@click.option("-v", "--verbose", is_flag=True, help="Print the time of every step.")
@click.option("--json", "as_json", is_flag=True, help="Print results and errors as JSON.")
@click.pass_context
def vereda(context: click.Context, *, quiet: bool, verbose: bool, as_json: bool) -> None:
    """Corridors by land and sea: where they run, what they pass, how sure we are.

    \b
    Example:
      vereda build --output network
      vereda corridors --network network --profile cocaine-north --output out
      vereda serve --network network --result out
    """
    context.obj = Session(quiet=quiet, verbose=verbose, as_json=as_json)


COMMANDS = (
    alternatives, build, chokepoints, corridors, inspect, sensitivity, serve, sources, tiles, token,
    validate, work,
)  # fmt: skip
for command in COMMANDS:
    vereda.add_command(command)


def run(arguments: list[str] | None = None) -> None:
    """Entry point: errors become one line on standard error and an exit code."""
    try:
        vereda.main(args=arguments, prog_name="vereda", standalone_mode=False)
    except VeredaError as error:
        _complain(error)
        sys.exit(next(code for kind, code in EXIT_CODES.items() if isinstance(error, kind)))
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)


def _complain(error: VeredaError) -> None:
    if "--json" in sys.argv:
        record = {"field": error.field, "value": error.value, "remedy": error.remedy}
        click.echo(json.dumps({"error": str(error), **record}, default=str), err=True)
    else:
        click.echo(f"vereda: {error}", err=True)
