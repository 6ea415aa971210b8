"""``vereda build``: sources in, a scored network out."""

from __future__ import annotations

from pathlib import Path

import click

from cli.console import Session


@click.command()
@click.option("--output", type=click.Path(path_type=Path), default=Path("network"),
              show_default=True, help="Directory for the network.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace a network that is there.")
@click.pass_obj
def build(session: Session, *, output: Path, overwrite: bool) -> None:
    """Build the scored network of the bundled region.

    \b
    Example:
      vereda build --output network --overwrite
    """
    from geodata.borderlands.region import BORDERLANDS, borderlands, titles
    from geodata.builder.build import all_places, build_network
    from geodata.formats.files.store import check_target
    from geodata.network.store import LAYOUT, save_network
    from routes.scores.scoring import score_network

    check_target(output, LAYOUT, overwrite=overwrite)
    bundle = borderlands()
    network = build_network(bundle, BORDERLANDS, titles=titles(), progress=session.progress)
    network = score_network(
        network,
        places=all_places(bundle),
        posts=bundle.frame("posts"),
        indicators=bundle.frame("indicators"),
        progress=session.progress,
    )
    session.progress("writing the network")
    save_network(network, output, overwrite=overwrite)
    counts = network.meta["counts"]
    session.show(
        {"network": str(output), **counts},
        [
            f"Network of {len(network.nodes):,} nodes and {len(network.links):,} links "
            f"written to {output}."
        ],
    )
