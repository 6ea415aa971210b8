"""Kinds of files by their first and last bytes: web pages and truncated files are refused."""

from __future__ import annotations

import json
import os
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from geodata.errors import DataError
from geodata.sources.fetched.pages import SPACE, is_page
from geodata.sources.userfiles.formats.text import encoding_of

BEGINNING = 1024
"""Bytes by which a kind is known."""
_TAIL = 4096
_PARSED_BYTES = 1 << 24
"""Size of a JSON file at most that is read whole to be checked."""
_LONGEST_HEADER, _LONGEST_BLOB = 1 << 16, 1 << 26


@dataclass(frozen=True, kw_only=True)
class FileKind:
    """A kind of file.

    Parameters
    ----------
    title
        Name in messages.
    begins
        Function whether a file of this kind may begin with some bytes.
    fault
        Function that returns the fault of a complete file, or an empty text.
    ends
        Whether a truncated file can always be detected.
    """

    title: str
    begins: Callable[[bytes], bool]
    fault: Callable[[Path], str] = lambda _: ""
    ends: bool = True


def kind_of(name: str) -> str:
    """The kind of a file by its name; ``other`` where that does not say."""
    return _SUFFIXES.get(PurePosixPath(name.lower()).suffix, "other")


def check_beginning(beginning: bytes, kind: str, *, name: str) -> None:
    """Refuse a file whose beginning is not that of its kind.

    Parameters
    ----------
    beginning
        Its first bytes, `BEGINNING` of them where there are so many.
    name
        Name in errors.

    Raises
    ------
    DataError
        When the content seems to be of another kind, which the message names.
    """
    if not is_page(beginning) and KINDS[kind].begins(beginning):
        return
    what = _seems(beginning)
    remedy = (
        f"It is to be {KINDS[kind].title}, and was not kept. Open the address in a browser: it may "
        "have moved, or this network may want you to log in."
    )
    raise DataError(f"file {name}", what, remedy)


def check_whole(path: Path, kind: str, *, name: str) -> None:
    """Refuse a file that is not of its kind from the first byte to the last.

    Raises
    ------
    DataError
        With the fault of the file.
    """
    with path.open("rb") as file:
        check_beginning(file.read(BEGINNING), kind, name=name)
    fault = KINDS[kind].fault(path)
    if fault:
        remedy = f"It is to be {KINDS[kind].title}, and was not kept. Fetch it again later."
        raise DataError(f"file {name}", fault, remedy)


def _seems(beginning: bytes) -> str:
    if not beginning:
        return "an empty file"
    if is_page(beginning):
        return "a web page (HTML)"
    if beginning.startswith(b"version https://git-lfs"):
        return "a note of Git LFS in place of the file"
    if beginning.lstrip(SPACE).startswith(b"<Error"):
        return "an error message of the host (XML)"
    for kind in ("zip", "tif", "parquet", "gpkg", "fgb", "pbf", "gz"):
        if KINDS[kind].begins(beginning):
            return KINDS[kind].title
    return f"a file that begins with {beginning[:12]!r}"


