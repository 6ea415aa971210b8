"""A study: an area file opened, and its layers in their canonical form.

Missing layers are derived from others, or left out; `Study.notes` lists them with the consequences.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

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
from geodata.sources.layers.schema import LAYER_OF, SCHEMAS
from geodata.sources.rasters import Heights, finest_first, raster_of
from geodata.sources.study.layer_files import LayerFiles
from geodata.sources.study.layer_frames import LayerFrames
from geodata.sources.study.notes import Note, notes_on
from geodata.sources.study.place import refuse_latitude_first
from geodata.sources.study.readers.formats import is_osm
from geodata.sources.study.readers.rasters import rasters_on_grid
from geodata.sources.study.readers.roads import credit_of, kept_roads, read_roads


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
        self._files = LayerFiles(file.area.manifest)
        self._frames = LayerFrames(file, self._files, self.steps)
        self._surfaces: dict[str, Mapping[str, Float32Array]] = {}
        self._roads: MappedRoads | None = None

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
        >>> len(Study.open(AREA).area.countries)
        4
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
        """Layers that the file names, and roads in memory."""
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
        form, named = self.file.area, self._frames.countries_of_file
        try:
            here = self._frames.countries_in_box
        except VeredaError:
            # A layer may be of another place than the box, because its latitudes came first.
            refuse_latitude_first(self.file, named, ())
            if not named or "neighbours" not in form.model_fields_set:
                raise
            here = ()
        refuse_latitude_first(self.file, named, here)
        countries = named or here
        if not countries:
            remedy = 'Give the countries, such as countries = ["XA"]: no layer names any here.'
            raise DataError("area.countries", None, remedy)
        neighbours = form.neighbours
        if "neighbours" not in form.model_fields_set:
            neighbours = tuple(code for code in here if code not in countries)
        return replace(self._frames.place, countries=countries, neighbours=neighbours)

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
        return self._frames.frame(name)

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
            lambda: read_roads(layers, self._frames.place, self.rules, self.steps.remarks.append),
        )  # fmt: skip

    def heights(self, area: StudyArea) -> Heights | None:
        """Heights under lines, from an elevation finer than the grid; None without one.

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
        (one,) = finest_first(layers, self._frames.place)
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
                role, key, lambda: rasters_on_grid(layers, area, role, self.steps.remarks.append)
            )
        arrays = self._surfaces[key]
        return np.asarray(arrays[name], np.float32) if name in arrays else None

    def key(self, name: str) -> str:
        """Hash of all inputs of a layer.

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
        return self._frames.key(name)

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
        """Whether a layer is read from extracts that have no feature of it."""
        name = LAYER_OF.get(layer.role, layer.role)
        try:
            return name in SCHEMAS and is_osm(layer) and self.frame(name).empty
        except (VeredaError, OSError):  # Its fault is reported where the layer is used.
            return False
