"""``vereda fetch``: from the file of an area to files with a name and a licence."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import vereda
from geodata.errors import DataError, InputError
from geodata.sources.area_file import read_area_file
from geodata.sources.download.orders.orders import extent_of
from geodata.sources.study import Study
from tests.support.servers.bad_server import BadServer, Fault, bad_server, made_pbf, made_zip

PBF = made_pbf(1 << 18)
AREA = """
[area]
name = "border"
bbox = [-89.6, 14.2, -88.4, 15.8]
countries = ["GT", "HN"]

[[layer]]
role = ["roads", "coast"]
url = "{host}/hn.osm.pbf"
licence = "ODbL-1.0"
attribution = "© OpenStreetMap contributors"

[[layer]]
role = "ports"
provider = "world-port-index"

[[layer]]
role = "posts"
path = "posts.csv"
"""
PORTS = "/api/publications/download?type=view&key=16920959/SFH00000/UpdatedPub150.csv"


@pytest.fixture
def host() -> Iterator[BadServer]:
    with bad_server() as server:
        server.put("/hn.osm.pbf", PBF)
        server.put(PORTS, b"Main Port Name,Latitude,Longitude\nLa Ceiba,15.8,-86.8\n")
        yield server


@pytest.fixture
def area(tmp_path: Path, host: BadServer) -> Path:
    path = tmp_path / "study" / "area.toml"
    path.parent.mkdir()
    path.write_text(AREA.format(host=host.address), encoding="utf-8")
    return path


def words(area: Path, host: BadServer, *more: str) -> list[str]:
    return [
        "fetch", str(area), *more, "--cache", str(area.parent.parent / "cache"),
        "--mirror", f"msi.nga.mil={host.address}",
    ]  # fmt: skip


def test_what_an_area_names_is_fetched_and_read(area: Path, host: BadServer) -> None:
    shown = CliRunner().invoke(vereda, words(area, host), catch_exceptions=False)
    assert shown.exit_code == 0
    assert shown.output.count("fetched") == 3 and "ODbL-1.0" in shown.output
    assert "© OpenStreetMap contributors" in shown.output
    layers = {layer.role: layer for layer in read_area_file(area).layers}
    assert [path.name for path in layers["roads"].files()] == ["hn.osm.pbf"]
    assert layers["roads"].files()[0].read_bytes() == PBF
    assert [path.name for path in layers["ports"].files()] == ["UpdatedPub150.csv"]
    again = CliRunner().invoke(vereda, words(area.parent, host), catch_exceptions=False)
    assert again.output.count("was there") == 3
    assert len(host.requests("/hn.osm.pbf")) == 1


def test_roles_choose_and_machines_get_json(area: Path, host: BadServer) -> None:
    shown = CliRunner().invoke(vereda, ["--json", *words(area, host, "ports")])
    (record,) = json.loads(shown.output)
    assert record["role"] == "ports" and record["licence"] == "Public domain"
    assert Path(record["paths"][0]).is_file() and record["fetched_now"]
    assert not host.requests("/hn.osm.pbf")


@pytest.mark.parametrize(
    ("more", "remedy"),
    [
        (["road"], "Did you mean 'roads'"),
        (["posts"], 'role = "posts", provider = "geofabrik"'),
        (["friction"], 'url = "https://...'),
        (["--most", "much"], "such as 500MB"),
        (["--most", "1KB"], "allow it with --most"),
        (["--mirror", "example.org"], "HOST=ADDRESS"),
        (["--offline"], "The cache has no copy"),
        (["--offline", "--refresh"], "leave one of them out"),
    ],
)
def test_what_cannot_be_done_is_told(
    area: Path, host: BadServer, more: list[str], remedy: str
) -> None:
    shown = CliRunner().invoke(vereda, words(area, host, *more))
    assert isinstance(shown.exception, InputError)
    assert remedy in str(shown.exception)


def test_an_area_with_nothing_to_fetch_is_told(area: Path, host: BadServer) -> None:
    area.write_text('[area]\nname = "a"\nbbox = [0, 0, 1, 1]\n', encoding="utf-8")
    shown = CliRunner().invoke(vereda, words(area, host))
    assert isinstance(shown.exception, InputError)
    area.write_text(AREA.format(host=host.address).replace("url", "uri"), encoding="utf-8")
    assert isinstance(CliRunner().invoke(vereda, words(area, host)).exception, DataError)


def test_the_cache_and_mirrors_may_be_settings(
    area: Path, host: BadServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VEREDA_CACHE", str(tmp_path / "shared"))
    monkeypatch.setenv("VEREDA_MIRROR", f"msi.nga.mil={host.address} a.org=https://b.org")
    shown = CliRunner().invoke(vereda, ["fetch", str(area), "ports"], catch_exceptions=False)
    assert shown.exit_code == 0 and (tmp_path / "shared").is_dir()


def test_providers_are_listed(area: Path) -> None:
    shown = CliRunner().invoke(vereda, ["fetch", "--providers"])
    assert shown.exit_code == 0 and "glo-30" in shown.output and "ODbL-1.0" in shown.output
    records = json.loads(CliRunner().invoke(vereda, ["--json", "fetch", "--providers"]).output)
    assert {"provider", "licence", "confirmed", "address"} <= set(records[0])


def run(area: Path, host: BadServer, *more: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from cli.main import run; run()"]
    environment = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    return subprocess.run([*program, *words(area, host, *more)], capture_output=True, text=True,
                          env=environment)  # fmt: skip


def test_the_shell_is_told_what_failed(area: Path, host: BadServer) -> None:
    host.put("/hn.osm.pbf", b"<html><body>Log in</body></html>")
    page = run(area, host, "roads")
    assert page.returncode == 3 and "a web page (HTML)" in page.stderr
    unreachable = area.read_text("utf-8").replace(host.address, "http://127.0.0.1:9")
    area.write_text(unreachable, "utf-8")
    gone = run(area, host, "roads", "--patience", "0")
    assert gone.returncode == 5 and gone.stderr.startswith("vereda: host: '127.0.0.1:9'. It refu")
    assert gone.stderr.count("\n") == 1 and not gone.stdout


def test_ctrl_c_ends_it_and_keeps_what_has_come(area: Path, host: BadServer) -> None:
    host.put("/hn.osm.pbf", PBF, always=Fault(pause=0.1))
    program = [sys.executable, "-c", "from cli.main import run; run()"]
    process = subprocess.Popen([*program, *words(area, host, "roads")], stderr=subprocess.DEVNULL)
    begun = time.monotonic()
    part = area.parent.parent / "cache"
    while not list(part.glob("*/part")) and time.monotonic() - begun < 600:
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    assert process.wait(600) == 130
    host.files["/hn.osm.pbf"].always = Fault()
    assert run(area, host, "roads").returncode == 0
    assert host.requests("/hn.osm.pbf")[-1].status == 206


def test_an_area_says_where_it_is_by_polygon_and_by_codes(area: Path) -> None:
    ring = [[-90, 14], [-88, 14], [-88, 16], [-90, 14]]
    shape = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon",
             "coordinates": [ring]}}  # fmt: skip
    (area.parent / "outline.geojson").write_text(json.dumps(shape), encoding="utf-8")
    area.write_text('[area]\nname = "a"\npolygon = "outline.geojson"\n', encoding="utf-8")
    assert extent_of(read_area_file(area)).box == pytest.approx((-90, 14, -88, 16))
    area.write_text('[area]\nname = "a"\niso = ["HN", "GT-PE"]\nneighbours = ["SV"]\n', "utf-8")
    where = extent_of(read_area_file(area))
    assert where.box is None and where.countries == ("GT", "HN", "SV")


def test_tiles_of_an_area_of_codes_wait_for_its_outline(area: Path, host: BadServer) -> None:
    """The units are fetched first; only they say which tiles are needed."""
    import geopandas as gpd
    import shapely

    units = gpd.GeoDataFrame(
        {"iso": ["HN-CP"], "name": ["Copán"], "country": ["HN"]},
        geometry=[shapely.box(-89.2, 14.6, -88.7, 15.3)], crs="EPSG:4326",
    )  # fmt: skip
    packed = io.BytesIO()
    units.to_parquet(packed)
    host.put("/units.parquet", packed.getvalue())
    area.write_text(
        '[area]\nname = "copan"\niso = ["HN-CP"]\n[[layer]]\nrole = "elevation"\n'
        f'provider = "glo-30"\n[[layer]]\nrole = "admin"\nurl = "{host.address}/units.parquet"\n',
        encoding="utf-8",
    )
    mirror = f"copernicus-dem-30m.s3.amazonaws.com={host.address}"
    shown = CliRunner().invoke(vereda, words(area, host, "--mirror", mirror))
    assert isinstance(shown.exception, DataError) and "tiles is there" in str(shown.exception)
    tiles = {each.path[-32:-8] for each in host.log if "Copernicus" in each.path}
    assert any("N14_00_W090" in tile for tile in tiles)
    assert (area.parent / "data" / "admin" / "units.parquet").is_file()
    # So do those that come by country, of an area that names none.
    path = "/GIS/Covariates/Global_2015_2030/HND/VIIRS/v1/fvf//hnd_viirs_fvf_2023_100m_v1.tif"
    host.put(path, b"II*\0")
    text = area.read_text("utf-8").replace('iso = ["HN-CP"]', "bbox = [-89.2, 14.6, -88.7, 15.3]")
    area.write_text(text.replace("elevation", "lights").replace("glo-30", "viirs"), "utf-8")
    mirror = f"data.worldpop.org={host.address}"
    shown = CliRunner().invoke(vereda, words(area, host, "--mirror", mirror))
    assert isinstance(shown.exception, DataError) and "GeoTIFF" in str(shown.exception)
    assert host.requests(path)


def test_a_study_names_those_whose_data_it_fetched(area: Path, host: BadServer) -> None:
    """What is recorded beside a file is told of the network; no password is."""
    packed = made_zip({"a/border.tif": b"II*\0", "a/read.me": b""})
    host.put("/dem.zip?key=hunter2", packed)
    address = host.url("/dem.zip?key=hunter2").replace("//", "//ana:hunter2@")
    digest = hashlib.sha256(packed).hexdigest()
    own = f'[[layer]]\nrole = "elevation"\nurl = "{address}"\nsha256 = "{digest}"\n'
    text = AREA.format(host=host.address).partition('[[layer]]\nrole = "posts"')[0] + own
    area.write_text(text, encoding="utf-8")
    assert CliRunner().invoke(vereda, words(area, host), catch_exceptions=False).exit_code == 0
    study = Study.open(area)
    sources = {record["layer"]: record for record in study.attributions()}
    assert sources["ports"]["licence"] == "Public domain"
    assert sources["ports"]["attribution"].startswith("World Port Index")
    assert sources["elevation"]["licence"] == "not stated"
    assert sources["ports"]["version"].endswith("GMT")
    assert "hunter2" not in str(sources)
    (layer,) = study.file.of("elevation")
    study._files.check(layer)
    raster = area.parent / "data" / "elevation" / "border.tif"
    raster.unlink()
    raster.write_bytes(b"MM\0*")
    with pytest.raises(DataError, match="Listed as"):
        Study.open(area)._files.check(layer)
