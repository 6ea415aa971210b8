"""The command ``vereda``: its group and its options, and errors as a line."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

import click

from cli.networks.area import area_group
from cli.networks.build import build_command
from cli.networks.fetch import fetch_command
from cli.networks.inspection import inspect_command
from cli.networks.sources import sources_command
from cli.scenarios.batch import batch_command
from cli.scenarios.corridors import corridors_command
from cli.scenarios.scenario import scenario_group
from cli.serving.serve import serve_command, work_command
from cli.serving.tiles import tiles_command
from cli.serving.token import token_group
from cli.shell.arguments import Commands
from cli.shell.compilation import place_compiled_code
from cli.shell.console import Session, json_line
from cli.shell.exit_codes import FAULT, exit_code
from cli.shell.interrupts import Interrupts
from cli.shell.streams import drop, echo, open_streams
from cli.shell.usage import is_help, usage_record
from cli.studies.alternatives import alternatives_command
from cli.studies.chokepoints import chokepoints_command
from cli.studies.compare import compare_command
from cli.studies.sensitivity import sensitivity_command
from cli.studies.site import site_command
from cli.studies.strategy import strategy_command
from cli.studies.validate import validate_command
from geodata.errors import VeredaError

INTERRUPTED = 130
"""What the shell is told of Ctrl+C, as by other programs."""

Complaint = VeredaError | OSError | click.ClickException


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
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
    alternatives_command, area_group, batch_command, build_command, chokepoints_command,
    compare_command, corridors_command, fetch_command, inspect_command, scenario_group,
    sensitivity_command, serve_command, site_command, sources_command, strategy_command,
    tiles_command, token_group, validate_command, work_command,
)  # fmt: skip
for command in COMMANDS:
    vereda.add_command(command)


def run(arguments: list[str] | None = None) -> None:
    """Entry point: errors become one line on standard error and an exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    open_streams()
    interrupts = Interrupts()
    try:
        place_compiled_code()
        code = vereda.main(args=words, prog_name="vereda", standalone_mode=False)
        sys.stdout.flush()
    except (click.exceptions.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except (VeredaError, OSError, click.ClickException) as error:
        if interrupts.came:
            sys.exit(INTERRUPTED)
        _complain(error, words)
        if isinstance(error, click.ClickException):
            sys.exit(error.exit_code)
        sys.exit(exit_code(error))
    except Exception as error:
        if interrupts.came:
            sys.exit(INTERRUPTED)
        if {"-v", "--verbose"} & set(words):
            traceback.print_exc()
        _complain(_fault(error), words)
        sys.exit(FAULT)
    # What a command ends with is no exception here: click returns it.
    if isinstance(code, int) and code:
        sys.exit(code)


def _complain(error: Complaint, arguments: Sequence[str]) -> None:
    if isinstance(error, OSError) and not isinstance(error, VeredaError):
        drop(sys.stdout)
    # Where standard error cannot be written either, only the exit code is left.
    with suppress(OSError):
        record = _record(error, arguments)
        if "--json" in arguments:
            echo(json_line(record, none=str), err=True)
        elif isinstance(error, click.ClickException) and is_help(error):
            error.show()
        elif isinstance(error, click.ClickException):
            echo(f"vereda: {record['error']} {record['remedy']}", err=True)
        else:
            echo(f"vereda: {record['error']}", err=True)
        return
    drop(sys.stderr)


def _fault(error: Exception) -> VeredaError:
    """Message for an unexpected error."""
    if isinstance(error, MemoryError):
        return VeredaError("memory", "full", "Close other programs, or ask for less at once.")
    fault = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    remedy = "This is a fault of Vereda: report it with the command; -v shows where it is."
    return VeredaError("fault", fault, remedy)


def _record(error: Complaint, arguments: Sequence[str]) -> dict[str, object]:
    """What was wrong, what was given, and what to do."""
    if isinstance(error, click.ClickException):
        return usage_record(error, arguments)
    if isinstance(error, OSError) and not isinstance(error, VeredaError):
        remedy = f"It cannot be read or written: {error.strerror or error}."
        return _record(VeredaError("file", error.filename, remedy), arguments)
    fields = {"field": error.field, "value": error.value, "remedy": error.remedy}
    return {"error": str(error), **fields}
