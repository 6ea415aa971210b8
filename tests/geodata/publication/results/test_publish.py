"""A result is drawn over the region of its network, or over the one that is passed in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from geodata.area.titles import Titles
from geodata.cartography.basemap import Basemap, basemap_of, borders, project_basemap
from geodata.network.network import Network
from geodata.publication.results.publish import publish
from tests.support.worlds.result_sample import bundled_basemap


def test_a_network_has_one_basemap_of_its_own_layers(network: Network) -> None:
    basemap = basemap_of(network)
    assert basemap is basemap_of(network)
    assert basemap.titles == network.titles
    assert basemap.attribution == bundled_basemap().attribution
    for name in ("countries", "lakes", "places"):
        pd.testing.assert_frame_equal(getattr(basemap, name), getattr(bundled_basemap(), name))


def test_what_a_network_lacks_is_drawn_from_what_it_has(network: Network) -> None:
    bare = replace(network, layers={}, titles=Titles())
    basemap = basemap_of(bare)
    assert set(basemap.countries["country"]) == set(network.area.countries)
    assert basemap.lakes.empty
    assert "Tela" in set(basemap.places["name"])
    shore, limits = borders(project_basemap(basemap, network.area))
    assert shore.length > 0 and limits.length > 0
    assert basemap_of(network) is not basemap


@pytest.mark.parametrize("holder", ["", "The holder of another region"])
def test_the_map_names_whose_basemap_it_is_drawn_over(
    holder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[str] = []
    bundled = bundled_basemap()

    def draw(
        result: object, basemap: Basemap, path: Path, *, attribution: str, **_: object
    ) -> None:
        assert attribution == basemap.attribution
        named.append(attribution)
        path.write_bytes(b"")

    monkeypatch.setattr("geodata.publication.results.publish.draw_map", draw)
    monkeypatch.setattr(
        "geodata.publication.results.publish.write_result",
        lambda result, output, draw, **_: draw(tmp_path / "map.png"),
    )
    monkeypatch.setattr("geodata.publication.results.publish.basemap_of", lambda _: bundled)
    over = replace(bundled, attribution=holder) if holder else None
    scenario = {"profile": "p", "title": "t", "slack": 0.2, "slack_hours": None}
    result = SimpleNamespace(network=None, provenance={"scenario": scenario, "vereda": "0"})
    publish(result, tmp_path / "out", overwrite=False, basemap=over)
    assert named == [holder or bundled.attribution]
