"""``vereda scenario``: a file of scenarios to start from, and what one would give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from cli.options.examples import show_examples
from cli.shell.console import Session

if TYPE_CHECKING:
    from cli.scenarios.scenario_files import Networks, ScenarioSource
    from routes.studies.batch.run import Run
    from routes.studies.batch.sweeps import Draft


class _ReadScenario(NamedTuple):
    """A scenario, the file that it is of, and what it is called there."""

    source: ScenarioSource
    draft: Draft
    run: Run

    @property
    def network(self) -> str:
        """Directory of its network."""
        return self.run.network


@click.group("scenario")
@show_examples("scenario")
def scenario_group() -> None:
    """Make a file of scenarios, or check some."""


@scenario_group.command("init")
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
    from routes.scenario.forms.scenario_template import TEMPLATE

    if file.exists() and not overwrite:
        raise InputError("file", str(file), "It is there already; add --overwrite to replace it.")
    with whole_file(file, field="file") as fresh:
        fresh.write_text(TEMPLATE, encoding="utf-8")
    session.show(
        {"scenario": str(file)},
        [f"Wrote {file}. Next: vereda scenario check {file}, then vereda batch {file} --output "
         "runs."],
    )  # fmt: skip


@scenario_group.command("check")
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
    from cli.scenarios.scenario_files import Networks, sources_of
    from routes.phrases import number

    runs, faults = _checked(session, sources_of(paths), Networks(network), most=most)
    session.show(
        {"scenarios": [run.record() for run in runs.values()],
         "faults": faults},
        [*runs, f"{number(len(runs), 'scenario')} can be computed.",
         *(["", "Cannot be used:", *(f"  {fault}" for fault in faults)] if faults else [])],
    )  # fmt: skip
    if faults:
        click.get_current_context().exit(3)


def _checked(
    session: Session, sources: Sequence[ScenarioSource], networks: Networks, *, most: int
) -> tuple[dict[str, Run], list[str]]:
    """Scenarios that can be computed, by name, and what is wrong with others, each once."""
    from geodata.errors import DataError
    from routes.studies.batch.name_check import name_faults

    read: dict[str, _ReadScenario] = {}
    sound: dict[str, Run] = {}
    spoilt: set[ScenarioSource] = set()
    faults: list[str] = []
    for source in sources:
        with _noted(faults):
            outline = source.outline_faults()
            faults += map(str, outline)
            spoilt |= {source} if outline else set()
            for draft in source.drafts(most=most, before=len(read)):
                with _noted(faults):
                    faults += map(str, source.faults(draft))
                    run = source.run(draft, networks)
                    if run.name in read:
                        remedy = "Another scenario has this name; give it its own."
                        with source.located(draft):
                            raise DataError("name", run.name, remedy)
                    read[run.name] = _ReadScenario(source, draft, run)
    # A network takes seconds to read: each once.
    by_network = sorted(read.values(), key=attrgetter("network"))
    for home, group in groupby(by_network, key=attrgetter("network")):
        several = list(group)
        first = several[0]
        session.progress(f"looking up names of {len(several):,} scenarios in {home}")
        with _noted(faults), first.source.located(first.draft):
            router = networks.router(Path(home))
            for source, draft, run in several:
                wrong = name_faults(router, run.scenario)
                for fault in wrong:
                    with _noted(faults), source.located(draft):
                        raise fault
                if not wrong and source not in spoilt:
                    sound[run.name] = run
    return {name: sound[name] for name in read if name in sound}, list(dict.fromkeys(faults))


@contextmanager
def _noted(faults: list[str]) -> Iterator[None]:
    """Collect the errors of a block instead of raising them."""
    from geodata.errors import VeredaError

    try:
        yield
    except VeredaError as error:
        faults.append(str(error))
    except OSError as error:
        faults.append(f"{error.filename}: It cannot be read: {error.strerror or error}.")
