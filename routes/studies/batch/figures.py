"""Headline figures: what a table of runs says of each result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routes.results.result import Result

FIGURES = {
    "corridors": "int", "corridor": "str", "usage": "float", "cost": "float", "hours": "float",
    "gateway": "str", "gateway_usage": "float", "exposure": "float", "cut_off": "int",
}  # fmt: skip
"""Their names and types: of the corridor and the gateway that are used most, and in all."""


def headline(result: Result) -> dict[str, Any]:
    """Figures of a result: how many corridors, the first of them, the first gateway, exposure."""
    figures: dict[str, Any] = {
        "corridors": len(result.corridors),
        "exposure": float(result.admin["exposure"].sum()),
        "cut_off": int(result.provenance["search"]["cut_off"]),
    }
    for _, first in result.corridors.head(1).iterrows():
        figures |= {name: float(first[name]) for name in ("usage", "cost", "hours")}
        figures["corridor"] = str(first["name"])
    ranked = result.gateways.sort_values(["usage", "id"], ascending=[False, True])
    for _, first in ranked.head(1).iterrows():
        figures |= {"gateway": str(first["name"]), "gateway_usage": float(first["usage"])}
    return figures
