"""Evidence is kept, shown and held against results; scores and costs do not know of it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geodata.errors import DataError, InputError
from geodata.network.evidence import ALL, event_sources, recorded_events
from geodata.network.network import Network
from geodata.network.store import load_network, save_network
from geodata.publication.layers.licences import sources
from geodata.publication.layers.network_layers import network_layers
from geodata.publication.tilesets import _since
from geodata.sources.layers.schema import EVIDENCE, SCHEMAS
from routes.router import Router
from routes.scenario.profiles import load_profile
from tests.support.worlds import elsewhere


def rows_of(name: str, *rows: dict[str, object]) -> pd.DataFrame:
    blank = {"float": 0.0, "float?": np.nan}
    return pd.DataFrame(
        [{key: row.get(key, blank.get(kind, "")) for key, kind in SCHEMAS[name].items()}
         for row in rows]
    )  # fmt: skip


def evidence() -> dict[str, pd.DataFrame]:
    """Five events, three of which lack a place, a date or exactness, and two counts."""
    return {
        "events": rows_of(
            "events",
            {"id": "A", "date": "2016-02", "flow": "cocaine", "x": 10.3, "y": -40.7},
            {"date": "2017", "flow": "migrants", "x": 10.5, "y": -40.25},
            {"id": "B", "date": "2018-01-05", "flow": "cocaine", "admin1": "XA-S"},
            {"id": "C", "flow": "cocaine", "kind": "landing", "x": 10.9, "y": -40.4},
            {
                "id": "D",
                "date": "2016",
                "flow": "cocaine",
                "precision_km": 40.0,
                "x": 10.3,
                "y": -40.7,
            },
        ),
        "counts": rows_of(
            "counts",
            {"id": "1", "measure": "strips", "country": "XB", "value": 3.0},
            {"id": "2", "measure": "strips", "country": "XA", "admin1": "XA-N", "value": 5.0},
        ),
    }


@pytest.fixture(scope="module")
def witnessed(tmp_path_factory) -> Network:
    """The small network of `isle_dir`, with evidence among its sources."""
    own, home = elsewhere.tables(), tmp_path_factory.mktemp("witnessed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elsewhere, "tables", lambda: {**own, **evidence()})
        network = elsewhere.make_network(home / "layers")
    return load_network(save_network(network, home / "network"))


def test_scores_and_costs_are_the_same_with_and_without(witnessed, isle_dir):
    plain = load_network(isle_dir)
    assert set(witnessed.layers) - set(plain.layers) == set(EVIDENCE)
    for name in ("nodes", "links", "gateways", "admin"):
        pd.testing.assert_frame_equal(getattr(witnessed, name), getattr(plain, name))
    assert witnessed.surfaces.keys() == plain.surfaces.keys()
    for name, surface in plain.surfaces.items():
        np.testing.assert_array_equal(witnessed.surfaces[name], surface)
    profile = load_profile("cocaine-north")
    np.testing.assert_array_equal(Router(witnessed).cost(profile), Router(plain).cost(profile))


def test_events_of_a_flow_are_those_with_a_date_and_a_place(witnessed):
    events = recorded_events(witnessed, flow="cocaine")
    assert (events.x.tolist(), events.date.tolist()) == ([10.3], ["2016-02"])
    assert events.left_out == {
        "undated": 1, "without a place": 1, "less exact than 25 km": 1,
    }  # fmt: skip
    assert events.file == "events of halcyon" and len(events.sha256) == 64
    assert len(recorded_events(witnessed, flow=ALL)) == 2
    spelt = witnessed.layers["events"].replace({"flow": {"cocaine": "cocaína"}})
    named = replace(witnessed, layers={**witnessed.layers, "events": spelt})
    assert len(recorded_events(named, flow=unicodedata.normalize("NFD", "cocaína"))) == 1
    assert np.isnan(events.precision_km).all(), "nobody says"
    with pytest.raises(InputError, match=r"flow: 'gold'.*cocaine, migrants.*--events"):
        recorded_events(witnessed, flow="gold")
    with pytest.raises(InputError, match="give --events FILE"):
        recorded_events(replace(witnessed, layers={}), flow=ALL)


def test_an_event_still_to_come_is_refused_by_its_id(witnessed):
    listed = witnessed.layers["events"]
    later = listed.assign(date=listed["date"].where(listed["id"] != "A", "2999"))
    network = replace(witnessed, layers={**witnessed.layers, "events": later})
    with pytest.raises(DataError, match="events, A, date: '2999'"):
        recorded_events(network, flow=ALL)


def test_layers_show_them_with_their_times_and_places(witnessed):
    layers = {layer.name: layer for layer in network_layers(witnessed)}
    events, counts = (layers[name].frame for name in EVIDENCE)
    assert events["id"].tolist() == ["A", "E-1", "C", "D"]
    assert [str(day)[:10] for day in events["time_start"]] == [
        "2016-02-01", "2017-01-01", "NaT", "2016-01-01",
    ]  # fmt: skip
    assert [str(day)[:10] for day in events["time_end"]] == [
        "2016-02-29", "2017-12-31", "NaT", "2016-12-31",
    ]  # fmt: skip
    assert "coordinates, 1, are left out" in layers["events"].description
    assert all("no input of any score" in layers[name].description for name in EVIDENCE)
    admin = witnessed.admin.set_index("id").geometry
    assert counts["id"].tolist() == ["2"] and admin["XA-N"].contains(counts.geometry[0])
    assert "known, 1, are left out" in layers["counts"].description
    assert (_since("events", events) == 0).all(), "a landing that happened"


def test_who_reports_evidence_is_named_for_it_alone(witnessed):
    layers = {layer.name: layer for layer in network_layers(witnessed)}
    assert {each["layer"] for each in sources(witnessed)} > set(EVIDENCE)
    assert {each["layer"] for each in sources(witnessed, layers["events"])} == {"events"}
    assert not {each["layer"] for each in sources(witnessed, layers["roads"])} & set(EVIDENCE)


def test_evidence_is_known_by_its_role_whatever_its_layer_is_called(witnessed):
    listed = [{"layer": "ACLED", "role": "events"}, {"layer": "counts", "role": "roads"}]
    plain = {"licence": "free", "attribution": "us", "sha256": "1"}
    renamed = replace(witnessed, meta={"sources": [{**each, **plain} for each in listed]})
    layers = {layer.name: layer for layer in network_layers(witnessed)}
    assert [each["layer"] for each in event_sources(renamed)] == ["ACLED"]
    assert [each["layer"] for each in sources(renamed, layers["events"])] == ["ACLED"]
    assert [each["layer"] for each in sources(renamed, layers["roads"])] == ["counts"]
