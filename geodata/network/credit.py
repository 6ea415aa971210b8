"""Whom to name: the holders of the data that something was made of, and the one line of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geodata.sources.schema import EVIDENCE

Sources = Sequence[Mapping[str, str]]
"""Records of sources, each with ``attribution`` and ``licence`` among its members."""


def role_of(source: Mapping[str, str]) -> str:
    """Role of the layer that a source gave: its name may be another in a study of one's own."""
    return source.get("role") or source.get("layer", "")


def without_evidence(sources: Sources) -> Sources:
    """Sources that something was made of: of what is on record nothing is."""
    return [source for source in sources if role_of(source) not in EVIDENCE]


def holders(sources: Sources) -> list[str]:
    """Who must be named wherever what was made of the sources is shown, each once."""
    return list(dict.fromkeys(str(source["attribution"]) for source in sources))


def holders_with_licences(sources: Sources) -> list[str]:
    """Who must be named, each once and with the licences of what they gave."""
    licences: dict[str, dict[str, None]] = {}
    for source in sources:
        licences.setdefault(source["attribution"], {})[source["licence"]] = None
    return [f"{name} ({', '.join(several)})" for name, several in licences.items()]


def credit_line(
    sources: Sources, *, between: str = "; ", end: str = "", apart: bool = False
) -> str:
    """Who must be named, in one line.

    Parameters
    ----------
    between
        What stands between two names.
    end
        A sign that ends each name, such as a full stop; one that is there is not written twice.
    apart
        Whether those whom one source names together, as in ``a; b``, count one by one.
    """
    names = holders(sources)
    if apart:
        names = [part for name in names for part in name.split("; ")]
    ended = (f"{name.rstrip(end)}{end}" for name in names)
    return between.join(dict.fromkeys(ended))
