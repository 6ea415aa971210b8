"""Files that are no extracts, or broken ones, and extracts that are cut."""

from __future__ import annotations

import bz2
import gzip
import resource
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pytest

from geodata.area.box import Box
from geodata.errors import DataError
from geodata.sources.area_file import default_roads
from geodata.sources.osm.extract import Extract
from geodata.sources.osm.roads import OsmRoads, read_osm_roads
from tests.support.worlds.osm_files import node, road, write_osm

MONACO = ("quackosm", "tests/test_files/monaco.osm.pbf")


@pytest.fixture(scope="module")
def monaco(packaged) -> Path:
    return packaged(*MONACO)


def read(*paths: Path, box=None) -> OsmRoads:
    return read_osm_roads(paths, box, rules=default_roads())


def refusal(*paths: Path) -> str:
    with pytest.raises(DataError) as refused:
        read(*paths)
    assert refused.value.field in [str(path) for path in paths]
    return str(refused.value)


def stretch() -> list[Any]:
    return [node(1, 0, 0), node(2, 0.01, 0), node(3, 0.02, 0), road(1, [1, 2]), road(2, [2, 3])]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "'an empty file'. Fetch it again"),
        (b"<!DOCTYPE html>\n<html><body>503</body></html>", "'a page of the web'"),
        (b"\n\n<HTML>moved</HTML>", "'a page of the web'"),
        (b'{"error": "not found"}', "Files of OpenStreetMap begin otherwise"),
        (gzip.compress(b"not found", mtime=0), "'a gzip file without an extract in it'. Files of"),
        (bz2.compress(b"not found"), "'a bzip2 file without an extract in it'. Files of"),
        (gzip.compress(b"<!doctype html>", mtime=0), "'a page of the web'"),
        (gzip.compress(bytes(range(256)), mtime=0)[:20], "'a broken gzip file'. Fetch it again"),
        (b"PK\x03\x04" + bytes(40), "'a ZIP archive'. Unpack it, and name the extract in it"),
    ],
)
@pytest.mark.parametrize("name", ["land.osm.pbf", "land"])
def test_what_is_no_pbf_is_refused_by_what_it_is(tmp_path, name, content, what) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    assert what in refusal(file)


@pytest.mark.parametrize(("pack", "name"), [(gzip.compress, "gunzip"), (bz2.compress, "bunzip2")])
def test_a_pbf_that_was_packed_again_is_refused_with_how_to_unpack_it(tmp_path, pack, name) -> None:
    file = tmp_path / "land.osm.pbf"
    write_osm(file, *stretch())
    file.write_bytes(pack(file.read_bytes()))
    assert f'unpack it, "{name} -c FILE > NEW.osm.pbf"' in refusal(file)


def test_an_extract_in_an_archive_that_keeps_it_as_it_is_is_refused(tmp_path) -> None:
    write_osm(tmp_path / "a.osm.pbf", *stretch())
    with zipfile.ZipFile(tmp_path / "land.osm.pbf", "w") as archive:
        archive.write(tmp_path / "a.osm.pbf", "a.osm.pbf")
    assert "'a ZIP archive'. Unpack it" in refusal(tmp_path / "land.osm.pbf")


def test_a_file_that_is_not_there_is_named(tmp_path) -> None:
    with pytest.raises(DataError, match=r"no\.osm\.pbf'\. There is no such file"):
        read(tmp_path / "no.osm.pbf")


def test_a_coordinate_that_is_no_number_is_refused(tmp_path) -> None:
    file = tmp_path / "a.osm"
    file.write_text('<osm version="0.6"><node id="1" lat="x" lon="0.3"/></osm>')
    assert "wrong format for coordinate: 'x'" in refusal(file)


@pytest.mark.parametrize("share", [0.0005, 0.3, 0.99])
def test_a_truncated_pbf_is_refused(tmp_path, monaco, share) -> None:
    content = monaco.read_bytes()
    file = tmp_path / "cut.osm.pbf"
    file.write_bytes(content[: int(len(content) * share)])
    assert "Fetch it again" in refusal(file)


