"""Providers: which files of whom an area needs, and what comes of them."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.io import MemoryFile

from geodata.area.box import Box
from geodata.errors import DataError, InputError, UnreachableError
from geodata.sources.area_file import ROLES
from geodata.sources.download.hosts.kinds import KINDS
from geodata.sources.download.providers.providers import (
    PROVIDERS,
    Extent,
    Query,
    alpha3,
    provider_of,
    static_remotes,
)
from geodata.sources.download.providers.tiles import degree_tiles, mollweide_tiles
from geodata.sources.fetched.records import read_record
from tests.geodata.sources.download.conftest import HERE, Study
from tests.support.servers.bad_server import BadServer, Fault, made_pbf, made_zip

GLO = "/Copernicus_DSM_COG_10_{0}_DEM/Copernicus_DSM_COG_10_{0}_DEM.tif"
INDEX = "/index-v1.json"
SHAPE = {"ne_10m_lakes.shp": b"\0\0\x27\x0a", "ne_10m_lakes.dbf": b"\x03", "ne_10m_lakes.prj": b"G"}


def made_tif(seed: int = 0) -> bytes:
    values = np.random.default_rng(seed).random((200, 200)).astype("float32")
    profile = {"driver": "GTiff", "height": 200, "width": 200, "count": 1, "dtype": "float32",
               "crs": "EPSG:4326", "transform": Affine(0.005, 0, -90, 0, -0.005, 15)}  # fmt: skip
    with MemoryFile() as memory:
        with memory.open(**profile) as raster:
            raster.write(values, 1)
        return bytes(memory.read())


def query(role: str, provider: str, **more: object) -> Query:
    return Query(role=role, label=role, provider=provider, **more)


def test_every_entry_is_sound() -> None:
    for provider in PROVIDERS.values():
        assert set(provider.roles) <= set(ROLES) and provider.kind in KINDS
        assert set(provider.url) == set(provider.roles)
        assert provider.licence and provider.attribution
        for url in provider.url.values():
            assert url.startswith(("https://", "s3://"))


@pytest.mark.parametrize(
    ("role", "provider", "ends"),
    [
        ("elevation", "glo-30", "Copernicus_DSM_COG_10_N15_00_W089_00_DEM.tif"),
        ("elevation", "glo-90", "Copernicus_DSM_COG_30_N15_00_W089_00_DEM.tif"),
        ("landcover", "worldcover", "ESA_WorldCover_10m_2021_v200_N15W090_Map.tif"),
        ("population", "worldpop", "/HND/v1/100m/constrained/hnd_pop_2025_CN_100m_R2025A_v1.tif"),
        ("population", "worldpop-2020", "/2020/HND/hnd_ppp_2020_UNadj.tif"),
        ("population", "ghs-pop", "GHS_POP_E2020_GLOBE_R2023A_54009_100_V1_0_R8_C10.zip"),
        ("lights", "viirs", "/VIIRS/v1/fvf//hnd_viirs_fvf_2023_100m_v1.tif"),
        ("ports", "world-port-index", "key=16920959/SFH00000/UpdatedPub150.csv"),
    ],
)
def test_addresses_are_those_that_providers_use(role: str, provider: str, ends: str) -> None:
    layer = query(role, provider)
    remotes = static_remotes(provider_of(layer), layer, HERE)
    assert any(each.url.endswith(ends) for each in remotes), [each.url for each in remotes]


def test_tiles_are_those_that_a_box_touches() -> None:
    def names(box: tuple[float, float, float, float], degrees: int = 1) -> list[str]:
        return [f"{t['ns']}{t['lat']}{t['ew']}{t['lon']}" for t in degree_tiles(box, degrees)]

    assert names((-89.5, 15.2, -88.0, 16.0)) == ["N15W90", "N15W89"]
    assert names((-0.5, -0.5, 0.5, 0.5)) == ["S1W1", "S1E0", "N0W1", "N0E0"]
    assert names((177.2, -18.0, 181.5, -17.5)) == [
        "S18E177", "S18E178", "S18E179", "S18W180", "S18W179"]  # fmt: skip
    assert names((-181.5, -17.9, -179.5, -17.5)) == ["S18E178", "S18E179", "S18W180"]
    assert names((-92.5, 12.9, -83.0, 18.6), 3) == [
        f"N{lat}W{lon}" for lat in (12, 15, 18) for lon in (93, 90, 87, 84)]  # fmt: skip
    assert names((10.0, 10.0, 10.0, 10.0)) == ["N10E10"]
    assert len(names((-180.0, -90.0, 180.0, 90.0))) == 360 * 180
    tiles = {(t["row"], t["column"]) for t in mollweide_tiles(Box(-92.5, 13.8, -83.0, 18.6))}
    assert tiles == {(7, 10), (8, 9), (8, 10)}
    fiji = {(t["row"], t["column"]) for t in mollweide_tiles(Box(176.0, -19.0, 182.0, -16.0))}
    assert {column for _, column in fiji} == {1, 36}


def test_what_is_not_there_is_refused_with_what_is() -> None:
    with pytest.raises(InputError, match="Did you mean 'worldpop'"):
        provider_of(query("population", "worldpopp"))
    with pytest.raises(InputError, match="It has no roads; give one of geofabrik, overture"):
        provider_of(query("roads", "worldpop"))
    with pytest.raises(InputError, match="or a path"):
        provider_of(query("friction", "worldpop"))
    nowhere = Extent(box=None, countries=())
    for role, name, words in (
        ("population", "worldpop", "area.countries"),
        ("elevation", "glo-30", "area.bbox"),
    ):
        with pytest.raises(InputError, match=words):
            static_remotes(PROVIDERS[name], query(role, name), nowhere)
    layer = query("population", "worldpop", date="soon")
    with pytest.raises(InputError, match="2015 to 2030"):
        static_remotes(PROVIDERS["worldpop"], layer, HERE)


def test_codes_of_countries() -> None:
    assert [alpha3(code) for code in ("HN", "GT", "HND", "XK", "SS")] == [
        "HND", "GTM", "HND", "XKX", "SSD"]  # fmt: skip
    with pytest.raises(InputError, match="such as XA"):
        alpha3("HX")


def test_a_tile_that_is_not_there_is_sea_and_none_at_all_is_a_fault(
    study: Study, host: BadServer
) -> None:
    study.mirrors = (f"copernicus-dem-30m.s3.amazonaws.com={host.address}",)
    order = study.provider("glo-30", "elevation")
    with pytest.raises(DataError, match="Not one of its 4 tiles"):
        study.fetch(order)
    host.put(GLO.format("N14_00_W090_00"), made_tif())
    fetched = study.fetch(order)
    assert [path.name for each in fetched for path in each.files] == [
        "Copernicus_DSM_COG_10_N14_00_W090_00_DEM.tif"]  # fmt: skip
    assert any("3 tiles are not there, which means sea" in line for line in study.reports)
    # A host that only fails is no sea.
    host.put(GLO.format("N15_00_W089_00"), made_tif(), always=Fault(status=403))
    with pytest.raises(UnreachableError, match="does not hand this file out"):
        study.fetch(order)
    study.fetch(order, offline=True)


def test_rasters_are_looked_at_to_their_last_block(study: Study, host: BadServer) -> None:
    tif = made_tif()
    for path, content in (("/a.tif", tif), ("/b.tif", tif[:-1000]), ("/c.tif", tif[:300])):
        host.put(path, content)
    study.fetch(study.url("/a.tif", "elevation"))
    for path in ("/b.tif", "/c.tif"):
        with pytest.raises(DataError, match="GeoTIFF"):
            study.fetch(study.url(path, "elevation"))
    with rasterio.open(study.home / "elevation" / "a.tif") as raster:
        assert raster.read(1).shape == (200, 200)


def made_index(host: BadServer, pbf: bytes) -> None:
    """Extracts as Geofabrik nests them: two countries, both together, and one far away."""

    def extract(name: str, codes: list[str], box: tuple[int, int, int, int], parent: str = ""):
        west, south, east, north = box
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        path = f"/central-america/{name}-latest.osm.pbf"
        for each in (path, path.replace("latest", "260131")):
            host.put(each, pbf)
            note = f"{hashlib.md5(pbf).hexdigest()}  {Path(each).name}\n"
            host.put(f"{each}.md5", note.encode())
        about = {"id": name, "urls": {"pbf": f"https://download.geofabrik.de{path}"}}
        about |= {"iso3166-1:alpha2": codes} if codes else {}
        about |= {"parent": parent} if parent else {}
        shape = {"type": "MultiPolygon", "coordinates": [[ring]]}
        return {"type": "Feature", "properties": about, "geometry": shape}

    listing = [
        extract("guatemala", ["GT"], (-93, 13, -89, 18), "central-america"),
        extract("honduras", ["HN"], (-89, 13, -83, 18), "central-america"),
        extract("central-america", [], (-93, 7, -77, 18)),
        extract("fiji", ["FJ"], (-180, -21, -178, -12)),
        {"type": "Feature", "properties": {"id": "lost"}, "geometry": None},
    ]
    host.put(INDEX, json.dumps({"type": "FeatureCollection", "features": listing}).encode())


@pytest.fixture
def geofabrik(study: Study, host: BadServer) -> Study:
    made_index(host, made_pbf(3000))
    study.mirrors = (f"download.geofabrik.de={host.address}",)
    return study


@pytest.mark.parametrize(
    ("provider", "extent", "names"),
    [
        ("geofabrik", HERE, ["guatemala", "honduras"]),
        ("geofabrik", Extent(box=HERE.box, countries=("HN",)), ["honduras"]),
        ("geofabrik", Extent(box=Box(-88.0, 14.0, -87.0, 15.0), countries=()), ["honduras"]),
        ("geofabrik", Extent(box=None, countries=("GT",)), ["guatemala"]),
        ("geofabrik", Extent(box=Box(177.0, -19.0, 181.5, -16.0), countries=()), ["fiji"]),
        ("geofabrik:honduras", HERE, ["honduras"]),
        ("geofabrik: GT, honduras", HERE, ["guatemala", "honduras"]),
        ("geofabrik:central-america", HERE, ["central-america"]),
    ],
)
def test_extracts_are_those_that_an_area_needs(
    geofabrik: Study, provider: str, extent: Extent, names: list[str]
) -> None:
    fetched = geofabrik.fetch(geofabrik.provider(provider, "roads"), extent=extent)
    assert [each.files[0].name for each in fetched] == [f"{name}-latest.osm.pbf" for name in names]
    assert {each.record.licence for each in fetched} == {"ODbL-1.0"}
    assert all(each.record.checksum.startswith("md5 ") for each in fetched)


def test_what_an_area_needs_is_not_asked_for_twice(geofabrik: Study, host: BadServer) -> None:
    order = geofabrik.provider("geofabrik", "roads")
    geofabrik.fetch(order)
    count = len(host.log)
    assert [each.fresh for each in geofabrik.fetch(order)] == [False, False]
    assert len(host.log) == count
    geofabrik.fetch(order, extent=Extent(box=Box(-88.0, 14.0, -87.0, 15.0), countries=("HN",)))
    assert [name for name in geofabrik.visible() if name.endswith("pbf")] == [
        "honduras-latest.osm.pbf"]  # fmt: skip


def test_all_layers_of_a_call_get_one_version(geofabrik: Study, host: BadServer) -> None:
    """Also where the host changes it meanwhile."""
    path = "/central-america/honduras-latest.osm.pbf"
    host.files[path].faults = [Fault(), Fault(changed=made_pbf(4000, seed=5))]
    orders = [geofabrik.provider("geofabrik:honduras", role) for role in ("roads", "coast")]
    assert len({each.record.sha256 for each in geofabrik.fetch(*orders)}) == 1
    assert len(host.requests(path)) == 1 and len(host.requests(INDEX)) == 1


def test_half_of_what_an_area_needs_is_not_all(geofabrik: Study) -> None:
    order = geofabrik.provider("geofabrik", "roads")
    geofabrik.fetch(order)
    (geofabrik.home / "roads" / "honduras-latest.osm.pbf").unlink()
    assert sorted(each.fresh for each in geofabrik.fetch(order)) == [False, True]


def test_dated_extracts_are_pinned(geofabrik: Study, host: BadServer) -> None:
    for date in ("2026-01-31", "260131"):
        order = geofabrik.provider("geofabrik:honduras", "roads", date=date)
        (fetched,) = geofabrik.fetch(order)
        assert fetched.files[0].name == "honduras-260131.osm.pbf"
    assert len(host.requests("/central-america/honduras-260131.osm.pbf")) == 1
    with pytest.raises(InputError, match="2026-01-31"):
        geofabrik.fetch(geofabrik.provider("geofabrik:honduras", "roads", date="January"))


@pytest.mark.parametrize(
    ("note", "words"),
    [(b"d41d8cd98f00b204e9800998ecf8427e  x.osm.pbf\n", "Its host publishes d41d8cd98f00"),
     (b"<html>Please log in</html>", "web page"), (b"not here\n", "publishes no checksum"),
     (None, "publishes no checksum")],
)  # fmt: skip
def test_what_is_not_as_published_does_not_get_its_name(
    geofabrik: Study, host: BadServer, note: bytes | None, words: str
) -> None:
    path = "/central-america/honduras-latest.osm.pbf"
    if note is None:
        del host.files[f"{path}.md5"]
    else:
        host.put(f"{path}.md5", note)
    with pytest.raises(DataError, match=words):
        geofabrik.fetch(geofabrik.provider("geofabrik:honduras", "roads"))
    assert geofabrik.visible() == []


def test_a_file_that_its_host_changes_meanwhile_is_fetched_once_more(
    geofabrik: Study, host: BadServer
) -> None:
    newer = made_pbf(4000, seed=3)
    path = "/central-america/honduras-latest.osm.pbf"
    host.put(path, made_pbf(3000, seed=4), faults=[Fault(), Fault(changed=newer)])
    host.put(f"{path}.md5", f"{hashlib.md5(newer).hexdigest()}  x\n".encode())
    (fetched,) = geofabrik.fetch(geofabrik.provider("geofabrik:honduras", "roads"))
    assert fetched.files[0].read_bytes() == newer


def test_lists_that_make_no_sense_are_refused(geofabrik: Study, host: BadServer) -> None:
    order = geofabrik.provider("geofabrik", "roads")
    for content in (b"[]", b'{"features": 5}', b'{"features": [{}]}'):
        host.put(INDEX, content)
        with pytest.raises(DataError, match="index of Geofabrik"):
            geofabrik.fetch(order)
    with pytest.raises(InputError, match="honduras"):
        made_index(host, made_pbf(3000))
        geofabrik.fetch(geofabrik.provider("geofabrik:hondures", "roads"))
    bad = {"id": "gt", "iso3166-1:alpha2": ["GT"], "urls": {"pbf": "file:///etc/passwd"}}
    for url in ("file:///etc/passwd", "ftp://x/y", "http://127.0.0.1/a.pbf", "http://10.0.0.1/a"):
        bad["urls"] = {"pbf": url}
        host.put(INDEX, json.dumps({"features": [{"properties": bad}]}).encode())
        with pytest.raises((DataError, InputError)):
            geofabrik.fetch(geofabrik.provider("geofabrik:gt", "roads"))


def test_boundaries_tell_their_own_licence(study: Study, host: BadServer) -> None:
    study.mirrors = (f"www.geoboundaries.org={host.address}", f"github.com={host.address}/github")
    for code in ("GTM", "HND"):
        name = f"geoBoundaries-{code}-ADM1.geojson"
        url = f"https://github.com/wmgeolab/geoBoundaries/raw/9469f09/{name}"
        about = {"gjDownloadURL": url, "boundaryLicense": f"Licence of {code}",
                 "boundarySource": "A ministry"}  # fmt: skip
        host.put(f"/api/current/gbOpen/{code}/ADM1/", json.dumps(about).encode())
        host.put(f"/github/wmgeolab/geoBoundaries/raw/9469f09/{name}",
                 b'{"type": "FeatureCollection", "features": []}')  # fmt: skip
    fetched = study.fetch(study.provider("geoboundaries", "admin"))
    assert [each.record.licence for each in fetched] == ["Licence of GTM", "Licence of HND"]
    assert all(each.record.attribution.startswith("A ministry; geoB") for each in fetched)
    assert "geoBoundaries-HND-ADM1.geojson" in study.visible("admin")


def test_archives_give_the_files_that_make_a_layer(study: Study, host: BadServer) -> None:
    study.mirrors = (f"naturalearth.s3.amazonaws.com={host.address}",)
    members = {**SHAPE, "README.html": b"<html>", "ne_10m_lakes.VERSION.txt": b"5"}
    host.put("/10m_physical/ne_10m_lakes.zip", made_zip(members))
    (fetched,) = study.fetch(study.provider("natural-earth", "lakes"))
    assert study.visible("lakes") == [*sorted(SHAPE), "ne_10m_lakes.zip.source.toml"]
    record = read_record(study.home / "lakes" / "ne_10m_lakes.zip.source.toml")
    assert record is not None and record.licence == "Public domain"
    assert set(record.files) == set(SHAPE) and len(fetched.files) == 3
    newer = {**SHAPE, "ne_10m_lakes.dbf": b"\x03newer"}
    host.put("/10m_physical/ne_10m_lakes.zip", made_zip(newer))
    study.fetch(study.provider("natural-earth", "lakes"), refresh=True)
    assert (study.home / "lakes" / "ne_10m_lakes.dbf").read_bytes() == b"\x03newer"


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({**SHAPE, "../../evil.shp": b"x"}, "leads out"),
        ({**SHAPE, "/etc/evil.shp": b"x"}, "leads out"),
        ({**SHAPE, "a\\..\\..\\evil.shp": b"x"}, "leads out"),
        ({**SHAPE, "other/NE_10m_lakes.shp": b"x"}, "Two members"),
        ({"README.txt": b"x"}, "no such file"),
        ({"zeros.shp": bytes(4_000_000)}, "too large when unpacked"),
        ({f"{at}.shp": b"" for at in range(200)}, "too many members"),
    ],
)
def test_archives_that_mean_harm_are_refused(
    study: Study, host: BadServer, members: dict[str, bytes], words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("geodata.sources.fetched.unpacking.MOST_RATIO", 500)
    monkeypatch.setattr("geodata.sources.fetched.unpacking.MOST_MEMBERS", 100)
    host.put("/lakes.zip", made_zip(members))
    with pytest.raises(DataError, match=words):
        study.fetch(study.url("/lakes.zip", "lakes"))
    assert study.visible("lakes") == []
    assert not list(study.home.parent.rglob("*evil*"))


def test_members_keep_their_names_whatever_signs_are_in_them(study: Study, host: BadServer) -> None:
    host.put("/lakes.zip", made_zip({"Ríos #1?.shp": b"a", "Ríos #1?.dbf": b"b"}))
    study.fetch(study.url("/lakes.zip", "lakes"))
    assert study.visible("lakes")[:2] == ["R-os-1-.dbf", "R-os-1-.shp"]


def test_links_and_damage_in_archives_are_refused(study: Study, host: BadServer) -> None:
    link = made_zip({**SHAPE, "link.shp": b"/etc/passwd"}, **{"link.shp": 0o120777})
    host.put("/link.zip", link)
    with pytest.raises(DataError, match="leads out"):
        study.fetch(study.url("/link.zip", "lakes"))
    packed = bytearray(made_zip({"a.shp": b"0123456789" * 100, "b.dbf": bytes(100)}))
    packed[40] ^= 0xFF
    host.put("/damaged.zip", bytes(packed))
    with pytest.raises(DataError, match="damaged"):
        study.fetch(study.url("/damaged.zip", "lakes"))
    encrypted = bytearray(made_zip({"a.shp": b"0123456789"}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        encrypted[encrypted.index(mark) + at] |= 1
    host.put("/encrypted.zip", bytes(encrypted))
    with pytest.raises(DataError, match="encrypted"):
        study.fetch(study.url("/encrypted.zip", "lakes"))
    assert study.visible("lakes") == []
    assert not list((study.home / "lakes").glob("*"))


def test_a_file_of_a_name_is_read_from_the_address_it_has(study: Study, host: BadServer) -> None:
    """The address of the World Port Index tells its name in its query."""
    study.mirrors = (f"msi.nga.mil={host.address}",)
    path = "/api/publications/download?type=view&key=16920959/SFH00000/UpdatedPub150.csv"
    host.put(path, b"Main Port Name,Latitude,Longitude\nLa Ceiba,15.8,-86.8\n")
    (fetched,) = study.fetch(study.provider("world-port-index", "ports"))
    assert fetched.files[0].name == "UpdatedPub150.csv"
    assert "?" not in fetched.record.url
    assert io.BytesIO(fetched.files[0].read_bytes()).readline().startswith(b"Main Port")
