"""The directory of a comparison: whole, known by its record, and the same bytes each time."""

from __future__ import annotations

import pytest

from geodata.errors import InputError
from geodata.formats.files.store import sha256
from geodata.publication.comparisons import COMPARISON, write_comparison
from tests.support.worlds.result_sample import compared


def write(home, *, overwrite=False):
    return write_comparison(
        compared(), {"books": {}}, home, draw=lambda path: path.write_bytes(b"map"),
        overwrite=overwrite,
    )  # fmt: skip


def test_the_same_comparison_gives_the_same_bytes_and_replaces_only_its_like(tmp_path):
    home = write(tmp_path / "moved")
    before = {path.name: sha256(path) for path in home.iterdir()}
    assert set(before) == set(COMPARISON.files)
    with pytest.raises(InputError, match="--overwrite"):
        write(home)
    write(home, overwrite=True)
    assert {path.name: sha256(path) for path in home.iterdir()} == before
    (home / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"Move notes\.txt elsewhere"):
        write(home, overwrite=True)
