"""A study: an area file opened, and its layers in their canonical form.

What it lacks is derived from what it has, or left out; `Study.notes` says which, and what that
costs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.area.box import ORDER, Box
from geodata.area.crs import in_area
from geodata.area.grid import Raster
from geodata.area.study_area import StudyArea
from geodata.area.titles import Titles
from geodata.arrays import Float32Array
from geodata.errors import DataError
from geodata.formats.files.store import sha256
from geodata.formats.steps import Steps, key_of
from geodata.formats.toml import read_toml
from geodata.forms import read_form
from geodata.sources.area_file import RASTERS, AreaFile, Layer, Roads, read_area_file
from geodata.sources.bundle import shipped_licences
from geodata.sources.derived import (
    country_codes,
    country_land,
    land_without_lakes,
    located,
    one_unit_a_country,
    units_of_countries,
)
from geodata.sources.download.addresses import shown
from geodata.sources.download.records import record_beside
from geodata.sources.land_of import LandOf
from geodata.sources.layers import MappedRoads
from geodata.sources.outlines import box_of, read_outline, units_named
from geodata.sources.rasters import Heights, read_whole, survey
from geodata.sources.readers import is_osm, read_frames, read_ground_of
from geodata.sources.road_readers import kept_roads, read_roads
from geodata.sources.schema import LAYER_OF, SCHEMAS, check

ROLE_OF = {name: role for role, name in LAYER_OF.items()}
OSM_CREDIT = {
    "licence": "ODbL-1.0",
    "attribution": "© OpenStreetMap contributors, https://www.openstreetmap.org/copyright",
}
UNKNOWN_CREDIT = {"licence": "not stated", "attribution": "source not stated"}
LOCATED = ("places", "places_extra", "airports", "ports", "posts")
"""Layers of points, each of which lies in a country."""
SEA_KM = 30.0
"""Sea and neighbours around countries that are given by their codes. Assumption."""
MOST_CELLS = 20_000_000
"""Cells of a grid at most: each may be a node of the network."""
_WORLD: Box = (-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True, kw_only=True)
class Note:
    """What a study lacks.

    Parameters
    ----------
    layer
        Its canonical name.
    done
        ``derived`` from something else, or ``left out``.
    cost
        What that means for the network and its scores.
    """

    layer: str
    done: str
    cost: str


class Study:
    """An area file and what its layers hold.

    Layers have the names of `geodata.sources.schema.SCHEMAS`. Each is read when it is first
    asked for; its frame must not be changed.

    Parameters
    ----------
    file
        What the area file says, with whole paths.
    steps
        Where layers are kept once they are read; nowhere when left out.

    Examples
    --------
    >>> from geodata.borderlands.region import AREA
    >>> study = Study.open(AREA)
    >>> study.area.countries
    ('GT', 'HN', 'BZ', 'SV')
    >>> len(study.frame("crossings"))
    26
    """

    def __init__(self, file: AreaFile, *, steps: Steps | None = None) -> None:
        self.file = file
        self.steps = steps or Steps()
        self._frames: dict[str, gpd.GeoDataFrame | pd.DataFrame] = {}
        self._hashes: dict[Path, str] = {}
        self._surfaces: dict[str, Mapping[str, Float32Array]] = {}
        self.remarks: list[str] = []

    @classmethod
    def open(cls, path: Path | str, *, steps: Steps | None = None) -> Study:
        """A study from its file; its layers are not read yet.

        Raises
        ------
        VeredaError
            As `read_area_file`.
        """
        return cls(read_area_file(path), steps=steps)

    def with_roads(self, source: str) -> Study:
        """The same study on other roads: those of a file, a folder or a pattern."""
        others = tuple(
            layer for layer in self.file.layers
            if layer.role not in ("roads", "road_routes", "road_stops", "road_skeleton")
        )  # fmt: skip
        roads = read_form(Layer, {"role": "roads", "path": str(Path(source).absolute())})
        file = self.file.model_copy(update={"layers": (*others, roads)})
        return Study(file, steps=self.steps)

    @property
    def rules(self) -> Roads:
        """Rules of its roads."""
        return self.file.roads

    @cached_property
    def titles(self) -> Titles:
        """What the region, its countries and its waters are called.

        Raises
        ------
        DataError
            When what the file says of them is none of that.
        """
        path = self.file.area.titles
        record = self.file.titles if path is None else read_toml(path, field="area.titles")
        try:
            return Titles.read(record)
        except ValueError as error:
            remedy = f"They do not fit: {error}"
            raise DataError("titles", str(path or "[titles]"), remedy) from None

    @property
    def layers(self) -> Collection[str]:
        """Names of the layers that there are, those that are made of others among them."""
        given = {LAYER_OF.get(layer.role, layer.role) for layer in self.file.layers}
        return given | {"countries", "admin1"}

    @cached_property
    def area(self) -> StudyArea:
        """Where it is: what the file leaves out comes from its layers.

        Raises
        ------
        DataError
            When nothing says where it is, or in which countries.
        """
        form = self.file.area
        countries = form.countries or tuple(sorted({code[:2] for code in form.iso}))
        countries = countries or self._named_here
        if not countries:
            remedy = 'Give the countries, such as countries = ["HN"]: no layer names any here.'
            raise DataError("area.countries", None, remedy)
        neighbours = form.neighbours
        if "neighbours" not in form.model_fields_set:
            neighbours = tuple(code for code in self._named_here if code not in countries)
        return replace(self._place, countries=countries, neighbours=neighbours)

    @cached_property
    def _place(self) -> StudyArea:
        """The area before its countries are known: layers are read for it."""
        form, outline = self.file.area, None
        if form.box is not None:
            box = form.box
        elif form.polygon is not None:
            outline = read_outline(form.polygon)
            box = box_of([outline], margin_km=0.0)
        else:
            margin = max(SEA_KM, form.fringe * form.cell_m / 1000)
            box = box_of(units_named(self._of_the_world(), form.iso), margin_km=margin)
        area = self._area(box)
        if outline is not None:
            own = shapely.transform(outline, lambda xy: np.c_[area.longitudes(xy[:, 0]), xy[:, 1]])
            area = replace(area, outline=own)
        cells = area.shape[0] * area.shape[1]
        if cells > MOST_CELLS:
            cell_m = form.cell_m * (cells / MOST_CELLS) ** 0.5
            remedy = (
                f"The grid would have {cells:,} cells, of at most {MOST_CELLS:,}: give a smaller "
                f"area, or cells of {cell_m:,.0f} m. {ORDER}."
            )
            raise DataError("area.cell_m", form.cell_m, remedy)
        return area

    def _area(self, box: Box) -> StudyArea:
        form = self.file.area
        return StudyArea(
            name=form.name, bbox=box, countries=(), neighbours=(), cell_m=form.cell_m,
            fringe_cells=form.fringe,
        )  # fmt: skip

    def _of_the_world(self) -> list[gpd.GeoDataFrame]:
        """Outlines of units and countries, wherever they are."""
        return [
            gpd.GeoDataFrame(frame)
            for role in ("admin", "countries")
            if (layers := self.file.of(role))
            for frame in read_frames(layers, self._area(_WORLD), self.remarks.append)
        ]

    @cached_property
    def _named_here(self) -> tuple[str, ...]:
        """Countries that a layer has in the box."""
        codes: set[str] = set()
        for name in ("countries", "admin1"):
            if self._given(name):
                codes |= set(country_codes(self._shapes(name), self._place))
        return tuple(sorted(codes))

    def _given(self, name: str) -> list[Layer]:
        """Layers of the file that a frame is made of."""
        return self.file.of(ROLE_OF.get(name, name))

    def _shapes(self, name: str) -> gpd.GeoDataFrame:
        frame = self.frame(name)
        assert isinstance(frame, gpd.GeoDataFrame)
        return frame

    def frame(self, name: str) -> gpd.GeoDataFrame | pd.DataFrame:
        """A layer as its schema has it, read or made of others.

        Raises
        ------
        DataError
            When there is no such layer, or a file of it is missing, changed or wrong.
        """
        if name not in SCHEMAS:
            raise DataError("layer", name, f"Not a table; tables are {', '.join(sorted(SCHEMAS))}.")
        if name not in self._frames:
            self._frames[name] = self.steps.frame(name, self.key(name), partial(self._made, name))
        return self._frames[name]

    def _made(self, name: str) -> gpd.GeoDataFrame | pd.DataFrame:
        layers = self._given(name)
        if name == "countries":
            return self._countries(layers)
        if not layers:
            if name != "admin1":
                raise DataError("layer", name, "The area file has no such layer.")
            return one_unit_a_country(self._shapes("countries"))
        frame = self._read(name, layers)
        if name == "admin1":
            assert isinstance(frame, gpd.GeoDataFrame)
            return units_of_countries(frame)
        if name in LOCATED and (frame["country"] == "").any():
            land = LandOf(self._shapes("countries"), self._place)
            return located(frame, land, self._shapes("admin1"))
        return frame

    def _read(self, name: str, layers: Sequence[Layer]) -> gpd.GeoDataFrame | pd.DataFrame:
        for layer in layers:
            self._check_hash(layer)
        read = read_frames(layers, self._place, self.remarks.append)
        frames = [in_area(frame, self._place) for frame in read]
        for frame in frames:
            check(frame, SCHEMAS[name], layers[0].label)
        return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)

    def _countries(self, layers: Sequence[Layer]) -> gpd.GeoDataFrame:
        """Land by country, without its lakes."""
        if layers:
            land = gpd.GeoDataFrame(self._read("countries", layers))
        else:
            one = self.file.area.countries
            coast, units = (
                gpd.GeoDataFrame(self._read(name, self._given(name)))
                if self._given(name) else None
                for name in ("coast", "admin1")
            )  # fmt: skip
            if units is None and len(one) != 1:
                remedy = "Give a layer of admin or countries, or one country: nothing parts them."
                raise DataError("area.countries", ", ".join(one), remedy)
            land = country_land(replace(self._place, countries=one), coast, units)
        lakes = self._shapes("lakes") if self._given("lakes") else None
        return land if lakes is None else land_without_lakes(land, lakes)

    def roads(self) -> MappedRoads | None:
        """Roads as they are mapped; None where the file has none.

        Raises
        ------
        DataError
            When a file of them is missing, changed or wrong.
        """
        layers = self.file.of("roads")
        if not layers:
            return None
        for layer in layers:
            self._check_hash(layer)
        return kept_roads(
            self.steps, self.key("roads"),
            lambda: read_roads(layers, self._place, self.rules, self.remarks.append),
        )  # fmt: skip

    def heights(self, area: StudyArea) -> Heights | None:
        """Heights under lines, where an elevation finer than the grid says them."""
        layers = self.file.of("elevation")
        if not layers or min(each.pixel_m for each in survey(layers, area)) >= area.cell_m:
            return None
        return Heights(layers, area)

    def raster(self, name: str) -> Raster:
        """A raster as its file has it; one file only.

        Raises
        ------
        DataError
            When there is no such layer, or several files of it.
        """
        layers = self.file.of(name)
        files = [file for layer in layers for file in layer.files()]
        if name not in RASTERS or len(files) != 1:
            remedy = "Numbered roads of a table need one file of it."
            raise DataError("layer", name, remedy)
        self._check_hash(layers[0])
        return read_whole(layers[0])

    def surface(self, name: str, area: StudyArea) -> Float32Array | None:
        """A raster on the grid of an area, or the slope of its elevation; None without one."""
        role = "elevation" if name == "slope" else name
        layers = self.file.of(role)
        if not layers:
            return None
        key = key_of(self.key(role), area.bbox, area.cell_m)
        if key not in self._surfaces:
            for layer in layers:
                self._check_hash(layer)
            self._surfaces[key] = self.steps.arrays(
                role, key, lambda: read_ground_of(layers, area, role, self.remarks.append)
            )
        arrays = self._surfaces[key]
        return np.asarray(arrays[name], np.float32) if name in arrays else None

    def key(self, name: str) -> str:
        """Hash of all that a layer is made of."""
        parts: list[object] = [name, self._place.bbox, self._place.outline]
        if name == "roads":
            parts.append(self.rules.model_dump_json())
        made = name == "countries" or not self._given(name)
        names = [name, *(_MADE_OF.get(name, ()) if made else ())]
        if name in LOCATED:
            names += ["countries", *_MADE_OF["countries"]]
        if name in ("countries", *LOCATED):
            parts.append(self.file.area.countries)
        for each in dict.fromkeys(names):
            for layer in self._given(each):
                record = layer.model_dump(mode="json", include=_READ_BY)
                parts += [record, [self._hash(file) for file in layer.files()]]
        return key_of(*parts)

    def _hash(self, path: Path) -> str:
        if path not in self._hashes:
            self._hashes[path] = sha256_of(path)
        return self._hashes[path]

    def _check_hash(self, layer: Layer) -> None:
        """Refuse a file that is not the one that the area file, or its manifest, lists."""
        files = layer.files()
        listed = {file: self._manifest.get(file.resolve(), {}).get("sha256") for file in files}
        if layer.sha256 and len(files) == 1:
            beside = record_beside(files[0])
            packed = beside is not None and beside.sha256 == layer.sha256
            # Of an archive the area file lists the hash, its record that of the file within.
            listed[files[0]] = beside.files[files[0].name] if beside and packed else layer.sha256
        for file, digest in listed.items():
            if digest and self._hash(file) != digest:
                remedy = (
                    f"Listed as {digest[:12]}: get that file again, or list the new hash if the "
                    "change is meant."
                )
                field = f"layer {layer.label}, file {file.name}"
                raise DataError(field, f"sha256 {self._hash(file)[:12]}", remedy)

    @cached_property
    def _manifest(self) -> Mapping[Path, Mapping[str, str]]:
        """What the manifest says of each file."""
        path = self.file.area.manifest
        if path is None:
            return {}
        entries = read_toml(path, field="area.manifest").get("layer", [])
        return {(path.parent / entry["file"]).resolve(): entry for entry in entries}

    def attributions(self) -> list[dict[str, str]]:
        """Layer, licence, attribution, sha256 and package of each source, sorted by layer."""
        records = []
        for layer in self.file.layers:
            files = layer.files()
            known = self._manifest.get(files[0].resolve(), {}) or _credit_beside(files)
            credit = OSM_CREDIT if is_osm(layer) else UNKNOWN_CREDIT
            digests = [self._hash(file) for file in files]
            records.append(
                {
                    "layer": LAYER_OF.get(layer.role, layer.role),
                    "licence": layer.licence or known.get("licence") or credit["licence"],
                    "attribution": layer.attribution or known.get("attribution")
                    or layer.source or credit["attribution"],
                    "sha256": digests[0] if len(digests) == 1 else key_of(*digests),
                    "package": known.get("package") or layer.provider or shown(layer.url or ""),
                    "version": known.get("version") or layer.date or "",
                }
            )  # fmt: skip
        return sorted(records, key=lambda record: record["layer"])

    def licence_texts(self) -> dict[str, str]:
        """The texts of the licences of its layers, by licence; of those that ship with Vereda."""
        names = {record["licence"] for record in self.attributions()}
        return {name: text for name, text in shipped_licences().items() if name in names}

    def notes(self) -> list[Note]:
        """What the study lacks, what was done about it, and what that costs."""
        given = {LAYER_OF.get(layer.role, layer.role) for layer in self.file.layers}
        return [
            Note(layer=name, done=done, cost=cost)
            for name, others, done, cost in LACKING
            if name not in given and not given.intersection(others)
        ]


def _credit_beside(files: Sequence[Path]) -> dict[str, str]:
    """Licences, holders and dates that were recorded when files were fetched, each once."""
    beside = [record for file in files if (record := record_beside(file)) is not None]
    told = {
        "licence": [record.licence for record in beside],
        "attribution": [record.attribution for record in beside],
        "version": [record.modified or record.fetched for record in beside],
    }
    return {key: "; ".join(dict.fromkeys(texts)) for key, texts in told.items()} if beside else {}


_READ_BY = {
    "role", "format", "layer", "crs", "band", "nodata", "unit", "rename", "classes",
}  # fmt: skip
"""What of a layer's table changes what is read of it."""
_MADE_OF = {"countries": ("coast", "admin1", "lakes"), "admin1": ("countries", "coast", "lakes")}


