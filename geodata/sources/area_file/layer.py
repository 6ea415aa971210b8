"""A layer of an area file: its role in the study, and its files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from geodata.entries.forms import Form, Source, Text, refuse
from geodata.entries.spelling import suggestion
from geodata.errors import DataError
from geodata.formats.text.toml import parse_toml
from geodata.sources.area_file.texts import Paths, text_pattern
from geodata.sources.fetched.addresses import has_parts, is_database, redact, source_key
from geodata.sources.fetched.records import files_of

Role = Literal[
    "roads", "coast", "lakes", "rivers", "admin", "places", "crossings", "ports", "airstrips",
    "posts", "indicators", "elevation", "population", "landcover", "lights", "friction",
    "closed_zones", "influence", "depth", "countries", "territorial", "cays", "places_extra",
    "road_routes", "road_stops", "road_skeleton", "distances", "informal_counts", "events",
    "counts",
]  # fmt: skip
ROLES: tuple[str, ...] = Role.__args__  # type: ignore[attr-defined]
"""Roles of layers in a study."""
RASTERS = ("elevation", "population", "landcover", "lights", "friction", "depth")
"""Roles of rasters; all others are vectors or tables."""

UNITS: Mapping[str, Mapping[str, float]] = {
    "elevation": {"m": 1.0, "dm": 0.1, "cm": 0.01, "ft": 0.3048, "km": 1000.0},
    "depth": {"m": 1.0, "dm": 0.1, "cm": 0.01, "ft": 0.3048, "km": 1000.0},
    "population": {"people": 1.0, "people/km2": 1.0, "people/ha": 100.0},
}
"""Units by role, and by what to multiply for metres; people a cell, or people a km2."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Layer(Form):
    """``[[layer]]``: one source of a study.

    Parameters
    ----------
    role
        Role of the layer in the study.
    path
        Files, folders of tiles and patterns. After `AreaFile.resolved` they are whole paths;
        `files` gives the files themselves.
    url, provider
        Origin from which ``vereda fetch`` gets the layer; without a path, its files are in
        ``data/ROLE`` beside the area file. A url may be that of a PostGIS database.
    format
        Format, for files whose suffix does not show it: ``pbf``, ``graphml``, ``gpkg``, ``csv``,
        ``tif``, ...
    layer, crs, band, nodata, unit
        Layer within the file, or table or query of a database; coordinate system, only where the
        file has none; band, value for none and unit of a raster.
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
    layer: Source | None = None
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
        Annotated[str, text_pattern(_SHA256, "Give 64 digits and letters a to f in lower case.")]
        | None
    ) = None
    name: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _database(cls, table: Any) -> Any:
        """The address of a database is no path, wherever it is written."""
        path = table.get("path") if isinstance(table, dict) else None
        if isinstance(path, str) and is_database(path) and "url" not in table:
            return {**{key: value for key, value in table.items() if key != "path"}, "url": path}
        return table

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
        if not has_parts(self.url or ""):
            remedy = "Give an address such as https://example.org/roads.osm.pbf."
            raise refuse(remedy, at=".url", value=redact(self.url or ""))
        if self.role in RASTERS and is_database(self.url or ""):
            raise refuse("A database gives tables and no raster: give a file.", at=".url",
                         value=redact(self.url or ""))  # fmt: skip
        units = UNITS.get(self.role, {})
        if self.unit and units and self.unit not in units:
            guess = suggestion(self.unit, units)
            raise refuse(f"{guess}Give one of: {', '.join(units)}.", at=".unit", value=self.unit)
        return self

    @property
    def label(self) -> str:
        """Name of the layer in errors and credits: its name, or its role."""
        return self.name or self.role

    def field_of(self, file: Path) -> str:
        """Name of a file of the layer in errors."""
        return f"layer {self.label}, file {file.name}"

    def files(self) -> list[Path]:
        """The files of the layer, each once and in order.

        A folder stands for all files in it; a pattern for those it matches. Names that begin
        with a dot, or end in ``.part`` or ``.md5``, are left out.

        Raises
        ------
        DataError
            When there is no file.
        """
        files: dict[Path, None] = {}
        for path in self.path:
            several = sorted(self._fetched(path) or _expanded(path))
            if not several:
                raise DataError(f"layer {self.label}, path", str(path), self._absent(path))
            files |= dict.fromkeys(several)
        return list(files)

    def _fetched(self, path: Path) -> list[Path]:
        """Files of a folder that `vereda fetch` has put there for this layer and no other."""
        key = self.provider or (source_key(self.url, table=self.layer or "") if self.url else "")
        several = files_of(path, key) if key and path.is_dir() else []
        return [each for each in several if not each.name.endswith((*_NO_DATA, ".dbf"))]

    def _absent(self, path: Path) -> str:
        if path.exists() and not path.is_dir():
            return "It is a device or a pipe; name a plain file."
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
        if path.is_file() or path.is_dir():
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


@cache
def shipped_classes() -> Mapping[str, Mapping[str, str]]:
    """Tables of classes of land cover that ship with Vereda, by name."""
    content = files("geodata.sources.area_file").joinpath("landcovers.toml").read_bytes()
    return parse_toml(content, field="landcovers.toml")
