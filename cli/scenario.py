"""``vereda scenario``: a file of scenarios to start from, and what one would give."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.console import Session
from cli.examples import show_examples

if TYPE_CHECKING:
    from cli.scenario_files import Networks, ScenarioSource
    from routes.studies.batch.run import Run


@click.group()
@show_examples
def scenario() -> None:
    """Make a file of scenarios, or check some."""


@scenario.command("init")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
def init(session: Session, *, file: Path, overwrite: bool) -> None:
    """Write a commented file with a scenario and a grid, to start from.

    \b
    Example:
      vereda scenario init sweep.toml
    """
    from geodata.errors import InputError
    from geodata.formats.files.store import whole_file
    from routes.scenario.scenario_template import TEMPLATE

    if file.exists() and not overwrite:
        raise InputError("file", str(file), "It is there already; add --overwrite to replace it.")
    with whole_file(file, field="file") as fresh:
        fresh.write_text(TEMPLATE, encoding="utf-8")
    session.show(
        {"scenario": str(file)},
        [f"Wrote {file}. Next: vereda scenario check {file}, then vereda batch {file} --output "
         "runs."],
    )  # fmt: skip


@scenario.command("check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path),
                metavar="FILE|DIRECTORY...")  # fmt: skip
@click.option("--network", type=click.Path(path_type=Path), default=Path("network"),
              show_default=True, help="Network of scenarios that name none.")  # fmt: skip
@click.option("--most", type=click.IntRange(min=1), default=10_000, show_default=True,
              help="Scenarios at most.")  # fmt: skip
@click.pass_obj
def check(session: Session, *, paths: tuple[Path, ...], network: Path, most: int) -> None:
    """Tell which scenarios some files stand for, and all that is wrong with them.

    Names are looked up in the network of each. It ends with code 3 when something is wrong.

    \b
    Examples:
      vereda scenario check sweep.toml
      vereda --json scenario check scenarios
    """
    from cli.scenario_files import Networks, ScenarioSource, files_of

    networks = Networks(network)
    runs: dict[str, Run] = {}
    faults: list[str] = []
    for path in files_of(paths):
        source = ScenarioSource(path)
        for each in _looked_at(source, networks, most=most - len(runs)):
            if isinstance(each, Exception):
                faults.append(str(each))
            elif each.name in runs:
                faults.append(f"{path}: name: {each.name!r}. Another scenario has this name.")
            else:
                runs[each.name] = each
    faults = list(dict.fromkeys(faults))
    session.show(
        {"scenarios": [{"name": name, **run.record()} for name, run in runs.items()],
         "faults": faults},
        [*runs, f"{len(runs)} scenarios can be computed.",
         *(["", "Cannot be used:", *(f"  {fault}" for fault in faults)] if faults else [])],
    )  # fmt: skip
    if faults:
        click.get_current_context().exit(3)


def _looked_at(
    source: ScenarioSource, networks: Networks, *, most: int
) -> Iterator[Run | Exception]:
    """Scenarios of a file with all names looked up, or what is wrong with each."""
    from geodata.errors import DataError

    try:
        drafts = source.drafts(most=most)
    except DataError as error:
        yield error
        return
    for draft in drafts:
        try:
            run = source.run(draft, networks)
            with source.located(draft):
                networks.router(Path(run.network)).check(run.scenario)
            yield run
        except DataError as error:
            yield error
