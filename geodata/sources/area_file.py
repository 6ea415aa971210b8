"""The study area as a file: where, which layers, and the rules of its roads.

`read_area_file` reads an ``area.toml``. What it says is checked; paths are taken from its folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from geodata.area.box import Box, box_fault
from geodata.area.study_area import FRINGE_CELLS
from geodata.errors import DataError
from geodata.formats.toml import parse_toml, read_toml
from geodata.forms import Form, Source, Text, read_form, refuse
from geodata.sources.download.addresses import known_as
from geodata.sources.download.records import files_of
from geodata.spelling import suggestion

Role = Literal[
    "roads", "coast", "lakes", "rivers", "admin", "places", "crossings", "ports", "airstrips",
    "posts", "indicators", "elevation", "population", "landcover", "lights", "friction",
    "closed_zones", "influence", "depth", "countries", "territorial", "cays", "places_extra",
    "road_routes", "road_stops", "road_skeleton", "distances", "informal_counts",
]  # fmt: skip
ROLES: tuple[str, ...] = Role.__args__  # type: ignore[attr-defined]
"""What a layer may be of a study."""
RASTERS = ("elevation", "population", "landcover", "lights", "friction", "depth")
"""Roles of rasters; all others are vectors or tables."""
FROM_OSM = (
    "roads", "coast", "lakes", "rivers", "admin", "places", "crossings", "ports", "airstrips",
    "posts",
)  # fmt: skip
"""Roles that one extract of OpenStreetMap holds."""

RoadClassName = Literal[
    "primary", "secondary", "tertiary", "local", "track", "path", "crossing", "ferry"
]
ROAD_CLASSES: tuple[str, ...] = RoadClassName.__args__  # type: ignore[attr-defined]
"""Classes of the road links of a network."""
SURFACES = ("paved", "mixed", "unpaved")

UNITS: Mapping[str, Mapping[str, float]] = {
    "elevation": {"m": 1.0, "dm": 0.1, "cm": 0.01, "ft": 0.3048, "km": 1000.0},
    "depth": {"m": 1.0, "dm": 0.1, "cm": 0.01, "ft": 0.3048, "km": 1000.0},
    "population": {"people": 1.0, "people/km2": 1.0, "people/ha": 100.0},
}
"""Units by role, and by what to multiply for metres; people a cell, or people a km2."""

MOST_LAYERS = 200
_CODE = re.compile(r"[A-Z]{2}")
_DIVISION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def _matching(pattern: re.Pattern[str], remedy: str) -> AfterValidator:
    def check(text: str) -> str:
        if text and not pattern.fullmatch(text):
            raise refuse(remedy)
        return text

    return AfterValidator(check)


def _tuple(value: object) -> object:
    """A list as a tuple; one text alone as a tuple of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _path(value: object) -> object:
    if isinstance(value, str):
        if not value.strip() or "\0" in value:
            raise refuse("Give a file, a folder, or a pattern such as tiles/*.tif.")
        return Path(value)
    return value


_Several = BeforeValidator(_tuple)
OnePath = Annotated[Path, BeforeValidator(_path)]
Paths = Annotated[tuple[OnePath, ...], _Several, Field(max_length=10_000)]
Code = Annotated[str, _matching(_CODE, "Give two capital letters, such as HN (ISO 3166-1).")]
Codes = Annotated[tuple[Code, ...], _Several, Field(max_length=300)]
Divisions = Annotated[
    tuple[Annotated[str, _matching(_DIVISION, "Give a code such as HN or HN-GD (ISO 3166).")], ...],
    _Several,
    Field(max_length=1000),
]


