"""All names of a scenario that are not on a network, where an answer stops at the first."""

from __future__ import annotations

from geodata.network.network import Network
from routes.router import Router
from routes.scenario.edits import read_edits
from routes.scenario.ends.end_text import parse_end
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario
from routes.studies.batch.name_check import name_faults


def test_each_name_that_is_not_there_is_told(network: Network) -> None:
    profile = load_profile("migrants-north").between(
        (parse_end("Nowhereville", field="from"),), (parse_end("Tapachula", field="to"),)
    )
    edits = read_edits(avoid=["Izabal"], shut=["Corintto"], strengthen=["Floridoo=2"])
    scenario = Scenario(profile=profile, via=("Nirgendwo", "GT"), edits=edits)
    faults = name_faults(Router(network), scenario)
    assert sorted((fault.field, fault.value) for fault in faults) == [
        ("close", "Corintto"), ("from", "Nowhereville"), ("strengthen", "Floridoo"),
        ("via", "Nirgendwo"),
    ]  # fmt: skip


def test_a_scenario_whose_names_are_there_has_no_faults(network: Network) -> None:
    assert name_faults(Router(network), Scenario(profile=load_profile("migrants-north"))) == []
