"""Every collection whole, by box, by property and by time, in OWSLib and in two GDALs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pyogrio
import pytest
from owslib.ogcapi.features import Features

SYSTEM_PYTHON = Path("/usr/bin/python3")
HERE = Path(__file__).parent
BOX = [-89.0, 15.0, -88.0, 16.0]

READ_IN_PYOGRIO = """
import json, sys
from pyogrio import read_dataframe
source, found = f"OAPIF:{sys.argv[1]}", {}
for name in sys.argv[2:]:
    frame = read_dataframe(source, layer=name)
    ids = [str(each) for each in frame["id"]]
    inside = read_dataframe(source, layer=name, bbox=(-89, 15, -88, 16))
    named = read_dataframe(source, layer=name, where=f"id = '{ids[0]}'")
    told = {"ids": ids, "inside": len(inside), "named": list(named["id"])}
    if "time_start" in frame:
        since = "time_start >= '2020-01-01T00:00:00Z'"
        told["since"] = len(read_dataframe(source, layer=name, where=since))
    found[name] = {**told, "fields": [each for each in frame.columns if each != "geometry"]}
print(json.dumps(found))
"""


def get(url: str) -> Any:
    with urlopen(url, timeout=30) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def sent(served: str) -> dict[str, Any]:
    """What the service itself says of every collection."""
    found = {}
    for name in (each["id"] for each in get(f"{served}/collections")["collections"]):
        path, ids = f"{served}/collections/{name}/items", []
        url: str | None = f"{path}?limit=10000"
        while url:
            page = get(url)
            ids += [feature["id"] for feature in page["features"]]
            url = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
        found[name] = {
            "ids": ids,
            "inside": get(f"{path}?limit=1&bbox=-89,15,-88,16")["numberMatched"],
            "fields": list(page["features"][0]["properties"]),
            "since": get(f"{path}?limit=1&datetime=2020-01-01/..")["numberMatched"],
        }
    return found


def check(layers: dict[str, Any], sent: dict[str, Any]) -> None:
    for name, layer in layers.items():
        wanted = sent[name]
        assert layer["ids"] == wanted["ids"], name
        assert layer["inside"] == wanted["inside"], name
        assert layer["named"] == wanted["ids"][:1], name
        assert layer["fields"] == wanted["fields"], name
        assert layer.get("since", wanted["since"]) == wanted["since"], name
    assert {name for name in layers if "since" in layers[name]} == {"crossings", "posts"}


@pytest.mark.client
def test_the_gdal_of_debian_reads_collections(served: str, sent: dict[str, Any]) -> None:
    look = [str(SYSTEM_PYTHON), "-c", "from osgeo import gdal"]
    if not SYSTEM_PYTHON.exists() or subprocess.run(look, check=False).returncode:
        pytest.skip("GDAL is not installed: apt-get install python3-gdal")
    own = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [str(SYSTEM_PYTHON), str(HERE / "read_in_gdal.py"), served, *sent],
        env=own, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    check(json.loads(done.stdout)["layers"], sent)


@pytest.mark.client
def test_the_gdal_of_pyogrio_reads_every_collection(served: str, sent: dict[str, Any]) -> None:
    if "OAPIF" not in pyogrio.list_drivers():
        pytest.skip("GDAL has no OAPIF driver here")
    # In a process of its own: GDAL holds the lock that the service's threads need.
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ_IN_PYOGRIO, served, *sent],
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    check(json.loads(done.stdout), sent)


def test_owslib_reads_every_collection(served: str, sent: dict[str, Any]) -> None:
    client = Features(served)
    assert set(client.feature_collections()) == set(sent)
    assert client.conformance()["conformsTo"]
    for name, wanted in sent.items():
        assert client.collection(name)["id"] == name
        found: list[str] = []
        while len(found) < len(wanted["ids"]):
            page = client.collection_items(name, limit=10_000, offset=len(found))
            found += [feature["id"] for feature in page["features"]]
        assert found == wanted["ids"]
        boxed = client.collection_items(name, bbox=BOX, limit=1)
        assert boxed["numberMatched"] == wanted["inside"]
        one = client.collection_item(name, wanted["ids"][0])
        assert one["id"] == wanted["ids"][0]
        assert set(client.collection_queryables(name)["properties"]) >= set(wanted["fields"])
    since = client.collection_items("posts", datetime_="2020-01-01/..", limit=1)
    assert since["numberMatched"] == sent["posts"]["since"]
    named = client.collection_items("roads", limit=1, **{"class": "primary"})
    assert named["numberMatched"] > 1000
    text = client.collection_items("roads", limit=1, filter="class = 'primary'")
    assert text["numberMatched"] == named["numberMatched"]
