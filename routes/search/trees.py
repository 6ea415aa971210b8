"""Shortest-path trees over arcs in CSR form: many sources at once, forward or reverse.

Costs and labels are single precision, and labels are exact in it: each equals the least sum over
all paths of costs added arc by arc, and the arc of a node is one that gives this label. Trees grow
in `routes.search.kernels.tree_growth` by the queue of `bucket_queue` beside it, and the order of
nodes and arcs in memory is in `memory_layout`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geodata.arrays import Float32Array, Int32Array, UInt32Array
from geodata.computing.compiled import kernel
from geodata.computing.tasks import computed_once
from geodata.errors import InputError
from routes.search.arcs import Arcs, ArcWeights, lay_out_costs
from routes.search.kernels.admission import ANY, cost_array, index_array, node_array
from routes.search.kernels.memory_layout import Layout, Side
from routes.search.kernels.tree_growth import NO_ARC, OtherTree, Roots, TargetPlaces, bound_of, grow


@dataclass(frozen=True, kw_only=True)
class Targets:
    """Nodes whose costs decide how far a tree has to grow.

    A tree ends at `stretch` times the least cost, entry included, of the group of targets that
    is reached last: with one plus the slack, no path within the slack is missed.

    Parameters
    ----------
    node, entry, group
        Nodes, cost of starting there, and number of the group of each from 0 up.
    """

    node: Int32Array
    entry: Float32Array
    group: Int32Array
    stretch: float

    @classmethod
    def of(
        cls, groups: Sequence[npt.ArrayLike], *, stretch: float, entry: npt.ArrayLike = 0.0
    ) -> Targets:
        """Targets of some groups of nodes, with the entry costs of all nodes in turn."""
        nodes = [np.asarray(group, np.int32) for group in groups]
        node = np.concatenate(nodes)
        number = np.repeat(np.arange(len(nodes), dtype=np.int32), [len(group) for group in nodes])
        late = np.broadcast_to(np.asarray(entry, np.float32), len(node)).copy()
        return cls(node=node, entry=late, group=number, stretch=stretch)


@dataclass(frozen=True)
class SharedFrontier:
    """Data shared by two trees that grow towards each other on two threads.

    Each tree leaves out nodes that the other tree shows to be beyond the slack. Nodes on paths
    within the slack get the same labels as in a single tree; labels of other nodes may differ.

    Parameters
    ----------
    labels
        Labels of the forward and of the reverse tree, by place.
    pace
        Cost below which the labels of each tree are final.
    targets
        Targets of each tree: the nodes from which the other grows.
    """

    labels: tuple[Float32Array, Float32Array]
    pace: Float32Array
    targets: tuple[Targets, Targets]

    @classmethod
    def on(cls, arcs: Arcs, *, targets: tuple[Targets, Targets]) -> SharedFrontier:
        """Make the shared data before both trees begin."""
        outward, inward = (np.full(arcs.n, np.float32(np.inf)) for _ in range(2))
        return cls((outward, inward), np.zeros(2, np.float32), targets)


@dataclass(frozen=True, kw_only=True)
class Tree:
    """Least costs from (or to) the nearest source.

    Parameters
    ----------
    label, via
        Cost of the node at each place and position of its arc, see
        `routes.search.kernels.memory_layout`.
    layout, side
        Layout that defines these places and positions.
    sources, entry
        Places from which the tree grew, and the cost of starting at each.
    within
        Cost up to which all labels equal those of an unlimited tree; 0 for a guided tree.
    """

    label: Float32Array
    via: UInt32Array
    layout: Layout
    side: Side
    sources: UInt32Array
    entry: Float32Array
    within: float

    @computed_once
    def cost(self) -> Float32Array:
        """Per node, infinite where unreached; shape (n,)."""
        return self.layout.at_nodes(self.label)

    @computed_once
    def arc(self) -> Int32Array:
        """Per node, the arc by which it is reached (forward) or left (reverse), -1 for none."""
        arcs: Int32Array = _numbered(self.via, self.side.arc, self.layout.place)
        return arcs


def grow_tree(
    arcs: Arcs,
    cost: npt.ArrayLike | ArcWeights,
    sources: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
    reverse: bool = False,
    limit: float = np.inf,
    to_go: npt.ArrayLike | Tree | None = None,
    targets: Targets | SharedFrontier | None = None,
) -> Tree:
    """Tree of least cost from many sources at once.

    Parameters
    ----------
    cost
        Cost of each arc, or `ArcWeights` made from them, which saves checking them again.
    sources
        Nodes to start from.
    entry
        Cost of starting at each source; zero when not given.
    reverse
        Follow arcs against their direction: costs *to* the sources.
    limit
        Nodes dearer than this are left unreached.
    to_go
        Least cost still to come per node; it is added before the limit is applied.
    targets
        Nodes whose costs lower the limit once they are reached; when another tree grows from them
        at the same time, the frontier that both share.

    Raises
    ------
    InputError
        When a cost or entry is negative or not a number, or a source is not a node.
    """
    weights = cost if isinstance(cost, ArcWeights) else lay_out_costs(arcs, cost)
    places = arcs.layout.places(node_array("sources", sources, arcs.n))
    labels = cost_array("entry", 0.0 if entry is None else entry, len(places), most=ANY)
    layout, other = arcs.layout, None
    label = np.full(arcs.n, np.float32(np.inf))
    if isinstance(targets, SharedFrontier):
        label, other = targets.labels[reverse], _other(targets, reverse)
        targets = targets.targets[reverse]
    ended = _target_places(targets, layout)
    via = grow(
        weights.backward if reverse else weights.forward, weights.delta, Roots(places, labels),
        label, np.float32(limit), _remaining(to_go, layout), ended, other,
    )  # fmt: skip
    within = limit if ended is None else min(limit, float(bound_of(label, ended)))
    guided = to_go is not None or other is not None
    return Tree(
        label=label, via=via, layout=layout, side=layout.backward if reverse else layout.forward,
        sources=places, entry=labels, within=0.0 if guided else within,
    )  # fmt: skip


def _remaining(to_go: npt.ArrayLike | Tree | None, layout: Layout) -> Float32Array | None:
    """Cost still to come at each place."""
    if to_go is None:
        return None
    if isinstance(to_go, Tree):
        if to_go.layout is not layout:
            raise InputError("to_go", to_go.layout.n, "Give a tree over the same arcs.")
        return to_go.label
    return np.array(layout.at_places(cost_array("to_go", to_go, layout.n, most=ANY)))


def _target_places(targets: Targets | None, layout: Layout) -> TargetPlaces | None:
    """Targets in the form that the kernel takes."""
    if targets is None or not len(targets.node):
        return None
    places = layout.places(node_array("targets", targets.node, layout.n))
    entry = cost_array("entry", targets.entry, len(places), most=ANY)
    group = index_array("group", targets.group, len(places))
    numbers, rows = np.unique(group, return_inverse=True)
    stretch = np.float32(targets.stretch)
    return TargetPlaces(places, entry, rows.astype(np.int32), len(numbers), stretch)


def _other(meeting: SharedFrontier, reverse: bool) -> OtherTree:
    """The tree of the other direction in the form that the kernel takes."""
    stretch = np.float32(meeting.targets[reverse].stretch)
    return OtherTree(meeting.labels[not reverse], meeting.pace, np.uint64(reverse), stretch)


@kernel(nogil=True)
def _numbered(via: Any, arc: Any, place: Any) -> Any:
    """Number of the arc at each node's position, -1 for none."""
    numbers = np.empty(len(via), np.int32)
    for i in range(np.uint64(len(via))):
        at = np.uint64(i) if place is None else np.uint64(place[np.uint64(i)])
        k = via[at]
        if k == NO_ARC:
            numbers[np.uint64(i)] = -1
        else:
            numbers[np.uint64(i)] = k if arc is None else arc[np.uint64(k)]
    return numbers


def path_arcs(arcs: Arcs, grown: Tree, node: int, *, reverse: bool = False) -> Int32Array:
    """Arcs of the tree between a node and its source, in the direction of travel."""
    path = []
    while (arc := int(grown.arc[node])) >= 0:
        path.append(arc)
        node = int(arcs.head[arc] if reverse else arcs.tail[arc])
    return np.array(path if reverse else path[::-1], np.int32)


def path_nodes(arcs: Arcs, path: Int32Array) -> Int32Array:
    """Nodes along a path, one more than it has arcs."""
    return np.asarray(np.append(arcs.tail[path[:1]], arcs.head[path]), np.int32)
