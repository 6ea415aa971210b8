"""The hand-made list of river courses, ``tables/courses.csv``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from shapely import LineString

from geodata.arrays import Float64Array


@dataclass(frozen=True)
class Course:
    """One part of a river or channel, as drawn from mouth to source.

    Parameters
    ----------
    method
        Method by which its line is made: border, threaded, water or drawn (see ``rivers.py``).
    points
        Longitude and latitude, (n, 2).
    """

    name: str
    part: int
    kind: str
    navigable: bool
    country: str
    method: str
    points: Float64Array


def courses() -> list[Course]:
    """All courses, in the order of the file."""
    path = Path(__file__).parent / "tables" / "courses.csv"
    with path.open(encoding="utf-8") as file:
        return [_course(row) for row in csv.DictReader(file)]


def _course(row: dict[str, str]) -> Course:
    points = np.array([point.split() for point in row["points"].split(";")], float)
    return Course(
        name=row["name"],
        part=int(row["part"]),
        kind=row["kind"],
        navigable=row["navigable"] == "true",
        country=row["country"],
        method=row["method"],
        points=points,
    )


def drawn_rivers() -> list[LineString]:
    """Lines of the rivers that do not follow a border."""
    return [
        LineString(course.points)
        for course in courses()
        if course.kind == "river" and course.method != "border"
    ]
