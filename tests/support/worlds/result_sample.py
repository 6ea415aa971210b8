"""A result drawn by hand between real towns: what the files and maps are tested on.

The lines join bundled places, crossings and points at sea; usage is chosen. Nothing
here is an answer of the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from rasterio.features import rasterize

from geodata.area.study_area import StudyArea
from geodata.borderlands.region import BORDERLANDS, borderlands, titles
from geodata.cartography.basemap import Basemap
from geodata.network.credit import credit_line
from geodata.sources.layers.schema import EVIDENCE

DIRECTORY = Path(__file__).parents[3] / "geodata/borderlands/layers"

GATEWAYS: list[tuple[str, str, str, str, float, float, float]] = [
    ("Corinto", "formal", "HN", "GT", -88.384, 15.586, 0.34),
    ("El Ceibo", "formal", "GT", "MX", -90.985, 17.260, 0.46),
    ("Brus Laguna landing", "landing", "HN", "", -84.55, 15.83, 0.41),
    ("El Florido", "formal", "HN", "GT", -89.225, 14.853, 0.19),
    ("La Mesilla", "formal", "GT", "MX", -91.985, 15.634, 0.22),
    ("Puerto Barrios", "port", "GT", "", -88.605, 15.735, 0.12),
    ("Agua Caliente", "formal", "HN", "GT", -89.257, 14.557, 0.11),
    ("Bethel", "informal", "GT", "MX", -90.83, 16.80, 0.10),
    ("Tecún Umán", "formal", "GT", "MX", -92.14, 14.677, 0.17),
    ("El Amatillo", "formal", "SV", "HN", -87.76, 13.60, 0.08),
    ("La Hachadura", "formal", "SV", "GT", -90.087, 13.862, 0.07),
    ("Belize City", "port", "BZ", "", -88.18, 17.49, 0.05),
    ("Subteniente López", "formal", "BZ", "MX", -88.40, 18.48, 0.05),
    ("Patuca mouth", "river mouth", "HN", "", -84.29, 15.81, 0.03),
    ("Copán Ruinas sector", "informal", "HN", "GT", -89.30, 14.75, 0.03),
    ("Omoa landing", "landing", "HN", "", -88.04, 15.78, 0.02),
]

# Name, usage, and legs of one mode; a stop is a place, or longitude and latitude.
ROUTES: list[tuple[str, float, list[tuple[str, str]]]] = [
    (
        "Brus Laguna landing - Corinto - El Ceibo",
        0.34,
        [
            ("sea", "-83.02 14.99; -83.2 15.6; -84.0 16.0; -84.55 15.83"),
            ("trail", "-84.55 15.83; -85.2 15.75; Bonito Oriental"),
            (
                "road",
                "Bonito Oriental; Tocoa; La Ceiba; Tela; San Pedro Sula; "
                "Omoa; -88.384 15.586; Morales; -88.99 15.66; Poptún; "
                "Flores; -90.985 17.26",
            ),
        ],
    ),
    (
        "El Florido - La Mesilla",
        0.19,
        [
            (
                "road",
                "Tegucigalpa; Comayagua; Siguatepeque; Santa Rosa de Copán; "
                "-89.225 14.853; Chiquimula; Zacapa; Salamá; Cobán; "
                "Huehuetenango; -91.985 15.634",
            ),
        ],
    ),
    (
        "Puerto Barrios - El Ceibo",
        0.12,
        [
            ("sea", "-83.02 16.4; -85.0 16.8; -87.0 16.5; -88.5 15.95"),
            ("transfer", "-88.5 15.95; -88.605 15.735"),
            ("road", "-88.605 15.735; Morales; Poptún; Flores; -90.985 17.26"),
        ],
    ),
    (
        "El Amatillo - La Hachadura - Tecún Umán",
        0.07,
        [
            (
                "road",
                "Ciudad Choluteca; -87.76 13.6; San Miguel; San Salvador; "
                "Sonsonate; -90.087 13.862; Escuintla; Mazatenango; "
                "-92.14 14.677",
            ),
        ],
    ),
    (
        "Agua Caliente - Tecún Umán",
        0.11,
        [
            (
                "road",
                "Tegucigalpa; Siguatepeque; La Esperanza; Gracias; "
                "-89.257 14.557; Esquipulas; Jalapa; Guatemala City; "
                "Quetzaltenango; -92.14 14.677",
            ),
        ],
    ),
    (
        "Patuca mouth - Bethel",
        0.03,
        [
            ("river", "Catacamas; -85.3 14.9; -84.29 15.81"),
            ("trail", "Catacamas; Olanchito"),
            ("road", "Olanchito; El Progreso; Morales; Fray Bartolomé de Las Casas"),
            ("trail", "Fray Bartolomé de Las Casas; Sayaxché; -90.83 16.8"),
        ],
    ),
    (
        "Belize City - Subteniente López",
        0.05,
        [
            ("sea", "-83.02 17.3; -86.0 17.2; -88.18 17.49"),
            ("road", "-88.18 17.49; Orange Walk; -88.4 18.48"),
        ],
    ),
]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The attributes of a result."""

    corridors: gpd.GeoDataFrame
    bands: gpd.GeoDataFrame
    segments: gpd.GeoDataFrame
    gateways: gpd.GeoDataFrame
    near_gateways: gpd.GeoDataFrame
    admin: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    density: npt.NDArray[np.float32]
    nearness: npt.NDArray[np.float32]
    area: StudyArea
    provenance: Mapping[str, object]


