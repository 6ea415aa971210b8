"""A comparison as a directory of files: layers with their styles, tables, a map and the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import geopandas as gpd

from geodata.cartography.basemap import basemap_of
from geodata.cartography.printed.change_map import ChangeLayers, draw_changes
from geodata.cartography.qgis import qml
from geodata.cartography.styles.change_styles import CHANGE_STYLES
from geodata.formats.files.layouts import Layout
from geodata.formats.files.store import digests, whole_directory
from geodata.formats.geopackage import write_geopackage
from geodata.formats.text.json_file import write_json, write_text
from geodata.formats.vector import write_geojson
from geodata.network.network import Network

# From the bottom up: QGIS lists the layers of a file in the order they were written.
_ORDER = ("countries", "admin", "segments", "sectors", "gateways")
COMPARISON = Layout(
    mark="comparison.json",
    files=(
        *(f"{name}{suffix}" for name in _ORDER for suffix in (".geojson", ".qml", ".csv")),
        "comparison.gpkg",
        "comparison.json",
        "map.png",
    ),
)
"""What the directory of a comparison holds."""


class ComparedLayers(ChangeLayers, Protocol):
    """What is written: tables with ``id``, ``name`` and ``change`` in WGS 84."""

    @property
    def sectors(self) -> gpd.GeoDataFrame:
        """Border sectors; lines."""

    @property
    def countries(self) -> gpd.GeoDataFrame:
        """Countries; polygons."""

    @property
    def network(self) -> Network:
        """What was compared on."""


def publish_comparison(
    layers: ComparedLayers,
    record: Mapping[str, Any],
    output: str | Path,
    *,
    title: str,
    subtitle: str,
    overwrite: bool,
) -> Path:
    """Write the directory of a comparison; see `write_comparison`.

    Parameters
    ----------
    title, subtitle
        Of the map, which is drawn over the region of the network.
    """
    network = layers.network

    def draw(path: Path) -> None:
        draw_changes(
            layers, network.admin, basemap_of(network), path, title=title, subtitle=subtitle
        )

    return write_comparison(layers, record, output, draw=draw, overwrite=overwrite)


def write_comparison(
    layers: ComparedLayers,
    record: Mapping[str, Any],
    directory: str | Path,
    *,
    draw: Callable[[Path], None],
    overwrite: bool,
) -> Path:
    """Write the directory of a comparison, whole or not at all.

    Parameters
    ----------
    layers
        The comparison.
    record
        What is compared and how; JSON, to which the hashes of all files are added.
    draw
        Writes the map to the path that it is given.
    overwrite
        Replace a comparison that is there.

    Returns
    -------
    Path
        The directory, holding the files of `COMPARISON`.

    Raises
    ------
    InputError
        When something is in the way, as `geodata.formats.files.store.check_target` says.
    """
    target = Path(directory)
    with whole_directory(target, COMPARISON, overwrite=overwrite) as fresh:
        frames: dict[str, gpd.GeoDataFrame] = {name: getattr(layers, name) for name in _ORDER}
        styles = {name: qml(CHANGE_STYLES[name]) for name in _ORDER}
        for name, frame in frames.items():
            write_geojson(frame, fresh / f"{name}.geojson")
            write_text(fresh / f"{name}.qml", styles[name])
            plain = frame.drop(columns="geometry")
            plain.to_csv(fresh / f"{name}.csv", index=False, lineterminator="\n")
        write_geopackage(frames, fresh / "comparison.gpkg", styles=styles)
        draw(fresh / "map.png")
        # The record is written last, because it has the hashes of all other files.
        write_json({**record, "files": digests(fresh)}, fresh / "comparison.json")
    return target
