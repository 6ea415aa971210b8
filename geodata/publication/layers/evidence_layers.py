"""Layers of evidence: events and counts on record, which are shown and not part of any score."""

from __future__ import annotations

import calendar
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.network.network import Network
from geodata.publication.layers.layer import PublishedLayer
from geodata.publication.layers.properties import END, START

SAMPLE = (
    "What public sources report is enforcement times flow times press: where nothing is listed, "
    "something may well have passed. It is a sample, is no input of any score or cost, and names "
    "no person."
)
"""What every layer of evidence says of itself."""


def evidence_layers(network: Network) -> Iterator[PublishedLayer]:
    """Events and counts of a network, as far as its sources had any."""
    if "events" in network.layers:
        events = network.layers["events"]
        nowhere = int(events["x"].isna().sum())
        yield PublishedLayer(
            name="events",
            title="Documented events",
            description=f"Dated events that public sources report, each with its source and how "
            f"exact its place is. {SAMPLE} Those whose place has no coordinates, {nowhere}, are "
            "left out here; the network's layers/events.parquet has them.",
            frame=_events(events[events["x"].notna()]),
        )
    if "counts" in network.layers:
        counts = network.layers["counts"]
        frame = _counts(network, counts)
        yield PublishedLayer(
            name="counts",
            title="Documented counts",
            description="Counts by unit and period that public sources report, each drawn at a "
            f"point inside its unit. Definitions differ by a factor of 20: context, and no "
            f"ranking. {SAMPLE} Those of a country, of several units or of none that is known, "
            f"{len(counts) - len(frame)}, are left out here; the network's layers/counts.parquet "
            "has them.",
            frame=frame,
        )


def _events(events: pd.DataFrame) -> gpd.GeoDataFrame:
    columns = [str(name) for name in events if name not in ("id", "x", "y")]
    return gpd.GeoDataFrame(
        {
            "id": _ids(events, "E"),
            **{name: events[name].to_numpy() for name in columns},
            **{name: _moments(events["date"], last=name == END) for name in (START, END)},
        },
        geometry=gpd.points_from_xy(events["x"], events["y"]),
        crs="OGC:CRS84",
    )


def _counts(network: Network, counts: pd.DataFrame) -> gpd.GeoDataFrame:
    unit = network.admin.set_index("id").geometry.representative_point()
    there = counts["admin1"].isin(unit.index).to_numpy()
    frame = counts[there].drop(columns="id").reset_index(drop=True)
    frame.insert(0, "id", _ids(counts, "C")[there])
    return gpd.GeoDataFrame(frame, geometry=frame["admin1"].map(unit).to_numpy(), crs="OGC:CRS84")


def _ids(table: pd.DataFrame, letter: str) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Ids as the table has them, of rows without one by their number."""
    numbered = [f"{letter}-{row}" for row in range(len(table))]
    return np.where(table["id"] == "", numbered, table["id"]).astype(object)


def _moments(dates: pd.Series, *, last: bool) -> pd.api.extensions.ExtensionArray:
    """First or last moment of each date, which may be a year or a month."""
    texts = [_moment(date, last=last) for date in dates]
    return pd.to_datetime(pd.Series(texts, dtype=object), utc=True).dt.as_unit("ms").array


def _moment(date: str, *, last: bool) -> str | None:
    if not date:
        return None
    year, month, day = [*date.split("-"), "", ""][:3]
    if not last:
        return f"{year}-{month or '01'}-{day or '01'}T00:00:00Z"
    month = month or "12"
    if not day:
        _, days = calendar.monthrange(int(year), int(month))
        day = str(days)
    return f"{year}-{month}-{day}T23:59:59Z"
