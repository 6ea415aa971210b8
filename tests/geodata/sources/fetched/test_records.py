"""Records beside fetched files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from geodata.sources.fetched.records import Record, read_record


@pytest.mark.parametrize("name", ["", "..", ".netrc", "a/b", "..\\\\b", "a\\u0000b"])
def test_a_record_that_names_files_elsewhere_is_none(tmp_path: Path, name: str) -> None:
    record = Record(**dict.fromkeys(Record.__annotations__, ""))
    path = tmp_path / "a.source.toml"
    replace(record, files={"a b.pbf": ""}).write(path)
    assert read_record(path) is not None
    path.write_text(path.read_text().replace("a b.pbf", name))
    assert read_record(path) is None
