"""Results read back: what a directory of `geodata.writers.write_result` says and holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.errors import RasterioIOError

from geodata.errors import DataError
from geodata.network import Network
from geodata.store import sha256

_AGAIN = "Compute it again: vereda corridors --output DIR --overwrite."


def read_record(directory: str | Path) -> dict[str, Any]:
    """What ``result.json`` says.

    Raises
    ------
    DataError
        When it is missing or cannot be read.
    """
    path = Path(directory) / "result.json"
    if not path.is_file():
        remedy = "There is no result.json here; name a directory that `vereda corridors` wrote."
        raise DataError("result", str(directory), remedy)
    try:
        record: Any = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError("result", str(path), f"It cannot be read. {_AGAIN}") from error
    told = isinstance(record, dict) and isinstance(record.get("scenario"), dict)
    if not told or "network" not in record or "profile" not in record["scenario"]:
        raise DataError("result", str(path), f"It names no scenario or network. {_AGAIN}")
    return dict(record)


def check_files(directory: str | Path, record: Mapping[str, Any]) -> None:
    """Refuse a result of which a file is missing or was changed since it was written.

    Parameters
    ----------
    record
        What `read_record` gave; its member ``files`` has the hash of every file.

    Raises
    ------
    DataError
        Naming the file.
    """
    hashes = record.get("files")
    if not isinstance(hashes, dict) or not hashes:
        raise DataError("result", str(directory), f"result.json tells no hashes. {_AGAIN}")
    for name, digest in hashes.items():
        path = Path(directory) / Path(name).name
        try:
            whole = sha256(path) == digest
        except OSError as error:
            raise DataError("result", name, f"The file is missing. {_AGAIN}") from error
        if not whole:
            raise DataError("result", name, f"It is damaged or was changed. {_AGAIN}")


def require_network(record: dict[str, Any], network: Network) -> None:
    """Refuse a network that is not the one a result was computed on.

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


def read_density(directory: str | Path, network: Network) -> npt.NDArray[np.float64]:
    """Usage per cell of a result, on the grid of its network's area.

    Raises
    ------
    DataError
        When the file is missing, damaged, or on another grid.
    """
    path = Path(directory) / "density.tif"
    try:
        with rasterio.open(path) as source:
            values = source.read(1, masked=True).filled(0).astype(np.float64)
            transform = source.transform
    except RasterioIOError as error:
        raise DataError("result", str(path), f"It cannot be read. {_AGAIN}") from error
    area = network.area
    if values.shape != area.shape or not transform.almost_equals(area.transform):
        raise DataError("result", str(path), f"It is not on the network's grid. {_AGAIN}")
    return np.asarray(values)
