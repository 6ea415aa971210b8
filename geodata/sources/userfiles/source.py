"""The source of a user's layer: a plain file, its kind by its suffix, and a layer in it."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path

from geodata.entries.spelling import composed
from geodata.errors import DataError, InputError

KINDS = {
    ".csv": "table", ".tsv": "table", ".txt": "table", ".geojson": "geojson", ".json": "geojson",
    ".gpkg": "geopackage", ".shp": "shapefile", ".kml": "kml", ".gpx": "gpx",
    ".fgb": "flatgeobuf",
}  # fmt: skip
"""Kinds of files that are read, by suffix; case does not matter."""
REMEDIES = {
    ".zip": "Unzip it, and name the file inside.",
    ".kmz": "Unzip it, and name the .kml file inside, or save it as KML.",
    ".xlsx": "Save the sheet as CSV UTF-8.",
    ".xls": "Save the sheet as CSV UTF-8.",
    ".ods": "Save the sheet as CSV.",
    ".dbf": "Name the .shp file beside it.",
    ".shx": "Name the .shp file beside it.",
    ".prj": "Name the .shp file beside it.",
    ".gml": "Save the layer as GeoPackage.",
    ".parquet": "Save the layer as GeoPackage.",
    ".sqlite": "Save the layer as GeoPackage.",
    ".gdb": "Save the layer as GeoPackage.",
    ".tab": "Save the layer as GeoPackage.",
    ".vrt": "Save the layer as GeoPackage.",
    ".qgz": "Save the layer as GeoPackage.",
    ".qgs": "Save the layer as GeoPackage.",
}
"""What to do with files that people have and that are not read."""
MOST_BYTES = 256 * 1024**2
"""Largest file that is read."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file, and one layer of it.

    Parameters
    ----------
    path
        Path of the file.
    layer
        Its layer; None for the only one.
    field
        Parameter or option with the file, such as ``from`` or ``events``.
    most_bytes
        Largest file that is read; `MOST_BYTES` by default.
    """

    path: Path
    layer: str | None
    field: str
    most_bytes: int | None = None

    @classmethod
    def parse(cls, text: str | Path, *, field: str) -> Source:
        """A source from ``FILE`` or ``FILE#LAYER``.

        Raises
        ------
        InputError
            When the suffix is not of a supported format, or there is no such file.
        """
        path, layer = _split(str(text))
        suffix = path.suffix.lower()
        if suffix not in KINDS:
            _plain_size(path, field=field)
            remedy = REMEDIES.get(suffix, "Save the layer as GeoPackage.")
            remedy = f"{remedy} Files that are read end in {', '.join(KINDS)}."
            raise InputError(field, str(text), remedy)
        return cls(path=path, layer=layer, field=field)

    @property
    def kind(self) -> str:
        """Kind of the file, such as ``table``."""
        return KINDS[self.path.suffix.lower()]

    @property
    def most(self) -> int:
        """Bytes that the file may have."""
        return self.most_bytes or MOST_BYTES

    def read(self) -> bytes:
        """The bytes of the file.

        Raises
        ------
        InputError, DataError
            As `check`.
        OSError
            When it cannot be read.
        """
        self.check(self.path)
        return self.path.read_bytes()

    def check(self, path: Path) -> None:
        """Refuse a file, this one or one that belongs to it, that must not be read.

        Raises
        ------
        InputError
            When there is no such file, or it is a directory, a device or a pipe.
        DataError
            When it is empty or too large.
        OSError
            When the system does not allow access to it.
        """
        size = _plain_size(path, field=self.field)
        if not size:
            raise DataError(self.field, str(path), "The file is empty.")
        if size > self.most:
            remedy = f"It is larger than {self.most // 1024**2} MiB; give fewer rows."
            raise DataError(self.field, str(path), remedy)

    def refusal(self, remedy: str) -> DataError:
        """An error about the file as a whole."""
        return DataError(self.field, str(self.path), remedy)

    def one_layer(self, layers: list[str]) -> str:
        """The layer that is meant among those that there are, as the file spells it.

        Raises
        ------
        InputError
            When the named layer does not exist.
        DataError
            When the source names no layer and there are several, or none.
        """
        if self.layer is not None:
            spelt = {composed(layer): layer for layer in layers}
            layer = self.layer if self.layer in layers else spelt.get(composed(self.layer))
            if layer is None:
                remedy = f"Its layers are: {', '.join(layers) or 'none'}."
                raise InputError(self.field, f"{self.path}#{self.layer}", remedy)
            return layer
        if not layers:
            raise self.refusal("It holds no layer of features; give points.")
        if len(layers) > 1:
            named = " or ".join(f"{self.path.name}#{layer}" for layer in layers)
            raise self.refusal(f"It has {len(layers)} layers; name one of them: {named}.")
        return layers[0]


def file_of(text: str) -> Path:
    """The file of ``FILE`` or ``FILE#LAYER``."""
    return _split(text)[0]


def is_source(text: str) -> bool:
    """Whether a text names a file of features, by its suffix; it need not be there."""
    return _split(text)[0].suffix.lower() in KINDS | REMEDIES


def _plain_size(path: Path, *, field: str) -> int:
    """Bytes of a plain file."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(field, str(path), "There is no such file.") from None
    if stat.S_ISDIR(status.st_mode):
        raise InputError(field, str(path), "There is no such file; it is a directory.")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(field, str(path), "It is a device or a pipe; name a plain file.")
    return status.st_size


def _split(text: str) -> tuple[Path, str | None]:
    """File and layer; a file that has ``#`` in its own name goes before."""
    suffixes = "|".join(re.escape(suffix) for suffix in KINDS)
    match = re.fullmatch(rf"(.+?(?:{suffixes}))#(.+)", text, re.IGNORECASE | re.DOTALL)
    if match is None or (Path(text).suffix.lower() in KINDS and Path(text).is_file()):
        return Path(text), None
    return Path(match[1]), match[2]
