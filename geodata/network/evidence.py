"""Evidence: the events that a network keeps, as `vereda validate` takes them."""

from __future__ import annotations

import hashlib

import numpy as np

from geodata.entries.spelling import composed
from geodata.errors import InputError
from geodata.network.credit import Sources, role_of
from geodata.network.network import Network
from geodata.sources.userfiles.dates import require_past
from geodata.sources.userfiles.events import Events

ALL = "all"
"""Stands for the events of every flow."""


def recorded_events(network: Network, *, flow: str) -> Events:
    """Dated, located events of a flow that the sources of a network list.

    Parameters
    ----------
    network
        A network that keeps its layer of events.
    flow
        As the column of this name has it, such as ``cocaine``; or `ALL`.

    Raises
    ------
    InputError
        When the network has no events, or none of the flow.
    DataError
        When an event has a date in the future.

    Examples
    --------
    >>> from geodata import load_network, recorded_events
    >>> events = recorded_events(load_network("network"), flow="migrants")
    >>> events.period[0]
    '2014'
    """
    if "events" not in network.layers:
        remedy = "The network keeps none: give --events FILE, or build it anew with such a layer."
        raise InputError("events", None, remedy)
    listed = network.layers["events"]
    own = listed if flow == ALL else listed[listed["flow"] == composed(flow)]
    if own.empty:
        there = ", ".join(sorted({*listed["flow"]} - {""})) or "no flow"
        remedy = (
            f"The network has events of {there}: give --flow one of them or {ALL}, "
            "or give --events FILE."
        )
        raise InputError("flow", flow, remedy)
    ids = own["id"].tolist()
    require_past(own["date"].tolist(), lambda row: f"events, {ids[row]}, date")
    dated, placed = (own["date"] != "").to_numpy(), own["x"].notna().to_numpy()
    kept = own[dated & placed]
    events = Events(
        x=kept["x"].to_numpy(np.float64),
        y=kept["y"].to_numpy(np.float64),
        date=kept["date"].to_numpy(str),
        precision_km=kept["precision_km"].to_numpy(np.float64),
        flow=kept["flow"].to_numpy(object),
        kind=kept["kind"].to_numpy(object),
        mode=kept["mode"].to_numpy(object),
        left_out={
            "undated": int((~dated).sum()),
            "without a place": int((dated & ~placed).sum()),
        },
        file=f"events of {network.area.name}",
        sha256=_source_hash(network),
    )
    return events.exact()


def event_sources(network: Network) -> Sources:
    """Where the events of a network come from, and whom to name for them."""
    return [each for each in network.meta.get("sources", []) if role_of(each) == "events"]


def _source_hash(network: Network) -> str:
    """Hash of the file that the events come from, or of the events where it is not one file."""
    hashes = [each.get("sha256", "") for each in event_sources(network)]
    if len(hashes) == 1 and hashes[0]:
        return str(hashes[0])
    columns = network.layers["events"][["date", "x", "y"]]
    return hashlib.sha256(columns.to_csv(index=False).encode()).hexdigest()
