"""Tables of a PostGIS database: a copy of the rows that an area needs, and no password anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import psycopg
import pytest
import shapely
from click.testing import CliRunner

from cli.main import vereda
from cli.shell.console import Session
from geodata.area.box import Box
from geodata.errors import DataError, InputError, UnreachableError, VeredaError
from geodata.sources.area_file import parse_area
from geodata.sources.download.providers.providers import Extent
from geodata.sources.download.queries import database
from geodata.sources.fetched.addresses import Database, source_key
from geodata.sources.study import Study as AreaStudy
from tests.geodata.sources.download.conftest import Study
from tests.support.servers.postgis import INSTALLED, PASSWORD, WRITTEN, postgis, put

BOX = "bbox = [-89.6, 14.2, -88.4, 15.8]"
SECRETS = (PASSWORD, WRITTEN)
real = pytest.mark.skipif(not INSTALLED, reason="PostGIS is not installed")


def town(*names: str, x: float = -89.0, **more: object) -> gpd.GeoDataFrame:
    points = shapely.points(x + np.arange(len(names)) * 0.1, 15.0)
    return gpd.GeoDataFrame({"nombre": names, **more}, geometry=points, crs=4326)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with postgis() as address:
        with psycopg.connect(address) as connection:
            connection.execute('CREATE SCHEMA "Mapas"')
            towns = town("Copán", "Ocotepeque", poblacion=[30_000.0, 8000.0])
            far = town("Panamá", x=-79.0, poblacion=[9.0])
            put(connection, '"Mapas"."Los pueblos"', towns, 4326)
            put(connection, "pueblos_utm", towns.to_crs(32616), 32616)
            put(connection, "lejos", far, 4326)
            lines = shapely.linestrings([[[-89.5, 14.5], [-88.5, 15.5]], [[-70, 1], [-71, 2]]])
            roads = gpd.GeoDataFrame({"clase": ["primary", "track"]}, geometry=lines, crs=4326)
            put(connection, "caminos", roads, 4326)
            connection.execute("CREATE TABLE idh (iso text, indicator text, value numeric)")
            connection.execute("INSERT INTO idh VALUES ('HN-CP', 'hdi', 0.61)")
            connection.execute("INSERT INTO lejos VALUES ('sin lugar', 1, NULL)")
            connection.execute("CREATE TABLE dos AS SELECT geom, geom AS otra FROM lejos")
            connection.execute("CREATE USER nobody_much PASSWORD 'x'")
        yield address


def fetched(study: Study, url: str, layer: str, role: str = "places", **options: object):
    (one,) = study.fetch(study.url("", role, url=url, layer=layer), **options)
    return one


def refusal(study: Study, url: str, layer: str, role: str = "places", **options) -> VeredaError:
    with pytest.raises(VeredaError) as caught:
        fetched(study, url, layer, role, **options)
    message = str(caught.value)
    assert "\n" not in message and not any(secret in message for secret in SECRETS)
    return caught.value


@real
@pytest.mark.parametrize(
    "table", ['"Mapas"."Los pueblos"', "pueblos_utm", "SELECT * FROM public.pueblos_utm;"]
)
def test_rows_that_touch_the_area_come_in_their_own_coordinates(study, address, table):
    one = fetched(study, address, table)
    (file,) = one.files
    frame = gpd.read_parquet(file)
    assert sorted(frame["nombre"]) == ["Copán", "Ocotepeque"]
    assert frame["poblacion"].dtype == float
    assert frame.crs.to_epsg() == (32616 if "utm" in table else 4326)
    degrees = frame.to_crs(4326).geometry
    np.testing.assert_allclose(sorted(degrees.x), [-89.0, -88.9], atol=1e-9)
    assert one.record.source.startswith("postgresql://127.0.0.1:")
    kept = b"".join(path.read_bytes() for path in study.home.parent.rglob("*") if path.is_file())
    assert not any(secret.encode() in kept for secret in SECRETS)
    assert not any(secret in "".join(study.reports) for secret in SECRETS)


@real
def test_only_rows_of_the_area_come_and_it_is_asked_again_when_the_area_changes(study, address):
    one = fetched(study, address, "caminos", role="roads")
    assert list(gpd.read_parquet(one.files[0])["clase"]) == ["primary"]
    again = fetched(study, address, "caminos", role="roads")
    assert not again.fresh
    wide = Extent(box=Box(-92.0, 0.0, -69.0, 16.0), countries=())
    both = fetched(study, address, "caminos", role="roads", extent=wide)
    assert len(gpd.read_parquet(both.files[0])) == 2
    kept = fetched(study, address, "caminos", role="roads", extent=wide, offline=True)
    assert kept.record.sha256 == both.record.sha256


@real
def test_a_study_reads_them_as_any_layer(study, address, tmp_path):
    text = f"""
