"""Meanings of the properties of features: one table for schemas, filters and fields in QGIS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

START, END = "time_start", "time_end"
"""Properties with the first and the last moment at which a feature's source may have said so."""


class Property(NamedTuple):
    """Title and description of a property, and its unit in UCUM, empty without a unit."""

    title: str
    description: str
    unit: str = ""


_INTERVAL = "of 5-95 % of {}: what other weights of the components give"
_WEIGHTS = _INTERVAL.format("500 draws")
_RANKED = "Percentile rank among land cells, 0 to 1, mean over the unit's cells; higher is {}"
_DRAWN = "over the draws of the result, 0 to 1"

_WHAT = {
    "id": Property("Identifier", "Stable between runs on the same data"),
    "name": Property("Name", "Name as it is spoken of; null where there is none"),
    "kind": Property(
        "Kind",
        "What kind of feature of its collection it is. Of gateways: 'formal' is a listed crossing, "
        "'informal' a border sector, 'landing' a stretch of coast, 'port' and 'river mouth' "
        "themselves. Of events: what happened",
    ),
    "source": Property("Source", "Where it is said; 'memory' where nobody looked it up"),
    "unverified": Property(
        "Not verified", "True where it was taken from memory and not verified with a source"
    ),
    "year": Property("Year of the source", "Null where the source gives none"),
    START: Property(
        "From",
        "First moment, UTC, of the date, or of the year of the source; null where there is none",
    ),
    END: Property(
        "Until",
        "Last moment, UTC, of the date, or of the year of the source; null where there is none",
    ),
}

_WHERE = {
    "country": Property("Country", "ISO 3166-1 alpha-2 code; null at sea"),
    "country_a": Property("Country on one side", "ISO 3166-1 alpha-2 code; null for the sea"),
    "country_b": Property("Country on the other side", "ISO 3166-1 alpha-2 code; null for the sea"),
    "countries": Property("Countries passed", "ISO 3166-1 alpha-2 codes in order, with spaces"),
    "admin1": Property("Department or district", "ISO 3166-2 code; null at sea"),
    "town": Property("Town", "Town that it stands in, or next to"),
    "population": Property("Population", "People there; null where no source says", "{person}"),
    "people": Property(
        "People",
        "People of the unit where a grid or a census counts them; else those in its listed places, "
        "not all its people",
        "{person}",
    ),
    "ident": Property("Code of the airfield", "Identifier in OurAirports, often the ICAO code"),
    "size": Property("Size of the harbour", "As the World Port Index has it"),
    "road": Property("Road", "Road that leads to the crossing, as its source names it"),
}

_LINKS = {
    "mode": Property(
        "Mode of travel",
        "Of links, where transfers join road, trail, river and sea; of events, what it moved by",
    ),
    "class": Property(
        "Class within the mode",
        "Roads by importance, 'crossing' where they pass a formal crossing; 'boat' is a navigable "
        "river, 'off-road' a trail; transfers: 'access' between road and terrain, 'bank' river and "
        "land, 'landing' sea and shore, 'mouth' river and sea, 'port' road and sea",
    ),
    "ref": Property(
        "Road number",
        "Number or short name of the road, or the id of the crossing where the link is one; null "
        "where it has none",
    ),
    "surface": Property("Surface", "Surface of the road; null off the road"),
    "schematic": Property(
        "Schematic", "True where the line is a sketch between surveyed points, not their course"
    ),
    "from_node": Property("From node", "Id of the node where the link begins"),
    "to_node": Property("To node", "Id of the node where the link ends"),
    "crossing": Property(
        "Border crossing",
        "'formal' at a listed crossing, 'informal' anywhere else on a land border; null where the "
        "link crosses none",
    ),
    "crossings": Property(
        "Links across", "Links across the border within the sector; a measure of its length only"
    ),
    "gateway": Property(
        "Gateway", "Id of the gateway that the link passes; null where it passes none"
    ),
    "hours": Property(
        "Hours",
        "Travel time along the line, of a segment as its flow goes; null where that way is closed. "
        "Not risk-adjusted",
        "h",
    ),
    "hours_back": Property(
        "Hours back", "Travel time against the line; null where that way is closed", "h"
    ),
    "km": Property("Length", "Length along the line", "km"),
}

