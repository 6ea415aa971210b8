"""Formats of layers: extracts of OpenStreetMap and graphs of osmnx, by their suffix."""

from __future__ import annotations

from geodata.errors import DataError
from geodata.sources.area_file import Layer
from geodata.sources.osmnx.graphml import SUFFIX

OSM = (".pbf", ".osm", ".osm.bz2", ".osm.gz", ".o5m")


def is_osm(layer: Layer) -> bool:
    """Whether a layer is an extract of OpenStreetMap."""
    return _is_called(layer, OSM)


def is_graphml(layer: Layer) -> bool:
    """Whether a layer is a graph of osmnx."""
    return _is_called(layer, (SUFFIX,))


def _is_called(layer: Layer, suffixes: tuple[str, ...]) -> bool:
    """Whether the format of a layer, or else the name of a file of it, has one of some suffixes."""
    if layer.format is not None:
        return f".{layer.format}".lower().endswith(suffixes)
    return any(path.name.lower().endswith(suffixes) for path in (*layer.path, *layer.files()))


def refuse_rename(layer: Layer) -> None:
    """Refuse a renaming of columns for data with tags, in which it would have no effect.

    Raises
    ------
    DataError
        When a layer that is read by tags renames columns.
    """
    if layer.rename:
        columns = ", ".join(f'{name} = "{column}"' for name, column in layer.rename.items())
        remedy = (
            "Extracts of OpenStreetMap and graphs of osmnx are read by their tags, and have no "
            "columns: take rename out. Where tags differ, change them in the file."
        )
        raise DataError(f"layer {layer.label}, rename", columns, remedy)
