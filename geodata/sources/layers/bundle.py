"""Bundles: a directory of layers with SOURCES.toml, every file checked when read."""

from __future__ import annotations

import hashlib
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
from rasterio.io import MemoryFile

from geodata.area.grid import Raster, onto_grid
from geodata.area.study_area import StudyArea
from geodata.arrays import Float32Array
from geodata.entries.spelling import composed_columns
from geodata.errors import DataError
from geodata.sources.layers.lakes import land_without_lakes
from geodata.sources.layers.schema import SCHEMAS, Schema, check, parse_columns

MANIFEST = "SOURCES.toml"
RESTORE = f"Restore it, or, if the change is meant, list it anew in {MANIFEST}."
CLASSES = ("landcover",)
"""Rasters whose values are classes, which have no mean."""
#: Licence texts by SPDX id or name, under ``licences/``.
LICENCES = {
    "ODbL-1.0": "ODbL-1.0.txt",
    "CC-BY-4.0": "CC-BY-4.0.txt",
    "CC0-1.0": "CC0-1.0.txt",
    "LGPL-3.0-or-later": "LGPL-3.0.txt",
    "Public domain": "public-domain.txt",
}


@dataclass(frozen=True, kw_only=True)
class BundleSource:
    """Where one shipped file comes from: an entry of SOURCES.toml.

    Parameters
    ----------
    name
        Name of the layer.
    file
        Path inside the bundle.
    package, version, member
        The package it was derived from and the file in it; empty when made by hand.
    licence
        SPDX identifier, or ``Public domain``.
    attribution
        Holders to name wherever the layer or data derived from it is shown.
    sha256
        Of the file as shipped.
    derived
        How it was clipped or made.
    """

    name: str
    file: str
    package: str
    version: str
    member: str
    licence: str
    attribution: str
    sha256: str
    derived: str