_CORRIDORS = {
    "rank": Property("Rank by usage", "1 for the most used"),
    "usage": Property(
        "Usage",
        "Share of modelled flow that passes, 0 to 1, or more where paths that have to pass "
        "something come by twice; not a probability of trafficking",
    ),
    "usage_mean": Property("Usage, mean of draws", f"Mean share of modelled flow {_DRAWN}"),
    "usage_low": Property("Usage, low end", f"5 % quantile of the share of flow {_DRAWN}"),
    "usage_high": Property("Usage, high end", f"95 % quantile of the share of flow {_DRAWN}"),
    "used_share": Property("Draws that use it", f"Share of draws in which it has flow, {_DRAWN}"),
    "top_share": Property(
        "Draws with it on top", f"Share of draws in which it is among the five most used, {_DRAWN}"
    ),
    "cost": Property(
        "Cost", "Generalised cost of the best path in risk-adjusted hours; lower is better", "h"
    ),
    "slack": Property(
        "Slack",
        "Cost above that of the best path between the same ends, as a share of it: 0 on the best "
        "path, 0.1 for ten per cent dearer",
    ),
    "premium": Property(
        "Premium",
        "How much dearer than the best path the cheapest one through here is, as a share of the "
        "best: 0 on it, 0.1 for ten per cent dearer. Of several origins, or parts of one, for the "
        "one that comes nearest; null above 1",
    ),
    "nearness": Property(
        "Nearness",
        "How close the cheapest path through here comes to the best one: exp(-k premium), 1 if it "
        "costs as little, its mean over origins weighted by demand, also where no flow passes; 0 "
        "where none costs less than twice the best",
    ),
    "km_road": Property("Length by road", "Part of the corridor by road", "km"),
    "km_trail": Property("Length by trail", "Part of the corridor off the road", "km"),
    "km_river": Property("Length by river", "Part of the corridor by river or lake", "km"),
    "km_sea": Property("Length by sea", "Part of the corridor by sea", "km"),
    "modes": Property(
        "Modes of travel", "Those in use of sea, river, road and trail, joined by plus signs"
    ),
    "gateways": Property("Gateways passed", "Ids of the gateways in order, joined by semicolons"),
    "corridor": Property(
        "Corridor",
        "Id of the corridor that brings the link most, of those spread over the map; empty where "
        "only smaller ones pass",
    ),
    "origin": Property("Origin", "Where the corridor begins"),
    "destination": Property("Destination", "Where the corridor ends"),
    "exposure": Property(
        "Exposure", "Usage times weakness times people of the unit; higher is more exposed"
    ),
    "exposure_low": Property("Exposure, low end", "5 % quantile over the draws of the result"),
    "exposure_high": Property("Exposure, high end", "95 % quantile over the draws of the result"),
}

