"""Requests by chance, from the service's own OpenAPI document: sound ones, and what may go wrong.

A request is decided by a seed and a number alone, so that any of a million can be sent again.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from urllib.parse import quote

from tests.properties.requests.oddities import (
    COSTLY,
    HEADERS,
    MEMBERS,
    METHODS,
    NUMBERS,
    OVERLONG,
    PLACES,
    SHAPES,
    SYSTEMS,
    TEXTS,
    THINGS,
    TIMES,
)

Record = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One request, as it goes over the wire."""

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    operation: str = ""

    @property
    def target(self) -> str:
        return self.path + (f"?{self.query}" if self.query else "")

    def curl(self, base: str = "http://127.0.0.1:8000") -> str:
        """A line that sends it again."""
        words = ["curl", "-i", "--path-as-is", "-X", self.method]
        for name, value in self.headers:
            words += ["-H", f"{name}: {value}" if value else f"{name};"]
        line = shlex.join([*words, base + self.target])
        if not self.body:
            return line
        octal = "".join(f"\\{byte:03o}" for byte in self.body[:2000])
        more = "  # the body goes on" if len(self.body) > 2000 else ""
        return f"printf '{octal}' | {line} --data-binary @-{more}"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path of the document."""

    method: str
    path: str
    parameters: Sequence[Record]
    body: bool
    weight: float


@dataclass
class Grammar:
    """All requests of one service.

    Parameters
    ----------
    document
        What is served at ``/api``.
    known
        Values that are there, by name of a parameter, such as the ids of features.
    seed
        Other seeds, other requests.
    """

    document: Record
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)
    seed: int = 1

    def __post_init__(self) -> None:
        self.operations = [
            self._operation(path, method, record)
            for path, item in self.document["paths"].items()
            for method, record in item.items()
        ]
        self._weights = [each.weight for each in self.operations]

    def _operation(self, path: str, method: str, record: Record) -> Operation:
        shared = self.document["components"]["parameters"]
        parameters = [
            shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each
            for each in record.get("parameters", ())
        ]
        weight = min(
            (rate for kind, rate in COSTLY.items() if re.fullmatch(kind, path)), default=1.0
        )
        return Operation(method=method.upper(), path=path, parameters=parameters,
                         body="requestBody" in record, weight=weight)  # fmt: skip

    def request(self, number: int) -> Sent:
        """The request of this number."""
        return self.random(Random(f"{self.seed} {number}"))

    def random(self, chance: Random, operation: Operation | None = None) -> Sent:
        """A request by chance, of one operation or of any."""
        operation = operation or chance.choices(self.operations, self._weights)[0]
        sent = Sent(
            method=operation.method,
            path=self._path(chance, operation),
            query=self._query(chance, operation),
            body=body(chance) if operation.body else b"",
            headers=(("Content-Type", "application/json"),) if operation.body else (),
            operation=f"{operation.method} {operation.path}",
        )
        for _ in range(chance.choice((0, 0, 1, 1, 1, 2, 4))):
            sent = chance.choice(SPOILING)(chance, sent)
        return sent

    def _path(self, chance: Random, operation: Operation) -> str:
        path = operation.path
        for each in operation.parameters:
            if each["in"] == "path":
                value = self._value(chance, operation, each)
                path = path.replace(f"{{{each['name']}}}", escaped(chance, value, safe=""))
        return path

    def _query(self, chance: Random, operation: Operation) -> str:
        mine = [each for each in operation.parameters if each["in"] == "query"]
        few = chance.sample(mine, k=min(len(mine), chance.choice((0, 1, 1, 2, 3))))
        pairs = [(each["name"], self._value(chance, operation, each)) for each in few]
        return "&".join(f"{name}={escaped(chance, value)}" for name, value in pairs)

    def _value(self, chance: Random, operation: Operation, parameter: Record) -> str:
        """A value of a parameter: mostly one that it may have."""
        name, schema = parameter["name"], parameter["schema"]
        if chance.random() < 0.2:
            return chance.choice(chance.choice((NUMBERS, TEXTS, SYSTEMS, TIMES)))
        if name in MAKERS:
            return MAKERS[name](chance, operation)
        if name in self.known:
            return chance.choice(self.known[name])
        if "enum" in schema:
            return str(chance.choice(schema["enum"]))
        kind = schema.get("type")
        if kind == "integer":
            return str(chance.randint(0, 12))
        if kind == "number":
            return chance.choice(("0", "0.1", "1", "-3.5", "100", f"{chance.random():.3f}"))
        if kind == "boolean":
            return chance.choice(("true", "false", "1"))
        return chance.choice((*THINGS, "road", "primary", "x"))


def escaped(chance: Random, text: str, safe: str = ",:/") -> str:
    """A text percent-escaped, now and then in a way of its own."""
    data = text.encode("utf-8", "surrogatepass")
    way = chance.random()
    if way < 0.05:
        return "".join(f"%{byte:02x}" for byte in data)
    if way < 0.08:
        return quote(quote(data, safe=safe), safe="")
    if way < 0.1:
        return quote(data, safe=safe) + chance.choice(OVERLONG)
    return quote(data, safe=safe)


def _bbox(chance: Random, _: Operation) -> str:
    return ",".join(
        f"{chance.uniform(-200, 200):.2f}" for _ in range(chance.choice((4, 4, 4, 6, 3)))
    )


def _small_bbox(chance: Random, operation: Operation) -> str:
    if chance.random() < 0.2:
        return _bbox(chance, operation)
    west, south = chance.uniform(-92, -83), chance.uniform(13, 18)
    return f"{west:.3f},{south:.3f},{west + 0.3:.3f},{south + 0.3:.3f}"


def _named(operation: Operation) -> list[str]:
    names = [each["name"] for each in operation.parameters if each["in"] == "query"]
    return [*names, "id", "name", "geometry"]


def _condition(chance: Random, operation: Operation, depth: int = 0) -> str:
    """A filter: mostly sound, of the properties that the collection has."""
    name = chance.choice(_named(operation))
    value = chance.choice(
        ("1", "0.5", "'x'", "'Danlí'", "TRUE", "DATE('2020-01-01')", "NULL", "1e400")
    )
    more = depth < 4 and chance.random() < 0.3
    deep = chance.choice((1, 1, 2, 50, 3000)) if depth == 0 else 1
    signs, patterns = ("=", "<>", "<", ">=", "!="), ("'a%'", "'%'", "'\\'", "''", f"'{'%a' * 30}'")
    moments = ("DATE('2020-01-01')", "TIMESTAMP('x')", "NULL")
    forms: list[Callable[[], str]] = [
        lambda: f"{name} {chance.choice(signs)} {value}",
        lambda: f"{name} LIKE {chance.choice(patterns)}",
        lambda: f"{name} IS {chance.choice(('NULL', 'NOT NULL', 'x'))}",
        lambda: f"{name} IN ({', '.join([value] * chance.choice((1, 3, 200)))})",
        lambda: f"{name} BETWEEN {value} AND {value}",
        lambda: f"CASEI({name}) = CASEI('X') AND ACCENTI({name}) = ACCENTI('É')",
        lambda: f"{name} {chance.choice('+-*/%^')} 2 = {value}",
        lambda: f"S_INTERSECTS(geometry, {chance.choice(SHAPES)})",
        lambda: f"T_AFTER({name}, {chance.choice(moments)})",
        lambda: f"{'(' * deep}{name} = {value}{')' * deep}",
        lambda: f"{'NOT ' * deep}{name} = {value}",
    ]
    made = chance.choice(forms)()
    if more:
        return f"{made} {chance.choice(('AND', 'OR'))} {_condition(chance, operation, depth + 1)}"
    return made if chance.random() < 0.9 else made[: chance.randint(0, len(made))]


MAKERS: Mapping[str, Callable[[Random, Operation], str]] = {
    "bbox": _small_bbox,
    "datetime": lambda chance, _: chance.choice(TIMES),
    "crs": lambda chance, _: chance.choice(SYSTEMS),
    "bbox-crs": lambda chance, _: chance.choice(SYSTEMS),
    "filter-crs": lambda chance, _: chance.choice(SYSTEMS),
    "filter-lang": lambda chance, _: chance.choice(("cql2-text", "cql2-json", "")),
    "filter": _condition,
    "sortby": lambda chance, operation: ",".join(
        chance.choice(("", "-",
        "+")) + chance.choice(_named(operation)) for _ in range(chance.choice((1, 1, 2, 60)))
    ),
    "limit": lambda chance, _: chance.choice(("1", "2", "5", "10", "50")),
    "offset": lambda chance, _: chance.choice(("0", "1", "100", "1000000", "99999999999999999")),
    "from": lambda chance, _: chance.choice(PLACES),
    "to": lambda chance, _: chance.choice(PLACES),
    "via": lambda chance, _: chance.choice(THINGS),
    "avoid": lambda chance, _: chance.choice(THINGS),
    "close": lambda chance, _: chance.choice(THINGS),
    "strengthen": lambda chance, _: "".join(
        chance.choice(parts) for parts in (THINGS, ("=", "=x", "=X", ""), NUMBERS)
    ),
    "slack": lambda chance, _: chance.choice(("0", "0.05", "0.1")),
    "z": lambda chance, _: str(chance.randint(0, 16)),
    "x": lambda chance, _: str(chance.choice((0, 1, 15, 16, 31, chance.getrandbits(16)))),
    "y": lambda chance, _: str(chance.choice((0, 1, 28, 29, 58, chance.getrandbits(16)))),
    "lang": lambda chance, _: chance.choice(("en", "es", "xx")),
}  # fmt: skip


def value(chance: Random, depth: int = 0) -> Any:
    """Any JSON value."""
    kinds: list[Callable[[], Any]] = [
        lambda: None, lambda: True, lambda: chance.randint(-5, 99), lambda: chance.random(),
        lambda: chance.choice(TEXTS), lambda: chance.choice(PLACES), lambda: 10**30, lambda: 1e308,
        lambda: chance.choice(NUMBERS), dict, list,
    ]  # fmt: skip
    if depth < 3:
        most = 3 if depth else 300
        kinds += [
            lambda: [value(chance, depth + 1) for _ in range(chance.choice((1, 2, 5, most)))],
            lambda: {chance.choice(MEMBERS): value(chance, depth + 1) for _ in range(3)},
            lambda: [{"a": k} for k in range(chance.choice((3, 2000)) if not depth else 2)],
        ]  # fmt: skip
    return chance.choice(kinds)()


def body(chance: Random) -> bytes:
    """A scenario, mostly with something wrong in it."""
    record: dict[str, Any] = {
        "profile": "migrants-north",
        "from": ["Tela"],
        "to": ["Tapachula"],
        "slack": 0.05,
    }
    if chance.random() < 0.3:
        record = {"inputs": record}
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        record[chance.choice(MEMBERS)] = value(chance)
    if chance.random() < 0.15:
        record["profile"] = {
            chance.choice(MEMBERS): value(chance) for _ in range(chance.randint(0, 8))
        }
    text = json.dumps(record if chance.random() < 0.9 else value(chance))
    return text.encode()


def spoilt_body(chance: Random, sent: Sent) -> Sent:
    """A body that is no JSON, or JSON of an odd kind, whatever the method."""
    data, nines = sent.body or body(chance), b"9" * 9999
    forms: list[Callable[[], bytes]] = [
        lambda: data[: chance.randint(0, len(data))],
        lambda: data + data,
        lambda: b"\xef\xbb\xbf" + data,
        lambda: data.decode("latin-1").encode("utf-16"),
        lambda: data.replace(b"Tela", b"T\xe9la"),
        lambda: data.replace(b"Tela", b"\\ud800"),
        lambda: data.replace(b"0.05", chance.choice((b"NaN", b"-Infinity", b"00", nines))),
        lambda: b'{"slack": 1, ' + data[1:],
        lambda: b"[" * chance.choice((10, 1000, 100_000)),
        lambda: b'{"a":' * chance.choice((10, 1000, 20_000)) + b"1" + b"}" * 10,
        lambda: b"",
        lambda: bytes(chance.getrandbits(8) for _ in range(200)),
        lambda: b"a=b&c=d",
        lambda: b"--x\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\nc\r\n--x--\r\n",
        lambda: json.dumps({"from": [{"a": k} for k in range(3000)]}).encode(),
        lambda: b'{"from": ["' + b"x" * chance.choice((1000, 2_000_000)) + b'"]}',
    ]  # fmt: skip
    return replace(sent, body=chance.choice(forms)())


def spoilt_path(chance: Random, sent: Sent) -> Sent:
    """A path with a piece more, less, twice, or of another kind."""
    pieces = sent.path.split("/")
    at, odd = chance.randrange(len(pieces)), escaped(chance, chance.choice(TEXTS), "")
    forms: list[Callable[[], str]] = [
        lambda: "/".join([*pieces[:at], odd, *pieces[at:]]),
        lambda: "/".join([*pieces[:at], odd, *pieces[at + 1 :]]),
        lambda: "/".join([*pieces[:at], chance.choice(OVERLONG), *pieces[at + 1 :]]),
        lambda: "/".join([*pieces[:at], *pieces[at + 1 :]]),
        lambda: "/".join([*pieces, *pieces]),
        lambda: sent.path + chance.choice(("/", "//", "/.", "/..", ";x", "%00", ".json", "%2f")),
        lambda: sent.path.upper(),
        lambda: "/" + sent.path,
        lambda: re.sub(r"[a-z]", lambda sign: f"%{ord(sign[0]):02X}", sent.path),
    ]  # fmt: skip
    path = chance.choice(forms)()
    return replace(sent, path=path if path.startswith("/") else f"/{path}")


def spoilt_query(chance: Random, sent: Sent) -> Sent:
    """A query with a name or value that is odd, repeated, without its sign, or very long."""
    parts = sent.query.split("&") if sent.query else []
    one = chance.choice(parts) if parts else "limit=1"
    name, _, text = one.partition("=")
    odd = escaped(chance, chance.choice(chance.choice((TEXTS, NUMBERS, SYSTEMS, TIMES))))
    overlong, many = chance.choice(OVERLONG), "&".join(f"a{k}=1" for k in range(500))
    added = chance.choice(
        (
            one, name, f"{name}={odd}", f"{odd}={text}", f"{name}[]={text}", f"{name};{text}",
            f"{name.upper()}={text}", f"{name}={text}{odd}", f"{name}={overlong}", f"={text}", "=",
            f"{overlong}=1", f"utm_source={odd}", "&&&", "f=html", "_=1", many,
            f"{name}={'9' * 3000}",
        )
    )  # fmt: skip
    kept = [part for part in parts if part is not one or chance.random() < 0.5]
    return replace(sent, query="&".join([*kept, added]))


def spoilt_header(chance: Random, sent: Sent) -> Sent:
    """A header that is odd, or one more of it."""
    name = chance.choice(tuple(HEADERS))
    text = chance.choice(HEADERS[name])
    if chance.random() < 0.1:
        text = "".join(
            chance.choice("az09 ,;=\"'*/-_()<>@\t\x7fÿé")
            for _ in range(chance.choice((3, 30, 3000)))
        )
    return replace(sent, headers=(*sent.headers, (name, text.strip())))


def spoilt_method(chance: Random, sent: Sent) -> Sent:
    """Another method."""
    return replace(sent, method=chance.choice(METHODS))


SPOILING = (
    spoilt_path,
    spoilt_query,
    spoilt_query,
    spoilt_header,
    spoilt_header,
    spoilt_header,
    spoilt_body,
    spoilt_method,
)
