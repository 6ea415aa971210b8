"""Segments of Overture in GeoParquet of its published schema."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from geodata.area.study_area import StudyArea
from geodata.errors import DataError
from geodata.sources.area_file import Layer, default_roads
from geodata.sources.vectors import vector_roads

AREA = StudyArea(
    name="test", bbox=(-89.0, 14.0, -87.5, 15.2), countries=(), neighbours=(), cell_m=2000.0
)
RULES = default_roads()
SPAN = pa.list_(pa.float64())
WHEN = pa.struct([
    ("during", pa.string()), ("heading", pa.string()), ("using", pa.list_(pa.string())),
    ("recognized", pa.list_(pa.string())), ("mode", pa.list_(pa.string())),
    ("vehicle", pa.list_(pa.struct([("dimension", pa.string()), ("comparison", pa.string()),
                                    ("value", pa.float64()), ("unit", pa.string())]))),
])  # fmt: skip
SPEED = pa.struct([("value", pa.int32()), ("unit", pa.string())])
SCHEMA = pa.schema([
    ("id", pa.string()),
    ("geometry", pa.binary()),
    ("bbox", pa.struct([(each, pa.float32()) for each in ("xmin", "xmax", "ymin", "ymax")])),
    ("version", pa.int32()),
    ("subtype", pa.string()),
    ("class", pa.string()),
    ("subclass", pa.string()),
    ("names", pa.struct([("primary", pa.string()), ("common", pa.map_(pa.string(), pa.string()))])),
    ("connectors", pa.list_(pa.struct([("connector_id", pa.string()), ("at", pa.float64())]))),
    ("routes", pa.list_(pa.struct([("name", pa.string()), ("network", pa.string()),
                                   ("ref", pa.string()), ("between", SPAN)]))),
    ("subclass_rules", pa.list_(pa.struct([("value", pa.string()), ("between", SPAN)]))),
    ("access_restrictions", pa.list_(pa.struct([("access_type", pa.string()), ("when", WHEN),
                                                ("between", SPAN)]))),
    ("speed_limits", pa.list_(pa.struct([("min_speed", SPEED), ("max_speed", SPEED),
                                         ("is_max_speed_variable", pa.bool_()), ("when", WHEN),
                                         ("between", SPAN)]))),
    ("road_surface", pa.list_(pa.struct([("value", pa.string()), ("between", SPAN)]))),
    ("road_flags", pa.list_(pa.struct([("values", pa.list_(pa.string())), ("between", SPAN)]))),
])  # fmt: skip
"""Of theme transportation, type segment, but for columns that nothing here depends on."""


def segment(name, line, connectors, **columns):
    xs, ys = zip(*line, strict=True)
    return {
        "id": name, "geometry": shapely.to_wkb(shapely.LineString(line)), "version": 1,
        "bbox": {"xmin": min(xs), "xmax": max(xs), "ymin": min(ys), "ymax": max(ys)},
        "subtype": "road", "class": "primary",
        "connectors": [{"connector_id": key, "at": at} for key, at in connectors],
        **columns,
    }  # fmt: skip


def write(path, *segments):
    covering = {"bbox": {each: ["bbox", each] for each in ("xmin", "xmax", "ymin", "ymax")}}
    geometry = {"encoding": "WKB", "geometry_types": ["LineString"], "covering": covering}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": geometry}}
    table = pa.Table.from_pylist(list(segments), SCHEMA.with_metadata({"geo": json.dumps(geo)}))
    pq.write_table(table, path)
    return path


def read(path, *, merged=False):
    layer = Layer(role="roads", path=str(path))
    return vector_roads([layer], AREA, rules=RULES, merged=merged)


def table(roads):
    """Links by their ends, from west to east."""
    links = roads.links.copy()
    links["at"] = [round(line.bounds[0], 3) for line in links.geometry]
    return links.sort_values("at", ignore_index=True)


A, B, C = (-88.8, 14.5), (-88.6, 14.5), (-88.4, 14.5)


def test_segments_meet_at_connectors_and_nowhere_else(tmp_path):
    path = write(
        tmp_path / "s.parquet",
        segment("1", [A, B, C], [("a", 0.0), ("b", 0.5), ("c", 1.0)]),
        segment("2", [B, (-88.6, 14.7)], [("b", 0.0), ("d", 1.0)]),
        segment("3", [(-88.5, 14.4), (-88.5, 14.6)], [("e", 0.0), ("f", 1.0)]),
        segment("4", [(-88.7, 14.4), (-88.7, 14.5), (-88.7, 14.6)], [("g", 0.0), ("h", 1.0)]),
        segment("5", [A, (-88.8, 14.6)], [("other", 0.0), ("i", 1.0)]),
        segment("6", [(10, 10), (11, 11)], [("j", 0.0), ("k", 1.0)]),
    )
    roads = read(path)
    assert len(roads.links) == 6
    used = np.bincount(roads.links[["u", "v"]].to_numpy().ravel())
    assert sorted(used) == [1] * 9 + [3]
    (junction,) = np.flatnonzero(used == 3)
    assert tuple(roads.nodes.loc[junction, ["x", "y"]].astype(float).round(6)) == B


def test_rules_cut_a_segment_where_they_begin(tmp_path):
    limit = {"max_speed": {"value": 40, "unit": "mph"}, "between": [0.5, 1.0]}
    path = write(
        tmp_path / "s.parquet",
        segment(
            "1", [A, C], [("a", 0.0), ("c", 1.0)], names={"primary": "CA-4"},
            routes=[{"ref": "CA4"}],
            road_surface=[{"value": "gravel", "between": [0.0, 0.25]},
                          {"value": "paved", "between": [0.25, 1.0]}],
            speed_limits=[limit],
        ),
    )  # fmt: skip
    links = table(read(path))
    assert list(links["surface"]) == ["mixed", "paved", "paved"]
    share = links["length_m"] / links["length_m"].sum()
    np.testing.assert_allclose(share, [0.25, 0.25, 0.5], atol=1e-4)
    kmh = links["length_m"] / links["seconds_uv"] * 3.6
    posted = 40 * 1.609344 * RULES.posted.factor
    np.testing.assert_allclose(
        kmh, [RULES.speed("primary", "mixed"), RULES.speed("primary", "paved"), posted], rtol=1e-6
    )
    assert set(links["name"]) == {"CA-4"} and set(links["ref"]) == {"CA4"}
    assert len(links) == 3 and links["v"].iloc[0] == links["u"].iloc[1]


def access(kind, **when):
    return {"access_type": kind, "when": when or None}


@pytest.mark.parametrize(
    ("rules", "forward", "backward", "mode"),
    [
        ([], True, True, "road"),
        ([access("denied", heading="backward")], True, False, "road"),
        ([access("denied", heading="forward")], False, True, "road"),
        ([access("denied", mode=["motor_vehicle"])], True, True, "trail"),
        ([access("denied"), access("allowed", mode=["foot"])], True, True, "trail"),
        ([access("denied"), access("allowed", mode=["car"])], True, True, "road"),
        ([access("denied", during="Mo-Fr 07:00-09:00")], True, True, "road"),
        ([access("denied", mode=["hgv"])], True, True, "road"),
    ],
)
def test_access(tmp_path, rules, forward, backward, mode):
    path = write(
        tmp_path / "s.parquet",
        segment("1", [A, C], [("a", 0.0), ("c", 1.0)], access_restrictions=rules),
    )
    (link,) = read(path).links.to_dict("records")
    assert (np.isfinite(link["seconds_uv"]), np.isfinite(link["seconds_vu"])) == (forward, backward)
    assert link["mode"] == mode


def test_what_nobody_may_use_is_left_out(tmp_path):
    path = write(
        tmp_path / "s.parquet",
        segment("1", [A, B], [("a", 0.0), ("b", 1.0)], access_restrictions=[access("denied")]),
        segment("2", [B, C], [("b", 0.0), ("c", 1.0)]),
    )
    roads = read(path)
    assert len(roads.links) == 1 and roads.report.closed == 1


def test_classes_links_ferries_rails_and_roads_to_be(tmp_path):
    ends = [("a", 0.0), ("c", 1.0)]
    path = write(
        tmp_path / "s.parquet",
        segment("1", [A, C], ends, **{"class": "motorway"}, subclass="link"),
        segment("2", [A, C], ends, **{"class": "unknown"}),
        segment("3", [A, C], ends, **{"class": "footway"}),
        segment("4", [A, C], ends, subtype="water", **{"class": None}),
        segment("5", [A, C], ends, subtype="rail", **{"class": "standard_gauge"}),
        segment("6", [A, C], ends, road_flags=[{"values": ["is_under_construction"]}]),
        segment("7", [A, C], ends, road_flags=[{"values": ["is_bridge"]}]),
    )
    roads = read(path)
    assert sorted(roads.links["class"]) == ["ferry", "local", "path", "primary", "primary"]
    assert sum(roads.report.counts.left_out.values()) == 2


def test_a_connector_that_is_not_on_its_segment(tmp_path):
    path = write(tmp_path / "s.parquet", segment("1", [A, C], [("a", 0.0), ("c", 1.5)]))
    with pytest.raises(DataError, match=r"connectors: 1\.5\. A connector lies at 0 to 1"):
        read(path)


def test_connectors_close_together_stay_apart(tmp_path):
    """A hundred metres, with two connectors in the first one and two in one place at the end."""
    near = (-88.8 + 100 / 107_770, 14.5)
    path = write(
        tmp_path / "s.parquet",
        segment("1", [A, near], [("b", 0.005), ("a", 0.0), ("c", 1.0), ("d", 1.0)]),
        *(segment(name, [(x, 14.6), (x, 14.7)], [(name, 0.0), ("end " + name, 1.0)])
          for name, x in (("a", -88.81), ("b", -88.8), ("c", -88.79), ("d", -88.78))),
    )  # fmt: skip
    roads = read(path)
    assert roads.report.pieces == 1
    metres = roads.links["length_m"].to_numpy()
    assert np.sort(metres)[:3] == pytest.approx([0.01, 0.5, 99.5], rel=0.01)
    assert shapely.is_valid(np.asarray(roads.links.geometry)).all()


def test_a_connector_without_a_name_is_refused(tmp_path):
    path = write(tmp_path / "s.parquet", segment("1", [A, B], [(None, 0.0), ("c", 1.0)]))
    with pytest.raises(DataError, match=r"connectors, connector_id: None\. .*give it one"):
        read(path)