def sha256_of(path: Path) -> str:
    """Hash of a file; of a folder that is one data set, of all files in it.

    Raises
    ------
    DataError
        When it cannot be read.
    """
    try:
        if not path.is_dir():
            return sha256(path)
        files = sorted(file for file in path.rglob("*") if file.is_file())
        return key_of(*((file.name, sha256(file)) for file in files))
    except OSError as error:
        raise DataError("layer, path", str(path), f"It cannot be read: {error.strerror}.") from None


LACKING = (
    ("countries", ("coast", "admin1"), "left out",
     "the whole area is land of its one country, without a coast"),
    ("coast", ("countries",), "derived",
     "the coast is where administrative units end"),
    ("admin1", (), "derived", "each country is one unit: no rank of units within it"),
    ("lakes", (), "left out", "lakes are crossed as land, and none is sailed"),
    ("rivers", (), "left out", "no river is sailed"),
    ("roads", ("road_routes",), "left out", "all ways are off-road, by water or on foot"),
    ("places", (), "left out",
     "no town lends its name; remoteness lacks town_hours and place_hours, and, where no "
     "population is given, emptiness"),
    ("crossings", ("road_routes",), "derived",
     "where a made road meets a border there is a formal crossing, named after a place"),
    ("ports", (), "left out", "ships land on beaches only; remoteness at sea lacks port_hours"),
    ("airports", (), "left out", "no airstrip is an end of a flow"),
    ("posts", (), "left out", "weakness lacks reach"),
    ("indicators", (), "left out", "weakness lacks institutions"),
    ("elevation", (), "left out", "all land is flat: walking and driving ignore slopes"),
    ("population", (), "derived", "people are those of places; nobody lives elsewhere"),
    ("landcover", ("friction",), "left out", "all land is walked as open shrubland"),
    ("lights", (), "left out", "remoteness lacks darkness"),
    ("depth", (), "left out", "results tell no depth"),
)  # fmt: skip
"""Layers a study may lack: name, others that stand for it, what is done, what that costs."""