_SCORES = {
    "remoteness": Property(
        "Remoteness",
        "How far from towns, places and people, at sea from ports and shore, 0 to 1; higher is "
        "more remote",
    ),
    "remoteness_low": Property("Remoteness, low end", f"Low end {_WEIGHTS}"),
    "remoteness_high": Property("Remoteness, high end", f"High end {_WEIGHTS}"),
    "remoteness_rank": Property("Rank by remoteness", "1 for the most remote unit"),
    "remoteness_rank_low": Property(
        "Rank by remoteness, low end", f"Low end, nearest to 1, {_WEIGHTS}"
    ),
    "remoteness_rank_high": Property(
        "Rank by remoteness, high end", f"High end, farthest from 1, {_WEIGHTS}"
    ),
    "remoteness_town_hours": Property(
        "Remoteness: far from towns",
        f"Of the travel time to a town of 20,000. {_RANKED.format('farther')}. No hours",
    ),
    "remoteness_place_hours": Property(
        "Remoteness: far from places",
        f"Of the travel time to a place of 5,000. {_RANKED.format('farther')}. No hours",
    ),
    "remoteness_emptiness": Property(
        "Remoteness: few people",
        f"Of the people within 10 km, the fewest on top. {_RANKED.format('emptier')}",
    ),
    "remoteness_darkness": Property(
        "Remoteness: dark at night",
        f"Of the lights at night, the faintest on top. {_RANKED.format('darker')}",
    ),
    "remoteness_components": Property(
        "Remoteness: components known",
        "How many are known in the unit: of three, or of four where lights at night are given",
    ),
    "weakness": Property(
        "Governance weakness",
        "How late the state arrives, how weak its institutions are and, near a border, how far the "
        "controlled way is, 0 to 1; higher is weaker",
    ),
    "weakness_low": Property("Weakness, low end", f"Low end {_WEIGHTS}"),
    "weakness_high": Property("Weakness, high end", f"High end {_WEIGHTS}"),
    "weakness_rank": Property("Rank by weakness", "1 for the weakest unit"),
    "weakness_rank_low": Property(
        "Rank by weakness, low end", f"Low end, nearest to 1, {_WEIGHTS}"
    ),
    "weakness_rank_high": Property(
        "Rank by weakness, high end", f"High end, farthest from 1, {_WEIGHTS}"
    ),
    "weakness_reach": Property(
        "Weakness: late reach of the state",
        f"Of the travel time from a post or municipal seat. {_RANKED.format('later')}",
    ),
    "weakness_institutions": Property(
        "Weakness: weak institutions",
        "Deprivation and violence ranked among the units of the same country, 0 to 1; higher is "
        "weaker; null where nothing is known",
    ),
    "weakness_permeability": Property(
        "Weakness: permeable border",
        "Of the distance to a formal crossing, within 30 km of a land border. "
        f"{_RANKED.format('farther')}; null elsewhere",
    ),
    "weakness_components": Property(
        "Weakness: components known", "How many of the three are known in the unit, 0 to 3"
    ),
}

_EVIDENCE = {
    "date": Property("Date", "Year, month or day, as exact as the source has it"),
    "flow": Property("Flow", "What was moved"),
    "place": Property("Place", "Place as the source names it"),
    "precision": Property("Precision", "What the coordinates stand for"),
    "precision_km": Property("Precision in km", "How far off the place may be", "km"),
    "coord_source": Property("Source of the coordinates", "Where the coordinates are from"),
    "quantity_kg": Property("Quantity", "Weight that the source reports", "kg"),
    "packages": Property("Packages", "Number that the source reports", "{package}"),
    "persons": Property("Persons in a group", "Number that the source reports", "{person}"),
    "what": Property("What is reported", "In a few words; no text of the source"),
    "note": Property("Note", "What is uncertain, and further particulars"),
    "source_date": Property("Date of the source", "Day or month when it reported"),
    "measure": Property("Measure", "What was counted"),
    "unit": Property("Unit", "Unit of the value, and what the source says of how exact it is"),
    "period": Property("Period", "For which time, as the source has it"),
    "value": Property("Value", "Number that the source reports"),
}

PROPERTIES: Mapping[str, Property] = {
    **_WHAT,
    **_WHERE,
    **_LINKS,
    **_CORRIDORS,
    **_SCORES,
    **_EVIDENCE,
}
"""By name; a name means the same in every collection."""

LISTED = ("kind", "class", "mode", "crossing", "surface", "size", "flow")
"""Properties with few values, which schemas list."""


def meaning(name: str) -> Property:
    """Meaning of a property; an unknown one is titled by its name."""
    return PROPERTIES.get(name) or Property(name.replace("_", " ").capitalize(), "")
