"""Files of OpenStreetMap made by osmium's own writer, with a topology that is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import osmium
from osmium.osm.mutable import Node, Relation, Way

KM = 0.01
"""Degrees between nodes of `along`, about a kilometre at the equator."""


def node(id_: int, x: float, y: float, **tags: str) -> Node:
    return Node(id=id_, location=(x, y), tags=_keys(tags), version=1)


def way(id_: int, nodes: Iterable[int], tags: Mapping[str, str] | None = None, **more: str) -> Way:
    return Way(id=id_, nodes=list(nodes), tags={**(tags or {}), **_keys(more)}, version=1)


def road(id_: int, nodes: Iterable[int], tags: Mapping[str, str] | None = None, **more: str) -> Way:
    """A primary road, unless tags say another class."""
    return way(id_, nodes, {"highway": "primary", **(tags or {})}, **more)


def relation(
    id_: int,
    members: Iterable[tuple[str, int, str]],
    tags: Mapping[str, str] | None = None,
    **more: str,
) -> Relation:
    return Relation(
        id=id_, members=list(members), tags={**(tags or {}), **_keys(more)}, version=1
    )  # fmt: skip


def boundary(id_: int, ways: Iterable[int], name: str, **codes: str) -> Relation:
    """An administrative boundary of outer ways; ``_`` in a code's key stands for a hyphen."""
    tags = {"type": "boundary", "boundary": "administrative", "name": name}
    own = {key.replace("_", "-"): code for key, code in codes.items()}
    return relation(id_, [("w", way_, "outer") for way_ in ways], {**tags, **own})


def _keys(tags: Mapping[str, str]) -> dict[str, str]:
    """``foo__bar`` stands for ``foo:bar``, and a last ``_`` for nothing."""
    return {key.rstrip("_").replace("__", ":"): value for key, value in tags.items()}


def write_osm(path: Path, *objects: Any) -> Path:
    """Write objects in the order in which they are given."""
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for each in objects:
            writer.add(each)
    return path
