"""A study: an area file opened, and its layers in their canonical form.

Missing layers are derived from others, or left out; `Study.notes` lists them with the consequences.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.area.crs import turn_to_area
from geodata.area.grid import Raster
from geodata.area.study_area import StudyArea
from geodata.area.titles import Titles
from geodata.arrays import Float32Array
from geodata.computing.tasks import computed_once
from geodata.entries.forms import read_form
from geodata.errors import DataError, VeredaError
from geodata.formats.keys import key_of
from geodata.formats.steps import Steps
from geodata.formats.text.toml import read_toml
from geodata.sources.area_file import RASTERS, AreaFile, Layer, Roads, read_area_file
from geodata.sources.layers import MappedRoads
from geodata.sources.layers.bundle import shipped_licences
from geodata.sources.layers.lakes import land_without_lakes
from geodata.sources.layers.schema import LAYER_OF, SCHEMAS, check
from geodata.sources.rasters import Heights, finest_first, raster_of
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
from geodata.sources.study.notes import Note, notes_on
from geodata.sources.study.place import place_of, refuse_latitude_first
from geodata.sources.study.readers import is_osm, outlines_of, read_frames, read_ground_of
from geodata.sources.study.road_readers import credit_of, kept_roads, read_roads
from geodata.sources.vectors.reading import check_shared

ROLE_OF = {name: role for role, name in LAYER_OF.items()}
LOCATED = ("places", "places_extra", "airports", "ports", "posts")
"""Layers of points, each of which lies in a country."""
_WHERE = ("country", "admin1")
"""Columns of these that say where a point lies."""


class Study:
    """An area file and its layers.

    Layers have the names of `geodata.sources.layers.SCHEMAS`. Each is read at its first use; its
    frame must not be changed.

    Parameters
    ----------
    file
        The area file, with absolute paths.
    steps
        Store for layers that were read; by default, layers are not stored.

    Examples
    --------
    >>> from geodata import Study
    >>> from geodata.borderlands.region import AREA
    >>> study = Study.open(AREA)
    >>> len(study.area.countries)
    4
    >>> len(study.frame("crossings"))
    26
    """

    def __init__(self, file: AreaFile, *, steps: Steps | None = None) -> None:
        self.file = file
        self.steps = steps or Steps()
        self._frames: dict[str, gpd.GeoDataFrame | pd.DataFrame] = {}
        self._files = LayerFiles(file.area.manifest)
        self._surfaces: dict[str, Mapping[str, Float32Array]] = {}
        self._roads: MappedRoads | None = None

    def _remark(self, text: str) -> None:
        """Note what a reader says of a layer; it is kept with the step that is made of it."""
        self.steps.remarks.append(text)

    @classmethod
    def open(cls, path: Path | str, *, steps: Steps | None = None) -> Study:
        """A study from its file; its layers are not read yet.

        Parameters
        ----------
        path
            The area file.
        steps
            Store of the costly steps of a build; by default they are kept in memory.

        Raises
        ------
        VeredaError
            As `read_area_file`.

        Examples
        --------
        >>> from geodata import Study
        >>> from geodata.borderlands.region import AREA
        >>> Study.open(AREA).area.countries
        ('GT', 'HN', 'BZ', 'SV')
        """
        return cls(read_area_file(path), steps=steps)

    def with_roads(self, source: str | MappedRoads) -> Study:
        """The same study on other roads.

        Parameters
        ----------
        source
            A file, a folder or a pattern; or roads in memory, as `geodata.roads_from_osmnx` makes
            them of a graph.

        Examples
        --------
        >>> from geodata import Study, roads_from_osmnx
        >>> roads = roads_from_osmnx(graph)  # doctest: +SKIP
        >>> study = Study.open("area.toml").with_roads(roads)  # doctest: +SKIP
        """
        others = tuple(
            layer for layer in self.file.layers
            if layer.role not in ("roads", "road_routes", "road_stops", "road_skeleton")
        )  # fmt: skip
        if not isinstance(source, str):
            study = Study(self.file.model_copy(update={"layers": others}), steps=self.steps)
            study._roads = source
            return study
        roads = read_form(Layer, {"role": "roads", "path": str(Path(source).absolute())})
        file = self.file.model_copy(update={"layers": (*others, roads)})
        return Study(file, steps=self.steps)

    @property
    def remarks(self) -> list[str]:
        """Remarks of readers on the layers that were read, each once."""
        return list(dict.fromkeys(self.steps.remarks))

    @property
    def rules(self) -> Roads:
        """Rules of its roads."""
        return self.file.roads

    @computed_once
    def titles(self) -> Titles:
        """Names of the region, its countries and its waters.

        Countries without a name in the file have their usual name.

        Raises
        ------
        DataError
            When the file of titles is not valid.
        """
        path = self.file.area.titles
        record = self.file.titles if path is None else read_toml(path, field="area.titles")
        try:
            titles = Titles.read(record)
        except ValueError as error:
            remedy = f"They do not fit. {error}"
            raise DataError("titles", str(path or "[titles]"), remedy) from None
        return titles.naming((*self.area.countries, *self.area.neighbours))

    @property
    def layers(self) -> Collection[str]:
        """Names of the existing layers, derived ones included."""
        return self._named | {"countries", "admin1"}

    @property
    def _named(self) -> set[str]:
        """Layers that the file names, and roads that were handed in."""
        named = {LAYER_OF.get(layer.role, layer.role) for layer in self.file.layers}
        return named | ({"roads"} if self._roads is not None else set())

    @computed_once
    def area(self) -> StudyArea:
        """The study area; values that the file leaves out come from its layers.

        Raises
        ------
        DataError
            When neither file nor layers have the box or the countries.
        """
        form = self.file.area
        try:
            here = self._named_here
        except VeredaError:
            # A layer may be of another place than the box, because its latitudes came first.
            refuse_latitude_first(self.file, self._countries_of_file, ())
            if not self._countries_of_file or "neighbours" not in form.model_fields_set:
                raise
            here = ()
        refuse_latitude_first(self.file, self._countries_of_file, here)
        countries = self._countries_of_file or here
        if not countries:
            remedy = 'Give the countries, such as countries = ["XA"]: no layer names any here.'
            raise DataError("area.countries", None, remedy)
        neighbours = form.neighbours
        if "neighbours" not in form.model_fields_set:
            neighbours = tuple(code for code in here if code not in countries)
        return replace(self._place, countries=countries, neighbours=neighbours)

    @computed_once
    def _place(self) -> StudyArea:
        """The area before its countries are known: layers are read for it."""
        return place_of(self.file, self._remark)

    @computed_once
    def _named_here(self) -> tuple[str, ...]:
        """Countries that a layer has in the box."""
        codes: set[str] = set()
        for name in ("countries", "admin1"):
            if self._layers_of(name):
                codes |= set(country_codes(self._shapes(name), self._place))
        return tuple(sorted(codes))

    def _studied(self) -> tuple[str, ...]:
        """Countries of the area that units do not have to say: those of the file or its borders."""
        named = self._countries_of_file
        if named or not self._layers_of("countries"):
            return named
        return country_codes(self._shapes("countries"), self._place)

    @property
    def _countries_of_file(self) -> tuple[str, ...]:
        """Countries that the file names, or that its units lie in."""
        form = self.file.area
        return form.countries or tuple(sorted({code[:2] for code in form.iso}))

    def _layers_of(self, name: str) -> list[Layer]:
        """Layers of the file that a frame is made of."""
        return self.file.of(ROLE_OF.get(name, name))

    def _shapes(self, name: str) -> gpd.GeoDataFrame:
        frame = self.frame(name)
        assert isinstance(frame, gpd.GeoDataFrame)
        return frame

    def frame(self, name: str) -> gpd.GeoDataFrame | pd.DataFrame:
        """A layer with its schema, read or derived from others.

        Parameters
        ----------
        name
            Name of a vector layer or table.

        Raises
        ------
        DataError
            When the study has no such layer, or a file of it is missing, changed or wrong.

        Examples
        --------
        >>> from geodata import Study
        >>> from geodata.borderlands.region import AREA
        >>> len(Study.open(AREA).frame("posts"))
        189
        """
        if name not in SCHEMAS:
            raise DataError("layer", name, f"Not a table; tables are {', '.join(sorted(SCHEMAS))}.")
        if name not in self._frames:
            self._frames[name] = self.steps.frame(name, self.key(name), partial(self._made, name))
        return self._frames[name]

    def _made(self, name: str) -> gpd.GeoDataFrame | pd.DataFrame:
        layers = self._layers_of(name)
        if name == "countries":
            return self._countries(layers)
        if not layers:
            if name != "admin1":
                raise DataError("layer", name, "The area file has no such layer.")
            return one_unit_a_country(self._shapes("countries"))
        frame = self._read(name, layers)
        if name == "admin1":
            assert isinstance(frame, gpd.GeoDataFrame)
            if frame.empty:
                return one_unit_a_country(self._shapes("countries"))
            units, land_by = units_of_countries(frame), partial(self._shapes, "countries")
            return with_undivided_countries(units, self._studied(), land_by, self._remark)
        if name in LOCATED and (frame[frame.columns.intersection([*_WHERE])] == "").any(axis=None):
            land = LandOf(self._shapes("countries"), self._place)
            return locate_points(frame, land, self._shapes("admin1"))
        return frame

    def _read(self, name: str, layers: Sequence[Layer]) -> gpd.GeoDataFrame | pd.DataFrame:
        for layer in layers:
            self._files.check(layer)
        read = read_frames(layers, self._place, self._remark)
        frames = [turn_to_area(frame, self._place) for frame in read]
        for frame in frames:
            check(frame, SCHEMAS[name], layers[0].label)
        check_shared(layers, frames)
        return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)

    def _countries(self, layers: Sequence[Layer]) -> gpd.GeoDataFrame:
        """Land by country, without its lakes."""
        if layers:
            land = one_row_a_country(gpd.GeoDataFrame(self._read("countries", layers)))
        else:
            one = self.file.area.countries
            coast, units = (
                gpd.GeoDataFrame(self._read(name, self._layers_of(name)))
                if self._layers_of(name) else None
                for name in ("coast", "admin1")
            )  # fmt: skip
            if units is not None and units.empty:
                units = None
            if units is None and len(one) != 1:
                remedy = "Give a layer of admin or countries, or one country: nothing parts them."
                raise DataError("area.countries", ", ".join(one), remedy)
            outlines = outlines_of(self._layers_of("admin1"), self._place)
            place = replace(self._place, countries=one, neighbours=self.file.area.neighbours)
            land = country_land(place, coast, units, outlines)
        lakes = self._shapes("lakes") if self._layers_of("lakes") else None
        return land if lakes is None else land_without_lakes(land, lakes)

    def roads(self) -> MappedRoads | None:
        """Mapped roads; None if the file has none.

        Raises
        ------
        DataError
            When a file of them is missing, changed or wrong.

        Examples
        --------
        >>> from geodata import Study
        >>> from geodata.borderlands.region import AREA
        >>> Study.open(AREA).roads() is None
        True
        """
        layers = self.file.of("roads")
        if not layers:
            return self._roads
        for layer in layers:
            self._files.check(layer)
        return kept_roads(
            self.steps, self.key("roads"),
            lambda: read_roads(layers, self._place, self.rules, self._remark),
        )  # fmt: skip

    def heights(self, area: StudyArea) -> Heights | None:
        """Heights under lines, where an elevation finer than the grid says them.

        Parameters
        ----------
        area
            Study area with the grid that decides what is finer.

        Examples
        --------
        >>> from geodata import Study
        >>> from geodata.borderlands.region import AREA
        >>> study = Study.open(AREA)
        >>> study.heights(study.area) is None
        True
        """
        layers = self.file.of("elevation")
        if not layers or finest_first(layers, area)[0].pixel_m >= area.cell_m:
            return None
        return Heights(layers, area)

    def raster(self, name: str) -> Raster:
        """A raster with the pixels of its file, about the area; one file only.

        Parameters
        ----------
        name
            Name of a raster layer.

        Raises
        ------
        DataError
            When the study has no such layer, or several files of it.

        Examples
        --------
        >>> from geodata import Study
        >>> from geodata.borderlands.region import AREA
        >>> Study.open(AREA).raster("elevation").values.shape
        (72, 116)
        """
        layers = self.file.of(name)
        files = [file for layer in layers for file in layer.files()]
        if name not in RASTERS or len(files) != 1:
            remedy = "Numbered roads of a table need one file of it."
            raise DataError("layer", name, remedy)
        self._files.check(layers[0])
        (one,) = finest_first(layers, self._place)
        return raster_of(one)

    def surface(self, name: str, area: StudyArea) -> Float32Array | None:
        """A raster on the grid of an area, or the slope of its elevation; None without one.

        Parameters
        ----------
        name
            Name of a raster layer, or ``slope``.
        area
            Study area with the grid.

        Examples
        --------
        >>> from geodata import Study
        >>> from geodata.borderlands.region import AREA
        >>> study = Study.open(AREA)
        >>> study.surface("elevation", study.area).shape == study.area.shape
        True
        """
        role = "elevation" if name == "slope" else name
        layers = self.file.of(role)
        if not layers:
            return None
        key = key_of(self.key(role), area.bbox, area.cell_m)
        if key not in self._surfaces:
            for layer in layers:
                self._files.check(layer)
            self._surfaces[key] = self.steps.arrays(
                role, key, lambda: read_ground_of(layers, area, role, self._remark)
            )
        arrays = self._surfaces[key]
        return np.asarray(arrays[name], np.float32) if name in arrays else None

    def key(self, name: str) -> str:
        """Hash of all that a layer is made of.

        Parameters
        ----------
        name
            Name of a layer.

        Examples
        --------
        >>> from geodata import Study
        >>> from geodata.borderlands.region import AREA
        >>> len(Study.open(AREA).key("posts"))
        64
        """
        # Layers are read to some cells beyond the box.
        place = self._place
        parts: list[object] = [name, place.bbox, place.outline, place.cell_m]
        if name == "roads":
            parts.append(self.rules.model_dump_json())
        # Countries without a unit of the layer are units themselves.
        made = name in ("countries", "admin1") or not self._layers_of(name)
        names = [name, *(_MADE_OF.get(name, ()) if made else ())]
        if name in LOCATED:
            names += ["countries", *_MADE_OF["countries"]]
        if name in ("countries", "admin1", *LOCATED):
            parts += [self._countries_of_file, self.file.area.neighbours]
        for each in dict.fromkeys(names):
            for layer in self._layers_of(each):
                record = layer.model_dump(mode="json", include=_READ_BY)
                parts += [record, [self._files.content_key(file) for file in layer.files()]]
        return key_of(*parts)

    def attributions(self) -> list[dict[str, str]]:
        """Layer, role, licence, attribution, sha256 and package of each source, sorted by layer.

        Examples
        --------
        >>> from geodata import Study
        >>> from geodata.borderlands.region import AREA
        >>> Study.open(AREA).attributions()[0]["layer"]
        'admin1'
        """
        records = self._files.attributions(self.file.layers)
        if self._roads is not None:
            records.append(credit_of(self._roads))
        return sorted(records, key=lambda record: record["layer"])

    def licence_texts(self) -> dict[str, str]:
        """The texts of the licences of its layers, by licence; of those that ship with Vereda.

        Examples
        --------
        >>> from geodata import Study
        >>> from geodata.borderlands.region import AREA
        >>> sorted(Study.open(AREA).licence_texts())
        ['CC-BY-4.0', 'CC0-1.0', 'LGPL-3.0-or-later', 'ODbL-1.0', 'Public domain']
        """
        names = {record["licence"] for record in self.attributions()}
        return {name: text for name, text in shipped_licences().items() if name in names}

    def notes(self) -> list[Note]:
        """Missing layers of the study, their replacement, and the consequences.

        Examples
        --------
        >>> from geodata import Study
        >>> from geodata.borderlands.region import AREA
        >>> [note.layer for note in Study.open(AREA).notes()]
        ['population', 'lights']
        """
        bare = {LAYER_OF.get(each.role, each.role) for each in self.file.layers if self._bare(each)}
        return notes_on(self._named - bare)

    def _bare(self, layer: Layer) -> bool:
        """Whether a layer is to come of extracts that have no feature of it."""
        name = LAYER_OF.get(layer.role, layer.role)
        try:
            return name in SCHEMAS and is_osm(layer) and self.frame(name).empty
        except (VeredaError, OSError):  # It is told where the layer is used.
            return False


_READ_BY = {
    "role", "format", "layer", "crs", "band", "nodata", "unit", "rename", "classes",
}  # fmt: skip
"""Keys of a layer's table that change what is read from its files."""
_MADE_OF = {"countries": ("coast", "admin1", "lakes"), "admin1": ("countries", "coast", "lakes")}