def _starts(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda beginning: beginning.startswith(marks)


def _is_pbf(beginning: bytes) -> bool:
    return beginning[4:6] == b"\x0a\x09" and beginning[6:15] == b"OSMHeader"


def _is_json(beginning: bytes) -> bool:
    return beginning.lstrip(SPACE)[:1] in (b"{", b"[")


def _is_text(beginning: bytes) -> bool:
    text = beginning.decode(encoding_of(beginning), "replace").strip()
    return bool(text) and "\0" not in text and not text.startswith(("<", "{", "version "))


def _is_markup(beginning: bytes) -> bool:
    return beginning.lstrip(SPACE).startswith(b"<")


def _pbf_fault(path: Path) -> str:
    """Step from block to block: the last has to end where the file does."""
    size = path.stat().st_size
    at = 0
    with path.open("rb") as file:
        while at < size:
            header = file.read(min(struct.unpack(">I", file.read(4).rjust(4, b"\0"))[0],
                                   _LONGEST_HEADER))  # fmt: skip
            blob = _blob_bytes(header)
            at = file.tell() + blob
            if blob < 0 or blob > _LONGEST_BLOB or at > size:
                return f"broken or cut off after {file.tell():,} of {size:,} bytes"
            file.seek(at)
    return ""


def _blob_bytes(header: bytes) -> int:
    """Bytes of the block behind its header (https://wiki.openstreetmap.org/wiki/PBF_Format)."""
    at, size = 0, -1
    while at < len(header):
        key, at = _number(header, at)
        value, at = _number(header, at)
        if key & 7 == 2:
            at += value
        elif key == 0x18:
            size = value
        elif key & 7 != 0:
            return -1
    return size if at == len(header) else -1


def _number(content: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    value = shift = 0
    while at < len(content) and shift < 64:
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    return value, len(content) + 1


def _zip_fault(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, struct.error) as error:
        return f"broken or cut off ({error})"
    size = path.stat().st_size
    beyond = any(each.header_offset + each.compress_size > size for each in members)
    return "cut off" if beyond else "" if members else "empty"


def _tif_fault(path: Path) -> str:
    """Whether every block lies within the file: GDAL opens one that was cut off all the same."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path, driver="GTiff") as raster:
                return _block_fault(raster, path.stat().st_size)
    except (RasterioError, ValueError) as error:
        return f"broken or cut off ({' '.join(str(error).split())[:100]})"


def _block_fault(raster: Any, size: int) -> str:
    height, width = raster.block_shapes[0]
    for row in range(-(-raster.height // height)):
        for column in range(-(-raster.width // width)):
            block = f"{column}_{row}"
            parts = [raster.get_tag_item(f"BLOCK_{what}_{block}", dm="TIFF", bidx=1)
                     for what in ("OFFSET", "SIZE")]  # fmt: skip
            # Empty blocks are left out of the file.
            if sum(int(part or 0) for part in parts) > size:
                return f"cut off within block {row}, {column}"
    return ""


def _json_fault(path: Path) -> str:
    if path.stat().st_size <= _PARSED_BYTES:
        try:
            json.loads(path.read_bytes())
        except (ValueError, RecursionError) as error:
            return f"broken or cut off ({error})"
        return ""
    return "" if _tail(path).rstrip(SPACE)[-1:] in (b"}", b"]") else "cut off"


def _markup_fault(path: Path) -> str:
    return "" if _tail(path).rstrip(SPACE).endswith(b">") else "cut off"


def _parquet_fault(path: Path) -> str:
    from pyarrow import ArrowException, parquet

    try:
        with parquet.ParquetFile(path):
            return ""
    except (ArrowException, OSError, ValueError) as error:
        return f"broken or cut off ({' '.join(str(error).split())[:100]})"


def _gpkg_fault(path: Path) -> str:
    """The size that SQLite writes at the beginning (https://www.sqlite.org/fileformat.html)."""
    with path.open("rb") as file:
        header = file.read(100)
    page = int.from_bytes(header[16:18], "big")
    size = (65536 if page == 1 else page) * int.from_bytes(header[28:32], "big")
    return "cut off" if path.stat().st_size < max(size, 512) else ""


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
        return file.read()


KINDS: Mapping[str, FileKind] = {
    "pbf": FileKind(title="an OpenStreetMap PBF", begins=_is_pbf, fault=_pbf_fault),
    "zip": FileKind(title="a ZIP archive", begins=_starts(b"PK\x03\x04", b"PK\x05\x06"),
                fault=_zip_fault),
    "tif": FileKind(title="a GeoTIFF", begins=_starts(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
                fault=_tif_fault),
    "json": FileKind(title="JSON", begins=_is_json, fault=_json_fault),
    "csv": FileKind(title="a table (CSV)", begins=_is_text, ends=False),
    "parquet": FileKind(title="Parquet", begins=_starts(b"PAR1"), fault=_parquet_fault),
    "gpkg": FileKind(title="a GeoPackage", begins=_starts(b"SQLite format 3\0"), fault=_gpkg_fault),
    "fgb": FileKind(title="FlatGeobuf", begins=_starts(b"fgb\x03fgb"), ends=False),
    "xml": FileKind(title="XML", begins=_is_markup, fault=_markup_fault),
    "gz": FileKind(title="a gzip file", begins=_starts(b"\x1f\x8b"), ends=False),
    "other": FileKind(title="a file of data", begins=bool, ends=False),
}  # fmt: skip
_SUFFIXES = {
    ".pbf": "pbf", ".zip": "zip", ".tif": "tif", ".tiff": "tif", ".json": "json", ".csv": "csv",
    ".geojson": "json", ".parquet": "parquet", ".geoparquet": "parquet", ".gpkg": "gpkg",
    ".fgb": "fgb", ".graphml": "xml", ".osm": "xml", ".kml": "xml", ".gpx": "xml", ".xml": "xml",
    ".gml": "xml", ".gz": "gz", ".txt": "csv", ".tsv": "csv",
}  # fmt: skip
