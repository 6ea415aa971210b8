"""``vereda corridors``: one scenario, its table and its result directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.options.examples import show_examples
from cli.options.flow_options import FlowOptions, flow_options
from cli.options.outputs import check_directory
from cli.shell.arguments import Finite
from cli.shell.console import Session, table
from routes.scenario.keys.fields import (
    AVOID,
    DRAWS,
    MOST_DRAWS,
    PROFILE,
    SEED,
    SLACK,
    SLACK_HOURS,
    STRENGTHEN,
    VIA,
)

if TYPE_CHECKING:
    from routes.results.result import Result
    from routes.scenario.profiles import Profile
    from routes.scenario.scenario import Scenario

LISTED = 12
"""Corridors in the printed table."""


@dataclass(frozen=True, kw_only=True)
class ScenarioOptions:
    """How a flow is to go, as asked for on the command line; `corridors` says what each is."""

    slack: float
    slack_hours: float | None
    via: tuple[str, ...]
    avoid: tuple[str, ...]
    strengthen: tuple[str, ...]

    def scenario(self, flow: Profile) -> Scenario:
        """The flow on its ways.

        Raises
        ------
        InputError
            When an option is wrong by itself; names are looked up later.
        """
        from routes.scenario.edits import read_edits
        from routes.scenario.scenario import Scenario

        return Scenario(
            profile=flow,
            slack=self.slack,
            slack_hours=self.slack_hours,
            via=self.via,
            edits=read_edits(avoid=self.avoid, strengthen=self.strengthen),
        )


@click.command("corridors")
@flow_options(profile=PROFILE)
@click.option("--slack", type=Finite(), default=SLACK.default, show_default=True,
              help=SLACK.meaning)  # fmt: skip
@click.option("--slack-hours", type=Finite(), default=SLACK_HOURS.default,
              help=SLACK_HOURS.meaning)  # fmt: skip
@click.option("--via", multiple=True, metavar="NAME",
              help=VIA.meaning)  # fmt: skip
@click.option("--avoid", multiple=True, metavar="NAME",
              help=AVOID.meaning)  # fmt: skip
@click.option("--strengthen", multiple=True, metavar="NAME=HOURS|NAME=xFACTOR",
              help=STRENGTHEN.meaning)  # fmt: skip
@click.option("--draws", type=click.IntRange(max=MOST_DRAWS), default=DRAWS.default,
              show_default=True, help=DRAWS.meaning)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=SEED.default, show_default=True,
              help=SEED.meaning)  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path), default=None,
              help="Result directory; only the table is printed when left out.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace a result that is there.")
@click.pass_obj
@show_examples("corridors")
def corridors_command(
    session: Session,
    /,
    *,
    question: FlowOptions,
    draws: int,
    seed: int,
    output: Path | None,
    overwrite: bool,
    **ways: Any,
) -> None:
    """Compute the corridors of a flow, and write them as files that QGIS opens."""
    from geodata.publication.results.result_files import RESULT
    from routes.studies.ensemble import check_draws, run_with_draws

    check_directory(output, RESULT, question.files(), overwrite=overwrite)
    if draws:
        check_draws(draws)
    scenario = ScenarioOptions(**ways).scenario(question.flow())
    router = question.router(session)
    session.progress("computing corridors")
    result = run_with_draws(router, scenario, draws=draws, seed=seed, progress=session.progress)
    session.show(_record(result), _lines(result))
    if output is not None:
        from geodata.publication.results.publish import publish

        session.progress("writing the result")
        publish(result, output, overwrite=overwrite)
        session.say(f"Result written to {output}.")


def _record(result: Result) -> dict[str, object]:
    frame = result.corridors.drop(columns="geometry")
    return {"corridors": frame.to_dict("records"), "provenance": result.provenance}


def _lines(result: Result) -> list[str]:
    from geodata.publication.results.publish import slack_text
    from routes.phrases import describe_snaps

    scenario = result.provenance["scenario"]
    frame = result.corridors.head(LISTED)
    sure = "usage_low" in frame
    header = ["rank", "corridor", "usage", *(["5-95%", "top 5 in"] if sure else []), "hours",
              "road km", "trail km", "river km", "sea km", "origin"]  # fmt: skip
    rows = []
    for row in frame.drop(columns="geometry").to_dict("records"):
        interval = (
            [f"{row['usage_low']:.1%}-{row['usage_high']:.1%}", f"{row['top_share']:.0%}"]
            if sure
            else []
        )
        km = [f"{row[f'km_{mode}']:.0f}" for mode in ("road", "trail", "river", "sea")]
        rows.append([row["rank"], row["name"], f"{row['usage']:.1%}", *interval,
                     f"{row['hours']:.1f}", *km, row["origin"]])  # fmt: skip
    lines = [
        f"{scenario['profile']}, slack {slack_text(scenario)}",
        *table(header, rows),
        f"These {len(frame)} carry {frame['usage'].sum():.0%} of modelled flow. "
        f"{result.provenance['reading']}",
    ]
    lines += describe_snaps(result.provenance["ends"])
    if cut_off := result.provenance["search"]["reading"]:
        lines.append(cut_off)
    if sure:
        draws = result.provenance["ensemble"]
        state = "converged" if draws["converged"] else "not converged"
        lines.append(f"{draws['draws']} draws, {state}: standard error of usage at gateways "
                     f"at most {draws['standard_error']:.3f}.")  # fmt: skip
        if draws["cut_off"]:
            lines.append(f"In {draws['cut_off']} of them a search for corridors came to no end.")
    return lines
