"""All names of a scenario that a network does not know, where an answer stops at the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from geodata.errors import VeredaError
from routes.router import Router
from routes.scenario.edited_costs import links_of
from routes.scenario.ends.endpoints import seek
from routes.scenario.profiles import is_shipped
from routes.scenario.scenario import Scenario
from routes.scenario.via import stop_at


def name_faults(router: Router, scenario: Scenario) -> list[VeredaError]:
    """What is wrong with the ends, stops and edits of a scenario, each once; empty if nothing is.

    Parameters
    ----------
    router
        Holds the network.
    scenario
        The question.

    Examples
    --------
    >>> from routes import Router, Scenario, close, load_network, load_profile
    >>> from routes.studies.batch.name_check import name_faults
    >>> router = Router(load_network("network"))
    >>> shut = tuple(close(name, field="close") for name in ("Nowhere", "No bridge"))
    >>> faults = name_faults(router, Scenario(profile=load_profile("migrants-north"), edits=shut))
    >>> [fault.value for fault in faults]
    ['Nowhere', 'No bridge']
    """
    try:
        router.check(scenario)
    except VeredaError as error:
        faults = {str(error): error}
    else:
        return []
    for look_up in _look_ups(router, scenario):
        try:
            look_up()
        except VeredaError as error:
            faults.setdefault(str(error), error)
    return list(faults.values())


def _look_ups(router: Router, scenario: Scenario) -> Iterator[Callable[[], object]]:
    """Look-ups of single names; the ends of a shipped profile are wrong or right together."""
    network, profile = router.network, scenario.profile
    for field, ends in (("from", profile.origins), ("to", profile.destinations)):
        if not is_shipped(ends):
            yield from (partial(seek, network, end, field=field) for end in ends)
    yield from (partial(stop_at, network, router.arcs, name, field="via") for name in scenario.via)
    for edit in scenario.edits:
        yield partial(links_of, network, edit.target, field=edit.field)
