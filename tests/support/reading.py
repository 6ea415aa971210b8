"""What the tests of users' files share: how a file is read in each of the two ways."""

from __future__ import annotations

from pathlib import Path

from geodata.sources.userfiles.points import read_points
from geodata.sources.userfiles.source import Source


def points_of(path: Path | str) -> list[list[float]]:
    return read_points(Source.parse(path, field="from")).coordinates
