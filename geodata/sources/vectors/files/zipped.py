"""A shapefile in a ZIP archive: unpacked into a directory of its own for as long as it is read.

GDAL would read it inside the archive, where its drivers are chosen by whatever lies there; so only
the parts of a shapefile are taken out, by their plain names and within limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geodata.errors import DataError, VeredaError
from geodata.formats.files.temporary import Temporary
from geodata.sources.area_file import Layer
from geodata.sources.fetched.addresses import LONGEST_NAME, plain_name
from geodata.sources.fetched.unpacking import unpack

PARTS = ("*.shp", "*.shx", "*.dbf", "*.prj", "*.cpg")
_NO_SHAPEFILE = "It has no shapefile: unzip it, and name the file inside."


@contextmanager
def unzipped(layer: Layer, archive: Path) -> Iterator[Path]:
    """The shapefile of an archive: its only one, or the one that the layer names.

    Raises
    ------
    DataError
        When there is no shapefile, or several and the layer names none, or the archive must not be
        read. Errors about the shapefile have its path in the archive.
    """
    with Temporary("vereda-zip-") as scratch:
        try:
            files = unpack(
                archive, scratch, patterns=PARTS, name=archive.name, called=_own_name,
                remedy="Pack it again.", nothing=_NO_SHAPEFILE,
            )  # fmt: skip
            yield _selected(layer, [path for path in files if path.suffix.lower() == ".shp"])
        except VeredaError as error:
            where, value, remedy = f"layer {layer.label}", error.value, error.remedy
            field = error.field if where in error.field else f"{where}, {error.field}"
            if isinstance(value, str | Path):
                value = str(value).replace(str(scratch), str(archive))
            remedy = remedy.replace(str(scratch), str(archive))
            raise type(error)(field, value, remedy) from error


def _own_name(name: str) -> str:
    """The name of a part as its owner wrote it: a layer may be named after it."""
    return plain_name(name) if "\0" in name or len(name.encode()) > LONGEST_NAME else name


def _selected(layer: Layer, files: list[Path]) -> Path:
    named = [path for path in files if layer.layer in (None, path.stem)]
    if len(named) == 1:
        return named[0]
    stems = ", ".join(sorted(path.stem for path in files))
    remedy = f"The archive has the shapefiles {stems}: name one as layer."
    if not files:
        remedy = _NO_SHAPEFILE
    raise DataError(f"layer {layer.label}, layer", layer.layer or "", remedy)
