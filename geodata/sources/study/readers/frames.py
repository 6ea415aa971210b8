"""Vector layers and tables as frames, each by the reader of its format."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from geodata.area.study_area import StudyArea
from geodata.computing.tasks import Notice
from geodata.sources.area_file import Layer
from geodata.sources.layers.schema import LAYER_OF, SCHEMAS
from geodata.sources.osm.features.features import layers_of
from geodata.sources.study.readers.formats import is_osm, refuse_rename
from geodata.sources.vectors.reading import read_box, read_vector


def read_frames(
    layers: Sequence[Layer], area: StudyArea, notice: Notice
) -> list[gpd.GeoDataFrame | pd.DataFrame]:
    """Layers of one role in their canonical form; extracts of OpenStreetMap as one."""
    name = LAYER_OF.get(layers[0].role, layers[0].role)
    of_osm = [layer for layer in layers if is_osm(layer)]
    for layer in of_osm:
        refuse_rename(layer)
    extracts = [file for layer in of_osm for file in layer.files()]
    frames = [
        read_vector(layer, area, schema=SCHEMAS[name]) for layer in layers if not is_osm(layer)
    ]
    if extracts:
        osm = layers_of(list(dict.fromkeys(extracts)), read_box(area))
        frames.append(osm.frame(name))
        # With remarks on the extract, which is read for the first of its layers only.
        for remark in osm.remarks:
            notice(remark)
    return frames


def outlines_of(layers: Sequence[Layer], area: StudyArea) -> gpd.GeoDataFrame | None:
    """Outlines of countries, with their territorial sea, in the extracts of units.

    Units may leave some land out, such as glaciers. None without an extract.
    """
    extracts = [file for layer in layers if is_osm(layer) for file in layer.files()]
    if not extracts:
        return None
    return layers_of(list(dict.fromkeys(extracts)), read_box(area)).outlines()
