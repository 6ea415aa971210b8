"""A study area that is nowhere: an island of two countries, with made-up names and shapes."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from affine import Affine

from geodata.area.study_area import StudyArea
from geodata.area.titles import Titles
from geodata.builder.build import all_places, build_network
from geodata.formats.files.store import sha256
from geodata.network.network import Network
from geodata.network.store import save_network
from geodata.sources.layers.bundle import Bundle
from geodata.sources.layers.schema import SCHEMAS
from routes.scores.scoring import score_network

HOLDER = "The Survey of Halcyon"
AREA = StudyArea(
    name="halcyon", bbox=(10.0, -41.0, 11.2, -40.0), countries=("XA", "XB"), neighbours=(),
)  # fmt: skip
TITLES = Titles(
    region="the isle of Halcyon",
    about="Where do flows cross the isle of Halcyon?",
    countries={"XA": "Westmark", "XB": "Eastmark"},
    waters=(("Calm Strait", 10.6, -40.05),),
    boating={"Longmere": (10.4, -40.5)},
    open_sea=(10.1, -40.1),
    words={"es": {"region": "la isla de Alción", "country.XA": "Marca del Oeste"}},
)
WEST = shapely.Polygon([(10.15, -40.85), (10.6, -40.88), (10.6, -40.12), (10.2, -40.15)])
EAST = shapely.Polygon([(10.6, -40.88), (11.05, -40.8), (11.0, -40.2), (10.6, -40.12)])
LAKE = shapely.Polygon([(10.32, -40.4), (10.45, -40.4), (10.47, -40.55), (10.33, -40.56)])

PLACES = [
    (1, "Ayton", "XA", "XA-S", 41_000, 10.3, -40.7),
    (2, "Beeville", "XA", "XA-N", 7_000, 10.5, -40.25),
    (3, "Ceeford", "XB", "XB-E", 33_000, 10.9, -40.4),
    (4, "Deeham", "XB", "XB-E", 6_000, 10.75, -40.7),
]
ROUTES = {
    "W1 Ayton-Midgate": ("XA", ["Ayton", "midgate"]),
    "W2 Ayton-Beeville": ("XA", ["Ayton", "Beeville"]),
    "E1 Midgate-Ceeford": ("XB", ["midgate", "Ceeford"]),
    "E2 Ceeford-Deeham": ("XB", ["Ceeford", "Deeham"]),
}
MIDGATE = (10.6, -40.5)


def tables() -> dict[str, pd.DataFrame]:
    """Its layers."""
    spots = {name: (x, y) for _, name, _, _, _, x, y in PLACES} | {"midgate": MIDGATE}
    stops = [
        (route, number, name.capitalize(), "crossing" if name == "midgate" else "place",
         *spots[name], "midgate" if name == "midgate" else "", HOLDER, False)
        for route, (_, names) in ROUTES.items() for number, name in enumerate(names, 1)
    ]  # fmt: skip
    rows = {
        "countries": [("XA", WEST.difference(LAKE)), ("XB", EAST)],
        "lakes": [("Longmere", "lake", LAKE)],
        "rivers": [("Slow Beck", "XB", "river", True, HOLDER,
                    shapely.LineString([(10.8, -40.6), (10.9, -40.75), (11.0, -40.82)]))],
        "admin1": [
            ("XA-N", "Upper Westmark", "XA", shapely.clip_by_rect(WEST, 10, -40.5, 12, -40)),
            ("XA-S", "Lower Westmark", "XA", shapely.clip_by_rect(WEST, 10, -41, 12, -40.5)),
            ("XB-E", "All Eastmark", "XB", EAST),
        ],
        "places": [(*place[:5], shapely.Point(place[5:])) for place in PLACES],
        "places_extra": [("Effley", "XB", 0, 10.95, -40.6, HOLDER, pd.NA, True)],
        "trunk": [(1, shapely.LineString([(10.3, -40.7), (10.31, -40.71)]))],
        "airports": [("XB01", "Geefield", "small_airport", "XB", 10.8, -40.3)],
        "ports": [("Ayport", "XA", 10.17, -40.8, "small", HOLDER)],
        "crossings": [("midgate", "Midgate", "XA-XB", "formal", "XA", "Midgate", "XB", "Midgate",
                       *MIDGATE, "W1", HOLDER, 2020, False)],
        "posts": [("Ayton police", "police", "XA", "XA-S", "Ayton", 10.3, -40.7, HOLDER, 2020,
                   False)],
        "indicators": [("XA-N", "Upper Westmark", "poverty_rate", "40", "%", 2020, HOLDER, ""),
                       ("XA-S", "Lower Westmark", "poverty_rate", "20", "%", 2020, HOLDER, "")],
        "road_routes": [(route, country, "primary", "paved", np.nan, "", HOLDER, "", 2020, False)
                        for route, (country, _) in ROUTES.items()],
        "road_stops": stops,
        "distances": [("Ayton", "Beeville", 60.0, 1.0, "road", HOLDER, "", 2020, "yes")],
    }  # fmt: skip
    return {name: _frame(name, listed) for name, listed in rows.items()}


def _frame(name: str, rows: list[tuple]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(SCHEMAS[name]))
    if "year" in frame:
        frame["year"] = frame["year"].astype("Int64")
    if "geometry" in frame:
        return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326")
    return frame


def make_bundle(home: Path) -> Bundle:
    """Its layers as files."""
    (home / "licences").mkdir(parents=True)
    (home / "licences" / "CC0-1.0.txt").write_text("Do as you like.\n")
    files = {}
    for name, frame in tables().items():
        files[name] = home / f"{name}{'.parquet' if 'geometry' in frame else '.csv'}"
        if isinstance(frame, gpd.GeoDataFrame):
            frame.to_parquet(files[name])
        else:
            frame.to_csv(files[name], index=False)
    x, y = np.meshgrid(np.linspace(0, 6, 120), np.linspace(0, 6, 100))
    hills = (200 + 150 * np.sin(x) * np.cos(y)).astype("float32")
    surfaces = {"elevation": hills, "depth": np.full_like(hills, -40.0),
                "landcover": np.full(hills.shape, 10, "uint8")}  # fmt: skip
    for name, values in surfaces.items():
        files[name] = home / f"{name}.tif"
        with rasterio.open(
            files[name], "w", driver="GTiff", height=100, width=120, count=1,
            dtype=values.dtype, crs="EPSG:4326",
            transform=Affine(0.01, 0.0, 10.0, 0.0, -0.01, -40.0),
        ) as tif:  # fmt: skip
            tif.write(values, 1)
    entry = (
        '[[layer]]\nname = "{}"\nfile = "{}"\npackage = "npm:halcyon"\nversion = "1"\n'
        'member = "all"\nlicence = "CC0-1.0"\nattribution = "{}"\nsha256 = "{}"\nderived = ""\n'
    )
    listed = [entry.format(name, path.name, HOLDER, sha256(path)) for name, path in files.items()]
    (home / "SOURCES.toml").write_text("\n".join(listed))
    return Bundle.open(home)


def make_network(home: Path) -> Network:
    """It, as a scored network."""
    bundle = make_bundle(home)
    network = build_network(bundle, AREA, titles=TITLES)
    return score_network(
        network,
        places=all_places(bundle),
        posts=bundle.frame("posts"),
        indicators=bundle.frame("indicators"),
    )


def store_network(home: Path, place: Path) -> Path:
    """It, stored."""
    return save_network(make_network(home), place)