@cache
def sample() -> Sample:
    """The sample, built once; treat it as read-only."""
    segments = _segments()
    corridors = _corridors(segments)
    return Sample(
        corridors=corridors,
        bands=corridors[["id", "rank", "name", "usage", "geometry"]],
        segments=segments,
        gateways=_gateways(),
        near_gateways=_gateways().assign(premium=0.25, nearness=np.exp(-2)),
        admin=_admin(),
        places=_towns(),
        density=_density(segments),
        nearness=np.minimum(10 * _density(segments), np.float32(1)),
        area=BORDERLANDS,
        provenance={
            "scenario": {"profile": "cocaine-north", "slack": 0.2},
            "seed": 1,
            "missing": float("nan"),
            "weights": np.array([0.5, 0.25], np.float32),
        },
    )


@cache
def compared() -> SimpleNamespace:
    """A comparison: what of the sample has an even row gains its usage, all else loses it."""
    full = sample()
    units = full.admin.assign(usage=full.admin["weakness"])
    countries = units[["country", "usage", "geometry"]].dissolve("country", aggfunc="mean")
    countries = countries.reset_index(names="id").assign(name=lambda each: each["id"])
    roads = full.segments[full.segments["mode"] == "road"].assign(name="")
    frames = {
        "segments": roads,
        "sectors": roads.head(9),
        "gateways": full.gateways,
        "admin": units,
        "countries": countries,
    }
    tables = {name: _changed(frame) for name, frame in frames.items()}
    return SimpleNamespace(area=full.area, **tables)


