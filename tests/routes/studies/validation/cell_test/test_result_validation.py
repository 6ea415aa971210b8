"""A result is validated as its parts are by hand, and nothing else is taken for one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geodata.errors import InputError
from geodata.network.evidence import recorded_events
from routes.router import Router
from routes.scenario.ends.end_text import parse_end
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario
from routes.studies.validation.cell_test.result_validation import validate
from routes.studies.validation.cell_test.validation import MODEL
from routes.studies.validation.cell_test.validation import validate as validate_surfaces
from routes.studies.validation.null_models import null_surfaces
from routes.studies.validation.validation_cells import place, study_ground


def test_a_result_is_held_against_events_and_the_nulls_of_its_scenario(network) -> None:
    ends = [parse_end(text, field="from") for text in ("San Pedro Sula", "Chiquimula")]
    trip = Scenario(profile=load_profile("migrants-north").between(ends[:1], ends[1:]), slack=0.1)
    router, events = Router(network), recorded_events(network, flow="migrants")
    result = router.run(trip)
    assert result.scenario == trip
    cut = "1 of 1 search came to no end."
    result = replace(result, provenance={**result.provenance, "search": {"reading": cut}})
    terms = {"tolerance_m": 9000, "block_m": 40_000, "draws": 20}
    validation = validate(result, events, router=router, **terms)
    ground = study_ground(network, on="land", block_m=40_000)
    by_hand = validate_surfaces(
        ground, {MODEL: result.density, **null_surfaces(network, trip, router=router).surfaces},
        place(ground, events.x, events.y), left_out=events.left_out,
        precision_km=events.precision_km, tolerance_m=9000, draws=20,
    )  # fmt: skip
    assert validation.settings["block_km"] == 40
    assert validation.headline == by_hand.headline
    assert validation.words == [*by_hand.words, f"In the result, {cut}"]
    assert validation.gains == by_hand.gains
    assert repr(validation) == f"<Validation: {validation.headline}>"
    with pytest.raises(InputError, match="events"):
        validate(result, events.file)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="result"):
        validate("out", events)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="router"):
        validate(result, events, router=network)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"router: .*another network"):
        validate(result, events, router=Router(replace(network)))
