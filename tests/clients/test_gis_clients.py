"""Every collection whole, by box, by property and by time, in OWSLib and in two GDALs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pyogrio
import pytest
from owslib.ogcapi.features import Features

SYSTEM_PYTHON = Path("/usr/bin/python3")
SUPPORT = Path(__file__).parents[1] / "support" / "desktop"
BOX = [-89.0, 15.0, -88.0, 16.0]
DATED = {"crossings", "events", "posts"}
"""Collections whose features have times; all others hold what may be of any time."""
OF_GDAL = {"since", "until", "doubtful"}
"""Conditions that are no CQL2 text; GDAL makes the parameters datetime and unverified of them."""
SINCE, UNTIL = "2020-01-01T00:00:00Z", "2019-12-31T23:59:59Z"

READ_IN_PYOGRIO = """
import json, sys
from pyogrio import read_dataframe
source, layers = f"OAPIF:{sys.argv[1]}", {}
for name, conditions in json.load(sys.stdin).items():
    frame = read_dataframe(source, layer=name)
    record = {"fields": [each for each in frame.columns if each != "geometry"]}
    kept = {"ids": frame, "inside": read_dataframe(source, layer=name, bbox=(-89, 15, -88, 16))}
    for key, where in conditions.items():
        kept[key] = read_dataframe(source, layer=name, where=where)
    layers[name] = record | {key: [str(each) for each in rows["id"]] for key, rows in kept.items()}
