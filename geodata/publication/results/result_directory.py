"""Output files: single layers in common formats, and the directory of a result.

A file or result directory is written in a hidden directory beside its place and then moved there,
so that the place never has an incomplete one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Protocol

import geopandas as gpd

from geodata.area.crs import crs_by_number
from geodata.area.study_area import StudyArea
from geodata.arrays import Float32Array
from geodata.cartography.qgis import qml
from geodata.cartography.styles.result_styles import BANDS, DENSITY, NEARNESS, VECTOR_STYLES
from geodata.formats.files.store import digests, whole_directory
from geodata.formats.geopackage import write_geopackage
from geodata.formats.geotiff import write_band
from geodata.formats.text.json_file import write_json, write_text
from geodata.formats.vector import write_geojson
from geodata.publication.results.result_files import LAYERS, OUTPUTS, RESULT, Output

# From the bottom up: QGIS lists the layers of a file in the order they were written.
_GPKG_ORDER = ("admin", "places", "near_gateways", "bands", "segments", "corridors", "gateways")


class ResultLayers(Protocol):
    """Content of a result directory: frames in WGS 84, a raster on the area's grid, provenance.

    `corridors` are lines with ``id rank name usage``, `bands` the lines of all the ways that
    each takes, `segments` lines with
    ``id corridor mode usage``, `gateways` points with ``id name kind usage``,
    `near_gateways` and `places` points with ``id name nearness``,
    `admin` polygons with ``id name country weakness remoteness nearness``; further
    columns are scalars and are written as they are.
    """

    @property
    def corridors(self) -> gpd.GeoDataFrame:
        """Families of paths."""

    @property
    def bands(self) -> gpd.GeoDataFrame:
        """All the ways that each family takes."""

    @property
    def segments(self) -> gpd.GeoDataFrame:
        """Links within the slack."""

    @property
    def gateways(self) -> gpd.GeoDataFrame:
        """Crossings, ports and landings that flow passes."""

    @property
    def near_gateways(self) -> gpd.GeoDataFrame:
        """Those near to a best path, in use or not, with their nearness."""

    @property
    def admin(self) -> gpd.GeoDataFrame:
        """Administrative units with their scores."""

    @property
    def places(self) -> gpd.GeoDataFrame:
        """Places with their nearness."""

    @property
    def density(self) -> Float32Array:
        """Share of flow through each cell of the grid."""

    @property
    def nearness(self) -> Float32Array:
        """Nearness of each cell of the grid."""

    @property
    def area(self) -> StudyArea:
        """Study area."""

    @property
    def provenance(self) -> Mapping[str, object]:
        """Scenario, seed, inputs, licences."""


def write_result(
    layers: ResultLayers,
    directory: str | Path,
    *,
    draw: Callable[[Path], None],
    overwrite: bool = False,
    outputs: Collection[Output] = OUTPUTS,
) -> Path:
    """Write a result directory, completely or not at all.

    Parameters
    ----------
    layers
        The result.
    directory
        Directory to write; its parents are made as needed.
    draw
        Writes the map to the path it is given; see
        `geodata.cartography.printed.result_map.draw_map`.
    overwrite
        Replace a result that is already there.
    outputs
        Outputs to write beside the record; a service accepts only results with all outputs.

    Returns
    -------
    Path
        The directory, holding `RESULT_FILES`, or those of them that are wanted.

    Raises
    ------
    InputError
        When something other than a result is in the way, or a result is and `overwrite` is false or
        the result has foreign files.
    """
    target = Path(directory)
    with whole_directory(target, RESULT, overwrite=overwrite) as fresh:
        _write_files(layers, fresh, outputs)
        if "map" in outputs:
            draw(fresh / "map.png")
        # The record is written last, because it has the hashes of all other files.
        record = {**layers.provenance, "files": digests(fresh)}
        write_json(record, fresh / "result.json")
    return target


def _write_files(layers: ResultLayers, directory: Path, outputs: Collection[Output]) -> None:
    """Everything that is wanted but the map and the record."""
    frames: dict[str, gpd.GeoDataFrame] = {name: getattr(layers, name) for name in LAYERS}
    styles = {name: qml(VECTOR_STYLES[name]) for name in LAYERS}
    for name, frame in frames.items():
        if name in outputs:
            write_geojson(frame, directory / f"{name}.geojson")
            write_text(directory / f"{name}.qml", styles[name])
    if "package" in outputs:
        packed = {**frames, "admin": crs_by_number(layers.admin), "bands": layers.bands}
        dressed = {**styles, "bands": qml(BANDS)}
        ordered = {name: packed[name] for name in _GPKG_ORDER}
        write_geopackage(ordered, directory / "corridors.gpkg", styles=dressed)
    for style in (DENSITY, NEARNESS):
        if style.layer in outputs:
            values: Float32Array = getattr(layers, style.layer)
            write_band(values, layers.area, directory / f"{style.layer}.tif", style.title)
            write_text(directory / f"{style.layer}.qml", qml(style))
