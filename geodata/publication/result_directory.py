"""Files out: single layers in common formats, and the directory of a result.

A file is written in a hidden directory beside its place and then put there; a
result directory likewise. What is at the place is therefore whole, always.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Literal, Protocol, get_args

import geopandas as gpd

from geodata.area.crs import crs_by_number
from geodata.area.study_area import StudyArea
from geodata.arrays import Float32Array
from geodata.cartography.qgis import qml
from geodata.cartography.result_styles import BANDS, DENSITY, NEARNESS, VECTOR_STYLES
from geodata.formats.files.layouts import Layout
from geodata.formats.files.store import digests, whole_directory
from geodata.formats.geopackage import write_geopackage
from geodata.formats.geotiff import write_band
from geodata.formats.json_file import write_json, write_text
from geodata.formats.vector import write_geojson

LAYERS = ("corridors", "segments", "gateways", "near_gateways", "places", "admin")
"""The vector layers of a result."""

RESULT_FILES = (
    *(f"{name}{suffix}" for name in LAYERS for suffix in (".geojson", ".qml")),
    "corridors.gpkg",
    "density.tif",
    "density.qml",
    "nearness.tif",
    "nearness.qml",
    "map.png",
    "result.json",
)
"""All that a result directory holds."""
Output = Literal[
    "corridors", "segments", "gateways", "near_gateways", "places", "admin",
    "package", "density", "nearness", "map",
]  # fmt: skip
"""A part of a result that may be left out: a vector layer, or one of the other files."""
OUTPUTS: tuple[Output, ...] = get_args(Output)
RESULT = Layout(mark="result.json", files=RESULT_FILES)
VALIDATION = Layout(
    mark="validation.json", files=("validation.csv", "validation.json", "validation.png")
)
"""What a validation's directory holds."""

# From the bottom up: QGIS lists the layers of a file in the order they were written.
_GPKG_ORDER = ("admin", "places", "near_gateways", "bands", "segments", "corridors", "gateways")


class ResultLayers(Protocol):
    """What is written: frames in WGS 84, a raster on the area's grid, provenance.

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
    """Write a result directory, whole or not at all.

    Parameters
    ----------
    layers
        The result.
    directory
        Where; its parents are made as needed.
    draw
        Writes the map to the path it is given; see
        `geodata.cartography.printed.result_map.draw_map`.
    overwrite
        Replace a result that is already there.
    outputs
        What is written beside the record; a service takes results with all of it only.

    Returns
    -------
    Path
        The directory, holding `RESULT_FILES`, or those of them that are wanted.

    Raises
    ------
    InputError
        When something is in the way that is not a result, or is one and
        `overwrite` is false, or holds files that are not of the result.
    """
    target = Path(directory)
    with whole_directory(target, RESULT, overwrite=overwrite) as fresh:
        _write_files(layers, fresh, outputs)
        if "map" in outputs:
            draw(fresh / "map.png")
        # Last, so that it can tell the hash of everything else.
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
