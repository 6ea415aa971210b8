"""The file that ``vereda scenario init`` writes: commented, and ready to be computed."""

from __future__ import annotations

import json

from routes.scenario.forms.scenario_file import USUAL_OUTPUTS
from routes.scenario.keys.fields import PROFILE, SLACK

_OUTPUTS = json.dumps([*USUAL_OUTPUTS[:3], "package"])

TEMPLATE = f"""\
# Scenarios of Vereda. Every key may be left out, and means what the option of `vereda corridors`
# of the same name does; `close` is another word for `avoid`.
#   vereda scenario check FILE                 what these are, and what is wrong with them
#   vereda batch FILE --output runs --dry-run  what would be computed, and how long it takes
#   vereda batch FILE --output runs            computes what is out of date
# Paths are taken from the folder of this file.

# Keys that all scenarios of this file share.
# network = "network"                  # else --network
profile = "{PROFILE}"            # a shipped flow, or a file of your own: "mine.toml"
slack = {SLACK.default}
# slack_hours = 2.0
# Ends of a shipped flow lie in the region that ships with Vereda; another network needs its own.
# from = ["Some Town", "ports:XA", "towns.gpkg#villages"]
# to = ["10.25,45.5"]                  # longitude and latitude
# via = ["Some Lake"]
# avoid = ["XA"]                       # a country, a district, a gateway, a mode ...
# draws = 100                          # intervals; some minutes each
# seed = 1
# All by default but "map", which a service needs and a batch seldom does.
# outputs = {_OUTPUTS}

# A flow with some values changed, each with its source or the word "assumption"; theta is in the
# unit of the base's model, unless choice.model names another:
# [profile]
# base = "{PROFILE}"
# name = "{PROFILE}-wary"
# weights.weakness = {{ value = 2.0, source = "assumption" }}
# modes.sea = {{ rate = 2.5, source = "assumption" }}
# choice.theta = {{ value = 0.5, source = "assumption" }}

# A list: each of these is a scenario, with what it changes. Without a list there is one.
[[scenario]]
name = "as it is"

[[scenario]]
name = "no boats on rivers"
close = ["river"]                      # or what any gateway is called

[[scenario]]
name = "trails twice as dear"
strengthen = ["trail=x2"]              # of a gateway also hours, such as "Some Bridge=6"

# A grid: each scenario is computed with every combination of these values.
[grid]
slack = [0.1, 0.2]
# profile = ["cocaine-north", "migrants-north"]
# profile.weights.weakness = [
#   {{ value = 0.6, source = "assumption" }},
#   {{ value = 1.2, source = "assumption" }},
# ]
"""
