"""Shapefiles and FlatGeobuf of users, by GDAL.

GDAL chooses a driver by the content and name of a file, and some drivers open addresses and other
files named inside. GDAL therefore gets only bytes in memory, without a name and without files
beside them, which begin with a number that no driver of text formats accepts: it has a NUL byte, at
which their search for words ends.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from pathlib import Path

import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from geodata.sources.userfiles.formats.crs import UNSAID, crs_of, to_degrees
from geodata.sources.userfiles.formats.wkb import shapes_of
from geodata.sources.userfiles.layer import MOST_ROWS, UserLayer
from geodata.sources.userfiles.source import Source

_SHAPEFILE = b"\x00\x00\x27\x0a"
_FLATGEOBUF = b"fgb\x03fgb"
_BESIDE = {".shx": True, ".dbf": False, ".prj": True, ".cpg": False}
"""Parts of a shapefile, and whether each is required."""
_LARGEST_HEADER = 1 << 24
"""Bytes of a header of FlatGeobuf; fewer leave a NUL in the number that tells them."""


def read_shapefile(source: Source) -> UserLayer:
    """Features of a shapefile: the .shp, and the .shx, .dbf, .prj and .cpg beside it.

    Raises
    ------
    InputError, DataError, OSError
        When it cannot be read, or a part is missing.
    """
    check_shapefile(source)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("layer.shp", source.read())
        for suffix, path in _beside(source).items():
            archive.writestr(f"layer{suffix}", path.read_bytes())
    return _read(packed.getvalue(), source)


def check_shapefile(source: Source) -> None:
    """Refuse a file that does not begin like a shapefile.

    Raises
    ------
    InputError, DataError, OSError
        As `Source.check`, and when it is not of this format.
    """
    source.check(source.path)
    if not _head(source, len(_SHAPEFILE)).startswith(_SHAPEFILE):
        raise source.refusal("It is no shapefile. Save the layer as GeoPackage.")
    for path in source.path.absolute().parent.iterdir():
        own = path.stem == source.path.stem and path.suffix.lower() == ".prj"
        if own and path.is_file() and path.stat().st_size:
            source.check(path)
            _check_prj(path, source)


def _check_prj(path: Path, source: Source) -> None:
    """Refuse a CRS that is no text in UTF-8: GDAL passes it on, and pyogrio fails at it."""
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise source.refusal(f"Its {path.name} is no text in UTF-8. {UNSAID}") from error


def check_flatgeobuf(source: Source) -> None:
    """Refuse a file that does not begin like a FlatGeobuf.

    Raises
    ------
    InputError, DataError, OSError
        As `Source.check`, and when it is not of this format.
    """
    source.check(source.path)
    head = _head(source, 12)
    header = int.from_bytes(head[8:12], "little")
    size = source.path.stat().st_size
    if not head.startswith(_FLATGEOBUF) or header >= min(_LARGEST_HEADER, size):
        raise source.refusal("It is no FlatGeobuf. Save the layer as GeoPackage.")


def _head(source: Source, size: int) -> bytes:
    with source.path.open("rb") as file:
        return file.read(size)


def read_flatgeobuf(source: Source) -> UserLayer:
    """Features of a FlatGeobuf file.

    Raises
    ------
    InputError, DataError, OSError
        When it cannot be read.
    """
    check_flatgeobuf(source)
    return _read(source.read(), source)


def _beside(source: Source) -> dict[str, Path]:
    """What belongs to a shapefile and lies beside it, by suffix.

    Raises
    ------
    InputError, DataError, OSError
        When a required part is missing, or a part must not be read.
    """
    stem = source.path.stem
    parts = {}
    for path in sorted(source.path.absolute().parent.iterdir()):
        suffix = path.suffix.lower()
        if path.stem != stem or suffix not in _BESIDE or suffix in parts:
            continue
        if not _BESIDE[suffix] and path.is_file() and not path.stat().st_size:
            # QGIS writes an empty .cpg where the encoding is that of the system.
            continue
        source.check(path)
        parts[suffix] = path
    for suffix, needed in _BESIDE.items():
        if needed and suffix not in parts:
            raise source.refusal(f"There is no {stem}{suffix} beside it: keep them together.")
    return parts


def _read(content: bytes, source: Source) -> UserLayer:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            meta, _, blobs, values = pyogrio.raw.read(
                content, datetime_as_string=True, force_2d=True, max_features=MOST_ROWS + 1
            )
    except UnboundLocalError as error:
        # pyogrio, of a CRS that is no text in UTF-8.
        raise source.refusal(f"Its CRS is no text in UTF-8. {UNSAID}") from error
    except (DataSourceError, DataLayerError, ValueError, IndexError) as error:
        reason = " ".join(str(error).split())[:120]
        remedy = f"It cannot be read ({reason}). Save the layer as GeoPackage."
        raise source.refusal(remedy) from error
    if blobs is None or not len(blobs):
        raise source.refusal("It has no features.")
    if len(blobs) > MOST_ROWS:
        raise source.refusal(f"It has more than {MOST_ROWS:,} features; give fewer.")
    if not meta["crs"]:
        raise source.refusal(UNSAID)
    rows = [f"feature {number}" for number in range(1, len(blobs) + 1)]
    return UserLayer(
        name=source.path.name,
        rows=rows,
        shapes=to_degrees(shapes_of(blobs, rows, source), crs_of(meta["crs"], source), source),
        columns=list(zip(map(str, meta["fields"]), values, strict=True)),
    )