def _changed(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    sign = np.where(np.arange(len(frame)) % 2, -1.0, 1.0)
    change = frame["usage"].to_numpy(float) * sign
    return gpd.GeoDataFrame(frame[["id", "name", "geometry"]].assign(change=change))


@cache
def bundled_basemap() -> Basemap:
    """What lies under the bundled region, without a network."""
    bundle = borderlands()
    frames = {
        name: gpd.GeoDataFrame(bundle.frame(name)) for name in ("countries", "lakes", "places")
    }
    drawn = [each for each in bundle.attributions() if each["layer"] not in EVIDENCE]
    line = credit_line(drawn, apart=True)
    return Basemap(**frames, titles=titles(), attribution=line)


@cache
def _places() -> dict[str, tuple[float, float]]:
    places = gpd.read_parquet(DIRECTORY / "points/places.parquet").sort_values("population")
    return dict(
        zip(places["name"], zip(places.geometry.x, places.geometry.y, strict=True), strict=True)
    )


def _position(stop: str) -> tuple[float, float]:
    """Find a place by name; longitude and latitude stand for themselves."""
    if stop[-1].isdigit():
        x, y = map(float, stop.split())
        return x, y
    return _places()[stop]


def _wiggling(start: str, end: str) -> shapely.LineString:
    """Draw a line that wanders between two stops as a road does."""
    random = np.random.default_rng(sum(map(ord, start + end)))
    xy = np.array([_position(start), _position(end)])
    for _ in range(4):
        step = np.diff(xy, axis=0)
        across = np.column_stack([-step[:, 1], step[:, 0]])
        middle = xy[:-1] + step / 2 + across * random.normal(0, 0.1, (len(step), 1))
        xy = np.insert(xy, np.arange(1, len(xy)), middle, axis=0)
    return shapely.LineString(xy)


def _segments() -> gpd.GeoDataFrame:
    rows = [
        (f"c{rank}", mode, usage, _wiggling(*pair))
        for rank, (_, usage, legs) in enumerate(ROUTES, 1)
        for mode, stops in legs
        for pair in pairwise(stops.split("; "))
    ]
    frame = gpd.GeoDataFrame(rows, columns=["corridor", "mode", "usage", "geometry"], crs=4326)
    frame.insert(0, "id", [f"s{index:04d}" for index in range(len(frame))])
    frame["class"] = np.where(frame["mode"] == "road", "primary", "")
    frame["km"] = frame.to_crs(BORDERLANDS.crs).length / 1000
    frame["hours"] = (frame["km"] / 45).astype(np.float32)
    frame["slack"] = np.float32(0.0)
    frame["gateway"] = ""
    frame["remoteness"] = np.where(frame["mode"] == "sea", np.nan, 0.5).astype(np.float32)
    return frame


def _corridors(segments: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    lines = [
        shapely.line_merge(shapely.MultiLineString(list(part)))
        for _, part in segments.groupby("corridor", sort=True).geometry
    ]
    frame = gpd.GeoDataFrame(
        {
            "id": [f"c{rank}" for rank in range(1, len(ROUTES) + 1)],
            "name": [name for name, _, _ in ROUTES],
            "usage": np.array([usage for _, usage, _ in ROUTES], np.float32),
            "modes": [",".join(dict.fromkeys(mode for mode, _ in legs)) for _, _, legs in ROUTES],
        },
        geometry=lines,
        crs=4326,
    )
    frame["rank"] = frame["usage"].rank(ascending=False, method="first").astype(np.int32)
    frame["km"] = frame.to_crs(BORDERLANDS.crs).length / 1000
    frame["hours"] = frame["km"] / 45
    return frame


def _gateways() -> gpd.GeoDataFrame:
    columns = ["name", "kind", "country_a", "country_b", "x", "y", "usage"]
    table = pd.DataFrame(GATEWAYS, columns=columns)
    table.insert(0, "id", [f"g{index:02d}" for index in range(len(table))])
    table["rank"] = table["usage"].rank(ascending=False, method="first").astype(np.int32)
    points = gpd.points_from_xy(table["x"], table["y"])
    return gpd.GeoDataFrame(table.drop(columns=["x", "y"]), geometry=points, crs=4326)


def _admin() -> gpd.GeoDataFrame:
    """Departments, their score being the ranked distance from the nearest capital."""
    units = gpd.read_parquet(DIRECTORY / "polygons/admin1.parquet").rename(columns={"iso": "id"})
    capitals = [_places()[name] for name in ("Guatemala City", "Tegucigalpa", "San Salvador")]
    distance = shapely.distance(
        units.geometry.representative_point().to_numpy(), shapely.MultiPoint(capitals)
    )
    units["weakness"] = (pd.Series(distance).rank(pct=True)).to_numpy(np.float32)
    units["remoteness"] = (units["weakness"] ** 2).astype(np.float32)
    units["usage"] = 0.0
    units["nearness"] = units["weakness"]
    return units


def _towns() -> gpd.GeoDataFrame:
    """The largest places, nearer the larger they are."""
    towns = gpd.read_parquet(DIRECTORY / "points/places.parquet").nlargest(40, "population")
    frame = towns[["name", "geometry"]].reset_index(drop=True)
    frame.insert(0, "id", [f"N{row}" for row in range(len(frame))])
    nearness = np.linspace(1, 0, len(frame))
    return frame.assign(premium=1 - nearness, nearness=nearness)


def _density(segments: gpd.GeoDataFrame) -> npt.NDArray[np.float32]:
    lines = segments.to_crs(BORDERLANDS.crs)
    total = np.zeros(BORDERLANDS.shape, np.float32)
    for usage, part in lines.groupby("usage").geometry:
        touched = rasterize(
            list(part), out_shape=BORDERLANDS.shape, transform=BORDERLANDS.transform
        )
        total += np.float32(usage) * touched.astype(np.float32)
    return np.minimum(total, np.float32(1))
