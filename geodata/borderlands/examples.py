"""Names of the bundled region for examples, and example commands with some of them.

This module imports nothing heavy, because the help of every command shows examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Examples(NamedTuple):
    """Names for examples, all of which the region's network has."""

    capital: str
    country: str
    countries: str
    remote_unit: str


EXAMPLES = Examples(
    capital="Guatemala City",
    country="HN",
    countries="GT,HN",
    remote_unit="HN-GD",
)

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "alternatives": (
        'vereda alternatives --from "San Pedro Sula" --to Chiquimula',
        'vereda alternatives --from Trujillo --to "Flores, GT" '
        "--slack 0.5 --sharing 0.7 --map a.png",
    ),
    "area": ("vereda area init area.toml --iso GT --iso HN", "vereda area check area.toml"),
    "batch": (
        "vereda batch sweep.toml --output runs --dry-run",
        "vereda batch scenarios closures.toml --output runs --processes 4",
    ),
    "compare": (
        "vereda corridors --avoid Corinto --output closed",
        "vereda compare out closed --output moved",
        "vereda compare out closed strengthened --elasticity 0.5 --draws 20",
    ),
    "corridors": (
        "vereda corridors --profile cocaine-north --output out",
        'vereda corridors --profile migrants-north --from "San Pedro Sula" --to Tapachula',
        'vereda corridors --from -84.9,15.9 --to "El Naranjo" --slack 0.1',
        'vereda corridors --avoid Corinto --strengthen "El Florido=4" --via Izabal',
    ),
    "scenario": (
        "vereda scenario init sweep.toml",
        "vereda scenario check sweep.toml",
    ),
    "site": ("vereda site --profile cocaine-north --budget 3 --hours 6 --draws 20",),
    "strategy": ("vereda strategy examples/strategies/common-border.toml --output strategy",),
    "init": (
        "vereda area init area.toml --iso GT --iso HN",
        "vereda area init gulf.toml --bbox=-89.5,14.5,-86.5,16.6 --countries GT,HN --cell 1000",
    ),
}
"""Examples in the help of a command."""
