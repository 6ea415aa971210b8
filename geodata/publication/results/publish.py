"""A result as a directory of files, its map drawn over the region of its network."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Protocol

from geodata.cartography.basemap import Basemap, basemap_of
from geodata.cartography.printed.result_map import draw_map
from geodata.network.network import Network
from geodata.publication.results.result_directory import ResultLayers, write_result
from geodata.publication.results.result_files import OUTPUTS, Output


class ComputedResult(ResultLayers, Protocol):
    """A result to publish: its layers, and the network on which it was computed."""

    @property
    def network(self) -> Network:
        """The network on which it was computed."""


def publish(
    result: ComputedResult,
    output: str | Path,
    *,
    overwrite: bool,
    basemap: Basemap | None = None,
    outputs: Collection[Output] = OUTPUTS,
) -> Path:
    """Write the directory of a result; see `write_result` of this room.

    Parameters
    ----------
    result
        What `Router.run` computed.
    output
        Directory to write.
    overwrite
        Whether a result that is already there may be replaced.
    basemap
        Basemap of the map; by default, that of the network.
    outputs
        Outputs to write beside the record.

    Examples
    --------
    >>> from geodata import publish
    >>> from routes import Router, Scenario, load_network, load_profile
    >>> router = Router(load_network("network"))
    >>> result = router.run(Scenario(profile=load_profile("cocaine-north")))
    >>> sorted(path.stem for path in publish(result, "mine", overwrite=True).glob("*.geojson"))
    ['admin', 'corridors', 'gateways', 'near_gateways', 'places', 'segments']
    """
    scenario: Any = result.provenance["scenario"]
    search: Any = result.provenance.get("search", {})
    cut = " A search was cut off: only the cheapest are shown." if search.get("cut_off") else ""
    subtitle = (
        f"Profile {scenario['profile']}, paths within {slack_text(scenario)} of the least cost. "
        f"Vereda {result.provenance['vereda']}.{cut}"
    )

    def draw(path: Path) -> None:
        base = basemap or basemap_of(result.network)
        draw_map(
            result, base, path, title=scenario["title"], subtitle=subtitle,
            attribution=base.attribution,
        )  # fmt: skip

    return write_result(result, output, draw=draw, overwrite=overwrite, outputs=outputs)


def slack_text(scenario: Mapping[str, Any]) -> str:
    """How much dearer than the best a path may be, from the record of a scenario."""
    hours = scenario["slack_hours"]
    return f"{scenario['slack']:.0%}" if hours is None else f"{hours:g} risk-adjusted hours"
