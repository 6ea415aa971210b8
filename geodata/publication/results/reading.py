"""Results read back from a directory that `result_directory.write_result` wrote."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from shapely.errors import ShapelyError

from geodata.area.grid import read_grid
from geodata.arrays import Float64Array
from geodata.entries.numbers import as_float
from geodata.errors import DataError, InputError, VeredaError
from geodata.formats.files.seals import Seal, open_plain
from geodata.formats.files.temporary import Temporary, translate_temporary_errors
from geodata.formats.text.toml import DEEPEST, is_deeper
from geodata.network.network import Network

HANDED_OUT = ("admin.geojson", "corridors.geojson", "corridors.gpkg", "density.tif",
              "gateways.geojson", "map.png", "near_gateways.geojson", "nearness.tif",
              "places.geojson", "segments.geojson")  # fmt: skip
"""Files that every result has besides its record, which lists each with its hash."""
RECORD = "result.json"

_AGAIN = "Compute it again: vereda corridors --output DIR --overwrite."
_UNREADABLE = (RuntimeError, ValueError, KeyError, TypeError, ShapelyError, sqlite3.Error)
"""What libraries raise at files that others have made or damaged."""
_MOST_RECORD_BYTES = 16 << 20
_MOST_FILES = 64
_MADE = "SELECT sql FROM sqlite_master WHERE name = ? COLLATE NOCASE"
_COMPUTED = "SELECT name FROM pragma_table_xinfo(?) WHERE hidden"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def read_record(directory: str | Path) -> dict[str, Any]:
    """What ``result.json`` says.

    Parameters
    ----------
    directory
        A directory of a result.

    Raises
    ------
    DataError
        When the record is missing or cannot be read.

    Examples
    --------
    >>> from geodata import read_record
    >>> read_record("out")["scenario"]["slack"]
    0.15
    """
    record, _ = sealed_record(directory)
    return record


def sealed_record(directory: str | Path) -> tuple[dict[str, Any], Seal]:
    """What ``result.json`` says, and the file that said so.

    Raises
    ------
    DataError
        When the record is missing or cannot be read.
    """
    path = Path(directory) / RECORD
    if not path.exists() and not path.is_symlink():
        remedy = "There is no result.json here; name a directory that `vereda corridors` wrote."
        raise DataError("result", str(directory), remedy)
    try:
        with open_plain(path, most=_MOST_RECORD_BYTES) as file:
            content = file.read(_MOST_RECORD_BYTES)
        seal = Seal(path, hashlib.sha256(content).hexdigest())
        record: Any = json.loads(content.decode("utf-8"))
    except DataError as error:
        raise DataError("result", str(path), f"{error.remedy} {_AGAIN}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise DataError("result", str(path), f"It cannot be read. {_AGAIN}") from error
    sound = isinstance(record, dict) and isinstance(record.get("scenario"), dict)
    if (
        not sound
        or "profile" not in record["scenario"]
        or not isinstance(record.get("network"), str)
    ):
        raise DataError("result", str(path), f"It names no scenario or network. {_AGAIN}")
    return dict(record), seal


def check_files(directory: str | Path, record: Mapping[str, Any]) -> dict[str, Seal]:
    """The files of a result by name; other files in its directory are ignored.

    Parameters
    ----------
    record
        Result of `read_record`; its member ``files`` has the hash of every file.

    Raises
    ------
    DataError
        With the name of a file that is missing, not listed, not a regular file of the directory
        itself, or changed since it was written.
    """
    hashes = record.get("files")
    if not isinstance(hashes, dict) or not hashes:
        raise DataError("result", str(directory), f"result.json tells no hashes. {_AGAIN}")
    for name in hashes:
        if not _PLAIN.fullmatch(name) or name == RECORD or len(hashes) > _MOST_FILES:
            remedy = "No file of a result has such a name, or the file is missing from it."
            raise DataError("result", name[:200], f"{remedy} {_AGAIN}")
    for name in HANDED_OUT:
        if name not in hashes:
            remedy = f"The file is missing from those that result.json lists. {_AGAIN}"
            raise DataError("result", name, remedy)
    seals = {}
    for name, digest in hashes.items():
        try:
            seals[name] = Seal(Path(directory, name), digest)
        except DataError as error:
            raise DataError("result", name, f"{error.remedy} {_AGAIN}") from error
    return seals


def read_layer(package: Seal, layer: str) -> gpd.GeoDataFrame:
    """A layer of a result's GeoPackage, which keeps the types of columns as GeoJSON does not.

    Raises
    ------
    DataError
        When the layer is missing, unreadable, or a view instead of a table: a view may compute any
        amount of rows from a small file.
    NoRoomError
        When there is no room for a copy.
    """
    try:
        # A private copy cannot change after the check, and has no other files beside it.
        with (
            translate_temporary_errors(),
            Temporary("vereda-package-") as scratch,
        ):
            copy = scratch / "result.gpkg"
            copy.write_bytes(package.read())
            _check_table(copy, layer)
            frame: gpd.GeoDataFrame = gpd.read_file(copy, layer=layer)
    except VeredaError:
        raise
    except _UNREADABLE as error:
        remedy = f"{package.path.name} cannot be read. {_AGAIN}"
        raise DataError("result", layer, remedy) from error
    return frame


def _check_table(path: Path, layer: str) -> None:
    """Refuse a layer that is a view instead of a table."""
    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as rows:
        made = [str(sql) for (sql,) in rows.execute(_MADE, (layer,))]
        computed = rows.execute(_COMPUTED, (layer,)).fetchall()
    if len(made) != 1 or not made[0].upper().startswith("CREATE TABLE") or computed:
        raise DataError("result", layer, f"It is no table of the package. {_AGAIN}")


def require_network(record: dict[str, Any], network: Network) -> None:
    """Refuse a network other than the one on which a result was computed.

    Raises
    ------
    DataError
        When the digests differ.
    """
    if record["network"] != network.digest:
        remedy = (
            f"The result was computed on network {str(record['network'])[:12]}, this is "
            f"{network.digest[:12]}. Name that one with --network, or compute the result again."
        )
        raise DataError("network", network.digest[:12], remedy)


def read_density(directory: str | Path, network: Network) -> Float64Array:
    """Usage per cell of a result, on the grid of its network's area.

    Raises
    ------
    DataError
        When the file is missing, changed or damaged, on another grid, or no usage.
    """
    return _read_cells(directory, "density.tif", network, most=np.inf)


def read_nearness(directory: str | Path, network: Network) -> tuple[Float64Array, Float64Array]:
    """Nearness of a result: per cell on the grid of its network's area, and by gateway's row.

    Raises
    ------
    DataError
        When a file is missing, changed or damaged, of another network, or not from 0 to 1.
    """
    return (
        _read_cells(directory, "nearness.tif", network, most=1.0),
        _read_gateways(directory, "near_gateways.geojson", network),
    )


def _content(directory: str | Path, name: str) -> bytes:
    """A file of a result, as its record has it."""
    hashes = read_record(directory).get("files")
    if not isinstance(hashes, dict) or name not in hashes:
        remedy = f"result.json does not list it. {_AGAIN}"
        raise DataError("result", str(Path(directory) / name), remedy)
    return Seal(Path(directory) / name, hashes[name]).read()


def _read_cells(directory: str | Path, name: str, network: Network, *, most: float) -> Float64Array:
    """A raster of a result, 0 where it has nothing."""
    path = Path(directory) / name
    try:
        values = read_grid(_content(directory, name), network.area)
    except DataError as error:
        if error.field == "result":
            raise
        raise DataError("result", str(path), f"{error.remedy} {_AGAIN}") from error
    cells: Float64Array = np.asarray(values.filled(0).astype(np.float64))
    _check_range(cells, path, most=most)
    return cells


def _read_gateways(directory: str | Path, name: str, network: Network) -> Float64Array:
    """Nearness of each gateway of a network, 0 where a result does not list it."""
    rows = {name: row for row, name in enumerate(network.gateways["id"])}
    nearness, path = np.zeros(len(rows)), Path(directory) / name
    try:
        features = json.loads(_content(directory, name))["features"]
        for each in (feature["properties"] for feature in features):
            nearness[rows[each["id"]]] = _read_nearness(each["nearness"])
    except DataError as error:
        if error.field == "result":
            raise
        raise DataError("result", str(path), f"{error.remedy} {_AGAIN}") from error
    except _UNREADABLE as error:
        raise DataError("result", str(path), f"It cannot be read. {_AGAIN}") from error
    _check_range(nearness, path, most=1.0)
    return nearness


def _read_nearness(value: object) -> float:
    """A number of JSON: a text is none."""
    if isinstance(value, str):
        raise TypeError(value[:40])
    return as_float(value)


def _check_range(values: Float64Array, path: Path, *, most: float) -> None:
    """Refuse values that no search gives: a score of them would be no number, or a wrong one."""
    # Rasters keep single precision.
    if not (np.isfinite(values) & (values >= 0) & (values <= most + _ROUNDING)).all():
        bounds = "zero or more" if most == np.inf else f"from 0 to {most:g}"
        raise DataError("result", str(path), f"It has values that are not {bounds}. {_AGAIN}")


_ROUNDING = 1e-6
_LARGEST = 1e300


@dataclass(frozen=True, kw_only=True)
class ServedResult:
    """A served result.

    Parameters
    ----------
    name
        Name of its directory, in lower case and with hyphens.
    first
        Whether it is the one that the map page opens with; its collections are named plainly,
        those of others after the result too.
    provenance
        What ``result.json`` says.
    files
        Files that may be served, by name.
    """

    name: str
    directory: Path
    first: bool
    provenance: Mapping[str, Any]
    files: Mapping[str, Seal]

    @property
    def digest(self) -> str:
        """Hash of ``result.json``, which has the hash of every other file."""
        return self.files[RECORD].digest

    @property
    def prefix(self) -> str:
        """Prefix of the names of its collections, tiles and styles."""
        return "" if self.first else f"{self.name}."

    @property
    def group(self) -> str:
        """Name of all its layers together."""
        return f"{self.prefix}result"

    @property
    def scenario(self) -> Mapping[str, Any]:
        """The scenario that it answers."""
        record: Mapping[str, Any] = self.provenance["scenario"]
        return record

    @property
    def title(self) -> str:
        """The flow, and what was changed for it."""
        return scenario_title(self.scenario, self.name)


def scenario_title(scenario: Mapping[str, Any], name: str = "") -> str:
    """The flow of a scenario and what was changed for it, from its record.

    Parameters
    ----------
    name
        What it is called where the record does not say.
    """
    edits = "".join(f", {_edit_text(edit)}" for edit in scenario.get("edits", ()))
    return f"{scenario.get('title', name)}{edits}"


def _edit_text(edit: Mapping[str, Any]) -> str:
    """An edit in words."""
    if edit["factor"] is None:
        return f"without {edit['target']}"
    hours = f" + {edit['hours']:g} h" if edit["hours"] else ""
    return f"{edit['target']} x {edit['factor']:g}{hours}"


def read_results(directories: Sequence[Path]) -> dict[str, ServedResult]:
    """The results in some directories, by name, the first one first.

    Raises
    ------
    InputError
        When two of them would have the same name, or one has no name.
    DataError
        When a file is missing or has changed since it was written.
    """
    results: dict[str, ServedResult] = {}
    for directory in directories:
        name = re.sub(r"[^a-z0-9]+", "-", directory.resolve().name.lower()).strip("-")
        if not name or name in results:
            remedy = "Give every result a directory with a name of its own, in Latin letters."
            raise InputError("result", str(directory), remedy)
        record, files = read_result(directory)
        _check_scenario(directory, record["scenario"])
        _check_telling(directory, record)
        results[name] = ServedResult(
            name=name, directory=directory, first=not results, provenance=record, files=files
        )
    return results


def _check_scenario(directory: Path, scenario: Mapping[str, Any]) -> None:
    """Refuse a scenario that cannot be shown, as every page of the result shows it."""
    edits = scenario.get("edits", [])
    sound = (
        all(isinstance(scenario.get(name, ""), str) for name in ("profile", "title"))
        and _number(scenario.get("slack"))
        and (scenario.get("slack_hours") is None or _number(scenario["slack_hours"]))
        and isinstance(edits, list)
        and all(
            isinstance(edit, dict)
            and isinstance(edit.get("target"), str)
            and _number(edit.get("hours"))
            and ("factor" in edit and (edit["factor"] is None or _number(edit["factor"])))
            for edit in edits
        )
    )
    if not sound:
        remedy = "Its scenario cannot be read. Compute it again: vereda corridors --overwrite."
        raise DataError("result", str(directory / RECORD), remedy)


def _check_telling(directory: Path, record: Mapping[str, Any]) -> None:
    """Refuse values that Python's JSON has and no other: answers and pages repeat them."""
    try:
        # JSON has neither half surrogate pairs nor infinities.
        json.dumps(record, ensure_ascii=False, allow_nan=False).encode("utf-8")
        sound = not is_deeper(record, DEEPEST)
    except (ValueError, RecursionError):
        sound = False
    if not sound:
        remedy = f"It holds what no JSON can tell, or is nested in more than {DEEPEST} levels."
        raise DataError("result", str(directory / RECORD), remedy)


def _number(value: object) -> bool:
    """Whether a value is a number that JSON can tell: Python reads infinities and NaN as well."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return -_LARGEST < value < _LARGEST


def read_result(directory: Path) -> tuple[Mapping[str, Any], Mapping[str, Seal]]:
    """What ``result.json`` of a directory says, and the files that it lists, itself among them.

    Raises
    ------
    DataError
        When a file is missing or has changed since it was written.
    """
    record, seal = sealed_record(directory)
    return record, {**check_files(directory, record), RECORD: seal}
