"""Shipped profiles hold together, and a wrong one says which key to mend."""

from __future__ import annotations

from importlib import resources

import pytest

from geodata.errors import DataError, InputError
from routes.profiles import load_profile, parse_profile, shipped

TEXT = resources.files("routes").joinpath("flows", "cocaine-north.toml").read_text("utf-8")


@pytest.mark.parametrize("name", shipped())
def test_every_value_of_a_shipped_profile_has_a_source(name):
    profile = load_profile(name)
    assert profile.name == name
    assert sum(origin.demand for origin in profile.origins) == pytest.approx(1.0)
    assert all(profile.sources.values())
    for section in ("modes", "weights", "fees", "choice"):
        assert any(key.startswith(section) for key in profile.sources)


def test_the_two_flows_of_the_first_slice_are_shipped():
    assert {"cocaine-north", "migrants-north"} <= set(shipped())


def test_an_unknown_profile_is_answered_with_the_nearest_name():
    with pytest.raises(InputError, match="Did you mean 'cocaine-north'"):
        load_profile("cocain-north")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("rate = 1.3", "rate = -1", "modes.trail.rate"),
        ("rate = 1.3", "rate = nan", "modes.trail.rate"),
        ("rate = 1.3", "rate = true", "modes.trail.rate"),
        ("theta = { value = 1.0", "theta = { value = 0", "choice.theta"),
        ("[fees]", "[fees]\nferry = { hours = 1, source = 'x' }", "fees.ferry"),
        ("mouth = {", "# {", "fees.mouth"),
        ("demand = 0.3", "demand = 0", "demand"),
        ('layer = "airstrip"', 'layer = "helipad"', "origins[1].at"),
        ('layer = "airstrip", admin1', 'layer = "airstrip", parish', "origins[1].at.parish"),
        ('layer = "border", country = "NI"', 'layer = "border"', "origins[2].at.country"),
        ('name = "Mosquitia airstrips"', 'name = "Caribbean approach"', "origins[1].name"),
        ('title = "', 'titel = "', "titel"),
        ("[modes]", "[modes", "profile"),
    ],
)  # fmt: skip
def test_a_wrong_key_is_named(old, new, key):
    assert old in TEXT
    with pytest.raises(DataError) as caught:
        parse_profile(TEXT.replace(old, new, 1))
    assert key in caught.value.field
    assert caught.value.remedy
