"""Streets that osmnx downloads from a server on this machine, which answers from a real extract."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import osmnx
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from cli.main import vereda
from cli.shell.console import Session
from geodata.area.box import Box
from geodata.errors import DataError, InputError, UnreachableError
from geodata.network.network import Network
from geodata.network.store import load_network
from geodata.publication.osmnx_graph import to_osmnx
from geodata.sources.area_file import AreaFile, default_roads, parse_area
from geodata.sources.download.fetch import Options, fetch
from geodata.sources.download.orders.orders import extent_of, orders_of
from geodata.sources.download.providers.providers import Extent
from geodata.sources.download.queries.osmnx import streets_of
from geodata.sources.download.streets import fetch_streets
from geodata.sources.osm.roads import read_osm_roads
from geodata.sources.osmnx import download
from geodata.sources.osmnx.download import Streets, download_streets
from geodata.sources.osmnx.graphml import read_graphml
from geodata.sources.osmnx.roads import roads_of_graphs
from geodata.sources.study import Study
from tests.geodata.sources.osmnx.conftest import lengths, pairs, road_table
from tests.support import no_network
from tests.support.servers.overpass import Overpass, overpass
from tests.support.worlds.packages import packaged

MONACO = ("quackosm", "tests/test_files/monaco.osm.pbf")
BOX = Box(7.414, 43.725, 7.424, 43.732)
PLACE = "osmnx:Harbour, Monaco"
AROUND = shapely.box(*BOX).buffer(0.003, join_style="mitre")
"""Outline of the place, as Nominatim has it here."""
RULES = default_roads()
AREA = f'[area]\nname = "harbour"\nbbox = {list(BOX)}\ncountries = ["MC"]\ncell_m = 100.0\n'
HERE = Extent(box=BOX, countries=("MC",))


@pytest.fixture(scope="module")
def monaco() -> Path:
    return packaged(*MONACO)


@pytest.fixture(scope="module")
def server(monaco: Path) -> Iterator[Overpass]:
    made = Overpass.of(monaco, BOX)
    made.place = AROUND
    with overpass(made) as serving:
        yield serving


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def module_environment(
    server: Overpass, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Where hosts are noted that osmnx's process looks up or connects to."""
    noted = tmp_path_factory.mktemp("sockets") / "sockets"
    noted.touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(no_network.__path__[0])), prepend=":")
        patch.setenv("VEREDA_TEST_SOCKETS", str(noted))
        patch.setenv("VEREDA_CACHE", str(cache))
        patch.setenv(download.OVERPASS_KEY, server.interpreter)
        patch.setenv(download.NOMINATIM_KEY, server.nominatim)
        yield noted


@pytest.fixture(scope="module")
def streets(module_environment: Path) -> Path:
    """GraphML of a place, downloaded once."""
    return fetch_streets(PLACE, HERE)


@pytest.fixture
def sockets(server: Overpass, streets: Path, module_environment: Path) -> Path:
    """The same for one test, with a server that serves."""
    server.status = 200
    return module_environment


def area(folder: Path, layer: str) -> AreaFile:
    return parse_area(f'{AREA}[[layer]]\nrole = "roads"\n{layer}\n', folder=folder)


def test_a_place_has_the_roads_of_the_extract_and_a_second_run_sends_nothing(
    monaco: Path, server: Overpass, streets: Path, sockets: Path, cache: Path, tmp_path: Path
) -> None:
    ours = read_osm_roads([monaco], BOX, rules=RULES)
    theirs = roads_of_graphs([read_graphml(streets)], BOX, rules=RULES)
    assert sum(pairs(ours).values()) > 500
    assert pairs(theirs) == pairs(ours)
    assert lengths(theirs) == pytest.approx(lengths(ours), rel=1e-9)
    sent = len(server.requests)
    assert {"/search", "/api/status", "/api/interpreter"} == set(server.requests)
    assert any("Vereda" in agent for agent in server.agents)
    assert set(sockets.read_text().split()) == {"127.0.0.1"}
    # The graph is kept.
    assert fetch_streets(PLACE, HERE) == streets
    # And so are the answers that it was made of.
    sockets.write_text("")
    (answers,) = cache.glob("*/answers")
    place = streets_of(PLACE, HERE, field="roads")
    download_streets(place, tmp_path / "again.graphml", cache=answers)
    assert pairs(
        roads_of_graphs([read_graphml(tmp_path / "again.graphml")], BOX, rules=RULES)
    ) == pairs(ours)
    assert len(server.requests) == sent and sockets.read_text() == ""


