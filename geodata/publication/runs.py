"""Runs: a directory of results with an index, which several batches may write to at once.

`scenarios.json` lists the scenarios with their addresses, `results` a result by address, `records`
what became of each run, `logs` what was printed in it. A result is written completely or not at
all, and its record before it, so that every result has a record.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from geodata.errors import DataError, InputError
from geodata.formats.files.claims import claim
from geodata.formats.files.places import check_place, real_place
from geodata.formats.files.store import whole_file
from geodata.publication.results.result_files import RESULT

SCENARIOS = "scenarios.json"
INDEX = ("runs.parquet", "runs.csv")
_FOLDERS = ("results", "records", "logs")
_OWN = {*INDEX, *_FOLDERS}
DONE, FAILED, PENDING, OUTDATED = "done", "failed", "pending", "outdated"
_CLAIMS = ".claims"
_REGISTER = 0
"""What is claimed by the one that changes the list of scenarios or the index."""
_TYPES = {"str": pa.string(), "int": pa.int64(), "float": pa.float64()}

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Runs:
    """A directory of runs; it need not be there yet.

    Parameters
    ----------
    home
        The directory.
    """

    home: Path

    def check(self) -> None:
        """Refuse a directory of something else.

        Raises
        ------
        InputError
            When the directory is a file, or holds files and no list of scenarios.
        """
        if self.home.exists() and not self.home.is_dir():
            raise InputError("output", str(self.home), "It is a file; name a directory.")
        foreign = self.home.is_dir() and [
            entry.name
            for entry in self.home.iterdir()
            if not entry.name.startswith(".") and entry.name not in _OWN
        ]
        if foreign and not (self.home / SCENARIOS).is_file():
            remedy = f"It holds other files and no {SCENARIOS}; name a new or empty directory."
            raise InputError("output", str(self.home), remedy)

    def prepare(self) -> None:
        """Make the directory where it is missing, and refuse one that takes no files.

        Raises
        ------
        InputError
            As `check`, or when nothing can be written there.
        OSError
            When the disk is full or fails.
        """
        self.check()
        check_place(real_place(self.home), self.home, directory=True)
        self.home.mkdir(parents=True, exist_ok=True)
        with claim(self.home / _CLAIMS, _REGISTER, wait=True):
            # First, so that a directory that was begun is known for what it is.
            if not (self.home / SCENARIOS).exists():
                _write(self.home / SCENARIOS, {})
        for name in _FOLDERS:
            (self.home / name).mkdir(exist_ok=True)

    def result(self, address: str) -> Path:
        """Directory of a result."""
        return self.home / "results" / address

    def log(self, address: str) -> Path:
        """File with the output of a run."""
        return self.home / "logs" / f"{address}.log"

    def done(self, address: str) -> bool:
        """Whether a result is there."""
        return (self.result(address) / RESULT.mark).is_file()

    @contextmanager
    def claim(self, address: str) -> Iterator[bool]:
        """Claim a run for this process; whether no other is at it."""
        with claim(self.home / _CLAIMS, int(address, 16) + 1) as free:
            yield free

    def scenarios(self) -> dict[str, dict[str, Any]]:
        """Keys of every scenario of the list, its name and address among them.

        Raises
        ------
        DataError
            When the list cannot be read.
        """
        path = self.home / SCENARIOS
        try:
            listed: Any = json.loads(path.read_bytes())
            return {
                entry: {**keys, **{key: str(keys[key]) for key in ("name", "address")}}
                for entry, keys in listed.items()
            }
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            remedy = "It cannot be read; remove it, and run the same batches again: results stay."
            raise DataError("scenarios", str(path), remedy) from error

    def add(self, scenarios: Mapping[str, Record]) -> None:
        """Take all scenarios of some files up into the list; what these no longer have goes."""
        files = {_of(keys) for keys in scenarios.values()}
        with claim(self.home / _CLAIMS, _REGISTER, wait=True):
            known = self.scenarios()
            others = {entry: keys for entry, keys in known.items() if _of(keys) not in files}
            if known != (listed := {**others, **scenarios}):
                _write(self.home / SCENARIOS, listed)

    def record(self, address: str) -> dict[str, Any]:
        """The record of a run, or an empty one for a run that was never begun.

        A result whose record is lost is done all the same; a record of one that is lost is not.
        """
        try:
            record: Any = json.loads(self._record(address).read_bytes())
            kept = dict(record)
        except (FileNotFoundError, ValueError, TypeError, RecursionError):
            kept = {}
        if self.done(address):
            return {**kept, "status": DONE}
        return kept if kept.get("status") == FAILED else {}

    def tell(self, address: str, record: Record) -> None:
        """Write the record of a run."""
        _write(self._record(address), record)

    def _record(self, address: str) -> Path:
        return self.home / "records" / f"{address}.json"

    def row(self, keys: Record) -> dict[str, Any]:
        """Keys of a scenario with what became of it."""
        record = self.record(keys["address"])
        result = f"results/{keys['address']}" if record.get("status") == DONE else None
        return {"status": PENDING, **keys, **record, "result": result}

    def write_index(
        self, columns: Mapping[str, str], *, outdated: Callable[[Record], bool] = lambda _: False
    ) -> None:
        """Write the index as Parquet and CSV, unless it is there as it has to be.

        Parameters
        ----------
        columns
            Names and types of what scenarios and records tell. Keys with dots in their names, such
            as values of a profile, have columns behind these.
        outdated
            Whether a scenario of the list is of a network or version of the past.
        """
        with claim(self.home / _CLAIMS, _REGISTER, wait=True):
            scenarios = [keys for _, keys in sorted(self.scenarios().items())]
            columns = {**columns, **_varied(scenarios)}
            rows = [
                {**self.row(keys), **({"status": OUTDATED} if outdated(keys) else {})}
                for keys in scenarios
            ]
            rows = [
                {name: _as(kind, row.get(name)) for name, kind in columns.items()} for row in rows
            ]
            text = _csv(rows, columns)
            parquet, table = (self.home / name for name in INDEX)
            if parquet.exists() and table.exists() and table.read_text("utf-8") == text:
                return
            schema = pa.schema([(name, _TYPES[kind]) for name, kind in columns.items()])
            with whole_file(parquet) as fresh:
                pq.write_table(pa.Table.from_pylist(rows, schema), fresh)
            with whole_file(table) as fresh:
                fresh.write_text(text, encoding="utf-8", newline="")


def _of(keys: Record) -> tuple[object, object]:
    """File and network of a scenario."""
    return keys.get("file"), keys.get("network")


def _varied(scenarios: Iterable[Record]) -> dict[str, str]:
    """Columns of keys with dots, of numbers where all values are."""
    kinds: dict[str, str] = {}
    for keys in scenarios:
        for key, value in keys.items():
            if "." in key:
                number = isinstance(value, int | float) and kinds.get(key) != "str"
                kinds[key] = "float" if number else "str"
    return dict(sorted(kinds.items()))


def _as(kind: str, value: Any) -> Any:
    return value if value is None else {"str": str, "int": int, "float": float}[kind](value)


def _write(path: Path, content: Record) -> None:
    with whole_file(path) as fresh:
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
        fresh.write_text(f"{text}\n", encoding="utf-8")


def _csv(rows: list[dict[str, Any]], columns: Mapping[str, str]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
