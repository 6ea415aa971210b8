"""A small directory of a kind of its own, to be written, looked at and looked around."""

from __future__ import annotations

import json
from pathlib import Path

from geodata.formats.files.layouts import Layout
from geodata.formats.files.store import sha256, whole_directory

LAYOUT = Layout(mark="mark.json", files=("a.tif", "b.gpkg", "mark.json", "part/c.txt"))


def make(target: Path, words: str, *, overwrite: bool = False) -> Path:
    """Write a directory in which every file says the same."""
    with whole_directory(target, LAYOUT, overwrite=overwrite) as fresh:
        fill(fresh, words)
    return target


def fill(directory: Path, words: str) -> None:
    hashes = {}
    for name in LAYOUT.files:
        if name != LAYOUT.mark:
            (directory / name).parent.mkdir(exist_ok=True)
            (directory / name).write_text(words)
            hashes[name] = sha256(directory / name)
    (directory / LAYOUT.mark).write_text(json.dumps({"words": words, "files": hashes}))


def version(place: Path, *, beside: frozenset[str] | set[str] = frozenset()) -> str:
    """What all files of a directory say: it is whole, and of one writer."""
    record = json.loads((place / LAYOUT.mark).read_text())
    here = {name for name in contents(place) if name not in beside}
    assert here == set(LAYOUT.files), here
    for name, digest in record["files"].items():
        assert sha256(place / name) == digest, name
    return str(record["words"])


def contents(place: Path) -> dict[str, bytes]:
    """All files of a directory but hidden ones at work."""
    return {
        str(path.relative_to(place)): path.read_bytes()
        for path in sorted(place.rglob("*"))
        if path.is_file() and not path.relative_to(place).parts[0].startswith(".vereda-")
    }


def names_in(home: Path) -> list[str]:
    return sorted(path.name for path in home.iterdir())


def hidden_in(home: Path) -> list[str]:
    return [name for name in names_in(home) if name.startswith(".vereda-")]
