"""Vector layers and tables of an area file as frames: read, or derived from others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import geopandas as gpd
import pandas as pd

from geodata.area.crs import turn_to_area
from geodata.area.study_area import StudyArea
from geodata.computing.tasks import computed_once
from geodata.errors import DataError
from geodata.formats.keys import key_of
from geodata.formats.steps import Steps
from geodata.sources.area_file import AreaFile, Layer
from geodata.sources.layers.lakes import land_without_lakes
from geodata.sources.layers.schema import LAYER_OF, SCHEMAS, check
from geodata.sources.study.derived import (
    country_codes,
    country_land,
    locate_points,
    one_row_a_country,
    one_unit_a_country,
    units_of_countries,
    with_undivided_countries,
)
from geodata.sources.study.land_of import LandOf
from geodata.sources.study.layer_files import LayerFiles
from geodata.sources.study.place import place_of
from geodata.sources.study.readers.frames import outlines_of, read_frames
from geodata.sources.vectors.reading import check_shared

ROLE_OF = {name: role for role, name in LAYER_OF.items()}
LOCATED = ("places", "places_extra", "airports", "ports", "posts")
"""Layers of points, each of which lies in a country."""
_WHERE = ("country", "admin1")
"""Columns of these that say where a point lies."""
_READ_BY = {
    "role", "format", "layer", "crs", "band", "nodata", "unit", "rename", "classes",
}  # fmt: skip
"""Keys of a layer's table that change what is read from its files."""
_MADE_OF = {"countries": ("coast", "admin1", "lakes"), "admin1": ("countries", "coast", "lakes")}
"""Layers from which these two are derived where the file lacks them."""


class LayerFrames:
    """Vector layers and tables of an area file, each read or derived at its first use.

    Parameters
    ----------
    file
        The area file, with absolute paths.
    files
        Hashes of the files of its layers.
    steps
        Store for frames that were read, and for what readers remark.
    """

    def __init__(self, file: AreaFile, files: LayerFiles, steps: Steps) -> None:
        self._file = file
        self._files = files
        self._steps = steps
        self._notice = steps.remarks.append
        self._frames: dict[str, gpd.GeoDataFrame | pd.DataFrame] = {}

    @computed_once
    def place(self) -> StudyArea:
        """The area before its countries are known: layers are read for it."""
        return place_of(self._file, self._notice)

    @property
    def countries_of_file(self) -> tuple[str, ...]:
        """Countries that the file names, or that its units lie in."""
        form = self._file.area
        return form.countries or tuple(sorted({code[:2] for code in form.iso}))

    @computed_once
    def countries_in_box(self) -> tuple[str, ...]:
        """Countries that a layer has in the box."""
        codes: set[str] = set()
        for name in ("countries", "admin1"):
            if self.layers_of(name):
                codes |= set(country_codes(self._shapes(name), self.place))
        return tuple(sorted(codes))

    def layers_of(self, name: str) -> list[Layer]:
        """Layers of the file from which a frame is read."""
        return self._file.of(ROLE_OF.get(name, name))

    def frame(self, name: str) -> gpd.GeoDataFrame | pd.DataFrame:
        """A layer with its schema, read or derived from others.

        Raises
        ------
        DataError
            When there is no such layer, or a file of it is missing, changed or wrong.
        """
        if name not in SCHEMAS:
            raise DataError("layer", name, f"Not a table; tables are {', '.join(sorted(SCHEMAS))}.")
        if name not in self._frames:
            self._frames[name] = self._steps.frame(name, self.key(name), partial(self._made, name))
        return self._frames[name]

    def _shapes(self, name: str) -> gpd.GeoDataFrame:
        frame = self.frame(name)
        assert isinstance(frame, gpd.GeoDataFrame)
        return frame

    def _made(self, name: str) -> gpd.GeoDataFrame | pd.DataFrame:
        layers = self.layers_of(name)
        if name == "countries":
            return self._countries(layers)
        if name == "admin1":
            return self._units(layers)
        if not layers:
            raise DataError("layer", name, "The area file has no such layer.")
        frame = self._read(name, layers)
        if name in LOCATED and (frame[frame.columns.intersection([*_WHERE])] == "").any(axis=None):
            land = LandOf(self._shapes("countries"), self.place)
            return locate_points(frame, land, self._shapes("admin1"))
        return frame

    def _read(self, name: str, layers: Sequence[Layer]) -> gpd.GeoDataFrame | pd.DataFrame:
        for layer in layers:
            self._files.check(layer)
        read = read_frames(layers, self.place, self._notice)
        frames = [turn_to_area(frame, self.place) for frame in read]
        for frame in frames:
            check(frame, SCHEMAS[name], layers[0].label)
        check_shared(layers, frames)
        return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)

    def _units(self, layers: Sequence[Layer]) -> gpd.GeoDataFrame:
        """Administrative units; a country without any is one unit."""
        frame = gpd.GeoDataFrame(self._read("admin1", layers)) if layers else None
        if frame is None or frame.empty:
            return one_unit_a_country(self._shapes("countries"))
        units, land_by = units_of_countries(frame), partial(self._shapes, "countries")
        return with_undivided_countries(units, self._studied(), land_by, self._notice)

    def _studied(self) -> tuple[str, ...]:
        """Countries of the area by the file or by a layer of countries, not by units."""
        if self.countries_of_file or not self.layers_of("countries"):
            return self.countries_of_file
        return country_codes(self._shapes("countries"), self.place)

    def _countries(self, layers: Sequence[Layer]) -> gpd.GeoDataFrame:
        """Land by country, without its lakes."""
        if layers:
            land = one_row_a_country(gpd.GeoDataFrame(self._read("countries", layers)))
        else:
            land = self._derived_land()
        lakes = self._shapes("lakes") if self.layers_of("lakes") else None
        return land if lakes is None else land_without_lakes(land, lakes)

    def _derived_land(self) -> gpd.GeoDataFrame:
        """Land by country where no layer has it, from the coast and the units."""
        one = self._file.area.countries
        coast, units = (
            gpd.GeoDataFrame(self._read(name, self.layers_of(name)))
            if self.layers_of(name) else None
            for name in ("coast", "admin1")
        )  # fmt: skip
        if units is not None and units.empty:
            units = None
        if units is None and len(one) != 1:
            remedy = "Give a layer of admin or countries, or one country: nothing parts them."
            raise DataError("area.countries", ", ".join(one), remedy)
        outlines = outlines_of(self.layers_of("admin1"), self.place)
        place = replace(self.place, countries=one, neighbours=self._file.area.neighbours)
        return country_land(place, coast, units, outlines)

    def key(self, name: str) -> str:
        """Hash of all inputs of a layer, be it a frame, a raster or roads."""
        # Layers are read to some cells beyond the box.
        place = self.place
        parts: list[object] = [name, place.bbox, place.outline, place.cell_m]
        if name == "roads":
            parts.append(self._file.roads.model_dump_json())
        # Countries without a unit of the layer are units themselves.
        made = name in ("countries", "admin1") or not self.layers_of(name)
        names = [name, *(_MADE_OF.get(name, ()) if made else ())]
        if name in LOCATED:
            names += ["countries", *_MADE_OF["countries"]]
        if name in ("countries", "admin1", *LOCATED):
            parts += [self.countries_of_file, self._file.area.neighbours]
        for each in dict.fromkeys(names):
            for layer in self.layers_of(each):
                record = layer.model_dump(mode="json", include=_READ_BY)
                parts += [record, [self._files.content_key(file) for file in layer.files()]]
        return key_of(*parts)
