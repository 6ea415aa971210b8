"""Random and adversarial questions for the engine, made fast and by number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from routes.search.arcs import Arcs
from routes.search.band import Ends

KINDS = ("uniform", "ties", "free", "ratios", "star", "chain", "ladder", "loops", "apart")


@dataclass(frozen=True, kw_only=True)
class Question:
    """Arcs and their costs, ends and what it costs to start and to end there, and a slack."""

    arcs: Arcs
    cost: np.ndarray
    origins: np.ndarray
    destinations: np.ndarray
    entry: np.ndarray
    ending: np.ndarray
    slack: float

    @property
    def arguments(self) -> dict[str, Any]:
        """As `find_corridor` takes it."""
        ends = Ends(origins=self.origins, destinations=self.destinations,
                    entry=self.entry, ending=self.ending)  # fmt: skip
        return {"ends": ends, "slack": self.slack}


def question(kind: str, seed: int) -> Question:
    """A question of a kind; the same seed gives the same."""
    chance = np.random.default_rng((KINDS.index(kind), seed))
    u, v, cost = MAKERS.get(kind, scattered)(chance, kind)
    n = int(max(u.max(), v.max())) + 1
    both = chance.random() < 0.6
    one_way = np.ones(len(u), bool)
    arcs = Arcs.from_links(
        u.astype(np.int32), v.astype(np.int32), n, uv=one_way, vu=one_way & both,
        reorder=bool(chance.integers(2)),
    )  # fmt: skip
    if kind in ("star", "chain", "ladder"):
        ends, split = np.array([0, 1]), 1
    else:
        ends = chance.permutation(n)[: chance.integers(2, min(n, 5) + 1)]
        split = int(chance.integers(1, len(ends)))
    extra = np.where(chance.random(len(ends)) < 0.5, 0, chance.random(len(ends)) * cost.mean())
    ends, extra = ends.astype(np.int32), extra.astype(np.float32)
    return Question(
        arcs=arcs, cost=cost.astype(np.float32)[arcs.link], origins=ends[:split],
        destinations=ends[split:], entry=extra[:split], ending=extra[split:],
        slack=float(chance.choice([0.0, 0.01, 0.1, 0.3, 1.0])),
    )  # fmt: skip


def costs(chance: np.random.Generator, kind: str, many: int) -> np.ndarray:
    """Costs of a kind."""
    if kind in ("ties", "ladder"):
        return chance.integers(1, 4, many) * chance.choice([0.1, 1.0, 1e-9])
    if kind in ("free", "loops"):
        return np.where(chance.random(many) < 0.6, 0.0, chance.integers(0, 3, many) * 0.7)
    if kind == "ratios":
        return 10.0 ** chance.uniform(-38, 25, many)
    return np.where(chance.random(many) < 0.05, np.inf, chance.random(many) * 10)


def scattered(chance: np.random.Generator, kind: str) -> tuple[np.ndarray, ...]:
    """Any arcs between a few nodes, parallel ones and loops among them."""
    n = int(chance.integers(2, 30))
    many = int(chance.integers(1, 4 * n))
    if kind == "apart":
        many = max(many // 4, 1)
    u, v = chance.integers(0, n, (2, many))
    u[0], v[0] = 0, n - 1
    if kind == "loops":
        u[many // 2 :] = v[many // 2 :]
    return u, v, np.where(np.isinf(c := costs(chance, kind, many)) & (np.arange(many) == 0), 1, c)


def star(chance: np.random.Generator, _: str) -> tuple[np.ndarray, ...]:
    """Both ends near each other: one dear arc, and cheap ways through a node each."""
    ways = int(chance.integers(1, 80))
    between = np.arange(2, 2 + ways)
    u = np.concatenate([[0], np.zeros(ways, int), between])
    v = np.concatenate([[1], between, np.ones(ways, int)])
    dear, cheap = ((10.0, 0.1), (1.0, 0.51), (1.0, 0.0), (0.2, 0.1))[chance.integers(4)]
    return u, v, np.concatenate([[dear], np.full(2 * ways, cheap)])


def chain(chance: np.random.Generator, _: str) -> tuple[np.ndarray, ...]:
    """One dear arc and many cheap ones, in a row."""
    many = int(chance.integers(1, 400))
    cost = np.full(many, 10.0 ** chance.uniform(-7, 0))
    cost[chance.integers(many)] = 10.0 ** chance.uniform(0, 3)
    node = np.concatenate([[0], np.arange(2, many + 1), [1]])
    return node[:-1], node[1:], cost


def ladder(chance: np.random.Generator, kind: str) -> tuple[np.ndarray, ...]:
    """Two rails with rungs: very many paths, and many of one cost."""
    steps = int(chance.integers(2, 25))
    left = np.concatenate([[0], 2 + 2 * np.arange(steps - 1), [1]])
    right = 2 * steps + np.arange(steps + 1)
    u = np.concatenate([left[:-1], right[:-1], left])
    v = np.concatenate([left[1:], right[1:], right])
    return u, v, costs(chance, kind, len(u))


MAKERS = {"star": star, "chain": chain, "ladder": ladder}
