"""What leaves each place, and where it may end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from routes.corridors.errands import errands_of
from routes.scenario.demand import Pair, Share
from routes.scenario.ends.endpoints import Located
from routes.scenario.profiles import load_profile

MIGRANTS = load_profile("migrants-north")


def errands(profile):
    """Share of all flow by origin and destinations, as on a line of nodes."""
    starts, ends = (
        [Located(name=end.name, nodes=np.array([first + row], np.int32), demand=end.demand)
         for row, end in enumerate(side)]
        for first, side in ((0, profile.origins), (50, profile.destinations))
    )  # fmt: skip
    return {
        (each.part.name, tuple(end.name for end in each.destinations)): each.share * each.fraction
        for each in errands_of(None, profile, starts, ends)
    }


def test_flow_goes_by_share_by_pair_or_to_any_destination():
    origins, ends = MIGRANTS.origins, tuple(end.name for end in MIGRANTS.destinations)
    assert len(origins) == 3
    total = sum(origin.demand for origin in origins)
    anywhere = {(each.name, ends): each.demand / total for each in origins}
    assert errands(MIGRANTS) == pytest.approx(anywhere)
    first, other = origins[0].name, origins[1].name
    shares = tuple(
        Share(origin=first, destinations=names, share=part)
        for names, part in ((ends[:1], 0.25), (ends[2:], 0.75))
    )
    expected = {
        (first, ends[:1]): 0.25 * origins[0].demand / total,
        (first, ends[2:]): 0.75 * origins[0].demand / total,
        **{key: part for key, part in anywhere.items() if key[0] != first},
    }
    assert errands(replace(MIGRANTS, shares=shares)) == pytest.approx(expected)
    pair = Pair(origin=other, destination=ends[2], demand=3.0)
    assert errands(replace(MIGRANTS, pairs=(pair,))) == {(other, ends[2:3]): 1.0}
