"""Settings of the service, each defined once, with its meaning and its bounds.

A value comes from an option of the command line; without one, from the environment; without
that, from the configuration file; and else it is the default here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from geodata.entries.spelling import nearest
from geodata.errors import InputError
from geodata.formats.text.toml import read_toml
from routes.search.slack import MAX_SLACK
from service.state.redis_addresses import EXAMPLES, without_password

RESULT = Path("out")
PREFIX = "VEREDA_"
CONFIG = f"{PREFIX}CONFIG"
ELSEWHERE = ("CACHE", "MIRROR", "OVERPASS_URL", "NOMINATIM_URL", "OSMNX_SECONDS")
"""Variables of other commands, behind the same prefix."""
_INJECTED = re.compile(
    r"(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)=.*"
    r"|(\w+_)?PORT=(tcp|udp|sctp)://.*", re.DOTALL
)  # fmt: skip
"""What Kubernetes tells every container of a service by the name of vereda; its ``VEREDA_PORT`` is
an address, and none of ours."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")

_DAY_SECONDS = 24 * 3600.0
_RATE = r"|\d{1,9}/(second|minute|hour|day)"
_SHARED = r"|(redis|rediss|unix)://\S+"
"""The look of an address of Redis; see `check_address` for the rest."""
_MOST = 1_000_000_000
"""Largest value of a setting without a closer bound. There is never more of what is counted in
bytes, megabytes or jobs, and the system does not take every number for a limit."""
_UNTOLD = "..."
"""Shown in place of a value of unknown meaning, which may be a secret."""


