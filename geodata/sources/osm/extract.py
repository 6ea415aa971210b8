"""Files of OpenStreetMap: one extract, or several that overlap, read as one."""

from __future__ import annotations

import bz2
import gzip
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from heapq import merge
from pathlib import Path
from typing import Any

import osmium
from osmium import BaseFilter
from osmium.osm import NODE, RELATION, WAY

from geodata.errors import DataError
from geodata.sources.fetched.pages import refuse_page

INDEX = "flex_mem"
"""Index of osmium for the positions of nodes; its dense kinds need memory by the highest id."""
_PACKED: tuple[tuple[bytes, Callable[..., Any], str, str], ...] = (
    (b"\x1f\x8b", gzip.open, "gzip", "gunzip -c FILE > NEW.osm.pbf"),
    (b"BZh", bz2.open, "bzip2", "bunzip2 -c FILE > NEW.osm.pbf"),
)
"""Compressed formats: first bytes, function that opens one, and command that unpacks a PBF."""
_ARCHIVES = ((b"PK\x03\x04", "a ZIP archive"), (b"7z\xbc\xaf\x27\x1c", "a 7z archive"))
_SIGNS = ((b"\x1f\x8b", "osm.gz"), (b"BZh", "osm.bz2"), (b"\xff\xe0\x04o5m2", "o5m"))
"""First bytes of formats other than PBF and plain XML."""
_XML = (b"<?xml", b"<osm", b"<!--", b"\xff\xfe", b"\xfe\xff")
"""First bytes of XML; the byte order marks are those of UTF-16."""

_UNREAD = "Fetch it again, and compare its size or checksum with what its source says."
_NO_EXTRACT = "Files of OpenStreetMap begin otherwise: fetch it again."
_UNSORTED = 'Sort it by type and id: "osmium sort FILE -o SORTED.osm.pbf".'
_IN_ARCHIVE = "Unpack it, and name the extract in it, which ends in .osm.pbf."
_OFF_EARTH = "Longitudes lie from -180 to 180 and latitudes from -90 to 90: mend the file."
_UNNUMBERED = 'Number it anew, as what was never uploaded: "osmium renumber FILE -o NEW.osm.pbf".'
# Buffers of decoded objects that osmium reads ahead, some megabytes each; its default is 20.
os.environ.setdefault("OSMIUM_MAX_OSMDATA_QUEUE_SIZE", "6")
_LOOKED_FOR = 1000
_NOWHERE = 2**31 - 1
"""Coordinate of a node that is missing in all files."""
_BEGINNING = 512
_PBF = b"OSMHeader"

Place = tuple[int, tuple[float, float]]
"""A node of a way: its id, longitude and latitude."""


