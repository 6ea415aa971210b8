"""Runs: a directory of results with an index, which several batches may write to at once.

`scenarios.json` has the address of every scenario by name, `results` a result by address, `records`
what became of each run, `logs` what was printed in it. A result is there whole or not at all, and
its record is written before: where there is a result, there is a record.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
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
from geodata.publication.result_directory import RESULT

SCENARIOS = "scenarios.json"
INDEX = ("runs.parquet", "runs.csv")
_FOLDERS = ("results", "records", "logs")
_OWN = {*INDEX, *_FOLDERS}
DONE, FAILED, PENDING = "done", "failed", "pending"
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
            When it is a file, or holds files and no list of scenarios.
        """
        if self.home.exists() and not self.home.is_dir():
            raise InputError("output", str(self.home), "It is a file; name a directory.")
        foreign = self.home.is_dir() and [
            entry.name for entry in self.home.iterdir()
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
        """What was printed in a run."""
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
        """Keys of every scenario by name, its address among them.

        Raises
        ------
        DataError
            When the list cannot be read.
        """
        path = self.home / SCENARIOS
        try:
            listed: Any = json.loads(path.read_bytes())
            return {
                name: {**keys, "address": str(keys["address"])} for name, keys in listed.items()
            }
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            remedy = "It cannot be read; remove it, and run the same batches again: results stay."
            raise DataError("scenarios", str(path), remedy) from error

    def add(self, scenarios: Mapping[str, Record]) -> None:
        """Take scenarios up into the list; those of the same name are replaced."""
        with claim(self.home / _CLAIMS, _REGISTER, wait=True):
            known = self.scenarios()
            if any(known.get(name) != keys for name, keys in scenarios.items()):
                _write(self.home / SCENARIOS, {**known, **scenarios})

    def record(self, address: str) -> dict[str, Any]:
        """What became of a run, or nothing where it was never begun.

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
        """Write what became of a run."""
        _write(self._record(address), record)

    def _record(self, address: str) -> Path:
        return self.home / "records" / f"{address}.json"

    def rows(self, columns: Mapping[str, str]) -> list[dict[str, Any]]:
        """The index: a row for every scenario, by name.

        Parameters
        ----------
        columns
            Names and types of what scenarios and records tell.
        """
        rows = []
        for name, keys in sorted(self.scenarios().items()):
            told = {"status": PENDING, **keys, **self.record(keys["address"]), "name": name}
            told["result"] = f"results/{keys['address']}" if told["status"] == DONE else None
            rows.append({column: told.get(column) for column in columns})
        return rows

    def write_index(self, columns: Mapping[str, str]) -> list[dict[str, Any]]:
        """Write the index as Parquet and CSV, unless it is there as it has to be; its rows."""
        with claim(self.home / _CLAIMS, _REGISTER, wait=True):
            rows = self.rows(columns)
            text = _csv(rows, columns)
            parquet, table = (self.home / name for name in INDEX)
            if parquet.exists() and table.exists() and table.read_text("utf-8") == text:
                return rows
            schema = pa.schema([(name, _TYPES[kind]) for name, kind in columns.items()])
            with whole_file(parquet) as fresh:
                pq.write_table(pa.Table.from_pylist(rows, schema), fresh)
            with whole_file(table) as fresh:
                fresh.write_text(text, encoding="utf-8", newline="")
        return rows


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
