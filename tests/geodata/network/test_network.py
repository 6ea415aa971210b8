"""The network of the bundled region, and its store."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from geodata.borderlands.region import titles
from geodata.builder.build import read_study_grid
from geodata.errors import DataError, InputError, LostError
from geodata.formats.files.store import sha256
from geodata.network.network import LAYERS, LINK_COLUMNS, MODES, NODE_COLUMNS
from geodata.network.store import MOST_ROWS, area_record, load_network, save_network
from tests.support.load import idle_and_busy


def test_tables_have_the_columns_of_the_data_model(network):
    assert list(network.nodes) == list(NODE_COLUMNS)
    assert list(network.links) == list(LINK_COLUMNS)
    assert set(network.links["mode"].cat.categories) == set(MODES)
    assert network.links[["u", "v"]].to_numpy().max() < len(network.nodes)
    assert (network.links["length_m"] > 0).all()
    assert (network.links[["seconds_uv", "seconds_vu"]] > 0).all(axis=None)


def test_lines_run_from_u_to_v(network):
    rows = np.arange(0, len(network.links), 997)
    lines = network.lines(rows)
    for end, at in (("u", 0), ("v", -1)):
        ends = shapely.get_point(lines, at)
        nodes = network.nodes.iloc[network.links[end].iloc[rows]]
        np.testing.assert_allclose(shapely.get_x(ends), nodes["x"], atol=1e-6)
        np.testing.assert_allclose(shapely.get_y(ends), nodes["y"], atol=1e-6)


def test_no_sea_link_touches_land_at_full_coast_resolution(network, bundle):
    grid = read_study_grid(bundle, network.area)
    water = network.links["class"].isin(["sea", "lagoon", "lake"])
    lines = network.lines(np.flatnonzero(water))
    assert len(lines) > 400_000
    assert not grid.touches_land(lines).any()


def test_no_trail_crosses_water_wider_than_a_cell(network, bundle):
    grid = read_study_grid(bundle, network.area)
    trails = network.links[network.links["mode"] == "trail"]
    columns = network.area.shape[1]
    cells = []
    for end in ("u", "v"):
        nodes = network.nodes.iloc[trails[end]]
        row, column = network.area.cell_of(nodes["x"], nodes["y"])
        cells.append(row * columns + column)
    assert grid.water_metres(*cells).max() <= network.area.cell_m


def test_sixteen_neighbours_stretch_no_distance_by_three_percent(network):
    trails = network.links[network.links["mode"] == "trail"]
    degree = np.bincount(trails[["u", "v"]].to_numpy().ravel())
    assert degree.max() == 16
    assert np.median(degree[degree > 0]) == 16


def test_a_network_keeps_the_layers_and_names_that_it_shows(network, bundle):
    assert set(network.layers) == set(LAYERS) <= set(bundle.layers)
    for name in LAYERS:
        pd.testing.assert_frame_equal(network.layers[name], bundle.frame(name))
    assert network.titles == titles()
    assert network.titles.country("HN") == "Honduras" and len(network.titles.waters) == 3


def test_all_frames_of_a_network_have_one_crs_by_name(network):
    """Else geopandas warns of a join, and refuses to put two under each other."""
    layers = [each for each in network.layers.values() if isinstance(each, gpd.GeoDataFrame)]
    for frame in (network.gateways, network.admin, *layers):
        assert frame.crs == "OGC:CRS84"
    assert layers and pd.concat([network.layers["places"], network.admin]).crs == "OGC:CRS84"


def test_uphill_takes_longer_than_downhill(network):
    trails = network.links[network.links["mode"] == "trail"]
    uphill = trails["seconds_uv"] / trails["seconds_vu"]
    assert uphill.max() > 1.3 and uphill.min() < 1 / 1.3


def test_a_change_of_country_on_land_is_always_a_crossing(network):
    country = network.nodes["country"].astype(str).to_numpy()
    u, v = country[network.links["u"]], country[network.links["v"]]
    changes = (u != v) & (u != "") & (v != "")
    crossing = network.links["crossing"]
    assert (crossing[changes] != "").all()
    assert (crossing[~changes] == "").all()
    assert (network.links["gateway"][changes] != "").all()
    assert crossing[changes].value_counts()["formal"] == 26


def test_every_gateway_of_a_link_is_in_the_table_once(network):
    used = set(network.links["gateway"].astype(str)) - {""}
    assert used == set(network.gateways["id"])
    assert network.gateways["id"].is_unique
    names = network.gateways.groupby(["kind", "country_a", "country_b"])["name"]
    assert not names.apply(lambda group: group.duplicated().any()).any()


def test_roads_meet_the_mesh_and_every_transfer_reports_its_length(network):
    joins = network.meta["joins"]
    assert set(joins) == {"access", "bank", "landing", "mouth", "port"}
    transfers = network.links[network.links["mode"] == "transfer"]
    assert len(transfers) == sum(join["joined"] for join in joins.values())
    assert transfers["length_m"].max() < 8500


@idle_and_busy
def test_a_saved_network_reads_back_the_same(network, network_dir, tmp_path, processors):
    copy = tmp_path / "copy"
    with processors():
        save_network(network, copy)
    for path in network_dir.rglob("*.parquet"):
        name = path.relative_to(network_dir)
        assert sha256(copy / name) == sha256(path), name
    again = load_network(copy)
    assert again.digest == network.digest and again.titles == network.titles
    pd.testing.assert_frame_equal(again.nodes, network.nodes)
    for name, values in network.surfaces.items():
        np.testing.assert_array_equal(again.surfaces[name], values)


@pytest.mark.parametrize(
    "file", ["links.parquet", "layers/countries.parquet", "surfaces/remoteness.tif"]
)
@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_a_network_that_is_half_there_is_refused(network_dir, tmp_path, file, damage):
    copy = tmp_path / "network"
    shutil.copytree(network_dir, copy)
    if damage == "missing":
        (copy / file).unlink()
    else:
        (copy / file).write_bytes((copy / file).read_bytes()[:-10])
    with pytest.raises(DataError, match="Build it again"):
        load_network(copy)


@pytest.fixture
def foreign(network_dir, tmp_path):
    """A network that somebody else made."""
    return shutil.copytree(network_dir, tmp_path / "network")


def listed(directory, **changes):
    """Change what a header says, and the hash of every file that it lists."""
    path = directory / "network.json"
    header = json.loads(path.read_text()) | changes
    for name in header["checksums"]:
        header["checksums"][name] = sha256(directory / name)
    path.write_text(json.dumps(header))


def test_only_regular_files_that_are_listed_are_read(foreign):
    header = json.loads((foreign / "network.json").read_text())
    link, kept = foreign / "surfaces/land.tif", foreign / "kept.tif"
    shutil.copy(link, foreign / "surfaces/unlisted.tif")
    assert "unlisted" not in load_network(foreign).surfaces
    link.rename(kept)
    link.symlink_to("../kept.tif")
    with pytest.raises(DataError, match="link"):
        load_network(foreign)
    link.unlink()
    kept.rename(link)
    for name in ("../kept.tif", "/etc/passwd", "surfaces/../links.parquet", "notes.txt"):
        odd = {**header, "checksums": {**header["checksums"], name: "0" * 64}}
        (foreign / "network.json").write_text(json.dumps(odd))
        with pytest.raises(DataError, match="No network has such a file"):
            load_network(foreign)
    short = {name: digest for name, digest in header["checksums"].items() if "links" not in name}
    (foreign / "network.json").write_text(json.dumps({**header, "checksums": short}))
    with pytest.raises(DataError, match="missing"):
        load_network(foreign)


def test_heads_are_read_before_what_they_stand_for(foreign, monkeypatch):
    area = json.loads((foreign / "network.json").read_text())["area"]
    for odd in ({"cell_m": 0.01}, {"cell_m": 0}, {"bbox": [0, 0, 0]}, {"bbox": None}):
        listed(foreign, area={**area, **odd})
        with pytest.raises(DataError, match=r"network\.json"):
            load_network(foreign)
    listed(foreign, area=area)
    with rasterio.open(foreign / "surfaces/land.tif") as source:
        named = ("driver", "count", "dtype", "crs", "transform")
        profile = {name: source.profile[name] for name in named}
    profile |= {"width": 50_000, "height": 50_000, "sparse_ok": True, "tiled": True}
    with rasterio.open(foreign / "surfaces/land.tif", "w", **profile):
        pass
    listed(foreign, area=area)
    with pytest.raises(DataError, match="grid"):
        load_network(foreign)
    monkeypatch.setitem(MOST_ROWS, "links.parquet", 1000)
    with pytest.raises(DataError, match="at most 1,000"):
        load_network(foreign)


def test_a_header_says_what_was_cut_and_by_which_rules(strip, tmp_path):
    """And so does the digest: it covers all that a network was made of."""
    assert strip.meta["parameters"]["roads"]["islands"] == "keep"
    outline = shapely.Polygon([(0.1, 0.1), (0.6, 0.1), (0.3, 0.7)])
    meta = {key: value for key, value in strip.meta.items() if key != "area"}
    cut = replace(strip, area=replace(strip.area, fringe_cells=6.0, outline=outline), meta=meta)
    again = load_network(save_network(cut, tmp_path / "cut"))
    assert again.area == cut.area and again.digest != strip.digest
    assert load_network(save_network(again, tmp_path / "copy")).digest == again.digest
    rules = {"roads": {**meta["parameters"]["roads"], "islands": "drop"}}
    other = save_network(replace(strip, meta={**meta, "parameters": rules}), tmp_path / "rules")
    assert load_network(other).digest != strip.digest


def test_an_area_without_fringe_or_outline_is_whole_and_one_of_an_odd_one_is_refused(
    strip, tmp_path
):
    directory = save_network(strip, tmp_path / "network")
    area = json.loads((directory / "network.json").read_text())["area"]
    older = {key: value for key, value in area.items() if key not in ("fringe_cells", "outline")}
    listed(directory, area=older)
    assert load_network(directory).area == strip.area
    for odd in ("", "POINT (1 2)", "POLYGON ((", 5):
        listed(directory, area={**area, "outline": odd})
        with pytest.raises(DataError, match=r"area cannot be used\. Build it again"):
            load_network(directory)


def test_an_outline_is_stored_without_the_parts_that_are_smaller_than_a_cell(strip):
    """Together they take the square of their number: hours where a coast has many islands."""
    islets = [shapely.Point(0.1 * x, 0.1).buffer(0.002) for x in range(8)]
    main = shapely.box(0, 0.2, 1, 1)

    def stored(*parts: shapely.Polygon) -> shapely.Geometry:
        outline = shapely.MultiPolygon(parts)
        return shapely.from_wkt(area_record(replace(strip.area, outline=outline))["outline"])

    assert stored(main, *islets).equals(main)
    assert len(stored(*islets).geoms) == len(islets)


def test_an_area_that_is_recorded_already_is_not_recorded_again(strip, tmp_path, monkeypatch):
    monkeypatch.setattr("geodata.network.store.area_record", lambda _: pytest.fail("recorded"))
    assert load_network(save_network(strip, tmp_path / "network")).digest == strip.digest


def test_a_network_without_layers_of_its_own_has_to_be_built_again(foreign):
    listed(foreign, format=1)
    with pytest.raises(DataError, match=r"format 1, this vereda reads 2. Build it again"):
        load_network(foreign)


@pytest.mark.parametrize(
    "titles",
    [None, [], {"countries": []}, {"countries": {"GT": 3}}, {"waters": [["Sea", 1.0]]},
     {"waters": [["Sea", float("nan"), 2.0]]}, {"boating": {"Bay": "here"}}, {"open_sea": [1]},
     {"words": {"es": "no"}}],
)  # fmt: skip
def test_odd_titles_are_refused(foreign, titles):
    listed(foreign, titles=titles)
    with pytest.raises(DataError, match="titles cannot be told"):
        load_network(foreign)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda frame: frame.drop(columns="country"), "country"),
        (lambda frame: frame.assign(country=3), "Expected str"),
        (lambda frame: frame.set_geometry(frame.boundary), "Expected Polygon"),
        (lambda frame: frame.to_crs(32616), "degrees of WGS 84"),
        (lambda frame: frame.translate(500).to_frame("geometry").assign(country="GT"), "on earth"),
    ],
)
def test_an_odd_layer_is_refused_when_it_is_read(foreign, change, words):
    path = foreign / "layers/countries.parquet"
    change(gpd.read_parquet(path)).to_parquet(path)
    listed(foreign)
    network = load_network(foreign)
    with pytest.raises(DataError, match=words):
        network.layers["countries"]
    path.write_bytes(b"PAR1")
    with pytest.raises(LostError):
        network.layers["countries"]


def spoilt(name, value, row=5):
    """A column with one value that is none, or without the column when there is no value."""

    def change(table):
        if value is None:
            return table.drop(columns=name)
        return table.assign(**{name: table[name].where(table.index != row, value)}).astype(
            {name: table[name].dtype}
        )

    return change


ODD_TABLES = [
    ("links", spoilt("u", 10**8), "names a node that is not there"),
    ("links", spoilt("v", -1), "names a node that is not there"),
    ("links", spoilt("seconds_uv", -1.0), "no number from 0 on"),
    ("links", spoilt("seconds_vu", np.nan), "seconds_vu"),
    ("links", spoilt("length_m", np.inf), "without bounds"),
    ("links", spoilt("weakness", np.nan), "weakness"),
    ("links", spoilt("gateway", None), "gateway"),
    ("links", lambda table: table.astype({"u": "int64"}), "it is to be int32"),
    ("links", lambda table: table.assign(mode=table["mode"].cat.codes), "it is to be category"),
    ("links", lambda table: table.head(0), "no rows"),
    ("nodes", lambda table: table.head(10), "names a node that is not there"),
    ("nodes", lambda table: table.head(0), "no rows"),
    ("nodes", spoilt("x", 1e9), "nowhere on earth"),
    ("nodes", spoilt("y", np.nan), "y is with a value missing"),
    ("gateways", lambda table: table.assign(id="one"), "Two of its rows have one id"),
    ("gateways", spoilt("name", None), "no column name"),
    ("gateways", lambda table: table.set_geometry([None] * len(table), crs=table.crs), "Point"),
    ("admin", lambda table: table.to_crs(3857), "degrees of WGS 84"),
    ("admin", lambda table: table.set_crs(None, allow_override=True), "degrees of WGS 84"),
    ("admin", spoilt("people", None), "no column people"),
    ("admin", spoilt("weakness", np.nan), "weakness is with a value missing"),
]


@pytest.fixture(scope="module")
def short(network_dir, tmp_path_factory):
    """A network of few links, which is read at once."""
    directory = shutil.copytree(network_dir, tmp_path_factory.mktemp("short") / "network")
    path = directory / "links.parquet"
    gpd.read_parquet(path).head(300).to_parquet(path)
    listed(directory)
    load_network(directory)
    return directory


@pytest.mark.parametrize(("name", "change", "reason"), ODD_TABLES)
def test_tables_of_others_are_such_as_can_be_computed_with(short, tmp_path, name, change, reason):
    """A link to a node that is not there would have been followed outside of all arrays."""
    foreign = shutil.copytree(short, tmp_path / "network")
    path = foreign / f"{name}.parquet"
    change(gpd.read_parquet(path)).to_parquet(path)
    listed(foreign)
    with pytest.raises(DataError, match=reason):
        load_network(foreign)


def test_tables_that_are_none_are_refused(short, tmp_path):
    foreign = shutil.copytree(short, tmp_path / "network")
    for name in ("nodes", "links", "gateways", "admin"):
        path = foreign / f"{name}.parquet"
        kept = path.read_bytes()
        for data in (b"", b"PAR1" + b"x" * 5000 + b"PAR1", kept[:5000], kept[5000:]):
            path.write_bytes(data)
            listed(foreign)
            with pytest.raises(DataError, match="Build it again"):
                load_network(foreign)
        path.write_bytes(kept)
    for sources in (5, ["a"], [{"layer": "a"}]):
        listed(foreign, sources=sources)
        with pytest.raises(DataError, match="Its sources cannot be told"):
            load_network(foreign)


def test_lines_are_those_that_were_checked(foreign):
    """They are read when they are first asked for."""
    loaded = load_network(foreign)
    (foreign / "links.parquet").write_bytes(b"PAR1")
    with pytest.raises(LostError):
        loaded.lines([0])


def test_a_network_of_another_version_is_refused(network_dir, tmp_path):
    copy = tmp_path / "network"
    shutil.copytree(network_dir, copy)
    header = json.loads((copy / "network.json").read_text())
    (copy / "network.json").write_text(json.dumps({**header, "version": "0.0.9"}))
    with pytest.raises(DataError, match=r"written by vereda 0\.0\.9"):
        load_network(copy)
    (copy / "network.json").write_text("{")
    with pytest.raises(DataError, match="cannot be read"):
        load_network(copy)


def test_what_is_stored_is_kept_when_a_write_fails(network, tmp_path, monkeypatch):
    target = tmp_path / "network"
    target.mkdir()
    (target / "network.json").write_text("old")
    with pytest.raises(InputError, match="--overwrite"):
        save_network(network, target)
    monkeypatch.setattr("geodata.network.store._write_surfaces", _fail)
    with pytest.raises(OSError, match="disk full"):
        save_network(network, target, overwrite=True)
    assert (target / "network.json").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["network"]


def test_a_directory_of_other_files_is_not_replaced(network, tmp_path):
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(InputError, match=r"no network\.json"):
        save_network(network, tmp_path, overwrite=True)
    (tmp_path / "network.json").write_text("{}")
    with pytest.raises(InputError, match=r"thesis\.docx"):
        save_network(network, tmp_path, overwrite=True)
    assert (tmp_path / "thesis.docx").read_text() == "mine"


def _fail(*_):
    raise OSError("disk full")
