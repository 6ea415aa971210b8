"""``vereda batch``: many scenarios, of which those are computed that are out of date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.options.examples import show_examples
from cli.scenarios.engines.choice import EngineChoice, engine_options
from cli.shell.console import Session, table
from cli.shell.exit_codes import FAULT

if TYPE_CHECKING:
    from cli.scenarios.batch_work import Batch, Due

LISTED = 60
"""Scenarios in the printed table; of more those that failed."""
_PENDING = "It was not computed; another batch may be at it."


@click.command("batch")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path),
                metavar="FILE|DIRECTORY...")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path), required=True,
              help="Directory of runs: results, logs, and runs.csv and runs.parquet as their "
              "index.")  # fmt: skip
@click.option("--network", type=click.Path(path_type=Path), default=Path("network"),
              show_default=True, help="Network of scenarios that name none.")  # fmt: skip
@engine_options
@click.option("--most", type=click.IntRange(min=1), default=10_000, show_default=True,
              help="Scenarios at most: a grid of some keys soon has too many.")  # fmt: skip
@click.option("--dry-run", is_flag=True,
              help="List what would be computed, why, and how long it may take.")  # fmt: skip
@click.pass_obj
@show_examples("batch")
def batch_command(
    session: Session,
    /,
    *,
    paths: tuple[Path, ...],
    output: Path,
    network: Path,
    where: EngineChoice,
    most: int,
    dry_run: bool,
) -> None:
    """Compute the scenarios of some files, all those that are out of date.

    A result is known by the hash of its network, its scenario and the version. What was stopped, in
    whatever way, goes on with the next call, and several calls may share a directory. It ends with
    the code of the first scenario that failed, after all others were tried.
    """
    from cli.scenarios.batch_work import Batch
    from cli.scenarios.scenario_files import Networks, read_runs
    from geodata.publication.runs import Runs

    runs, store = read_runs(paths, Networks(network), most=most), Runs(output)
    work, engine = Batch(runs, store, processes=where.at_once), where.engine(store)
    store.check()
    due = work.due()
    if dry_run:
        _forecast(session, work, due)
    else:
        work.run(session, due, engine)
        _report(session, work, due)


def _forecast(session: Session, work: Batch, due: Sequence[Due]) -> None:
    """Show what would be done."""
    from routes.phrases import duration

    seconds = work.seconds(due)
    rows = [(each.run.name, each.reason, "-" if each.seconds is None else f"{each.seconds:.1f}")
            for each in due]  # fmt: skip
    done = [run.name for run in work.runs if work.store.done(run.address)]
    session.show(
        {
            "due": [
                {"name": each.run.name, "address": each.run.address, "reason": each.reason,
                 "seconds": each.seconds} for each in due
            ],
            "up_to_date": done,
            "seconds": seconds,
        },
        [
            *(table(("scenario", "why", "seconds"), rows) if rows else ()),
            f"{len(due)} of {len(work.runs)} would be computed, {len(done)} are up to date."
            + ("" if seconds is None else f" It should take about {duration(seconds)}."),
        ],
    )  # fmt: skip


def _report(session: Session, work: Batch, due: Sequence[Due]) -> None:
    """Show what became of the scenarios; ends with the code of the first that failed."""
    from routes.phrases import number

    rows = work.rows()
    failed = [row for row in rows if row["status"] != "done"]
    open_still = {row["address"] for row in failed}
    computed = [each.run.name for each in due if each.run.address not in open_still]
    shown = rows if len(rows) <= LISTED else failed
    session.show(
        {"runs": rows, "computed": computed, "failed": len(failed)},
        [
            *(table(("scenario", "status", "seconds", "corridor", "usage"), list(map(_row, shown)))
              if shown else ()),
            *(f"{row['name']}: {row['error'] or _PENDING}" for row in failed),
            f"{number(len(rows), 'scenario')}: {len(due)} were out of date, {len(failed)} failed.",
        ],
    )  # fmt: skip
    if failed:
        click.get_current_context().exit(int(failed[0]["code"] or FAULT))


def _row(row: Mapping[str, Any]) -> tuple[object, ...]:
    return (
        row["name"],
        row["status"],
        "-" if row["seconds"] is None else f"{row['seconds']:.1f}",
        row["corridor"] or "-",
        "-" if row["usage"] is None else f"{row['usage']:.1%}",
    )