print(json.dumps(layers))
"""

Sent = dict[str, dict[str, Any]]


def get(url: str) -> Any:
    with urlopen(url, timeout=300) as answer:
        return json.load(answer)


def everything(url: str) -> list[dict[str, Any]]:
    """All features, page after page."""
    features: list[dict[str, Any]] = []
    following: str | None = url
    while following:
        page = get(following)
        features += page["features"]
        following = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    return features


@pytest.fixture(scope="module")
def sent(served: str) -> Sent:
    """What the service itself says of every collection, and what is to be found in it."""
    contents = {}
    for name in (each["id"] for each in get(f"{served}/collections")["collections"]):
        url = f"{served}/collections/{name}/items?limit=10000"
        features = everything(url)
        inside = [feature["id"] for feature in everything(f"{url}&bbox=-89,15,-88,16")]
        fields = list(features[0]["properties"])
        contents[name] = {
            **conditions_of(features, fields, dated=name in DATED),
            "fields": fields,
            "ids": [feature["id"] for feature in features],
            "inside": inside,
        }
    return contents


def conditions_of(
    features: list[dict[str, Any]], fields: list[str], *, dated: bool
) -> dict[str, Any]:
    """Conditions as SQL, and the ids that meet them, chosen here among all features."""
    first = features[0]["id"]
    text, value = alike(features, fields)
    conditions: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
        "named": (f"id = '{first}'", lambda row: row["id"] == first),
        "alike": (f"\"{text}\" = '{value}'", lambda row: row[text] == value),
    }
    if half := halved(features, fields):
        number, middle = half
        conditions["most"] = (
            f'"{number}" >= {middle!r}',
            lambda row: row[number] is not None and row[number] >= middle,
        )
    if "unverified" in fields:
        conditions["doubtful"] = ("unverified = 1", lambda row: row["unverified"])
    if dated:
        if any(feature["properties"]["time_start"] is None for feature in features):
            conditions["undated"] = ("time_start IS NULL", lambda row: row["time_start"] is None)
        # What has no time matches any datetime: GDAL leaves it out where it is told to.
        conditions["since"] = (
            f"time_start >= '{SINCE}' AND time_start IS NOT NULL",
            lambda row: (row["time_start"] or "") >= SINCE,
        )
        conditions["until"] = (
            f"time_end <= '{UNTIL}' AND time_end IS NOT NULL",
            lambda row: "" < (row["time_end"] or "") <= UNTIL,
        )
    rows = [feature["properties"] | {"id": feature["id"]} for feature in features]
    kept = {
        key: [row["id"] for row in rows if meets(row)] for key, (_, meets) in conditions.items()
    }
    assert all(kept.values())
    where = {key: condition for key, (condition, _) in conditions.items()}
    return {"kept": kept, "where": where, "text": {text: value}}


def alike(features: list[dict[str, Any]], fields: list[str]) -> tuple[str, str]:
    """The first property that is a text, and the text that it holds most often."""
    for name in fields:
        texts = [feature["properties"][name] for feature in features]
        usable = [each for each in texts if isinstance(each, str) and each and "'" not in each]
        if name not in ("id", "time_start", "time_end") and usable:
            return name, Counter(usable).most_common(1)[0][0]
    raise AssertionError(fields)


def halved(features: list[dict[str, Any]], fields: list[str]) -> tuple[str, float] | None:
    """The first property that is a number, and the one in its middle; None without any."""
    for name in fields:
        values = [feature["properties"][name] for feature in features]
        if numbers := sorted(each for each in values if type(each) in (int, float)):
            return name, numbers[len(numbers) // 2]
    return None


def check(layers: dict[str, Any], sent: Sent) -> None:
    assert layers.keys() == sent.keys()
    for name, layer in layers.items():
        wanted = sent[name]
        for key in ("fields", "ids", "inside"):
            assert layer[key] == wanted[key], (name, key)
        for key, ids in wanted["kept"].items():
            assert layer[key] == ids, (name, wanted["where"][key])
        assert ("time_start" in layer["fields"]) == (name in DATED)


def questions(sent: Sent) -> str:
    return json.dumps({name: each["where"] for name, each in sent.items()})


@pytest.mark.trials
@pytest.mark.client
def test_the_gdal_of_debian_reads_every_collection(served: str, sent: Sent) -> None:
    look = [str(SYSTEM_PYTHON), "-c", "from osgeo import gdal"]
    if not SYSTEM_PYTHON.exists() or subprocess.run(look, check=False).returncode:
        pytest.skip("GDAL is not installed: apt-get install python3-gdal")
    own = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [str(SYSTEM_PYTHON), str(SUPPORT / "read_in_gdal.py"), served], input=questions(sent),
        env=own, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    check(json.loads(done.stdout)["layers"], sent)


@pytest.mark.trials
@pytest.mark.client
def test_the_gdal_of_pyogrio_reads_every_collection(served: str, sent: Sent) -> None:
    if "OAPIF" not in pyogrio.list_drivers():
        pytest.skip("GDAL has no OAPIF driver here")
    # In a process of its own: GDAL holds the lock that the service's threads need.
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ_IN_PYOGRIO, served], input=questions(sent),
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    check(json.loads(done.stdout), sent)


def test_owslib_reads_every_collection(served: str, sent: Sent) -> None:
    client = Features(served)
    assert set(client.feature_collections()) == set(sent)
    assert client.conformance()["conformsTo"]
    for name, wanted in sent.items():
        assert client.collection(name)["id"] == name
        assert page_by_page(client, name) == wanted["ids"]
        assert page_by_page(client, name, bbox=BOX) == wanted["inside"]
        assert page_by_page(client, name, **wanted["text"]) == wanted["kept"]["alike"]
        if doubtful := wanted["kept"].get("doubtful"):
            assert page_by_page(client, name, unverified=True) == doubtful
        for key in wanted["where"].keys() - OF_GDAL:
            filtered = page_by_page(client, name, filter=wanted["where"][key])
            assert filtered == wanted["kept"][key], (name, wanted["where"][key])
        one = client.collection_item(name, wanted["ids"][0])
        assert one["id"] == wanted["ids"][0]
        assert set(client.collection_queryables(name)["properties"]) >= set(wanted["fields"])


def test_owslib_reads_every_collection_by_time(served: str, sent: Sent) -> None:
    client = Features(served)
    for name, wanted in sent.items():
        interval = client.collection(name)["extent"].get("temporal")
        assert (interval is not None) == (name in DATED)
        since, until = (
            page_by_page(client, name, datetime_=span) for span in (f"{SINCE}/..", f"../{UNTIL}")
        )
        if name in DATED:
            kept = {key: set(ids) for key, ids in wanted["kept"].items()}
            undated = kept.get("undated", set())
            assert set(since) == kept["since"] | undated
            assert set(until) == kept["until"] | undated
            assert since == [each for each in wanted["ids"] if each in set(since)]
        else:
            # Where no times are known, every feature may be of the time asked for.
            assert since == until == wanted["ids"]
            assert page_by_page(client, name, datetime_="1900-01-01") == wanted["ids"]


def page_by_page(client: Features, collection: str, /, **more: Any) -> list[str]:
    """Ids of all features that a question leaves."""
    ids: list[str] = []
    while True:
        page = client.collection_items(collection, limit=10_000, offset=len(ids), **more)
        ids += [feature["id"] for feature in page["features"]]
        if len(ids) >= page["numberMatched"]:
            return ids
