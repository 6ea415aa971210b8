"""The verdict of the soak: what grows is seen, what only sways is not."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.properties.soak import ROUNDS, WARM, Weight, growth, left_over


def weights(*, slope: float = 0.0, sway: float = 0.0, **more: int) -> list[Weight]:
    """A service that fills its caches first, and then changes by so much a round."""
    chance = Random(1)
    return [
        Weight(
            megabytes=700 + 60 * min(turn, WARM) + slope * turn + chance.uniform(-sway, sway),
            descriptors=100 + more.get("descriptors", 0) * turn,
            threads=40 + more.get("threads", 0) * turn,
            files=2 + more.get("files", 0) * turn,
        )
        for turn in range(ROUNDS)
    ]


@pytest.mark.parametrize("sway", [0.0, 5.0, 30.0])
def test_what_sways_has_not_grown(sway: float) -> None:
    assert [*growth(weights(sway=sway))] == []


def test_what_shrinks_has_not_grown() -> None:
    assert [*growth(weights(slope=-20.0))] == []


@pytest.mark.parametrize("slope", [6.0, 40.0])
def test_memory_that_grows_is_seen(slope: float) -> None:
    (message,) = growth(weights(slope=slope, sway=3.0))
    assert message.startswith("memory grew by ")


@pytest.mark.parametrize("kind", ["descriptors", "threads", "files"])
def test_what_stays_open_is_seen(kind: str) -> None:
    (message,) = growth(weights(**{kind: 2}))
    assert message.startswith(f"{kind} grew from ")


def test_what_was_left_among_the_jobs_is_counted(tmp_path: Path) -> None:
    aside = tmp_path / "jobs" / "results" / ".vereda-0123456789abcdef" / "new"
    for home in (aside, tmp_path / "jobs" / "results" / "0123", tmp_path / "temporary"):
        home.mkdir(parents=True)
    for path in (aside / "map.png", tmp_path / "jobs" / "results" / "0123" / "map.png",
                 tmp_path / "jobs" / "jobs.db", tmp_path / "temporary" / "x"):  # fmt: skip
        path.touch()
    assert {path.name for path in left_over(tmp_path)} == {aside.parent.name, "new", "map.png", "x"}
    assert len([*left_over(tmp_path)]) == 4
