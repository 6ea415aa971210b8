"""``vereda sensitivity``: which parameter moves which corridor and which gateway most."""

from __future__ import annotations

from pathlib import Path

import click

from cli.options.flow_options import FlowOptions, flow_options
from cli.options.outputs import check_outputs
from cli.shell.arguments import Finite
from cli.shell.console import Session, table
from routes.scenario.keys.fields import PROFILE, SEED, SLACK

SHOWN = 4
"""Parameters shown for each gateway."""


@click.command("sensitivity")
@flow_options(profile=PROFILE)
@click.option("--slack", type=Finite(), default=SLACK.default, show_default=True,
              help=SLACK.meaning)  # fmt: skip
@click.option("--samples", type=click.IntRange(max=65_536), default=16, show_default=True,
              help="Base samples, a power of two; about 14 runs each.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=SEED.default, show_default=True,
              help="Seed of the samples.")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), default=None,
              help="CSV file for all indices.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
def sensitivity_command(
    session: Session,
    *,
    question: FlowOptions,
    slack: float,
    samples: int,
    seed: int,
    output: Path | None,
    overwrite: bool,
) -> None:
    """First-order and total Sobol indices of the usage of corridors and gateways.

    \b
    Example:
      vereda sensitivity --profile migrants-north --samples 16 --output sensitivity.csv
    """
    from geodata.formats.files.store import whole_file
    from routes.scenario.scenario import Scenario
    from routes.studies.sensitivity import sobol

    check_outputs({"output": output}, question.files(), overwrite=overwrite)
    scenario = Scenario(profile=question.flow(), slack=slack)
    router = question.router(session)
    indices = sobol(router, scenario, samples=samples, seed=seed, progress=session.progress)
    shown = indices.groupby(["kind", "name", "gateways"], sort=False).head(SHOWN)
    rows = [
        (row.kind, row.name, row.parameter, f"{row.first:.2f} ± {row.first_interval:.2f}",
         f"{row.total:.2f} ± {row.total_interval:.2f}")
        for row in shown.itertuples(index=False)
    ]  # fmt: skip
    lines = table(("", "name", "parameter", "first order", "total"), rows)
    none = f"Of {scenario.profile.name} no parameter moves the usage of a corridor or gateway."
    lines = lines if rows else [none]
    if cut_off := indices.attrs["cut_off"]:
        lines.append(f"In {cut_off} of the runs a search for corridors came to no end: usage is "
                     "shared among those proven cheapest.")  # fmt: skip
    session.show(indices.to_dict("records"), lines)
    if output is not None:
        with whole_file(output) as partial:
            indices.to_csv(partial, index=False)