class Extract:
    """One file or several, which may share nodes and ways.

    Parameters
    ----------
    paths
        PBF, XML, also packed by gzip or bzip2, or O5M, whatever they are called.

    Raises
    ------
    DataError
        When there is no file, or a file is empty, a web page or not an extract.
    """

    def __init__(self, paths: Sequence[Path | str]) -> None:
        self.paths = tuple(Path(path) for path in paths)
        if not self.paths:
            raise DataError("OpenStreetMap files", None, "Give at least one file.")
        self._formats = {path: _format_of(path) for path in self.paths}
        self._index: Any = None
        self._places: Any = None
        self._lacking: list[int] = []

    def relations(self, of: BaseFilter) -> Iterator[Any]:
        """Relations that pass a filter, each once even if several files have it.

        Raises
        ------
        DataError
            When a file cannot be read to its end.
        """
        yield from self._all(RELATION, of)

    def nodes_and_ways(self, *, nodes: BaseFilter, ways: BaseFilter | None) -> Iterator[Any]:
        """Nodes, then ways with the positions of their nodes; each once, by rising id.

        An object is valid only until the next one is read.

        Parameters
        ----------
        nodes, ways
            Filters of nodes and of ways; None for all.

        Raises
        ------
        DataError
            When a file cannot be read to its end, or is not sorted, or has ids below zero.
        """
        filters = [nodes]
        nodes.enable_for(NODE)
        if ways is not None:
            filters.append(ways)
            ways.enable_for(WAY)
        # A way may have nodes that only another file has: nodes of all files come first.
        self._index = osmium.index.create_map(INDEX)
        # One index for all files, as it sorts itself where a file begins at lower ids again.
        self._places = osmium.NodeLocationsForWays(self._index)
        self._places.ignore_errors()
        try:
            for kinds in (NODE | WAY,) if len(self.paths) == 1 else (NODE, WAY):
                yield from self._all(kinds, *filters)
            self._refuse_late()
        finally:
            self._index = self._places = None

    def runs(self, way: Any) -> list[list[Place]]:
        """Runs of the nodes of a way, split where the files lack a node.

        Missing nodes are searched after all is read, because they may come after the way.

        Raises
        ------
        DataError
            When a node has an id below zero, or lies off the Earth.
        """
        runs: list[list[Place]] = [[]]
        for node in way.nodes:
            place = node.location
            if place.valid():
                runs[-1].append((node.ref, (place.lon, place.lat)))
                continue
            self._refuse(way, node)
            if len(self._lacking) < _LOOKED_FOR:
                self._lacking.append(node.ref)
            runs.append([])
        return [run for run in runs if run]

    def _refuse(self, way: Any, node: Any) -> None:
        """Refuse a node without a valid position, unless it is missing in all files."""
        place, names = node.location, ", ".join(str(path) for path in self.paths)
        if node.ref < 0:
            what = f"way {way.id} has node {node.ref}, an id below zero"
            raise DataError(names, what, _UNNUMBERED)
        if place.x != _NOWHERE or place.y != _NOWHERE:
            where = f"node {node.ref} at longitude {place.x / 1e7:g}, latitude {place.y / 1e7:g}"
            raise DataError(names, where, _OFF_EARTH)

    def _refuse_late(self) -> None:
        """Refuse files in which ways come before their own nodes."""
        for node in self._lacking:
            with suppress(KeyError):
                self._index.get(node)
                names = ", ".join(str(path) for path in self.paths)
                raise DataError(names, f"node {node} after a way that has it", _UNSORTED)

    def _all(self, kinds: Any, *filters: Any) -> Iterator[Any]:
        """Objects of all files by rising id, each in its latest version."""
        files = [self._ordered(path, kinds, *filters) for path in self.paths]
        if len(files) == 1:
            yield from files[0]
            return
        last = None
        # An object is valid until the next one of its file is read; one of each file is compared.
        for each in merge(*files, key=_key):
            key = _key(each)[:2]
            if key != last:
                last = key
                yield each

    def _ordered(self, path: Path, kinds: Any, *filters: Any) -> Iterator[Any]:
        """Objects of one file, which must be sorted by type and id."""
        ways, last = False, 0
        for each in self._read(path, kinds, *filters):
            id_, way = each.id, each.is_way()
            if way and not ways:
                ways, last = True, 0
            if id_ <= last or way is not ways:
                raise _disorder(path, each, last)
            last = id_
            yield each

    def _read(self, path: Path, kinds: Any, *filters: Any) -> Iterator[Any]:
        handlers = [] if kinds == RELATION else [self._places]
        try:
            file = osmium.io.File(str(path), self._formats[path])
            with osmium.io.Reader(file, kinds) as reader:
                yield from osmium.OsmFileIterator(reader, *handlers, *filters)
        except (RuntimeError, osmium.InvalidLocationError) as error:
            raise DataError(str(path), str(error), _UNREAD) from error


def _key(each: Any) -> tuple[bool, int, int]:
    """Nodes before ways, by id, the latest version first."""
    return each.is_way(), each.id, -each.version


def _format_of(path: Path) -> str:
    """Format of a file by its first bytes; osmium would go by its name, and by its small letters.

    Raises
    ------
    DataError
        When the file is in no format of OpenStreetMap.
    """
    if not path.is_file():
        raise DataError("OpenStreetMap file", str(path), "There is no such file.")
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
    if not beginning:
        raise DataError(str(path), "an empty file", _UNREAD)
    refuse_page(path, beginning)
    # An archive that stores a PBF unpacked begins with its name and the first bytes of a PBF.
    for sign, what in _ARCHIVES:
        if beginning.startswith(sign):
            raise DataError(str(path), what, _IN_ARCHIVE)
    if _PBF in beginning[:64]:
        return "pbf"
    if _is_xml(beginning):
        return "osm"
    _refuse_packed(path, beginning)
    for sign, name in _SIGNS:
        if beginning.startswith(sign):
            return name
    raise DataError(str(path), beginning[:16], _NO_EXTRACT)


def _is_xml(beginning: bytes) -> bool:
    return beginning.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_XML)


def _refuse_packed(path: Path, beginning: bytes) -> None:
    """Refuse a compressed file of anything but XML, which is all that osmium unpacks.

    Raises
    ------
    DataError
        When it holds something else, or cannot be unpacked.
    """
    for sign, opened, name, command in _PACKED:
        if not beginning.startswith(sign):
            continue
        try:
            with path.open("rb") as file, opened(file) as unpacked:
                within = unpacked.read(_BEGINNING)
        except (OSError, EOFError, zlib.error):
            raise DataError(str(path), f"a broken {name} file", _UNREAD) from None
        if _PBF in within[:64]:
            remedy = f'PBF is packed in itself: unpack it, "{command}".'
            raise DataError(str(path), f"a PBF packed with {name}", remedy)
        refuse_page(path, within)
        if not _is_xml(within):
            what = f"a {name} file without an extract in it"
            raise DataError(str(path), what, _NO_EXTRACT)


def _disorder(path: Path, each: Any, last: int) -> DataError:
    """What is wrong with the order of a file."""
    kind = "node" if each.is_node() else "way" if each.is_way() else "relation"
    if each.id < 0:
        return DataError(str(path), f"{kind} {each.id}, an id below zero", _UNNUMBERED)
    after = "itself" if each.id == last else f"{last}" if each.id < last else "ways"
    return DataError(str(path), f"{kind} {each.id} after {after}", _UNSORTED)
