"""A strategy as a directory of files: tables, the changes of each coalition, and the record."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata.cartography.qgis import qml
from geodata.cartography.styles.change_styles import CHANGE_STYLES
from geodata.formats.files.layouts import Layout
from geodata.formats.files.store import digests, whole_directory
from geodata.formats.geopackage import write_geopackage
from geodata.formats.text.json_file import write_json
from geodata.publication.comparisons import ComparedLayers

# From the bottom up; links are left out, which would make most of the file.
_LEVELS = ("countries", "admin", "sectors", "gateways")
_TABLES = ("coalitions", "burdens", "displaced", "spillovers", "shapley")
STRATEGY = Layout(
    mark="strategy.json",
    files=(*(f"{name}.csv" for name in _TABLES), "changes.gpkg", "strategy.json"),
)
"""What the directory of a strategy holds."""


def write_strategy(
    tables: Mapping[str, pd.DataFrame],
    changes: Mapping[str, ComparedLayers],
    record: Mapping[str, Any],
    directory: str | Path,
    *,
    overwrite: bool,
) -> Path:
    """Write the directory of a strategy, whole or not at all.

    Parameters
    ----------
    tables
        The tables, by name.
    changes
        Beside nobody acting, each coalition by name: the layers of the GeoPackage.
    record
        Question, answer and how; JSON, to which the hashes of all files are added.
    overwrite
        Replace a strategy that is there.

    Returns
    -------
    Path
        The directory, holding the files of `STRATEGY`.

    Raises
    ------
    InputError
        When something is in the way, as `geodata.formats.files.store.check_target` says.
    """
    target = Path(directory)
    with whole_directory(target, STRATEGY, overwrite=overwrite) as fresh:
        for name in _TABLES:
            tables[name].to_csv(fresh / f"{name}.csv", index=False, lineterminator="\n")
        frames = _layers(changes)
        styles = {name: qml(CHANGE_STYLES[name.partition(" of ")[0]]) for name in frames}
        write_geopackage(frames, fresh / "changes.gpkg", styles=styles)
        # The record is written last, because it has the hashes of all other files.
        write_json({**record, "files": digests(fresh)}, fresh / "strategy.json")
    return target


def _layers(changes: Mapping[str, ComparedLayers]) -> dict[str, gpd.GeoDataFrame]:
    """A layer for each level of each coalition."""
    return {
        f"{level} of {name}": getattr(layers, level)
        for name, layers in changes.items()
        for level in _LEVELS
    }