@dataclass(frozen=True, eq=False, repr=False)
class Bundle:
    """A directory of layers and what SOURCES.toml says of them.

    Parameters
    ----------
    directory
        Where the files are.
    layers
        Entries by layer name.
    remedy
        What to do when a file is missing or changed.

    Examples
    --------
    >>> from geodata.borderlands.region import borderlands
    >>> borderlands().source("posts").licence
    'CC0-1.0'
    """

    directory: Path
    layers: dict[str, BundleSource]
    remedy: str = RESTORE

    def __repr__(self) -> str:
        """Where it is: the entries of all layers would fill a notebook."""
        return f"<Bundle {self.directory.name}: {len(self.layers)} layers>"

    @classmethod
    def open(cls, directory: Path | str, *, remedy: str = RESTORE) -> Bundle:
        """Read SOURCES.toml; the layers are read when asked for.

        Parameters
        ----------
        directory
            Directory that has a SOURCES.toml.
        remedy
            What errors advise when a file is missing or changed.

        Raises
        ------
        DataError
            When SOURCES.toml is missing or an entry is incomplete.

        Examples
        --------
        >>> from geodata import Bundle
        >>> from geodata.borderlands.region import AREA
        >>> Bundle.open(AREA.parent).source("posts").file
        'tables/posts.csv'
        """
        path = Path(directory) / MANIFEST
        try:
            entries = tomllib.loads(path.read_text(encoding="utf-8"))["layer"]
        except FileNotFoundError as error:
            remedy = "No such file: give a bundle's directory."
            raise DataError("bundle", str(path), remedy) from error
        except (tomllib.TOMLDecodeError, KeyError) as error:
            raise DataError("bundle", str(path), f"Not a list of layers ({error}).") from error
        sources = [_source(entry, path) for entry in entries]
        return cls(Path(directory), {source.name: source for source in sources}, remedy)

    def source(self, name: str) -> BundleSource:
        """The entry of a layer.

        Parameters
        ----------
        name
            Name of a layer in SOURCES.toml.

        Raises
        ------
        DataError
            When the bundle has no such layer.

        Examples
        --------
        >>> from geodata.borderlands.region import borderlands
        >>> borderlands().source("posts").file
        'tables/posts.csv'
        """
        if name not in self.layers:
            known = ", ".join(sorted(self.layers))
            raise DataError("layer", name, f"{self.directory / MANIFEST} has only {known}.")
        return self.layers[name]

    def read(self, name: str) -> bytes:
        """Bytes of a layer's file.

        Parameters
        ----------
        name
            Name of a layer in SOURCES.toml.

        Raises
        ------
        DataError
            When the file is missing, or its bytes are not those that were listed.

        Examples
        --------
        >>> from geodata.borderlands.region import borderlands
        >>> borderlands().read("posts")[:17]
        b'name,kind,country'
        """
        source = self.source(name)
        path = self.directory / source.file
        field = f"layer {name}, file {source.file}"
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise DataError(field, "missing", self.remedy) from error
        digest = hashlib.sha256(content).hexdigest()
        if digest != source.sha256:
            listed = f"Listed as {source.sha256[:12]}."
            raise DataError(field, f"sha256 {digest[:12]}", f"{listed} {self.remedy}")
        return content

    def frame(self, name: str) -> gpd.GeoDataFrame | pd.DataFrame:
        """A vector layer or table, checked against its schema and its hash.

        The lakes of all files, ``lakes`` and ``lakes_SOURCE``, are one layer; land is without
        them.

        Parameters
        ----------
        name
            Name of a vector layer or table.

        Raises
        ------
        DataError
            When the file is missing or changed, or does not fit the schema.

        Examples
        --------
        >>> from geodata.borderlands.region import borderlands
        >>> len(borderlands().frame("crossings"))
        26
        """
        schema = SCHEMAS.get("lakes" if name in self._files("lakes") else name)
        frames = [self._frame(file, schema) for file in self._files(name)]
        frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
        if name == "countries" and "lakes" in self.layers:
            lakes = self.frame("lakes")
            return land_without_lakes(gpd.GeoDataFrame(frame), gpd.GeoDataFrame(lakes))
        return frame

    def _files(self, name: str) -> list[str]:
        """Entries of the files that a layer is in."""
        others = [each for each in self.layers if name == "lakes" and each.startswith("lakes_")]
        return [name, *sorted(others)]

    def _frame(self, name: str, schema: Schema | None) -> gpd.GeoDataFrame | pd.DataFrame:
        content = self.read(name)
        if schema is None:
            raise DataError("layer", name, f"Not a table; tables are {', '.join(sorted(SCHEMAS))}.")
        frame = composed_columns(self._parsed(name, content, schema))
        check(frame, schema, name)
        return frame

    def _parsed(self, name: str, content: bytes, schema: Schema) -> gpd.GeoDataFrame | pd.DataFrame:
        path = self.directory / self.source(name).file
        if path.suffix == ".parquet":
            return gpd.read_parquet(pa.BufferReader(content))
        text = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
        return parse_columns(text, schema, name)

    def raster(self, name: str) -> Raster:
        """A raster layer, its hash checked.

        Parameters
        ----------
        name
            Name of a raster layer.

        Raises
        ------
        DataError
            When the file is missing, changed, or not a GeoTIFF.

        Examples
        --------
        >>> from geodata.borderlands.region import borderlands
        >>> borderlands().raster("depth").values.shape
        (60, 98)
        """
        file = self.source(name).file
        if not file.endswith(".tif"):
            raise DataError("layer", name, f"{file} is not a raster: read it with frame().")
        with MemoryFile(self.read(name)) as memory, memory.open() as tif:
            return Raster(
                values=tif.read(1), transform=tif.transform, crs=tif.crs, nodata=tif.nodata
            )

    def surface(self, name: str, area: StudyArea) -> Float32Array | None:
        """A raster layer on the grid of an area; None where the bundle has no such layer.

        Parameters
        ----------
        name
            Name of a raster layer.
        area
            Study area with the grid.

        Examples
        --------
        >>> from geodata import Study
        >>> from geodata.borderlands.region import AREA, borderlands
        >>> area = Study.open(AREA).area
        >>> borderlands().surface("depth", area).shape == area.shape
        True
        >>> borderlands().surface("lights", area) is None
        True
        """
        if name not in self.layers:
            return None
        return onto_grid(self.raster(name), area, smooth=name not in CLASSES)

    def heights(self, area: StudyArea) -> None:
        """None: a bundle's elevation is coarse.

        Parameters
        ----------
        area
            Study area, as other sources of layers take it.

        Examples
        --------
        >>> from geodata import Study
        >>> from geodata.borderlands.region import AREA, borderlands
        >>> borderlands().heights(Study.open(AREA).area) is None
        True
        """

    def roads(self) -> None:
        """None: a bundle has a table of numbered roads.

        Examples
        --------
        >>> from geodata.borderlands.region import borderlands
        >>> borderlands().roads() is None
        True
        """

    def key(self, name: str) -> str:
        """Hash of all inputs of a layer, or an empty text.

        Parameters
        ----------
        name
            Name of a layer.

        Examples
        --------
        >>> from geodata.borderlands.region import borderlands
        >>> borderlands().key("posts") == borderlands().source("posts").sha256
        True
        """
        if name not in self.layers:
            return ""
        files = self._files(name) + (self._files("lakes") if name == "countries" else [])
        return "".join(self.layers[file].sha256 for file in files if file in self.layers)

    def attributions(self) -> list[dict[str, str]]:
        """Layer, licence, attribution, sha256 and package of each file, sorted by layer.

        Examples
        --------
        >>> from geodata.borderlands.region import borderlands
        >>> borderlands().attributions()[0]["layer"]
        'admin1'
        """
        keys = ("licence", "attribution", "sha256", "package", "version")
        return [
            {"layer": name, **{key: getattr(self.layers[name], key) for key in keys}}
            for name in sorted(self.layers)
        ]

    def licence_texts(self) -> dict[str, str]:
        """The statements that ship with the layers, by licence.

        Raises
        ------
        DataError
            As `licence_text`.

        Examples
        --------
        >>> from geodata.borderlands.region import borderlands
        >>> sorted(borderlands().licence_texts())
        ['CC-BY-4.0', 'CC0-1.0', 'LGPL-3.0-or-later', 'ODbL-1.0', 'Public domain']
        """
        return {source.licence: self.licence_text(name) for name, source in self.layers.items()}

    def licence_text(self, name: str) -> str:
        """The licence statement that ships with a layer.

        Parameters
        ----------
        name
            Name of a layer in SOURCES.toml.

        Raises
        ------
        DataError
            When the bundle has no text for the layer's licence.

        Examples
        --------
        >>> from geodata.borderlands.region import borderlands
        >>> borderlands().licence_text("posts").splitlines()[0]
        'CC0 1.0 Universal, Public Domain Dedication'
        """
        licence = self.source(name).licence
        path = self.directory / "licences" / LICENCES.get(licence, licence)
        if not path.is_file():
            raise DataError(f"layer {name}, licence", licence, f"Put its text at {path}.")
        return path.read_text(encoding="utf-8")


@cache
def shipped_licences() -> Mapping[str, str]:
    """Texts of the licences that ship with Vereda, by SPDX id or name."""
    rooms = Path(__file__).parents[2]
    texts = {path.name: path for path in sorted(rooms.glob("*/licences/*.txt"))}
    return {
        name: texts[file].read_text(encoding="utf-8")
        for name, file in LICENCES.items()
        if file in texts
    }


def _source(entry: dict[str, str], path: Path) -> BundleSource:
    names = [field.name for field in fields(BundleSource)]
    missing = [key for key in names if key not in entry]
    if missing:
        name = entry.get("name", "?")
        raise DataError(f"{path.name}, layer {name}", missing[0], "Give this key.")
    return BundleSource(**{key: entry[key] for key in names})
