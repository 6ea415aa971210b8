"""``vereda site``: the gateways where a limited effort raises the cost of a flow most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options.examples import show_examples
from cli.options.flow_options import FlowOptions, flow_options
from cli.options.outputs import check_outputs
from cli.shell.arguments import Finite
from cli.shell.console import Session, table
from routes.scenario.keys.fields import PROFILE, SEED

if TYPE_CHECKING:
    import pandas as pd

    from routes.studies.siting.siting import Siting


@click.command("site")
@flow_options(profile=PROFILE)
@click.option("--budget", type=click.IntRange(1, 20), default=3, show_default=True,
              help="Places at most; each number up to it is answered.")  # fmt: skip
@click.option("--hours", type=Finite(min=0.01, max=1000), default=6.0, show_default=True,
              help="Risk-adjusted hours that each passing of a chosen place costs "
              "more.")  # fmt: skip
@click.option("--draws", type=click.IntRange(0, 1000), default=0, show_default=True,
              help="Draws that say how often each place is chosen.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=SEED.default, show_default=True,
              help=SEED.meaning)  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), default=None,
              help="CSV file for the places of each budget.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
@show_examples("site")
def site_command(
    session: Session,
    *,
    question: FlowOptions,
    budget: int,
    hours: float,
    draws: int,
    seed: int,
    output: Path | None,
    overwrite: bool,
) -> None:
    """Say which gateways to strengthen so that the flow costs most after it has moved.

    For each number of places up to the budget: the best choice, by shortest-path interdiction, with
    the gap within which it is the best, and beside it what greedy finds.
    """
    from geodata.formats.files.store import whole_file
    from routes.scenario.scenario import Scenario
    from routes.studies.siting.siting import site, siting_table, stability_table

    check_outputs({"output": output}, question.files(), overwrite=overwrite)
    scenario = Scenario(profile=question.flow())
    router = question.router(session)
    siting = site(router, scenario, budget=budget, hours=hours, draws=draws, seed=seed,
                 progress=session.progress)  # fmt: skip
    places, stable = siting_table(router, siting), stability_table(router, siting)
    record = {
        "before": siting.before, "hours": hours, "budgets": places.to_dict("records"),
        "guaranteed": False, "pairs_break_submodularity": siting.unguaranteed,
        "draws": draws, "chosen": stable.to_dict("records"),
    }  # fmt: skip
    session.show(record, _lines(siting, places, stable, draws=draws))
    if output is not None:
        with whole_file(output) as partial:
            places.to_csv(partial, index=False, lineterminator="\n")


def _lines(siting: Siting, places: pd.DataFrame, stable: pd.DataFrame, *, draws: int) -> list[str]:
    """What is printed: budgets side by side, what greedy is worth, and how stable places are."""
    rows = [
        [row["budget"], row["places"], f"{row['hours_added']:.2f}", f"{row['gap']:.3f}",
         row["greedy_places"], f"{row['greedy_hours_added']:.2f}"]
        for row in places.to_dict("records")
    ]  # fmt: skip
    header = ["places", "exact", "hours added", "gap", "greedy", "hours added"]
    broken = (
        "Some of these places add more together than each alone, so that greedy has no guarantee: "
        "its share of the exact choice is what it is here."
        if siting.unguaranteed
        else "No two of these places add more together than each alone; that proves no guarantee "
        "of greedy for others, and its share of the exact choice is empirical."
    )
    lines = [f"The least cost is {siting.before:.2f} risk-adjusted hours.", "",
             *table(header, rows), "", broken]  # fmt: skip
    if draws:
        shares = [[row["name"], row["kind"], f"{row['share']:.0%}"]
                  for row in stable.to_dict("records")]  # fmt: skip
        lines += ["", *table([f"chosen in {draws} draws", "kind", "share"], shares)]
    return lines