def test_bytes_that_were_changed_are_refused(tmp_path, monaco) -> None:
    content = bytearray(monaco.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file = tmp_path / "wrong.osm.pbf"
    file.write_bytes(content)
    assert "Fetch it again" in refusal(file)


@pytest.mark.parametrize(
    ("order", "what"),
    [
        ((3, 4, 0, 1, 2), "node 1 after a way that has it"),
        ((0, 1, 2, 4, 3), "way 1 after 2"),
        ((0, 1, 2, 3, 3), "way 1 after itself"),
        ((0, 3, 1, 4, 2), "node 2 after a way that has it"),
    ],
)
def test_files_that_are_not_sorted_are_refused(tmp_path, order, what) -> None:
    objects = stretch()
    file = write_osm(tmp_path / "mixed.osm.pbf", *(objects[at] for at in order))
    assert refusal(file).endswith(
        f"'{what}'. Sort it by type and id: \"osmium sort FILE -o SORTED.osm.pbf\"."
    )


def test_the_order_of_nodes_alone_changes_nothing(tmp_path) -> None:
    objects = stretch()
    file = write_osm(tmp_path / "nodes.osm.pbf", *(objects[at] for at in (2, 0, 1, 3, 4)))
    assert read(file).report.length_km == pytest.approx(2.2263898)


@pytest.mark.parametrize(
    "objects",
    [
        [node(-1, 0, 0), node(-2, 1, 0), road(1, [-1, -2])],
        [node(1, 0, 0), node(2, 1, 0), road(-1, [1, 2])],
        [node(-1, 0, 0, barrier="gate"), node(2, 1, 0), road(1, [-1, 2])],
    ],
)
def test_ids_below_zero_are_refused(tmp_path, objects) -> None:
    text = refusal(write_osm(tmp_path / "new.osm.pbf", *objects))
    assert "an id below zero" in text
    assert "osmium renumber" in text


@pytest.mark.parametrize("place", [(0.0, 95.25), (200.0, 5.0)])
def test_places_off_the_earth_are_refused(tmp_path, place) -> None:
    file = write_osm(tmp_path / "far.osm.pbf", node(1, 0, 0), node(2, *place), road(1, [1, 2]))
    x, y = place
    text = refusal(file)
    assert f"node 2 at longitude {x:g}, latitude {y:g}" in text
    assert "latitudes from -90 to 90" in text


def test_an_extract_of_another_place_is_refused(tmp_path) -> None:
    file = write_osm(tmp_path / "here.osm.pbf", *stretch())
    with pytest.raises(DataError, match=r"no road within 10, 10, 11, 11'\. Check that the area"):
        read(file, box=Box(10, 10, 11, 11))


def test_other_formats_of_osmium_are_read_whatever_they_are_called(tmp_path) -> None:
    for name in ("road.osm.pbf", "road.osm", "road.osm.bz2", "road.osm.gz"):
        file = write_osm(tmp_path / name, *stretch())
        assert len(read(file).links) == 1
        for other in (name.upper(), "map.xml", "road.pbf"):
            assert len(read(file.rename(tmp_path / other)).links) == 1
            file = tmp_path / other


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_xml_is_known_by_a_comment_and_in_utf_16(tmp_path, encoding) -> None:
    text = write_osm(tmp_path / "road.osm", *stretch()).read_text()
    body = text[text.index("<osm") :]
    file = tmp_path / "road"
    file.write_text(f"<!-- of a survey -->\n{body}", encoding=encoding)
    assert len(read(file).links) == 1


def cut(pbf: Path, file: Path, west: float, east: float) -> Path:
    """The nodes between two longitudes, and the ways that have one of them: a rough cut."""
    inside = set()
    with osmium.SimpleWriter(str(file)) as writer:
        for each in osmium.FileProcessor(pbf, osmium.osm.NODE | osmium.osm.WAY):
            if each.is_node() and west <= each.lon <= east:
                inside.add(each.id)
                writer.add(each)
            elif each.is_way() and any(node.ref in inside for node in each.nodes):
                writer.add(each)
    return file


def shape(roads: OsmRoads) -> list[tuple[float, ...]]:
    """Links by where they begin and end, with their lengths and times."""
    nodes = roads.nodes[["x", "y"]].to_numpy()
    columns = roads.links[["length_m", "seconds_uv", "seconds_vu"]].to_numpy()
    rows = np.hstack([nodes[roads.links["u"]], nodes[roads.links["v"]], columns])
    return sorted(map(tuple, rows.round(6).tolist()))


def test_two_overlapping_halves_are_the_whole(tmp_path, monaco) -> None:
    halves = [
        cut(monaco, tmp_path / "west.osm.pbf", 7.0, 7.422),
        cut(monaco, tmp_path / "east.osm.pbf", 7.420, 8.0),
    ]
    uncut, merged = read(monaco), read(*halves)
    assert shape(merged) == shape(uncut)
    assert merged.report == uncut.report
    assert uncut.report.counts.missing_nodes == 0


def test_the_latest_version_of_a_way_counts(tmp_path) -> None:
    old, new = stretch(), stretch()
    new[3].version, new[3].tags = 2, {"highway": "track"}
    files = [write_osm(tmp_path / f"{at}.osm.pbf", *each) for at, each in enumerate((old, new))]
    for order in (files, files[::-1]):
        assert sorted(read(*order).links["class"]) == ["primary", "track"]


def test_a_rough_cut_is_read_and_what_it_lacks_reported(tmp_path, monaco) -> None:
    roads = read(cut(monaco, tmp_path / "west.osm.pbf", 7.0, 7.42))
    counts = roads.report.counts
    assert counts.broken_ways > 10
    assert counts.missing_nodes > 100
    assert roads.nodes["x"].max() <= 7.42
    assert 0 < roads.report.length_km < read(monaco).report.length_km


def test_an_extract_has_files() -> None:
    with pytest.raises(DataError, match="at least one file"):
        Extract([])


def test_memory_is_that_of_the_nodes_and_not_of_their_highest_id(tmp_path) -> None:
    """A dense index of such ids takes 64 GB."""
    far = 2**33
    file = write_osm(tmp_path / "far.osm.pbf", node(1, 0, 0), node(far, 0.01, 0),
                     road(far, [1, far]))  # fmt: skip
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**30, hard))
    try:
        roads = read(file)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    assert roads.report.links == 1


def test_a_node_twice_in_a_row_is_no_way(tmp_path) -> None:
    twice = road(1, [1, 1])
    with pytest.raises(DataError, match="'no road'"):
        read(write_osm(tmp_path / "a.osm.pbf", node(1, 0, 0), twice))
    objects = [node(1, 0, 0), node(2, 0.01, 0), twice, road(2, [1, 2, 2])]
    roads = read(write_osm(tmp_path / "b.osm.pbf", *objects))
    assert (roads.report.links, roads.report.counts.single) == (1, 1)


def test_ids_are_exact_to_the_last_also_where_nodes_are_missing(tmp_path) -> None:
    """A number of 64 bits is no floating one: beyond 2**53 two would be one."""
    big = 2**60
    objects = [node(big + at, at / 100, 0) for at in (0, 1, 2, 3)]
    ways = [road(1, [big, big + 1, big + 9]), road(2, [big + 2, big + 3, big + 9])]
    roads = read(write_osm(tmp_path / "big.osm.pbf", *objects, *ways))
    assert (roads.report.links, roads.report.pieces) == (2, 2)
