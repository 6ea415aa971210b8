"""``vereda tiles``: a network and a result as vector tiles in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.options.outputs import check_outputs
from cli.shell.console import Session

if TYPE_CHECKING:
    from geodata.formats.tiles.pyramid import Tileset, Zooms
    from geodata.network.network import Network


@click.command("tiles")
@click.option("--network", type=click.Path(path_type=Path), default=Path("network"),
              show_default=True, help="Directory that `vereda build` wrote.")  # fmt: skip
@click.option("--result", "results", type=click.Path(path_type=Path), multiple=True,
              help="Result directory whose layers are to be added; may be repeated.")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="PMTiles file to write.")  # fmt: skip
@click.option("--min-zoom", type=int, default=None,
              help="Least zoom; where the layers begin to be seen by default.")  # fmt: skip
@click.option("--max-zoom", type=int, default=10, show_default=True,
              help="Deepest zoom; maps enlarge its tiles beyond.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
def tiles_command(
    session: Session,
    *,
    network: Path,
    results: tuple[Path, ...],
    output: Path,
    min_zoom: int | None,
    max_zoom: int,
    overwrite: bool,
) -> None:
    """Write vector tiles that a web page reads without a server of ours.

    \b
    Examples:
      vereda tiles --network network --result out --output vereda.pmtiles
      vereda tiles --output network.pmtiles --max-zoom 8 --overwrite
    """
    from geodata.formats.files.store import whole_file
    from geodata.formats.tiles.pmtiles import write_archive
    from geodata.network.store import load_network

    _check(output, overwrite=overwrite)
    _check_zooms(min_zoom, max_zoom)
    session.progress("reading the network")
    loaded = load_network(network)
    tileset = _tileset(loaded, results)
    zooms = _zooms(tileset, min_zoom, max_zoom)
    with whole_file(output) as path:
        written = write_archive(
            tileset,
            path,
            zooms=zooms,
            metadata=_metadata(tileset, loaded),
            progress=session.progress,
        )
    size = output.stat().st_size
    names = [layer.name for layer in tileset.layers]
    record = {"output": str(output), "tiles": written, "bytes": size, "min_zoom": zooms.least,
              "max_zoom": zooms.most, "layers": names}  # fmt: skip
    line = (
        f"{written:,} tiles of zoom {zooms.least} to {zooms.most}, {len(tileset.layers)} layers, "
        f"{size / 1e6:.1f} MB, written to {output}."
    )
    session.show(record, [line])


def _check(output: Path, *, overwrite: bool) -> None:
    """Refuse a target before long work."""
    from geodata.errors import InputError

    if output.suffix != ".pmtiles":
        raise InputError("output", str(output), "Give a name that ends in .pmtiles.")
    check_outputs({"output": output}, overwrite=overwrite)


def _tileset(network: Network, directories: tuple[Path, ...]) -> Tileset:
    from geodata.cartography.basemap import basemap_of
    from geodata.publication.layers.network_layers import network_layers
    from geodata.publication.results.reading import read_results
    from geodata.publication.results.result_layers import result_layers
    from geodata.publication.tilesets import make_tilesets, whole_tileset

    results = read_results(directories)
    layers = [layer for each in results.values() for layer in result_layers(each)]
    layers += network_layers(network)
    return whole_tileset(make_tilesets(network, layers, basemap_of(network)))


def _check_zooms(least: int | None, most: int) -> None:
    """Refuse zooms that no tile has, before long work."""
    from geodata.errors import InputError
    from geodata.formats.tiles.web_mercator import DEEPEST

    if not 0 <= most <= DEEPEST:
        raise InputError("max-zoom", most, f"Give a zoom from 0 to {DEEPEST}.")
    if least is not None and not 0 <= least <= most:
        raise InputError("min-zoom", least, f"Give a zoom from 0 to {most}.")


def _zooms(tileset: Tileset, least: int | None, most: int) -> Zooms:
    from geodata.formats.tiles.pyramid import Zooms

    return Zooms(least=min(tileset.zooms.least, most) if least is None else least, most=most)


def _metadata(tileset: Tileset, network: Network) -> dict[str, Any]:
    from geodata.network.credit import credit_line
    from geodata.publication.layers.licences import sources
    from geodata.publication.tilesets import vector_layers

    return {
        "name": tileset.title,
        "description": "Corridors by land and sea: network, scores and result. Usage is a share "
        "of modelled flow, not a probability of trafficking.",
        "attribution": credit_line(sources(network), between=" · "),
        "type": "overlay",
        "network": network.digest,
        "vector_layers": vector_layers(tileset),
    }