[area]
name = "here"
{BOX}
countries = ["HN"]
cell_m = 5000.0
[[layer]]
role = "places"
path = "{address}"
layer = '"Mapas"."Los pueblos"'
rename = {{ name = "nombre", population = "poblacion" }}
licence = "CC0-1.0"
[[layer]]
role = "indicators"
url = "{address}"
layer = "idh"
"""
    path = tmp_path / "area.toml"
    path.write_text(text)
    words = ["--json", "fetch", str(path), "--cache", str(tmp_path / "cache")]
    result = CliRunner().invoke(vereda, words, obj=Session())
    assert result.exit_code == 0, result.exception
    assert {each["layer"] for each in json.loads(result.stdout)} == {"places", "indicators"}
    assert not any(secret in result.output for secret in SECRETS)
    read = AreaStudy.open(path)
    places = read.frame("places")
    assert dict(zip(places["name"], places["population"], strict=True)) == {
        "Copán": 30_000, "Ocotepeque": 8000,
    }  # fmt: skip
    assert read.frame("indicators")["value"].tolist() == ["0.61"]
    attributions = json.dumps(read.attributions())
    assert "CC0-1.0" in attributions and not any(secret in attributions for secret in SECRETS)


@real
def test_what_cannot_be_read_is_told_with_what_can(study, address):
    error = refusal(study, address, "public.caminoz", role="roads")
    assert isinstance(error, DataError) and error.value == "public.caminoz"
    assert "Did you mean 'public.caminos'?" in error.remedy and "Mapas.Los pueblos" in error.remedy
    assert "tables with a geometry: " in refusal(study, address, "").remedy
    assert "several geometries (geom, otra)" in refusal(study, address, "dos").remedy
    assert "It has no geometry" in refusal(study, address, "idh").remedy
    assert "It has nothing in the area" in refusal(study, address, "lejos").remedy
    assert "syntax error" in refusal(study, address, "SELECT nonsense FROM WHERE").remedy
    refusal(study, address, "WITH a AS (DELETE FROM lejos RETURNING *) SELECT * FROM a")
    refusal(study, address, "SELECT * FROM lejos; DELETE FROM lejos")
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT count(*) FROM lejos").fetchone() == (2,)
    other = address.replace(f"vereda:{WRITTEN}", "nobody_much:x")
    assert "permission denied" in refusal(study, other, "caminos", role="roads").remedy
    wrong = address.replace(WRITTEN, "wrong-word")
    error = refusal(study, wrong, "caminos", role="roads")
    assert isinstance(error, UnreachableError) and "password authentication failed" in error.remedy
    assert "wrong-word" not in str(error)


@real
def test_rows_without_a_place_are_counted(study, address):
    extent = Extent(box=Box(-80.0, 14.0, -78.0, 16.0), countries=())
    one = fetched(study, address, "lejos", extent=extent)
    assert list(gpd.read_parquet(one.files[0])["nombre"]) == ["Panamá"]
    assert "places: 1 rows without a geometry are left out" in study.reports


def test_a_database_that_cannot_be_reached_is_one_line(study):
    error = refusal(study, f"postgis://me:{WRITTEN}@127.0.0.1:9/gis", "a.b")
    assert isinstance(error, UnreachableError)
    assert (error.field, error.value) == ("layer places, database", "127.0.0.1:9/gis")
    assert "Check that it runs" in error.remedy and "PGPASSWORD" in error.remedy
    error = refusal(study, f"postgresql://me:{WRITTEN}@127.0.0.1:9/gis?nonsense=1", "a.b")
    assert "nonsense" in error.remedy
    error = refusal(study, "postgresql://127.0.0.1:9/gis", "a.b", offline=True)
    assert "The cache has no copy" in error.remedy


def test_without_the_library_the_extra_is_named(study, monkeypatch):
    monkeypatch.setattr(database, "find_spec", lambda name: None)
    error = refusal(study, "postgresql://localhost/gis", "a.b")
    assert isinstance(error, InputError) and "pip install 'vereda[postgis]'" in error.remedy


def test_no_password_is_shown_or_kept():
    address = f"postgresql+psycopg://me:{WRITTEN}@host/gis?password=other&sslmode=require"
    own = Database.of(address)
    assert own.url.startswith("postgresql://me:")
    assert own.without_secrets(f"no {PASSWORD}, {WRITTEN} or other.") == "no ***, *** or ***."
    assert source_key(address, table="a.b").startswith("postgresql+psycopg://host/gis?")
    assert source_key(address, table="a.b").endswith("#a.b")
    assert source_key(address, table="a.b") != source_key(address, table="select 1")
    assert str(DataError("url", address, f"See {address}.")).count("***") == 2


@pytest.mark.parametrize("key", ["path", "url"])
def test_a_database_is_named_by_path_or_url_and_holds_no_raster(key):
    text = (
        f'[area]\nname = "here"\n{BOX}\n[[layer]]\nrole = "places"\n{key} = "{{}}"\nlayer = "a.b"'
    )
    (layer,) = parse_area(text.format("postgres://host/gis"), folder=Path("/study")).layers
    assert layer.url == "postgres://host/gis" and layer.path == (Path("/study/data/places"),)
    with pytest.raises(DataError, match="run vereda fetch"):
        layer.files()
    with pytest.raises(DataError, match="gives tables and no raster") as caught:
        parse_area(text.replace("places", "elevation").format(f"postgres://me:{WRITTEN}@host/gis"))
    assert WRITTEN not in str(caught.value)
