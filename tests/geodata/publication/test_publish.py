"""A result is drawn over the bundled region, or over the one that is passed in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from geodata.borderlands.region import borderlands
from geodata.cartography.basemap import Basemap, basemap_of
from geodata.publication.publish import publish
from tests.support.result_sample import sample


def test_a_bundle_has_one_basemap() -> None:
    assert basemap_of(borderlands()) is basemap_of(borderlands())


@pytest.mark.parametrize("holder", ["", "The holder of another region"])
def test_the_map_names_whose_basemap_it_is_drawn_over(
    holder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[str] = []
    bundled = basemap_of(borderlands())

    def draw(
        result: object, basemap: Basemap, path: Path, *, attribution: str, **_: object
    ) -> None:
        assert attribution == basemap.attribution
        named.append(attribution)
        path.write_bytes(b"")

    monkeypatch.setattr("geodata.publication.publish.draw_map", draw)
    monkeypatch.setattr(
        "geodata.publication.publish.write_result",
        lambda result, output, draw, overwrite: draw(tmp_path / "map.png"),
    )
    over = replace(bundled, attribution=holder) if holder else None
    scenario = {"profile": "p", "title": "t", "slack": 0.2, "slack_hours": None}
    result = replace(sample(), provenance={"scenario": scenario, "vereda": "0"})
    publish(result, tmp_path / "out", overwrite=False, basemap=over)
    assert named == [holder or bundled.attribution]
