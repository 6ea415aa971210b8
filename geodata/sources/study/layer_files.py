"""The files of layers: their hashes, and whose data they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from geodata.computing.tasks import computed_once
from geodata.errors import DataError
from geodata.formats.files.store import sha256
from geodata.formats.keys import key_of
from geodata.formats.text.toml import read_toml
from geodata.sources.area_file import Layer
from geodata.sources.fetched.addresses import redact
from geodata.sources.fetched.records import OSM_CREDIT, UNKNOWN_CREDIT, records_beside
from geodata.sources.layers.schema import LAYER_OF
from geodata.sources.osmnx.finished import is_finished_file
from geodata.sources.rasters.virtual import files_named
from geodata.sources.study.readers.formats import is_graphml, is_osm


class LayerFiles:
    """Hashes and credits of the files of layers; each file is read once.

    Parameters
    ----------
    manifest
        File that lists licences and hashes; None without one.
    """

    def __init__(self, manifest: Path | None) -> None:
        self._path = manifest
        self._hashes: dict[Path, str] = {}

    def sha256(self, path: Path) -> str:
        """Hash of a file, or of a folder that is one data set."""
        if path not in self._hashes:
            self._hashes[path] = sha256_of(path)
        return self._hashes[path]

    def content_key(self, path: Path) -> str:
        """Hash of a file, and of the files beside it that are read with it, by name.

        Names count as well: they may decide the format, the position of a tile, and missing tiles.
        """
        return key_of(*((each.name, self.sha256(each)) for each in (path, *files_beside(path))))

    def check(self, layer: Layer) -> None:
        """Refuse a file that is not the one that the area file, or its manifest, lists.

        Raises
        ------
        DataError
            Naming the file and the beginnings of both hashes; or when a file is not there.
        """
        files = layer.files()
        listed = {file: self._manifest.get(file.resolve(), {}).get("sha256") for file in files}
        if layer.sha256 and len(files) == 1:
            listed[files[0]] = layer.sha256
            # The area file lists the hash of an archive, its record that of the file in it.
            for record in records_beside(files):
                if record.sha256 == layer.sha256:
                    listed[files[0]] = record.files[files[0].name]
        for file, digest in listed.items():
            if digest and self.sha256(file) != digest:
                remedy = (
                    f"Listed as {digest[:12]}: get that file again, or list the new hash if the "
                    "change is meant."
                )
                differs = f"sha256 {self.sha256(file)[:12]}"
                raise DataError(layer.field_of(file), differs, remedy)

    @computed_once
    def _manifest(self) -> Mapping[Path, Mapping[str, str]]:
        """Entries of the manifest by file."""
        path = self._path
        if path is None:
            return {}
        entries = read_toml(path, field="area.manifest").get("layer", [])
        if not isinstance(entries, list) or not all(map(_names_file, entries)):
            remedy = 'Write [[layer]] for each file, with file = "..." and its licence.'
            raise DataError("area.manifest", str(path), remedy)
        return {
            (path.parent / entry["file"]).resolve(): {key: str(entry[key]) for key in entry}
            for entry in entries
        }

    def attributions(self, layers: Iterable[Layer]) -> list[dict[str, str]]:
        """Layer, role, licence, attribution, sha256 and package of each source, sorted by layer."""
        records = []
        for layer in layers:
            files = layer.files()
            known = self._manifest.get(files[0].resolve(), {}) or _credit_beside(files)
            credit = OSM_CREDIT if _of_osm(layer, files) else UNKNOWN_CREDIT
            digests = [self.sha256(file) for file in files]
            records.append(
                {
                    "layer": layer.name or LAYER_OF.get(layer.role, layer.role),
                    "role": layer.role,
                    "licence": layer.licence or known.get("licence") or credit["licence"],
                    "attribution": layer.attribution or known.get("attribution")
                    or layer.source or credit["attribution"],
                    "sha256": digests[0] if len(digests) == 1 else key_of(*digests),
                    "package": known.get("package") or layer.provider or redact(layer.url or ""),
                    "version": known.get("version") or layer.date or "",
                }
            )  # fmt: skip
        return sorted(records, key=lambda record: record["layer"])


def _names_file(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("file"), str)


def _of_osm(layer: Layer, files: Sequence[Path]) -> bool:
    """Whether a layer is of OpenStreetMap: an extract, or what osmnx made; not what Vereda did."""
    return is_osm(layer) or (is_graphml(layer) and not any(map(is_finished_file, files)))


def _credit_beside(files: Sequence[Path]) -> dict[str, str]:
    """Licences, holders and dates that were recorded when files were fetched, each once."""
    beside = records_beside(files)
    if not beside:
        return {}
    texts = {
        "licence": [record.licence for record in beside],
        "attribution": [record.attribution for record in beside],
        "version": [record.modified or record.fetched for record in beside],
    }
    return {key: "; ".join(dict.fromkeys(values)) for key, values in texts.items()}


_READ_WITH = {
    ".shp": (".shx", ".dbf", ".prj", ".cpg"),
    ".gpkg": (".gpkg-wal",),
    **dict.fromkeys((".tif", ".tiff"), (".tfw", ".tifw", ".prj")),
    **dict.fromkeys((".bil", ".flt", ".asc"), (".hdr", ".prj", ".stx", ".clr")),
}
"""Suffixes of files that are read with one of another suffix."""


def files_beside(path: Path) -> list[Path]:
    """Files beside one that are read with it: attributes, coordinate system, georeference.

    Those that a virtual raster puts together are among them.
    """
    names = {path.stem + end for end in _READ_WITH.get(path.suffix.lower(), ())}
    names |= {path.stem + end.upper() for end in _READ_WITH.get(path.suffix.lower(), ())}
    names |= {f"{path.name}.aux.xml", f"{path.name}.msk"}
    beside = [path.with_name(name) for name in sorted(names)]
    if path.suffix.lower() == ".vrt":
        beside += files_named(path)
    return [other for other in beside if other.is_file()]


def sha256_of(path: Path) -> str:
    """Hash of a file; of a folder that is one data set, of all files in it.

    Raises
    ------
    DataError
        When the file cannot be read.
    """
    try:
        if not path.is_dir():
            return sha256(path)
        files = sorted(file for file in path.rglob("*") if file.is_file())
        return key_of(*((file.name, sha256(file)) for file in files))
    except OSError as error:
        raise DataError("layer, path", str(path), f"It cannot be read: {error.strerror}.") from None
