"""``/bulk``: complete collections as files, written at the first request and then kept."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from flask import Blueprint, Response, abort, request

from geodata.cartography.qgis import qml
from geodata.cartography.styles.result_styles import VECTOR_STYLES
from geodata.errors import LostError
from geodata.formats.files.seals import Seal
from geodata.formats.files.store import sha256
from geodata.formats.files.temporary import NoRoomError, Temporary, translate_temporary_errors
from geodata.formats.vector import write_features
from service.features.collections import Collection, collections_of
from service.state import State
from service.web.deadline import check
from service.web.lanes import Lane
from service.web.operations import Record, content, in_path, operation
from service.web.replies.conditions import file_reply
from service.web.replies.replies import GEOJSON, MAX_AGE, address
from service.web.requests.query import Query

FORMATS: Mapping[str, tuple[str, str]] = {
    "parquet": ("GeoParquet", "application/vnd.apache.parquet"),
    "fgb": ("FlatGeobuf", "application/vnd.flatgeobuf"),
    "geojson": ("GeoJSON", GEOJSON),
}
"""Title and media type by suffix."""
BUILT = "-built.parquet"
"""Suffix of the name of a layer in the form that the builder of the network wrote."""
BEGINS = "vereda-bulk-"
"""Prefix of the name of a directory with files of one process."""
MOST_KEPT = 256
"""Largest number of files of one process, because jobs with layers of their own come and go."""
MOST_KEPT_BYTES = 1 << 30
"""Largest size of the files of one process; the file written last always stays."""

Used = TypeVar("Used")

blueprint = Blueprint("bulk", __name__)


class Store:
    """Files of one process, in a temporary directory that is removed when the process ends.

    Parameters
    ----------
    most, most_bytes
        Largest number and total size of files; beyond these the least recently used file is
        removed.
    """

    def __init__(self, most: int = MOST_KEPT, *, most_bytes: int = MOST_KEPT_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._lane = Lane()
        self._lock = threading.Lock()
        self._directory: Temporary | None = None
        # In order of use: the most recently used file is last.
        self._files: dict[tuple[str, str], Seal] = {}
        self._sizes: dict[tuple[str, str], int] = {}

    def collection(self, here: Collection, suffix: str) -> Seal:
        """The file of a collection in a format; see `file`."""
        style = VECTOR_STYLES.get(here.name)

        def write(path: Path) -> None:
            drawn = style and style.measure in here.layer.frame.columns
            write_features(here.layer.frame, path, style=qml(style) if style and drawn else "")

        # The name of the file is that of the layer in it.
        return self.file(here.digest, f"{here.name}.{suffix}", write)

    def size(self, here: Collection, suffix: str) -> int:
        """Size in bytes of the file of a collection; the file is written once to measure it."""
        key = (here.digest, f"{here.name}.{suffix}")
        if key not in self._sizes:
            self._sizes[key] = self.collection(here, suffix).size
        return self._sizes[key]

    def file(self, digest: str, name: str, write: Callable[[Path], object]) -> Seal:
        """A complete file; one thread at a time writes it, and only if it does not exist.

        Parameters
        ----------
        digest
            Hash of the data in the file.
        name
            Name that distinguishes the file from others with the same data.
        write
            Function that writes the file to a path.

        Raises
        ------
        NoRoomError
            When it cannot be written.
        """
        key = (digest, name)
        kept = self._kept(key)
        if kept is None:
            with self._lane.turn(check):
                kept = self._kept(key) or self._written(key, write)
        return kept

    def _kept(self, key: tuple[str, str]) -> Seal | None:
        """A file that was written before; the system may have removed it meanwhile."""
        with self._lock:
            kept = self._files.pop(key, None)
            if kept is None or not kept.path.is_file():
                return None
            self._files[key] = kept
            return kept

    def _written(self, key: tuple[str, str], write: Callable[[Path], object]) -> Seal:
        check()
        digest, name = key
        with translate_temporary_errors():
            path = self._place(digest) / name
            write(path)
            kept = Seal(path, sha256(path))
            with self._lock:
                self._files[key] = kept
                self._drop()
        return kept

    def _drop(self) -> None:
        """Remove the least used files beyond the limits; open files can still be read."""
        size = sum(kept.size for kept in self._files.values())
        for key, kept in list(self._files.items())[:-1]:
            if len(self._files) <= self._most and size <= self._most_bytes:
                break
            del self._files[key]
            size -= kept.size
            kept.path.unlink(missing_ok=True)

    def _place(self, name: str) -> Path:
        if self._directory is None:
            self._directory = Temporary(BEGINS)
            weakref.finalize(self, self._directory.remove)
        place = self._directory.path / name
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return place


_STORE = Store()


def stored(digest: str, name: str, write: Callable[[Path], object]) -> bytes:
    """The content of a file of this process; see `Store.file`."""
    return _twice(lambda: _STORE.file(digest, name, write).read())


def _twice(use: Callable[[], Used]) -> Used:
    """Use a file; if it was removed to make room before it was opened, write it once more."""
    try:
        return use()
    except LostError:
        return use()


@blueprint.get("/bulk/<file>")
def bulk(file: str) -> Response:
    """A complete collection as a file; Range requests get parts."""
    Query(request.args)
    known = _files()
    if file not in known:
        abort(404, f"There is no file {file!r}. There are: {', '.join(known)}.")
    here, suffix = known[file]
    response = _twice(lambda: _reply(here, suffix))
    response.headers["Content-Disposition"] = f'inline; filename="{file}"'
    return response


def _reply(here: Collection, suffix: str) -> Response:
    built = here.built if suffix == BUILT else None
    seal = built or _STORE.collection(here, suffix)
    media_type = FORMATS["parquet" if built else suffix][1]
    return file_reply(seal, media_type, etag=seal.digest[:24], max_age=MAX_AGE)


def _files() -> dict[str, tuple[Collection, str]]:
    """Names of all files, each with its collection and format."""
    files = {}
    for here in collections_of().values():
        for suffix in FORMATS:
            files[f"{here.name}.{suffix}"] = (here, suffix)
        if here.built:
            files[f"{here.name}{BUILT}"] = (here, BUILT)
    return files


def enclosures(here: Collection, *, measured: bool) -> list[Record]:
    """Links to the files of a collection.

    Parameters
    ----------
    here
        The collection.
    measured
        Whether to include their lengths, for which the files are written if possible.
    """
    links = []
    for file, (there, suffix) in _files().items():
        if there is not here:
            continue
        title, media_type = FORMATS["parquet" if suffix == BUILT else suffix]
        extent = "as built, meshes and all" if suffix == BUILT else "whole"
        link: Record = {
            "href": address(f"/bulk/{file}"),
            "rel": "enclosure",
            "type": media_type,
            "title": f"{here.title}, {extent}, {title}",
        }
        if measured:
            with suppress(NoRoomError):
                built = here.built if suffix == BUILT else None
                link["length"] = built.size if built else _STORE.size(here, suffix)
        links.append(link)
    return links


def paths(state: State) -> Record:
    """OpenAPI paths of this module."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    contents = {media_type: binary for _, media_type in FORMATS.values()}
    contents |= content(GEOJSON, "featureCollection")
    names: Record = {"type": "string", "enum": list(_files())}
    record = operation(
        "Features", "bulk", "A whole collection as a file",
        {200: contents, 206: contents, 304: None},
        parameters=[in_path("file", "Name of the file", names)],
        refusals=(400, 404, 416, 500, 503),
    )  # fmt: skip
    return {"/bulk/{file}": {"get": record}}
