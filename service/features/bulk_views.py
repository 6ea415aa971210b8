"""``/bulk``: whole collections as files, written when first asked for and then kept."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from flask import Blueprint, Response, abort, request

from geodata.cartography.qgis import qml
from geodata.cartography.result_styles import VECTOR_STYLES
from geodata.formats.files.seals import Seal
from geodata.formats.files.store import sha256
from geodata.formats.files.temporary import NoRoomError, Temporary, translate_temporary_errors
from geodata.formats.vector import write_features
from service.features.collections import Collection, collections_of
from service.state import State
from service.web.deadline import check
from service.web.lanes import Lane
from service.web.operations import Record, content, in_path, operation
from service.web.query import Query
from service.web.replies.conditions import file_reply
from service.web.replies.replies import GEOJSON, address

FORMATS: Mapping[str, tuple[str, str]] = {
    "parquet": ("GeoParquet", "application/vnd.apache.parquet"),
    "fgb": ("FlatGeobuf", "application/vnd.flatgeobuf"),
    "geojson": ("GeoJSON", GEOJSON),
}
"""Title and media type by suffix."""
BUILT = "-built.parquet"
"""Ends the name of a layer as the network's builder wrote it."""
BEGINS = "vereda-bulk-"
"""Begins the name of a directory with files of one process."""
MAX_AGE = 300

blueprint = Blueprint("bulk", __name__)


class Store:
    """Files of one process, in a temporary directory that goes when it ends."""

    def __init__(self) -> None:
        self._lane = Lane()
        self._directory: Temporary | None = None
        self._files: dict[tuple[str, str, str], Seal] = {}

    def file(self, here: Collection, suffix: str) -> Seal:
        """The file of a collection in a format, whole; it is written by one at a time.

        Raises
        ------
        NoRoomError
            When it cannot be written.
        """
        with self._lane.turn(check):
            key = (here.name, here.digest, suffix)
            # The system may remove temporary files that are still in use.
            if key not in self._files or not self._files[key].path.is_file():
                check()
                with translate_temporary_errors():
                    self._files[key] = self._written(here, suffix)
            return self._files[key]

    def _written(self, here: Collection, suffix: str) -> Seal:
        # The name of the file is that of the layer in it.
        path = self._place(here.digest) / f"{here.name}.{suffix}"
        style = VECTOR_STYLES.get(here.name)
        write_features(here.frame, path, style=qml(style) if style else "")
        return Seal(path, sha256(path))

    def _place(self, name: str) -> Path:
        if self._directory is None:
            self._directory = Temporary(BEGINS)
            weakref.finalize(self, self._directory.remove)
        place = self._directory.path / name
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return place


_STORE = Store()


@blueprint.get("/bulk/<file>")
def bulk(file: str) -> Response:
    """A whole collection as a file; parts of it by Range."""
    Query(request.args)
    known = _files()
    if file not in known:
        abort(404, f"There is no file {file!r}. There are: {', '.join(known)}.")
    here, suffix = known[file]
    kept_file = _kept_file(here, suffix)
    media_type = FORMATS["parquet" if suffix == BUILT else suffix][1]
    response = file_reply(kept_file, media_type, etag=kept_file.digest[:24], max_age=MAX_AGE)
    response.headers["Content-Disposition"] = f'inline; filename="{file}"'
    return response


def _kept_file(here: Collection, suffix: str) -> Seal:
    if suffix == BUILT and here.built:
        return here.built
    return _STORE.file(here, suffix)


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
    measured
        Whether to give their lengths, for which they are written where they can be.
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
                link["length"] = _kept_file(here, suffix).size
        links.append(link)
    return links


def paths(state: State) -> Record:
    """What this part serves."""
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
