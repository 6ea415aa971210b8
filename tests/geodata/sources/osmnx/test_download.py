"""Streets that osmnx downloads from a server on this machine, which answers from a real extract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely

from geodata.errors import DataError, InputError, UnreachableError
from geodata.sources.area_file import default_roads, parse_area
from geodata.sources.download.fetch import Options, fetch
from geodata.sources.download.orders import extent_of, orders_of
from geodata.sources.download.osmnx import streets_of
from geodata.sources.download.providers import Extent
from geodata.sources.download.streets import fetch_streets
from geodata.sources.osm.roads import read_osm_roads
from geodata.sources.osmnx import asking
from geodata.sources.osmnx.asking import Streets, download_streets
from geodata.sources.osmnx.roads import read_osmnx_roads
from geodata.sources.study import Study
from tests.geodata.sources.osmnx.conftest import lengths, pairs
from tests.support import no_network
from tests.support.overpass import Overpass, overpass
from tests.support.packages import packaged

MONACO = ("quackosm", "tests/test_files/monaco.osm.pbf")
BOX = (7.414, 43.725, 7.424, 43.732)
HARBOUR = shapely.box(*BOX)
RULES = default_roads()
HERE = Extent(box=BOX, countries=("MC",))


@pytest.fixture(scope="module")
def monaco() -> Path:
    return packaged(*MONACO)


@pytest.fixture(scope="module")
def server(monaco: Path) -> Iterator[Overpass]:
    made = Overpass.of(monaco, BOX)
    made.place = HARBOUR
    with overpass(made) as serving:
        yield serving


@pytest.fixture
def sockets(server: Overpass, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Extent hosts are noted that osmnx's process looks up or connects to."""
    noted = tmp_path / "sockets"
    noted.touch()
    home = str(Path(no_network.__path__[0]))
    monkeypatch.setenv("PYTHONPATH", home, prepend=":")
    monkeypatch.setenv("VEREDA_TEST_SOCKETS", str(noted))
    monkeypatch.setenv("VEREDA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv(asking.OVERPASS_KEY, server.interpreter)
    monkeypatch.setenv(asking.NOMINATIM_KEY, server.nominatim)
    server.asked.clear()
    server.status = 200
    return noted


def area(folder: Path, layer: str):
    text = f'[area]\nname = "harbour"\nbbox = {list(BOX)}\ncountries = ["MC"]\ncell_m = 100.0\n'
    return parse_area(f'{text}[[layer]]\nrole = "roads"\n{layer}\n', folder=folder)


def test_a_box_has_the_roads_of_the_extract_and_a_second_run_sends_nothing(
    monaco: Path, server: Overpass, sockets: Path, tmp_path: Path
) -> None:
    path = fetch_streets("osmnx:bbox", HERE)
    ours, theirs = read_osm_roads([monaco], BOX, rules=RULES), read_osmnx_roads(
        [path], BOX, rules=RULES
    )  # fmt: skip
    assert sum(pairs(ours).values()) > 500
    assert pairs(theirs) == pairs(ours)
    assert lengths(theirs) == pytest.approx(lengths(ours), rel=1e-9)
    asked = len(server.asked)
    assert asked >= 2 and any("Vereda" in agent for agent in server.agents)
    # The graph is kept.
    assert fetch_streets("osmnx:bbox", HERE) == path
    assert len(server.asked) == asked
    hosts = set(sockets.read_text().split())
    assert hosts == {"127.0.0.1"}
    # And so are the answers that it was made of.
    sockets.write_text("")
    (answers,) = (tmp_path / "cache").glob("*/answers")
    shape = streets_of("osmnx", HERE, field="roads")
    download_streets(shape, tmp_path / "again.graphml", cache=answers)
    assert (tmp_path / "again.graphml").read_bytes()[:200] == path.read_bytes()[:200]
    assert len(server.asked) == asked and sockets.read_text() == ""


def test_a_layer_is_fetched_with_its_licence_and_read_by_the_study(
    server: Overpass, sockets: Path, tmp_path: Path
) -> None:
    layer = f'provider = "osmnx:Harbour, Monaco"\nurl = "{server.interpreter}"'
    file = area(tmp_path, layer)
    (got,) = fetch(orders_of(file), extent_of(file), Options(cache=tmp_path / "cache"))
    assert "/search" in server.asked
    assert (got.record.licence, got.record.source) == ("ODbL-1.0", server.interpreter)
    assert got.files[0].parent == tmp_path / "data" / "roads"
    study = Study(file)
    roads = study.roads()
    assert roads is not None and len(roads.links) > 500
    (credit,) = study.attributions()
    assert "OpenStreetMap contributors" in credit["attribution"]
    # What is there stays.
    asked = len(server.asked)
    (again,) = fetch(orders_of(file), extent_of(file), Options(cache=tmp_path / "cache"))
    assert not again.fresh and len(server.asked) == asked


def test_a_busy_server_is_not_waited_for_without_end(
    server: Overpass, sockets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.status = 429
    monkeypatch.setenv(asking.LIMIT_KEY, "8")
    streets = streets_of("osmnx", HERE, field="roads")
    with pytest.raises(UnreachableError, match=r"within 8 s: .*429.*VEREDA_OVERPASS_URL") as raised:
        download_streets(streets, tmp_path / "a.graphml", cache=tmp_path / "answers")
    assert raised.value.value == server.address.removeprefix("http://")
    assert [path.name for path in tmp_path.glob("*.graphml")] == []
    assert [path.name for path in tmp_path.glob(".osmnx*")] == []


def test_a_host_that_cannot_be_reached_is_told_in_one_line(
    sockets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(asking.OVERPASS_KEY, "http://127.0.0.1:9/api")
    streets = streets_of("osmnx", HERE, field="roads")
    with pytest.raises(UnreachableError, match=r"host: '127\.0\.0\.1:9'\. It cannot be reached"):
        download_streets(streets, tmp_path / "a.graphml", cache=tmp_path / "answers")


def test_without_osmnx_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"osmnx is not installed: pip install 'vereda\[osmnx\]'"):
        fetch_streets("osmnx:bbox", HERE)


@pytest.mark.parametrize(
    ("asked", "shape"),
    [
        ("osmnx:bbox", shapely.box(7.404, 43.715, 7.434, 43.742)),
        ("osmnx", shapely.box(7.404, 43.715, 7.434, 43.742)),
        ("osmnx:-1,2,3,4", shapely.box(-1.01, 1.99, 3.01, 4.01)),
        ("osmnx:polygon", shapely.Polygon([(0, 0), (2, 0), (0, 1)])),
    ],
)
def test_words_after_the_colon_say_where(
    asked: str, shape: shapely.Polygon, tmp_path: Path
) -> None:
    outline = tmp_path / "outline.geojson"
    outline.write_text(shapely.to_geojson(shapely.Polygon([(0, 0), (2, 0), (0, 1)])))
    where = Extent(box=BOX, countries=(), polygon=outline)
    (text,) = streets_of(asked, where, field="roads").polygons
    assert shapely.from_wkt(text).equals(shape)
    by_name = streets_of(f"osmnx:polygon:{outline}", Extent(box=None, countries=()), field="roads")
    assert shapely.from_wkt(by_name.polygons[0]).area == 1.0


def test_places_and_boxes_across_the_antimeridian() -> None:
    nowhere = Extent(box=None, countries=())
    assert streets_of("osmnx:Tela, Honduras", nowhere, field="roads") == Streets(
        field="roads", place="Tela, Honduras"
    )
    halves = streets_of("osmnx:176,-20,182,-15", nowhere, field="roads").polygons
    assert sorted(shapely.from_wkt(each).bounds[::2] for each in halves) == [
        (-180.0, -177.99), (175.99, 180.0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ("osmnx:bbox", r"area\.bbox"), ("osmnx:polygon", r"area\.polygon.*osmnx:polygon:"),
        ("osmnx:3,2,1,4", "west comes before east"), ("osmnx:1,2,3", "four numbers"),
        ("osmnx:polygon:none.geojson", "no such file"),
    ],
)  # fmt: skip
def test_what_says_no_place_is_refused(asked: str, match: str) -> None:
    with pytest.raises((InputError, DataError), match=match):
        streets_of(asked, Extent(box=None, countries=()), field="roads")
