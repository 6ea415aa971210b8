"""The validation of a result by events: what a notebook asks in one line."""

from __future__ import annotations

from dataclasses import replace

from geodata.errors import InputError, require_kind
from geodata.sources.userfiles.events import Events
from routes.results.result import Result
from routes.router import Router
from routes.studies.defaults import BLOCK_M, TOLERANCE_M, VALIDATION_SEED
from routes.studies.validation.cell_test.validation import MODEL, Validation
from routes.studies.validation.cell_test.validation import validate as validate_surfaces
from routes.studies.validation.null_models import BLIND, null_surfaces
from routes.studies.validation.sample import DRAWS
from routes.studies.validation.validation_cells import On, place, study_ground


def validate(
    result: Result,
    events: Events,
    *,
    on: On = "land",
    tolerance_m: float = TOLERANCE_M,
    block_m: float = BLOCK_M,
    draws: int = DRAWS,
    seed: int = VALIDATION_SEED,
    router: Router | None = None,
) -> Validation:
    """Compare the usage of a result with events, and with rules that know nothing of scores.

    Parameters
    ----------
    result, events
        What `Router.run` gave, and events that it was not made from, of `read_events` or
        `recorded_events`.
    on
        Ground that events are compared on: land, water, or all.
    tolerance_m, block_m
        How far a record may lie from its event, and the edge of a spatial block, in metres.
    draws, seed
        Bootstrap draws, and the seed of these and of the background.
    router
        One of the network of the result, which has prepared what all scenarios share.

    Returns
    -------
    The statistics; ``headline`` and ``words`` say what may be quoted.

    Raises
    ------
    InputError
        When something is of another kind or out of range.
    DataError
        When no event lies on the ground.
    NoPathError
        When a null finds no path to a destination.

    Examples
    --------
    >>> from geodata import recorded_events
    >>> from routes import Router, Scenario, load_network, load_profile, validate
    >>> router = Router(load_network("network"))
    >>> result = router.run(Scenario(profile=load_profile("migrants-north")))
    >>> events = recorded_events(router.network, flow="migrants")
    >>> validate(result, events, draws=20, router=router).sample.words
    'not validated: 26 events, fewer than 30'
    """
    _require_kinds(result, events, router)
    ground = study_ground(result.network, on=on, block_m=block_m)
    placed = place(ground, events.x, events.y)
    nulls = null_surfaces(result.network, result.scenario, router=router)
    validation = validate_surfaces(
        ground, {MODEL: result.density, **nulls.surfaces}, placed, left_out=events.left_out,
        precision_km=events.precision_km, tolerance_m=tolerance_m, draws=draws, seed=seed,
    )  # fmt: skip
    cut_off = {MODEL: result.provenance["search"]["reading"], BLIND: nulls.cut_off}
    return replace(validation, cut_off=cut_off)


def _require_kinds(result: Result, events: Events, router: Router | None) -> None:
    """Refuse what is no result or no events, and a router of another network than the result."""
    remedy = "Give a result, such as Router(network).run(scenario)."
    require_kind(result, Result, field="result", remedy=remedy)
    if router is not None:
        remedy = "Give the router that the result is of, or leave it out."
        require_kind(router, Router, field="router", remedy=remedy)
        if router.network is not result.network:
            raise InputError("router", router, f"It has another network. {remedy}")
    remedy = "Give events, such as read_events('events.csv') or recorded_events(network, flow=...)."
    require_kind(events, Events, field="events", remedy=remedy)
