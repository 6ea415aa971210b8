"""GeoJSON beside geopandas, and pages of lines beside pygeoapi.

Run it with ``python -m benchmarks.items``. Both servers stand behind gunicorn with one worker,
hold the same roads and are asked for the same pages, in turns.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.timing import Floor, heading, race, show
from geodata.formats.vector import write_features
from geodata.network.store import load_network
from geodata.publication.layers.network_layers import network_layers

LINES, POINTS = 200_000, 6
PAGE = 1000
ENCODER_FLOOR, PAGE_FLOOR = Floor(least=15), Floor(least=8)
PROVIDERS = {"Parquet": "parquet", "GeoJSON": "geojson"}
"""Providers of pygeoapi that read files without GDAL's own Python, and the suffix they read.
The first is the faster; it is compared where the package s3fs is there, which it asks for.
"""


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", type=Path, default=Path("network"))
    parser.add_argument("--peer", type=Path, default=Path(sys.executable),
                        help="Python that pygeoapi is installed for.")  # fmt: skip
    options = parser.parse_args()
    heading()
    with TemporaryDirectory() as directory:
        time_writing(Path(directory))
        time_pages(options.network.absolute(), options.peer, Path(directory))


def time_writing(directory: Path) -> None:
    """The same lines to a GeoJSON file."""
    frame = lines()
    ours, peer = directory / "ours.geojson", directory / "peer.geojson"

    def plain() -> None:
        peer.unlink(missing_ok=True)
        frame.to_file(peer, driver="GeoJSON")

    calls: dict[str, Callable[[], object]] = {
        "ours": lambda: write_features(frame, ours), "peer": plain
    }  # fmt: skip
    times = race(calls, repeats=5)
    roads, wanted = gpd.read_file(ours), gpd.read_file(peer)
    if list(roads["id"]) != list(wanted["id"]) or not roads.geom_equals_exact(wanted, 1e-6).all():
        raise SystemExit("The two files differ.")
    task = f"GeoJSON, {LINES:,} lines"
    show(task, "vereda", times["ours"])
    show(task, "gdf.to_file", times["peer"], times["peer"] / times["ours"], ENCODER_FLOOR)


def lines(*, seed: int = 1) -> gpd.GeoDataFrame:
    """Lines with the kinds of columns that links have."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 0.01, (LINES, POINTS, 2))
    columns = {
        "id": [f"L{row}" for row in range(LINES)],
        "name": pd.Series(rng.choice(["CA-5", "CA-9", "Río Motagua"], LINES)),
        "mode": pd.Categorical(rng.choice(["road", "trail", "river"], LINES)),
        "schematic": rng.random(LINES) < 0.5,
        "km": rng.random(LINES) * 20,
        "hours": rng.random(LINES).astype(np.float32),
        "usage": rng.random(LINES),
    }
    shapes = shapely.linestrings(steps.cumsum(axis=1) + np.array([-88, 15]))
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)


def time_pages(network: Path, peer: Path, directory: Path) -> None:
    """Pages of 1000 roads, over HTTP."""
    layers = {layer.name: layer for layer in network_layers(load_network(network))}
    roads = layers["roads"].frame
    starts = range(0, len(roads) - PAGE, PAGE)
    for suffix in PROVIDERS.values():
        write_features(roads, directory / f"roads.{suffix}")
    environment = {"VEREDA_NETWORK": str(network), "VEREDA_RESULT": ""}
    task = f"items?limit={PAGE}, {len(roads):,} roads"
    statement = [str(peer), "-c", "import s3fs"]
    complete = subprocess.run(statement, stderr=subprocess.DEVNULL, check=False).returncode == 0
    providers = PROVIDERS if complete else {"GeoJSON": PROVIDERS["GeoJSON"]}
    with (
        served(Path(sys.executable), "service.app:create_app()", environment, directory) as ours,
        served(
            peer, "pygeoapi.flask_app:APP", configured(peer, providers, directory), directory
        ) as theirs,
    ):
        calls = {"ours": pages(ours, "roads", starts)}
        calls |= {name: pages(theirs, name.lower(), starts) for name in providers}
        times = race(calls, repeats=25)
    show(task, f"vereda, {1 / times['ours'].least:.0f} a second", times["ours"])
    best = min(providers, key=lambda name: times[name].least)
    for name in providers:
        rate = f"pygeoapi {name}, {1 / times[name].least:.0f} a second"
        floor = PAGE_FLOOR if name == best else None
        show(task, rate, times[name], times[name] / times["ours"], floor)


def pages(port: int, collection: str, starts: range) -> Callable[[], object]:
    """Ask for one page after another."""
    turn = itertools.cycle(starts)

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        query = f"limit={PAGE}&offset={next(turn)}&f=json" if collection != "roads" else ""
        query = query or f"limit={PAGE}&offset={next(turn)}"
        connection.request("GET", f"/collections/{collection}/items?{query}")
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200 or body.count(b'"LineString"') != PAGE:
            raise SystemExit(f"{collection} answered {answer.status}: {body[:300]!r}")

    return ask


@contextmanager
def served(
    python: Path, application: str, environment: dict[str, str], directory: Path
) -> Iterator[int]:
    """Run an application behind gunicorn on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [str(python), "-m", "gunicorn", "--workers", "1", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [*command, "--timeout", "120", "--log-level", "error", application],
        env={**os.environ, **environment}, cwd=directory, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _await(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("A server did not start.")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", "/collections?f=json")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()


def configured(peer: Path, providers: Mapping[str, str], directory: Path) -> dict[str, str]:
    """Write the configuration of pygeoapi; JSON is YAML too."""
    extent = {"spatial": {"bbox": [-180, -90, 180, 90]}}
    resources = {
        name.lower(): {
            "type": "collection", "title": name, "description": name, "keywords": [],
            "extents": extent, "links": [],
            "providers": [
                {"type": "feature", "name": name, "id_field": "id",
                 "data": str(directory / f"roads.{suffix}")}
                | ({"data": {"source": str(directory / f"roads.{suffix}")}}
                   if name == "Parquet" else {})
            ],
        }
        for name, suffix in providers.items()
    }  # fmt: skip
    about = {"title": "roads", "description": "roads", "keywords": ["roads"],
             "terms_of_service": "", "url": "http://127.0.0.1"}  # fmt: skip
    limits = {"default_items": 10, "max_items": 10_000, "on_exceed": "throttle"}
    record = {
        "server": {
            "bind": {"host": "127.0.0.1", "port": 1}, "url": "http://127.0.0.1",
            "mimetype": "application/json; charset=UTF-8", "encoding": "utf-8", "gzip": False,
            "languages": ["en"], "pretty_print": False, "limits": limits,
            "map": {"url": "", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": about, "license": {"name": "", "url": ""},
            "provider": {"name": "", "url": ""}, "contact": {"name": "", "email": ""},
        },
        "resources": resources,
    }  # fmt: skip
    configuration, document = directory / "pygeoapi.yml", directory / "openapi.yml"
    configuration.write_text(json.dumps(record))
    environment = {"PYGEOAPI_CONFIG": str(configuration), "PYGEOAPI_OPENAPI": str(document)}
    command = [str(peer.with_name("pygeoapi")), "openapi", "generate"]
    subprocess.run(
        [*command, str(configuration), "--output-file", str(document)],
        env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return environment


if __name__ == "__main__":
    main()
