"""A made study: two countries on one island, with a lake, units, towns and, if wanted, roads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.builder.build import all_places, build_network
from geodata.network.network import Network
from geodata.sources.layers import table
from geodata.sources.study import Study
from routes.scores.scoring import score_network

COAST = shapely.box(0.1, 0.1, 0.8, 0.9)
LAKE = shapely.box(0.2, 0.6, 0.35, 0.8)
UNITS = {
    "XA-1": ("South", "XA", shapely.box(0.05, 0.0, 0.5, 0.5)),
    "XA-2": ("North", "XA", shapely.box(0.05, 0.5, 0.5, 1.0)),
    "XB-1": ("East", "XB", shapely.box(0.5, 0.0, 0.78, 1.0)),
}
TOWNS = {"Aton": (0.3, 0.3, 30_000), "Midton": (0.45, 0.45, 800), "Bton": (0.7, 0.4, 6_000)}


def write_layers(folder: Path) -> None:
    """Coast, admin, lakes and places as files."""
    frames = {
        "coast": gpd.GeoDataFrame(geometry=[COAST], crs=4326),
        "admin": gpd.GeoDataFrame(
            {
                "iso": list(UNITS),
                "name": [name for name, _, _ in UNITS.values()],
                "country": [country for _, country, _ in UNITS.values()],
            },
            geometry=[shape for *_, shape in UNITS.values()],
            crs=4326,
        ),
        "lakes": gpd.GeoDataFrame(
            {"name": ["Long pond"], "kind": ["lake"]}, geometry=[LAKE], crs=4326
        ),
        "places": gpd.GeoDataFrame(
            {"name": list(TOWNS), "population": [people for *_, people in TOWNS.values()]},
            geometry=[shapely.Point(x, y) for x, y, _ in TOWNS.values()],
            crs=4326,
        ),
    }
    for name, frame in frames.items():
        frame.to_file(folder / f"{name}.gpkg")


def write_area(
    folder: Path, *roles: str, keys: str = "", layers: Mapping[str, str] | None = None
) -> Path:
    """An area file of layers in its folder: `roles` as GeoPackages, `layers` as TOML."""
    tables = {role: f'path = "{role}.gpkg"' for role in roles} | dict(layers or {})
    text = [
        '[area]\nname = "made"\nbbox = [0.0, 0.0, 1.0, 1.0]\ncell_m = 2000.0',
        keys,
        *(f'[[layer]]\nrole = "{role}"\n{table}' for role, table in tables.items()),
    ]
    path = folder / "area.toml"
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return path


class MadeRoads:
    """Roads as a reader gives them: a primary from Aton over the border to Bton, and a track."""

    def __init__(self) -> None:
        xy = np.array([[0.3, 0.3], [0.7, 0.4], [0.3, 0.5], [0.6, 0.55]])
        lines = [
            shapely.LineString([xy[0], (0.45, 0.35), (0.55, 0.36), xy[1]]),
            shapely.LineString([xy[0], xy[2]]),
            shapely.LineString([xy[2], xy[3]]),
        ]
        metres = np.array([47_000.0, 22_100.0, 34_000.0])
        self.nodes = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1]})
        self.links = gpd.GeoDataFrame(
            {
                "u": [0, 0, 2],
                "v": [1, 2, 3],
                "class": ["primary", "tertiary", "track"],
                "mode": "road",
                "surface": ["paved", "paved", "unpaved"],
                "length_m": metres,
                "seconds_uv": metres / 15,
                "seconds_vu": [metres[0] / 15, np.inf, metres[2] / 5],
            },
            geometry=lines,
            crs=4326,
        )


def strip_network(folder: Path) -> Network:
    """The western country, scored, with a strip of the eastern one and a crossing between them.

    Its river is drawn downstream and in two pieces.
    """
    write_layers(folder)
    course = [(0.25, 0.5), (0.25, 0.3), (0.25, 0.095)]
    rivers = [shapely.LineString(course[:2]), shapely.LineString(course[1:])]
    gpd.GeoDataFrame(
        {"name": "Long Water", "country": "", "kind": "river", "navigable": True},
        geometry=rivers, crs=4326, index=range(2),
    ).to_file(folder / "rivers.gpkg")  # fmt: skip
    gpd.GeoDataFrame(
        {"id": ["gate-7"], "name": ["Midgate"], "kind": ["formal"], "country_a": ["XA"],
         "country_b": ["XB"], "road": ["R1"], "source": ["a survey"], "year": [2021]},
        geometry=[shapely.Point(0.5, 0.355)], crs=4326,
    ).to_file(folder / "crossings.gpkg")  # fmt: skip
    roles = ("coast", "admin", "lakes", "places", "rivers", "crossings")
    study = Study.open(write_area(folder, *roles, keys='countries = ["XA"]'))
    study = study.with_roads(MadeRoads())
    posts = pd.DataFrame({"x": [0.3], "y": [0.3], "country": "XA", "kind": "police"})
    return score_network(
        build_network(study, study.area, rules=study.rules, titles=study.titles),
        places=all_places(study), posts=posts, indicators=table(study, "indicators"),
    )  # fmt: skip