def test_a_network_built_on_a_download_is_the_same_once_it_went_out_and_came_in(
    server: Overpass, sockets: Path, tmp_path: Path
) -> None:
    (tmp_path / "area.toml").write_text(AREA)
    sent = len(server.requests)

    def built(roads: str) -> Network:
        output = tmp_path / roads.partition(":")[0].replace(".", "-").rpartition("/")[2]
        words = ["build", "--area", tmp_path / "area.toml", "--roads", roads, "--output", output]
        result = CliRunner().invoke(vereda, [*map(str, words)], obj=Session())
        assert result.exit_code == 0, result.exception
        return load_network(output)

    network = built(PLACE)
    assert len(server.requests) == sent
    (credit,) = network.meta["sources"]
    assert credit["licence"] == "ODbL-1.0" and "OpenStreetMap" in credit["attribution"]
    osmnx.save_graphml(to_osmnx(network), tmp_path / "out.graphml")
    again = built(str(tmp_path / "out.graphml"))
    before, after = (road_table(each.nodes, each.links) for each in (network, again))
    assert len(before) > 500
    pd.testing.assert_frame_equal(after, before)


def test_a_layer_is_fetched_with_its_licence_and_read_by_the_study(
    server: Overpass, sockets: Path, cache: Path, tmp_path: Path
) -> None:
    layer = f'provider = "{PLACE}"\nurl = "{server.interpreter}"'
    file, sent = area(tmp_path, layer), len(server.requests)
    for fresh in (True, False):
        (got,) = fetch(orders_of(file), extent_of(file), Options(cache=cache))
        assert got.fresh is fresh
    # Nobody is asked for what is in the cache, or in the study.
    assert len(server.requests) == sent
    assert (got.record.licence, got.record.source) == ("ODbL-1.0", server.interpreter)
    assert got.files[0].parent == tmp_path / "data" / "roads"
    study = Study(file)
    roads = study.roads()
    assert roads is not None and len(roads.links) > 500
    (credit,) = study.attributions()
    assert "OpenStreetMap contributors" in credit["attribution"]


@pytest.mark.trials
def test_a_busy_server_is_not_waited_for_without_end(
    server: Overpass, sockets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.status = 429
    monkeypatch.setenv(download.LIMIT_KEY, "3600")

    def clock() -> float:
        """An hour is over once osmnx has logged that it waits."""
        logs = (path.read_text() for path in tmp_path.glob(".osmnx-*/report"))
        return 3601.0 if any("429" in log for log in logs) else 0.0

    monkeypatch.setattr(download, "time", SimpleNamespace(monotonic=clock, sleep=time.sleep))
    box = streets_of("osmnx", HERE, field="roads")
    with pytest.raises(UnreachableError, match=r"3600 s: .*429.*VEREDA_OVERPASS_URL") as raised:
        download_streets(box, tmp_path / "a.graphml", cache=tmp_path / "answers")
    assert raised.value.value == server.address.removeprefix("http://")
    assert [path.name for path in tmp_path.glob("*.graphml")] == []
    assert [path.name for path in tmp_path.glob(".osmnx*")] == []


@pytest.mark.trials
def test_a_host_that_cannot_be_reached_is_told_in_one_line(
    sockets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(download.OVERPASS_KEY, "http://127.0.0.1:9/api")
    box = streets_of("osmnx", HERE, field="roads")
    with pytest.raises(UnreachableError, match=r"host: '127\.0\.0\.1:9'\. It cannot be reached"):
        download_streets(box, tmp_path / "a.graphml", cache=tmp_path / "answers")


def test_without_osmnx_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"osmnx is not installed: pip install 'vereda\[osmnx\]'"):
        fetch_streets("osmnx:bbox", HERE)


@pytest.mark.parametrize(
    ("words", "shape"),
    [
        ("osmnx:bbox", shapely.box(7.404, 43.715, 7.434, 43.742)),
        ("osmnx", shapely.box(7.404, 43.715, 7.434, 43.742)),
        ("osmnx:-1,2,3,4", shapely.box(-1.01, 1.99, 3.01, 4.01)),
        ("osmnx:polygon", shapely.Polygon([(0, 0), (2, 0), (0, 1)])),
    ],
)
def test_words_after_the_colon_say_where(
    words: str, shape: shapely.Polygon, tmp_path: Path
) -> None:
    outline = tmp_path / "outline.geojson"
    outline.write_text(shapely.to_geojson(shapely.Polygon([(0, 0), (2, 0), (0, 1)])))
    where = Extent(box=BOX, countries=(), polygon=outline)
    (text,) = streets_of(words, where, field="roads").polygons
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
    ("words", "match"),
    [
        ("osmnx:bbox", r"area\.bbox"), ("osmnx:polygon", r"area\.polygon.*osmnx:polygon:"),
        ("osmnx:3,2,1,4", "west comes before east"), ("osmnx:1,2,3", "four numbers"),
        ("osmnx:polygon:none.geojson", "no such file"),
    ],
)  # fmt: skip
def test_what_says_no_place_is_refused(words: str, match: str) -> None:
    with pytest.raises((InputError, DataError), match=match):
        streets_of(words, Extent(box=None, countries=()), field="roads")
