"""``vereda sources``: the layers that a network was built from, and their licences."""

from __future__ import annotations

from pathlib import Path

import click

from cli.shell.console import Session, table


@click.command("sources")
@click.option("--network", type=click.Path(path_type=Path), default=Path("network"),
              show_default=True, help="Network whose sources they are.")  # fmt: skip
@click.option("--licence", "layer", metavar="LAYER", help="Print the licence text of a layer.")
@click.pass_obj
def sources_command(session: Session, *, network: Path, layer: str | None) -> None:
    """List the layers that a network was built from, with their licences.

    \b
    Examples:
      vereda sources
      vereda sources --licence countries
    """
    from geodata.network.header import read_sources

    listed, licences = read_sources(network)
    if layer is not None:
        text = _licence_text(layer, listed, licences)
        session.show({"layer": layer, "text": text}, [text])
        return
    header = ("layer", "licence", "package", "version", "attribution")
    rows = [tuple(source.get(column, "") for column in header) for source in listed]
    session.show(listed, table(header, rows))


def _licence_text(layer: str, listed: list[dict[str, str]], licences: dict[str, str]) -> str:
    """The licence of a source in full, or its name where the network has no more."""
    from geodata.entries.spelling import composed
    from geodata.errors import DataError

    own = {source["layer"]: source["licence"] for source in listed}
    spelt = {composed(name): name for name in own}
    name = layer if layer in own else spelt.get(composed(layer))
    if name is None:
        raise DataError("layer", layer, f"There are only {', '.join(sorted(own))}.")
    licence = own[name]
    return licences.get(licence, licence)