def _about(
    description: str, *, least: float = 0, most: float = _MOST, form: str = "", example: str = ""
) -> dict[str, Any]:
    """Metadata of a setting: its meaning, bounds of a number, or pattern of a text."""
    return {
        "description": description,
        "least": least,
        "most": most,
        "form": form,
        "example": example,
    }


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of one service; they do not change while it runs. See ``docs/running.md``.

    Raises
    ------
    InputError
        When a value is out of bounds.
    """

    network: Path = field(
        default=Path("network"), metadata=_about("Directory that `vereda build` wrote.")
    )
    result: tuple[Path, ...] = field(
        default=(),
        metadata=_about(
            "Result directory to be served, the one that the map opens with first; `out` when "
            "that is one.",
            example="out",
        ),
    )
    host: str = field(default="127.0.0.1", metadata=_about("Address to listen at.", form=r"\S+"))
    port: int = field(
        default=8000, metadata=_about("Port to listen at; 0 takes a free one.", most=65535)
    )
    workers: int = field(
        default=1,
        metadata=_about("Processes that answer; they share the network.", least=1, most=256),
    )
    threads: int = field(
        default=16, metadata=_about("Requests that a process answers at once.", least=1, most=256)
    )
    answers: int = field(
        default=64, metadata=_about("Live answers that each process keeps in memory.", least=1)
    )
    limit_seconds: float = field(
        default=30.0,
        metadata=_about(
            "Seconds after which a live computation is stopped.", least=0.05, most=_DAY_SECONDS
        ),
    )
    slack_limit: float = field(
        default=MAX_SLACK,
        metadata=_about("Largest slack that may be asked for.", most=MAX_SLACK),
    )
    pairs_limit: int = field(
        default=64,
        metadata=_about(
            "Pairs of origin and destination answered live; beyond, a job is made.", least=1
        ),
    )
    job_pairs: int = field(
        default=400, metadata=_about("Pairs of origin and destination in a job.", least=1)
    )
    draws_limit: int = field(default=500, metadata=_about("Draws of a job.", least=0))
    body_limit: int = field(
        default=1 << 20, metadata=_about("Bytes of the body of a request.", least=1024)
    )
    memory_megabytes: int = field(
        default=4096,
        metadata=_about("Megabytes that each process may take beyond what it shares.", least=512),
    )
    rate_read: str = field(
        default="",
        metadata=_about(
            "Requests by each token or address, such as 6000/minute.",
            form=_RATE,
            example="6000/minute",
        ),
    )
    rate_compute: str = field(
        default="",
        metadata=_about(
            "The same for requests that compute or write.", form=_RATE, example="60/minute"
        ),
    )
    counters: str = field(
        default="",
        metadata=_about(
            "Where those are counted: a Redis address; else in memory that the processes share.",
            form=_SHARED,
            example=EXAMPLES["counters"],
        ),
    )
    tokens: Path | None = field(
        default=None,
        metadata=_about("File of tokens; with it, every request needs one.", example="tokens.json"),
    )
    proxies: int = field(
        default=0,
        metadata=_about(
            "Reverse proxies in front, whose X-Forwarded headers are believed.", most=8
        ),
    )
    jobs: Path = field(
        default=Path("jobs"), metadata=_about("Directory of jobs and their results.")
    )
    queue: str = field(
        default="",
        metadata=_about(
            "Queue of jobs: a Redis address; else the records in the directory of jobs.",
            form=_SHARED,
            example=EXAMPLES["queue"],
        ),
    )
    job_workers: int = field(
        default=1,
        metadata=_about(
            "Processes that `vereda serve` starts for jobs; 0 leaves them to `vereda work`.",
            most=64,
        ),
    )
    job_seconds: float = field(
        default=3600.0,
        metadata=_about("Seconds after which a job is stopped.", least=0.05, most=_DAY_SECONDS),
    )
    job_attempts: int = field(
        default=3, metadata=_about("Times that a job cut short by a crash is begun.", least=1)
    )
    jobs_waiting: int = field(
        default=32, metadata=_about("Jobs that may wait or run at once on a network.", least=1)
    )
    jobs_kept: int = field(default=100, metadata=_about("Finished jobs that are kept.", least=1))
    jobs_megabytes: int = field(
        default=2000, metadata=_about("Megabytes of results that are kept.", least=1)
    )
    jobs_days: float = field(
        default=14.0, metadata=_about("Days for which a finished job is kept.", most=36_500)
    )
    log_format: str = field(
        default="json", metadata=_about("Log lines as json or as text.", form="json|text")
    )
    log_level: str = field(
        default="info",
        metadata=_about(
            "Least of debug, info, warning, error that is logged.", form="debug|info|warning|error"
        ),
    )
    grace_seconds: float = field(
        default=10.0,
        metadata=_about("Seconds that open requests are given when the service stops.", most=600),
    )

    def __post_init__(self) -> None:
        for setting in fields(self):
            _check(setting.name, getattr(self, setting.name), setting.metadata)

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the service: by itself, and by no proxy."""
        return self.host in LOOPBACK and not self.proxies

    @classmethod
    def gather(
        cls,
        options: Mapping[str, Any],
        environment: Mapping[str, str] = os.environ,
        *,
        config: Path | None = None,
    ) -> Settings:
        """Settings from options, else the environment, else the configuration file.

        Without a result in any of them, the result in ``out`` is served if it exists.

        Parameters
        ----------
        options
            Options by name of the setting; None for an option that was left out.
        environment
            Variables by name; those of this process by default.
        config
            A TOML file; by default that of ``VEREDA_CONFIG``.

        Raises
        ------
        InputError
            When a setting is unknown, or its value cannot be used.
        """
        named = environment.get(CONFIG)
        path = config or (Path(named) if named else None)
        values = _from_file(path) if path else {}
        values |= _from_environment(environment)
        values |= {name: value for name, value in options.items() if value not in (None, ())}
        if not values.get("result"):
            values["result"] = default_result()
        return cls(**values)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Settings without options."""
        return cls.gather({}, environment)


def default_result() -> tuple[Path, ...]:
    """The result in ``out``, if there is one."""
    return (RESULT,) if (RESULT / "result.json").is_file() else ()


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values = {}
    for variable, text in environment.items():
        if variable.startswith(PREFIX) and variable != CONFIG and not _of_others(variable, text):
            name = variable.removeprefix(PREFIX).lower()
            if name not in _KINDS:
                raise InputError(variable, _UNTOLD, _unknown(name, prefix=PREFIX))
            values[name] = _read(name, text, variable)
    return values


def _of_others(variable: str, text: str) -> bool:
    """Whether a variable is read by other commands, or was put there by Kubernetes."""
    name = variable.removeprefix(PREFIX)
    return name in ELSEWHERE or bool(_INJECTED.fullmatch(f"{name}={text}"))


def _from_file(path: Path) -> dict[str, Any]:
    try:
        table = read_toml(path, field="config", kind=InputError)
    except OSError as error:
        raise InputError("config", str(path), f"It cannot be read: {error.strerror}.") from error
    values = {}
    for name, value in table.items():
        if name not in _KINDS:
            raise InputError(f"{path.name}: {name}", _UNTOLD, _unknown(name))
        values[name] = _read(name, value, f"{path.name}: {name}")
    return values


def _read(name: str, value: object, source: str) -> Any:
    """A value in the type of its setting, from a text or from TOML."""
    kind = _KINDS[name]
    if any("\0" in str(each) for each in (value if isinstance(value, list) else [value])):
        raise InputError(source, value, "It holds a zero byte; leave it out.")
    if kind.startswith("tuple"):
        return _paths(value, source, example=_example(name))
    usable = {"int": (str, int), "float": (str, int, float)}.get(kind, (str,))
    if isinstance(value, bool) or not isinstance(value, usable):
        raise InputError(source, value, f"Give a value such as {_example(name)!r}.")
    text = str(value)
    if kind.startswith("Path"):
        if not text:
            # Without its file of tokens, a service would be open to everybody.
            remedy = f"Give one such as {_example(name)}, or leave the setting out."
            raise InputError(source, "", remedy)
        return Path(text)
    if kind == "str":
        return text
    try:
        return int(text) if kind == "int" else float(text)
    except ValueError as error:
        what = "a whole number" if kind == "int" else "a number"
        raise InputError(source, value, f"Give {what} such as {_example(name)}.") from error


def _paths(value: object, source: str, *, example: str) -> tuple[Path, ...]:
    """Paths from a list, or from a text as in ``PATH``."""
    listed = value.split(os.pathsep) if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise InputError(source, value, f"Give a path such as {example!r}, or a list of them.")
    return tuple(Path(each) for each in listed if each)


def _check(name: str, value: Any, about: Mapping[str, Any]) -> None:
    """Refuse a value out of bounds."""
    if isinstance(value, int | float):
        least, most = about["least"], about["most"]
        if not least <= value <= most:
            raise InputError(name, value, f"Give a number, {least:g} to {most:.12g}.")
    elif about["form"] and not re.fullmatch(about["form"], str(value)):
        shown = without_password(str(value)) if about["form"] == _SHARED else value
        raise InputError(name, shown, f"Give one such as {_example(name)!r}.")


def _example(name: str) -> str:
    setting = next(each for each in fields(Settings) if each.name == name)
    return str(setting.metadata["example"] or setting.default)


def _unknown(name: str, *, prefix: str = "") -> str:
    near = nearest(name, _KINDS)
    guess = f"Did you mean {prefix}{near[0].upper() if prefix else near[0]}? " if near else ""
    return f"There is no such setting. {guess}They are listed in docs/running.md."


_KINDS = {setting.name: str(setting.type) for setting in fields(Settings)}