class Area(Form):
    """``[area]``: where a study is, and how fine its grid.

    Exactly one of `bbox`, `polygon` and `iso` says where. Countries that are left out are
    those of `iso`, or else all that the layers have there. `titles` is a file of what the region,
    its countries and waters are called; `manifest` one of licences and hashes of files.
    """

    name: Annotated[
        str, _matching(re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"), "Give letters and digits.")
    ]
    titles: OnePath | None = None
    manifest: OnePath | None = None
    bbox: Annotated[tuple[float, ...], _Several] | None = None
    polygon: OnePath | None = None
    iso: Divisions = ()
    countries: Codes = ()
    neighbours: Codes = ()
    cell_m: Annotated[float, Field(ge=20, le=50_000)] = 2000.0
    fringe_km: Annotated[float, Field(ge=0, le=1000)] | None = None
    fringe_cells: Annotated[float, Field(ge=0, le=10_000)] | None = None

    @field_validator("bbox")
    @classmethod
    def _box(cls, box: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if box is not None:
            if len(box) != 4:
                raise refuse("Give four numbers: west, south, east, north, in degrees.")
            fault = box_fault((box[0], box[1], box[2], box[3]))
            if fault:
                raise refuse(fault)
        return box

    @model_validator(mode="after")
    def _one(self) -> Self:
        places = [key for key in ("bbox", "polygon", "iso") if getattr(self, key)]
        if len(places) != 1:
            raise refuse("Say where in exactly one way: bbox, polygon or iso.")
        if self.fringe_km is not None and self.fringe_cells is not None:
            raise refuse("Give either fringe_km or fringe_cells.", at=".fringe_km",
                         value=self.fringe_km)  # fmt: skip
        both = set(self.countries) & set(self.neighbours)
        if both:
            code = sorted(both)[0]
            raise refuse("A country is studied or a neighbour, not both.", at=".neighbours",
                         value=code)  # fmt: skip
        return self

    @property
    def fringe(self) -> float:
        """Depth of the strip of a neighbour that is meshed, in cells."""
        if self.fringe_km is not None:
            return self.fringe_km * 1000 / self.cell_m
        return FRINGE_CELLS if self.fringe_cells is None else self.fringe_cells

    @property
    def box(self) -> Box | None:
        """West, south, east, north, where they are given."""
        return None if self.bbox is None else (*self.bbox,)  # type: ignore[return-value]


class Layer(Form):
    """``[[layer]]``: one source of a study.

    Parameters
    ----------
    role
        What it is of the study.
    path
        Files, folders of tiles and patterns. After `AreaFile.resolved` they are whole paths;
        `files` gives the files themselves.
    url, provider
        Where ``vereda fetch`` gets it; without a path it then lies in ``data/ROLE`` beside
        the file of the area.
    format
        Where the suffix does not say: ``pbf``, ``graphml``, ``gpkg``, ``csv``, ``tif``, ...
    layer, crs, band, nodata, unit
        Layer within the file; coordinate system, only where the file has none; band, value for
        none and unit of a raster.
    rename
        Column of the file by canonical column.
    classes
        Canonical class by value in the file, or the name of a shipped table.
    """

    role: Role
    path: Paths = ()
    url: Text | None = None
    provider: Text | None = None
    format: Text | None = None
    layer: Text | None = None
    crs: Text | None = None
    band: Annotated[int, Field(ge=1, le=10_000)] = 1
    nodata: float | None = None
    unit: Text | None = None
    rename: dict[str, str] = Field(default_factory=dict)
    classes: dict[str, str] = Field(default_factory=dict)
    licence: Text | None = None
    attribution: Text | None = None
    source: Source | None = None
    date: Text | None = None
    sha256: (
        Annotated[str, _matching(_SHA256, "Give 64 digits and letters a to f in lower case.")]
        | None
    ) = None
    name: Text | None = None

    @field_validator("classes", mode="before")
    @classmethod
    def _classes(cls, table: object) -> object:
        """A shipped table by its name; numbers as texts, since TOML's keys are texts."""
        if isinstance(table, str):
            tables = shipped_classes()
            if table not in tables:
                guess = suggestion(table, tables)
                raise refuse(f"{guess}Give a table, or one of: {', '.join(tables)}.")
            return dict(tables[table])
        if isinstance(table, dict):
            return {
                str(key): str(value) if isinstance(value, int) else value
                for key, value in table.items()
            }
        return table

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.provider in shipped_classes() and not self.classes:
            self.classes.update(shipped_classes()[self.provider or ""])
        if not (self.path or self.url or self.provider):
            raise refuse("Say where it is: give a path, a url or a provider.", at=".path")
        units = UNITS.get(self.role, {})
        if self.unit and units and self.unit not in units:
            guess = suggestion(self.unit, units)
            raise refuse(f"{guess}Give one of: {', '.join(units)}.", at=".unit", value=self.unit)
        return self

    @property
    def label(self) -> str:
        """How errors and credits call it: its name, or its role."""
        return self.name or self.role

    def files(self) -> list[Path]:
        """The files of the layer, each once and in order.

        A folder stands for all files in it; a pattern for those it matches. Names that begin
        with a dot, or end in ``.part`` or ``.md5``, are left out.

        Raises
        ------
        DataError
            When there is none.
        """
        found: dict[Path, None] = {}
        for path in self.path:
            several = sorted(self._fetched(path) or _expanded(path))
            if not several:
                raise DataError(f"layer {self.label}, path", str(path), self._absent(path))
            found |= dict.fromkeys(several)
        return list(found)

    def _fetched(self, path: Path) -> list[Path]:
        """Files of a folder that `vereda fetch` has put there for this layer and no other."""
        asked = self.provider or (known_as(self.url) if self.url else "")
        several = files_of(path, asked) if asked and path.is_dir() else []
        return [each for each in several if not each.name.endswith((*_NO_DATA, ".dbf"))]

    def _absent(self, path: Path) -> str:
        if self.url or self.provider:
            return "It is not there yet: run vereda fetch."
        what = "file in this folder" if path.is_dir() else "such file"
        return f"There is no {what}; paths are taken from the folder of area.toml."


_NO_DATA = (
    ".part", ".md5", ".sha256", ".tmp", ".qix", ".aux.xml", ".json.licence", ".source.toml",
    ".shx", ".prj", ".cpg", ".sbn", ".sbx",
)  # fmt: skip


def _expanded(path: Path) -> Iterator[Path]:
    if path.is_dir() and path.suffix not in (".gdb",):
        within: Iterator[Path] = path.iterdir()
    elif path.exists():
        yield path
        return
    elif any(sign in str(path) for sign in "*?["):
        anchor = Path(path.anchor)
        within = (
            anchor.glob(str(path.relative_to(anchor))) if path.anchor else Path().glob(str(path))
        )
    else:
        return
    for each in within:
        hidden = each.name.startswith(".") or each.name.endswith(_NO_DATA)
        if not hidden and (each.is_file() or each.suffix == ".gdb"):
            yield each


class Kmh(Form):
    """A speed."""

    kmh: Annotated[float, Field(ge=0.5, le=200)]
    source: Source


class Speeds(Form):
    """Speeds of a class of roads by surface, on level ground."""

    paved: Kmh | None = None
    mixed: Kmh | None = None
    unpaved: Kmh | None = None


class RoadClass(Form):
    """What a value of a file stands for on the network."""

    into: Annotated[RoadClassName, Field(alias="class")]
    mode: Literal["road", "trail"] = "road"
    source: Source


class Passing(Form):
    """Whether something on a road can be passed, and how long that takes."""

    passable: bool = True
    minutes: Annotated[float, Field(ge=0, le=10_000)] = 0.0
    source: Source


class Ferry(Form):
    """How fast a ferry is where it says neither, and how long one waits for it."""

    kmh: Annotated[float, Field(ge=0.5, le=200)]
    wait_minutes: Annotated[float, Field(ge=0, le=10_000)] = 0.0
    source: Source


class Slowed(Form):
    """Share of the speed that is left."""

    factor: Annotated[float, Field(gt=0, le=2)]
    source: Source


class SurfaceOf(Form):
    """What a surface of a file is on the network."""

    into: Annotated[Literal["paved", "mixed", "unpaved"], Field(alias="surface")]
    source: Source


class Season(Form):
    """What a season changes on the road."""

    ford: Passing | None = None
    paved: Slowed | None = None
    mixed: Slowed | None = None
    unpaved: Slowed | None = None


class Reach(Form):
    """Assumed local roads to places that a table of numbered roads leaves out."""

    people: Annotated[int, Field(ge=0)] = 1000
    km: Annotated[float, Field(ge=0, le=1000)] = 20.0
    within: dict[str, Annotated[float, Field(ge=0, le=1000)]] = Field(default_factory=dict)
    source: Source


class Roads(Form):
    """``[roads]``: classes, speeds and rules; what is left out is as ``roads.toml`` has it.

    Parameters
    ----------
    classes
        Class and mode on the network by value of ``highway``, or of the class of a file.
    speeds
        By class of the network and surface.
    ford, ferry, barriers, access
        Delays and closures; barriers and access by OpenStreetMap's value.
    surfaces, untagged
        Surface by OpenStreetMap's value; and by class of the network where none is said.
    posted
        Share of a speed limit at which paved roads are driven.
    season, seasons
        The one that holds, if any; and what each changes.
    islands
        What becomes of roads that nothing joins to the largest piece: kept apart (they still
        meet the mesh), joined where they end within `join_m`, or dropped.
    number
        Pattern of a road's number at the beginning of its name.
    reach
        Assumed local roads, for a table of numbered roads only.
    """

    classes: dict[str, RoadClass]
    speeds: dict[RoadClassName, Speeds]
    ford: Passing
    ferry: Ferry
    barriers: dict[str, Passing] = Field(default_factory=dict)
    access: dict[str, Passing] = Field(default_factory=dict)
    surfaces: dict[str, SurfaceOf] = Field(default_factory=dict)
    untagged: dict[RoadClassName, SurfaceOf] = Field(default_factory=dict)
    posted: Slowed
    season: str | None = None
    seasons: dict[str, Season] = Field(default_factory=dict)
    islands: Literal["keep", "join", "drop"] = "keep"
    join_m: Annotated[float, Field(ge=0, le=10_000)] = 50.0
    number: str | None = None
    reach: Reach

    @field_validator("number")
    @classmethod
    def _pattern(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise refuse(f"It is no regular expression: {error}.") from None
        return pattern

    @model_validator(mode="after")
    def _season(self) -> Self:
        if self.season is not None and self.season not in self.seasons:
            guess = suggestion(self.season, self.seasons)
            remedy = f"{guess}Give one of: {', '.join(self.seasons)}."
            raise refuse(remedy, at=".season", value=self.season)
        return self

    def speed(self, road_class: str, surface: str) -> float:
        """Kilometres an hour on level ground, in the season that holds.

        A surface without a speed of its own has that of the nearest surface that has one.

        Raises
        ------
        DataError
            When the class has no speed at all.
        """
        speeds = self.speeds.get(road_class)  # type: ignore[call-overload]
        for each in (surface, *_NEXT_SURFACES[surface]):
            own = getattr(speeds, each, None)
            if own is not None:
                return float(own.kmh * self._factor(surface))
        field = f"roads.speeds.{road_class}"
        raise DataError(
            field, None, 'Give a speed, such as paved = { kmh = 50.0, source = "..." }.'
        )

    def _factor(self, surface: str) -> float:
        slowed = getattr(self.seasons[self.season], surface) if self.season else None
        return slowed.factor if slowed else 1.0

    @property
    def fords(self) -> Passing:
        """What a ford costs in the season that holds."""
        season = self.seasons[self.season] if self.season else None
        return (season.ford if season else None) or self.ford


_NEXT_SURFACES = {
    "paved": ("mixed", "unpaved"),
    "mixed": ("unpaved", "paved"),
    "unpaved": ("mixed", "paved"),
}


class AreaFile(Form):
    """A study area as its file says it.

    Examples
    --------
    >>> from geodata.sources.area_file import parse_area
    >>> area = parse_area('''
    ... [area]
    ... name = "monaco"
    ... bbox = [7.40, 43.72, 7.45, 43.76]
    ... cell_m = 100
    ... [[layer]]
    ... role = ["roads", "coast"]
    ... path = "monaco.osm.pbf"
    ... ''')
    >>> [layer.role for layer in area.layers]
    ['roads', 'coast']
    """

    area: Area
    layers: Annotated[tuple[Layer, ...], Field(alias="layer", max_length=MOST_LAYERS)] = ()
    roads: Roads
    titles: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, table: Any) -> Any:
        """Each role of a layer as a layer of its own, and the rules that are left out."""
        if not isinstance(table, dict):
            return table
        layers = table.get("layer", [])
        if isinstance(layers, dict):
            raise refuse("Write [[layer]], in two pairs of brackets.", at=".layer", value=layers)
        if isinstance(layers, list):
            layers = tuple(one for layer in layers for one in _by_role(layer))
        return {**table, "layer": layers, "roads": _merged(road_rules(), table.get("roads", {}))}

    def of(self, *roles: str) -> list[Layer]:
        """Layers of these roles, in the order of the file."""
        return [layer for layer in self.layers if layer.role in roles]

    def resolved(self, folder: Path) -> AreaFile:
        """The same with whole paths: those of the file are relative to its folder."""
        layers = []
        for layer in self.layers:
            paths = layer.path or (Path("data") / layer.role,)
            own = tuple(folder / path.expanduser() for path in paths)
            layers.append(layer.model_copy(update={"path": own}))
        named = ("polygon", "titles", "manifest")
        beside = {key: getattr(self.area, key) for key in named}
        area = self.area.model_copy(
            update={key: folder / path.expanduser() for key, path in beside.items() if path}
        )
        return self.model_copy(update={"layers": tuple(layers), "area": area})


def _by_role(layer: Any) -> list[Any]:
    roles = layer.get("role") if isinstance(layer, dict) else None
    return [{**layer, "role": role} for role in roles] if isinstance(roles, list) else [layer]


def _merged(rules: Mapping[str, Any], own: Any) -> Any:
    """Tables laid over each other; a value that has a source is replaced as a whole."""
    if not isinstance(own, dict) or "source" in rules:
        return own
    merged = dict(rules)
    for key, value in own.items():
        known = rules.get(key)
        merged[key] = _merged(known, value) if isinstance(known, dict) else value
    return merged


@cache
def shipped_classes() -> Mapping[str, Mapping[str, str]]:
    """Tables of classes of land cover that ship with Vereda, by name."""
    content = files("geodata.sources").joinpath("landcovers.toml").read_bytes()
    return parse_toml(content, field="landcovers.toml")


@cache
def road_rules() -> Mapping[str, Any]:
    """The rules of roads where a file says nothing else."""
    content = files("geodata.sources").joinpath("roads.toml").read_bytes()
    return parse_toml(content, field="roads.toml")


def default_roads() -> Roads:
    """The rules of roads where a file says nothing else."""
    return read_form(Roads, road_rules())


def parse_area(
    content: str | bytes, *, folder: Path | None = None, field: str = "area"
) -> AreaFile:
    """A study area from the text of its file.

    Parameters
    ----------
    folder
        Where paths begin; they stay as they are without it.

    Raises
    ------
    DataError
        Naming the key, its value and what is allowed there.
    """
    area = read_form(AreaFile, parse_toml(content, field=field))
    return area if folder is None else area.resolved(folder)


def read_area_file(path: Path | str) -> AreaFile:
    """A study area from its file, with whole paths.

    Raises
    ------
    InputError
        When there is no such file.
    DataError
        Naming the key, its value and what is allowed there.
    """
    path = Path(path)
    table = read_toml(path, field="area")
    return read_form(AreaFile, table).resolved(path.resolve().parent)
