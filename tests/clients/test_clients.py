"""Real clients: QGIS, GDAL, a browser on another origin, and the command that serves them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pyogrio
import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.support.desktop.run_qgis import QGIS_PYTHON, run
from tests.support.mapbook import PATIENCE_MILLISECONDS

SUPPORT = Path(__file__).parents[1] / "support" / "desktop"

PAGE = """<!doctype html><title>Corridors of another origin</title>
<canvas id="map" width="600" height="360"></canvas>
<script>
const [west, south, east, north] = [-92.5, 12.9, -83.0, 18.6];
async function draw() {
  const answer = await fetch(SERVICE + "/corridors?from=San Pedro Sula&to=Tapachula");
  const corridors = await answer.json();
  const canvas = document.getElementById("map"), pen = canvas.getContext("2d");
  pen.strokeStyle = "rgb(200, 30, 0)";
  pen.lineWidth = 2;
  for (const { geometry } of corridors.features) {
    pen.beginPath();
    for (const [x, y] of geometry.coordinates)
      pen.lineTo((x - west) / (east - west) * 600, (north - y) / (north - south) * 360);
    pen.stroke();
  }
  const refused = await fetch(SERVICE + "/corridors?from=15.5,-88.03");
  return {
    origin: location.origin,
    etag: answer.headers.get("ETag"),
    features: corridors.features.length,
    remedy: (await refused.json()).remedy,
    pixels: Array.from(pen.getImageData(0, 0, 600, 360).data.filter((_, i) => i % 4 === 3)),
  };
}
</script>"""


FIRST = ("corridors", "roads")
OTHERS = (
    "segments", "corridor-gateways", "near-gateways", "corridor-places", "corridor-admin",
    "places", "ports", "airstrips", "crossings", "posts", "rivers", "nodes", "gateways", "sectors",
    "admin", "events", "counts", "lakes", "countries",
)  # fmt: skip
"""All but the links, which are read whole elsewhere; at length, each by each."""

READ_IN_GDAL = """
import json, sys
from pyogrio import read_dataframe
roads = read_dataframe(sys.argv[1], layer="roads")
primary = read_dataframe(sys.argv[1], layer="roads", where="class = 'primary'")
kinds = {name: str(kind) for name, kind in roads.dtypes.items()}
print(json.dumps({"ids": list(roads["id"]), "kinds": kinds, "primary": len(primary)}))
"""


def _get(url: str) -> Any:
    with urlopen(url, timeout=300) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def in_qgis(request: pytest.FixtureRequest, served: str) -> dict[str, Any]:
    """What QGIS reads of the collections that the tests of this run look at."""
    if not _has_qgis():
        pytest.skip("QGIS is not installed")
    wanted = " ".join(item.name for item in request.session.items)
    others = (name for name in OTHERS if f"[{name}]" in wanted)
    done = run(SUPPORT / "read_in_qgis.py", f"{served}/", *FIRST, *others)
    assert done.returncode == 0, done.stderr
    layers: dict[str, Any] = json.loads(done.stdout)
    return layers


def _has_qgis() -> bool:
    if not Path(QGIS_PYTHON).exists():
        return False
    look = "import importlib.util, sys; sys.exit(importlib.util.find_spec('qgis') is None)"
    return subprocess.run([QGIS_PYTHON, "-c", look], check=False).returncode == 0


@pytest.mark.client
@pytest.mark.parametrize(
    "name", [*FIRST, *(pytest.param(name, marks=pytest.mark.trials) for name in OTHERS)]
)
def test_qgis_opens_a_collection_by_address(
    served: str, in_qgis: dict[str, Any], name: str
) -> None:
    layer = in_qgis[name]
    assert "error" not in layer
    sent = _get(f"{served}/collections/{name}/items?limit=10000")
    boxed = _get(f"{served}/collections/{name}/items?bbox=-89,15,-88,16")
    assert layer["count"] == layer["read"] == sent["numberMatched"]
    assert layer["inside"] == boxed["numberMatched"]
    assert layer["crs"] in ("EPSG:4326", "OGC:CRS84")
    names = [field for field, _ in layer["fields"]]
    for row, feature in zip(layer["rows"], sent["features"], strict=True):
        properties = feature["properties"]
        if properties.get("packages") is not None:
            # QGIS takes a column for text whose first rows have no value.
            properties["packages"] = f"{properties['packages']:g}"
        assert dict(zip(names, row, strict=True)) == pytest.approx(properties)


@pytest.mark.client
def test_qgis_reads_beyond_one_page_and_keeps_types(in_qgis: dict[str, Any]) -> None:
    assert in_qgis["roads"]["read"] > 5000
    fields = dict(in_qgis["corridors"]["fields"])
    assert fields["rank"] == "Integer"
    assert fields["usage"] == "Real"
    assert fields["name"] == "String"


@pytest.mark.client
def test_gdal_reads_a_collection_whole_and_filters_on_the_server(served: str) -> None:
    if "OAPIF" not in pyogrio.list_drivers():
        pytest.skip("GDAL has no OAPIF driver here")
    # In a process of its own: GDAL holds the lock that the service's threads need.
    done = subprocess.run(
        [sys.executable, "-c", READ_IN_GDAL, f"OAPIF:{served}"],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    layer = json.loads(done.stdout)
    sent = _get(f"{served}/collections/roads/items?limit=10000")
    assert layer["ids"] == [feature["id"] for feature in sent["features"]]
    assert layer["kinds"]["schematic"] == "bool"
    assert layer["kinds"]["km"] == "float64"
    counted = _get(f"{served}/collections/roads/items?class=primary")
    assert layer["primary"] == counted["numberMatched"] > 1000


@pytest.fixture
def elsewhere(served: str) -> Iterator[str]:
    """A page on an origin of its own that knows the service's address."""
    app = Flask("elsewhere")
    text = PAGE.replace("<script>", f"<script>const SERVICE = {json.dumps(served)};")
    app.add_url_rule("/", view_func=lambda: text)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.client
def test_a_page_of_another_origin_draws_corridors(
    browser: Any, served: str, elsewhere: str
) -> None:
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    page.goto(elsewhere)
    seen = page.evaluate("draw()")
    page.close()
    assert not served.startswith(seen["origin"])
    assert seen["features"] > 0
    assert seen["etag"].startswith('W/"')
    assert "Longitude comes first" in seen["remedy"]
    drawn = [index for index, alpha in enumerate(seen["pixels"]) if alpha]
    assert 200 < len(drawn) < 20_000
    # San Pedro Sula lies right of Tapachula, so that lines span this part of the width.
    columns = [index % 600 for index in drawn]
    assert min(columns) < 40
    assert max(columns) > 275


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_and_stops(isle_dir: Path, stop: signal.Signals) -> None:
    code = "import sys; from cli.main import run; run(sys.argv[1:])"
    arguments = ["serve", "--network", str(isle_dir)]
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", code, *arguments, "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert url, line
        assert _get(f"{url[0]}health")["status"] == "ok"
        process.send_signal(stop)
        output, _ = process.communicate(timeout=300)
        assert output.strip() == "Stopped."
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()


def test_a_taken_port_is_told_before_the_long_work(served: str, tmp_path: Path) -> None:
    port = served.rsplit(":", 1)[1]
    code = "import sys; from cli.main import run; run(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, "serve", "--network", str(tmp_path), "--port", port],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "choose another --host or --port" in done.stderr
