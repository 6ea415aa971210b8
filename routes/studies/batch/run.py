"""A run: one scenario on one network, identified by everything that determines its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geodata.computing.tasks import computed_once
from geodata.formats.keys import key_of
from geodata.network.header import VERSION
from geodata.publication.results.result_files import Output
from routes.scenario.forms.scenario_file import FiledScenario
from routes.scenario.scenario import Scenario

ADDRESS_DIGITS = 16
_LISTED = ("via", "avoid", "close", "strengthen")


@dataclass(frozen=True, kw_only=True)
class Run:
    """A scenario that is to be computed.

    Parameters
    ----------
    name
        Name of the run, unique in its batch.
    form
        The scenario as its file spells it.
    scenario
        The scenario itself, after files that it names are read.
    network
        Directory of the network.
    digest
        Hash of the network.
    file
        The scenario file that lists the run.
    varied
        Values of a grid for keys within tables; each such key has its own column in a table of
        runs.
    """

    name: str
    form: FiledScenario
    scenario: Scenario
    network: str
    digest: str
    file: str = ""
    varied: Mapping[str, str | float] = field(default_factory=dict)

    @property
    def entry(self) -> str:
        """Key of the run in a list: scenarios on several networks may have the same name."""
        return f"{self.name} on {self.network}"

    @property
    def outputs(self) -> list[Output]:
        """Outputs to write."""
        return self.form.outputs

    @computed_once
    def address(self) -> str:
        """Hash of network, scenario and version; runs with equal hashes have the same result.

        Names of the run and of files do not enter the hash, only the contents of files do.
        """
        seed = self.form.seed if self.form.draws else 0
        parts = (VERSION, self.digest, self.scenario.record(), self.form.draws, seed,
                 sorted(self.form.outputs))  # fmt: skip
        return key_of(*parts)[:ADDRESS_DIGITS]

    def record(self) -> dict[str, Any]:
        """Address and keys of the scenario as flat values, for a table of runs."""
        form = self.form
        return {
            "name": self.name,
            "file": self.file,
            "address": self.address,
            "vereda": VERSION,
            "network": self.network,
            "network_digest": self.digest,
            "profile": self.scenario.profile.name,
            "from": "; ".join(form.origins),
            "to": "; ".join(form.destinations),
            "slack": form.slack,
            "slack_hours": form.slack_hours,
            **{key: "; ".join(getattr(form, key)) for key in _LISTED},
            "draws": form.draws,
            "seed": form.seed,
            "outputs": "; ".join(form.outputs),
            **self.varied,
        }
