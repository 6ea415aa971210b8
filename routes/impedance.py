"""Generalised cost of an arc, in risk-adjusted hours, for a flow profile.

``cost = hours * rate * (1 + w_r (1 - remoteness) + w_g (1 - weakness)) + fees``

A link that is remote and weakly governed costs its time, one under full state presence up
to ``1 + w_r + w_g`` times that.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geodata.network import Network
from routes.profiles import Profile
from routes.remoteness import arc_hours
from routes.search import Arcs

Floats = npt.NDArray[np.float64]


def generalised_cost(network: Network, arcs: Arcs, profile: Profile) -> Floats:
    """Cost of each arc; infinite where the profile does not allow the mode. Shape (m,)."""
    links = network.links
    rates = links["mode"].map({mode: profile.rates.get(mode, np.inf) for mode in
                               links["mode"].cat.categories}).to_numpy(float)  # fmt: skip
    presence = (
        1.0
        + profile.weights["remoteness"] * (1.0 - links["remoteness"].to_numpy(float))
        + profile.weights["weakness"] * (1.0 - links["weakness"].to_numpy(float))
    )
    fees = link_fees(network, profile)
    return np.asarray(arc_hours(network, arcs) * (rates * presence)[arcs.link] + fees[arcs.link])


def link_fees(network: Network, profile: Profile) -> Floats:
    """Hours charged once on a link, whichever way it is passed: at borders and at transfers."""
    links = network.links
    at_border = links["crossing"].map({**profile.fees, "": 0.0}).to_numpy(float)
    classes = {name: profile.fees.get(name, 0.0) for name in links["class"].cat.categories}
    reloaded = np.where(links["mode"] == "transfer", links["class"].map(classes), 0.0)
    return np.asarray(at_border + reloaded.astype(float))
