"""The network of the bundled region holds together, by land and by water."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from routes.search.connectivity import crossing_paths, reached_by_water, strong_share


def test_land_and_sea_are_one_strongly_connected_component(network):
    shares = strong_share(network)
    assert shares["land"] >= 0.995
    assert shares["sea"] >= 0.995


def test_rivers_bays_islands_and_lagoons_are_reached_by_water(network):
    titles = network.titles
    reached = reached_by_water(network, titles.boating, origin=titles.open_sea)
    assert list(reached["water"]) == list(titles.boating) and len(titles.boating) == 11
    assert np.isfinite(reached["hours"]).all()
    hours = reached.set_index("water")["hours"]
    assert hours["Lake Izabal"] > hours["El Golfete"] > hours["Livingston (Río Dulce mouth)"]


def test_every_formal_crossing_lies_on_a_road_between_two_countries(network):
    crossings = crossing_paths(network)
    assert len(crossings) == 26
    assert (crossings["country_a"] != crossings["country_b"]).all()
    assert crossings[["km_a", "km_b"]].max().max() < 45


def test_places_beside_a_road_count_each_on_its_side_of_a_crossing(strip):
    """Places of a study lie beside mapped roads, and are joined to them by transfers."""
    (path,) = crossing_paths(strip).to_dict("records")
    assert path["name"] == "Midgate"
    of = {path[f"country_{end}"]: (path[f"place_{end}"], path[f"km_{end}"]) for end in "ab"}
    assert of["XA"] == ("Aton", pytest.approx(23, abs=2))
    assert of["XB"] == ("Bton", pytest.approx(23, abs=2))


def test_a_side_of_a_crossing_without_a_place_of_its_country_names_none(strip):
    nodes = strip.nodes.assign(kind=strip.nodes["kind"].mask(strip.nodes["name"] == "Bton", "mesh"))
    (path,) = crossing_paths(dataclasses.replace(strip, nodes=nodes)).to_dict("records")
    assert "Aton" in (path["place_a"], path["place_b"]) and "" in (path["place_a"], path["place_b"])
    assert np.isinf([path["km_a"], path["km_b"]]).sum() == 1


def test_a_crossing_without_a_road_is_cut_off(strip):
    """However near its places are as the crow flies."""
    links = strip.links.assign(
        mode=strip.links["mode"].mask(strip.links["mode"] == "road", "trail")
    )
    (path,) = crossing_paths(dataclasses.replace(strip, links=links)).to_dict("records")
    assert np.isinf([path["km_a"], path["km_b"]]).all() and not path["place_a"] + path["place_b"]
