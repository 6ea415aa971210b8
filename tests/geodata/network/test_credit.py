"""Whom to name, once each, in one line."""

from geodata.network.credit import credit_line, holders, holders_with_licences, shown_sources
from geodata.network.network import Network

SOURCES = [
    {"attribution": "Roads of A; B", "licence": "ODbL-1.0"},
    {"attribution": "C.", "licence": "CC0-1.0"},
    {"attribution": "Roads of A; B", "licence": "CC-BY-4.0"},
    {"attribution": "B", "licence": "CC0-1.0"},
    {"attribution": "C", "licence": "CC0-1.0"},
]


def test_each_holder_is_named_once_in_the_order_of_the_sources() -> None:
    assert holders(SOURCES) == ["Roads of A; B", "C.", "B", "C"]
    assert credit_line(SOURCES) == "Roads of A; B; C.; B; C"
    assert credit_line(SOURCES, between=" · ") == "Roads of A; B · C. · B · C"
    assert credit_line([]) == ""


def test_evidence_is_no_source_of_what_is_shown(network: Network) -> None:
    roles = {source["layer"] for source in network.meta["sources"]}
    shown = {source["layer"] for source in shown_sources(network)}
    assert roles - shown == {"events", "counts"}


def test_those_named_together_may_count_one_by_one() -> None:
    assert credit_line(SOURCES, apart=True) == "Roads of A; B; C.; C"


def test_names_as_sentences_end_once() -> None:
    assert credit_line(SOURCES, between=" ", end=".") == "Roads of A; B. C. B."


def test_licences_of_one_holder_stand_together() -> None:
    assert holders_with_licences(SOURCES) == [
        "Roads of A; B (ODbL-1.0, CC-BY-4.0)", "C. (CC0-1.0)", "B (CC0-1.0)", "C (CC0-1.0)",
    ]  # fmt: skip
