"""However a token is written, its secret is not to be found in a log."""

from __future__ import annotations

import base64
import codecs
import html
import itertools
import json
import logging
import re
import secrets
import time
import zlib
from collections.abc import Callable
from urllib.parse import quote, unquote

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from service.web.logs.logs import LogLines, register_logs
from service.web.logs.redaction import HIDDEN, cleaned
from service.web.problems.problems import unforeseen_problem

IDENTITY, SECRET = "0123456789ab", "Zk3_q-7Wm0Xy9LpR2sT4uV6aB8cD1eF5gH-iJ_kMnOp"
TOKEN = f"vrd_{IDENTITY}_{SECRET}"


def each(form: str) -> Callable[[str, int], str]:
    """Some or all letters as an escape."""

    def write(text: str, mask: int) -> str:
        letters = []
        for k, letter in enumerate(text):
            written = mask >> k % 61 & 1
            letters.append(form.format(ord(letter)) if written else letter)
        return "".join(letters)

    return write


def packed(encode: Callable[[bytes], bytes]) -> Callable[[str, int], str]:
    def write(text: str, mask: int) -> str:
        return encode(("x" * (mask % 4) + ":" + text).encode("utf-8", "replace")).decode()

    return write


WAYS: dict[str, Callable[[str, int], str]] = {
    "percent": each("%{:02X}"),
    "small percent": each("%{:02x}"),
    "percent u": each("%u{:04x}"),
    "entity": each("&#{};"),
    "hex entity": each("&#x{:X};"),
    "long entity": each("&#x0000{:x};"),
    "unicode": each("\\u{:04x}"),
    "long unicode": each("\\U{:08x}"),
    "braced": each("\\u{{{:x}}}"),
    "byte": each("\\x{:02x}"),
    "octal": each("\\{:03o}"),
    "quoted-printable": each("={:02X}"),
    "quote": lambda text, mask: quote(text, safe=""),
    "html": lambda text, mask: html.escape(text).replace("_", "&lowbar;"),
    "json": lambda text, mask: json.dumps(text)[1:-1],
    "repr": lambda text, mask: repr(text)[1:-1],
    "zero width": lambda text, mask: "\u200b".join(text),
    "base64": packed(base64.b64encode),
    "base64 for addresses": packed(base64.urlsafe_b64encode),
    "hexadecimal": packed(lambda data: data.hex().encode()),
    "utf-16": lambda text, mask: base64.b64encode(text.encode("utf-16-le", "replace")).decode(),
}
AROUND = ["{}", "/jobs?token={}", "/a/{}/b", 'Bearer {}', "<a href='{}'>", '{{"a":"{}"}}',
          "x={}&y=1", "https://u:{}@host/", "Basic {}", "Traceback\n  {}\nEnd"]  # fmt: skip


def readings(text: str) -> str:
    """What somebody who knows of escapes can make of a text."""
    for _ in range(8):
        text += "\n" + "\n".join([unquote(text), html.unescape(text)])
        text = "\n".join(dict.fromkeys(text.split("\n")))
        if len(text) > 200_000:
            break
    for run in re.findall(r"[A-Za-z0-9+/_-]{12,}", text):
        for start in range(4):
            part = run[start:]
            data = base64.urlsafe_b64decode(
                part[: len(part) // 4 * 4].replace("+", "-").replace("/", "_")
            )
            text += "\n" + data.decode("latin-1").replace("\0", "")
    for form in (r"\\+u\{?([0-9a-fA-F]{1,4})\}?", r"\\x([0-9a-fA-F]{2})", r"\\U([0-9a-fA-F]{8})",
                 r"%u([0-9a-fA-F]{4})", r"=([0-9A-F]{2})"):  # fmt: skip
        text += "\n" + re.sub(form, lambda match: chr(int(match[1], 16)), text)
    return text


UNREAD: dict[str, Callable[[str], str]] = {
    "overlong": lambda text: text.replace("_", "%C1%9F"),
    "overlong letters": lambda text: "".join(f"%C1%{ord(letter):02X}" for letter in text),
    "utf-7": lambda text: text.replace("_", "+AF8-"),
    "other signs": lambda text: text.replace("_", "-"),
    "blanks between": lambda text: " ".join(text),
    "points between": lambda text: "%2E".join(text),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "small base32": lambda text: base64.b32encode(text.encode()).decode().lower(),
    "base85": lambda text: base64.b85encode(text.encode()).decode(),
    "ascii85": lambda text: base64.a85encode(text.encode()).decode(),
    "hex with colons": lambda text: text.encode().hex(":"),
    "hex with 0x": lambda text: ",".join(f"0x{ord(letter):x}" for letter in text),
    "decimals": lambda text: ".".join(str(ord(letter)) for letter in text),
    "one number": lambda text: str(int.from_bytes(text.encode())),
    "backwards": lambda text: text[::-1],
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "packed": lambda text: base64.b64encode(zlib.compress(text.encode())).decode(),
    "letters alone": lambda text: (
        text.encode().hex().translate(str.maketrans("0123456789abcdef", "abcdefghijklmnop"))
    ),
}
"""Ways of writing that nothing here reads."""


@pytest.mark.parametrize("way", UNREAD)
def test_no_way_of_writing_is_too_new(way: str) -> None:
    for text in (TOKEN, SECRET):
        written = UNREAD[way](text)
        kept = cleaned(f"GET /jobs?token={written}&limit=1 404")
        assert kept.startswith("GET /jobs?token=") and kept.endswith("&limit=1 404"), kept
        left = kept.removeprefix("GET /jobs?token=").removesuffix("&limit=1 404")
        assert HIDDEN in left and len(left.replace(HIDDEN, "")) <= 20, kept


@settings(max_examples=600)
@given(
    ways=st.lists(st.sampled_from(list(WAYS)), max_size=3),
    around=st.sampled_from(AROUND),
    mask=st.integers(0, 2**61 - 1),
    before=st.text(max_size=20),
)
def test_no_secret_is_left(ways: list[str], around: str, mask: int, before: str) -> None:
    text = TOKEN
    for k, way in enumerate(ways):
        text = WAYS[way](text, 2**61 - 1 if k else mask)
    line = before + around.format(text)
    kept = readings(cleaned(line))
    for k in range(len(SECRET) - 12):
        assert SECRET[k : k + 12] not in kept, line


@pytest.mark.parametrize("way", WAYS)
def test_each_way_is_read(way: str) -> None:
    for mask in (2**61 - 1, 0x5555555555555555, 1, 16):
        line = f"GET /jobs?token={WAYS[way](TOKEN, mask)}&limit=1"
        kept = cleaned(line)
        assert HIDDEN in kept
        assert SECRET[-8:] not in readings(kept)
        # What stands around it stays.
        assert kept.startswith("GET /jobs?") and kept.endswith("&limit=1")


@pytest.mark.parametrize(
    "line",
    ["/collections/links/items?limit=10000&bbox=-92.5,12.9,-83,18.6", "/tiles/network/8/62/117.mvt",
     "/corridors?from=San%20Pedro%20Sula&to=Chiquimula&avoid=El+Florido", "a%", "%zz%5", "\\u12",
     "filter=name LIKE 'San%' AND country='HN'", "f8aa29997011561723cd60158964aa18a48a4898",
     "4bf92f3577b34da6a3ce929d0e0e4736", "0af76519-16cd-43dd-8448-eb211c80319c",
     "/corridors?from=Quetzaltenango&to=Totonicap%C3%A1n&via=R%C3%ADo+Dulce&close=Agua+Caliente",
     "/collections/links/items?datetime=2025-01-01T00:00:00Z/2026-01-01T00:00:00Z&offset=20000",
     "/x?filter=S_INTERSECTS(geometry,POLYGON((-90.123456%2014.123456,-89.5%2014.1,-89.5%2015.2,"
     "-90.123456%2014.123456)))%20AND%20country%20IN%20(%27HN%27,%27GT%27,%27SV%27)",
     "0123456789abcdef GET /jobs/fedcba9876543210/results?crs="
     "http://www.opengis.net/def/crs/EPSG/0/32616 (3.4 s)",
     'File "/opt/vereda/lib/python3.11/site-packages/flask/app.py", line 919, in dispatch_request',
     "vrd_", "&amp;&nbsp;&#0;&#99999999;", "vereda token add", "the bearer of it"],
)  # fmt: skip
def test_all_else_stays_as_it_is(line: str) -> None:
    assert cleaned(line) in (line, line.replace("of it", f"{HIDDEN} it"))


@pytest.mark.parametrize(
    "unit",
    ["%25", "%2525", "&amp;", "\\", "%", "&", "&#x26;#x26;", "AAAA", "vrd_", "%u0025", "=3D"],
)
def test_no_text_takes_long(unit: str) -> None:
    text = (unit * 20_000)[:60_000] + TOKEN
    begun = time.process_time()
    assert SECRET not in cleaned(text)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("as_json", [True, False])
def test_a_line_holds_it_nowhere(as_json: bool) -> None:
    """Message, members of any kind, and the traces of errors and of their causes."""
    wire = quote(TOKEN, safe="").replace("_", "%5F")
    try:
        try:
            raise KeyError(wire)
        except KeyError as error:
            raise ValueError(f"bad {TOKEN}") from error
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "%s failed", (wire,),
                                   (type(error), error, error.__traceback__))  # fmt: skip
    record.path, record.more, record.data = wire, {"a": [TOKEN]}, TOKEN.encode()
    line = LogLines(as_json=as_json).format(record)
    assert SECRET not in readings(line)
    assert "failed" in line and "KeyError" in line
    if as_json:
        assert json.loads(line)["path"].endswith(HIDDEN)


CODES = [ord(letter) for letter in SECRET]
POINTED = [
    " ".join(f"{code / 100}" for code in CODES),
    ",".join(f"{code}.{CODES[k]}" for k, code in enumerate(CODES[1:])),
    "%2C".join(f"{code}.0" for code in CODES),
    ", ".join(f"{code / 128:.15f}" for code in CODES),
    "+".join(f"-{code:.3e}" for code in CODES),
    "12.345678",
]
"""Ways to write a secret as numbers that have a point, as coordinates have."""
NAMED = ["GET /jobs?token={}&limit=1 404", "GET /x?api_key={}&a=b", "X-Api-Key: {}",
         "Authorization: Bearer {}", "Authorization: {}", "'authorization'='Basic {}'",
         "bearer {} end", '{{"token": "{}"}}', '{{"password": [{}], "b": 2}}',
         "?access_token%3D{}&a=1", "secret = ({})", "GET /jobs?TOKEN[]={} 404"]  # fmt: skip


@pytest.mark.parametrize("around", NAMED)
def test_numbers_with_a_point_are_hidden_under_the_name_of_a_secret(around: str) -> None:
    before, after = around.format("\n").split("\n")
    for numbers in POINTED:
        kept = cleaned(around.format(numbers))
        assert not re.search(r"\d\.\d|\d{3}e", kept), (kept, numbers)
        assert HIDDEN in kept
        # Powers have letters, so that what is around such a list may pass for more of it.
        around_it = kept.startswith(before) and kept.endswith(after)
        assert around_it or "e" in numbers, kept


@pytest.mark.parametrize(
    "line",
    ["/corridors?from=-86.53,16.32&to=-92.1,14.9&token=",
     "/collections/keys/items?bbox=-92.5,12.9,-83,18.6",
     "monkey=1.5 tokens 2.5 the key is 3.5", "key=7&x=1.5", "password=none&at=14.25,-88.5",
     "/tokens/1.5 (3.4 s)", "POINT(-90.123456 14.123456) of the key", "token: read, 3.4 s",
     "basics 1.5"],
)  # fmt: skip
def test_coordinates_beside_names_of_secrets_stay(line: str) -> None:
    assert cleaned(line) == line


@pytest.mark.parametrize(
    "unit", ["%20", "token=", "token=1.5 ", "1.", "bearer ", "token:%25", "'token'=1_", "1e1", "%"]
)
def test_no_list_of_numbers_takes_long(unit: str) -> None:
    text = "token=" + (unit * 20_000)[:60_000] + "x"
    begun = time.process_time()
    cleaned(text)
    assert time.process_time() - begun < 5


def test_passwords_of_addresses_are_hidden() -> None:
    line = "redis://:hush@queue:6379/0 and https://me:hush@host/ and http://host:8000/a@b"
    kept = cleaned(line)
    assert "hush" not in kept and kept.endswith("http://host:8000/a@b")


@pytest.mark.trials
def test_what_is_made_at_random_is_hidden_too() -> None:
    for _ in range(200):
        token = f"vrd_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
        for way in WAYS.values():
            kept = cleaned(f"token {way(token, 2**61 - 1)} end")
            assert token[17:] not in readings(kept)


def test_lines_broken_in_the_middle_are_read_as_one() -> None:
    for end in ("=\n", "=\r\n", "%3D%0A", "&#61;%0d%0a"):
        assert SECRET[20:] not in cleaned(f"/jobs?token={TOKEN[:30]}{end}{TOKEN[30:]}")


@pytest.mark.parametrize("unread", ["&#109", "%zz", "\\q", "%%", "&#x;"])
def test_what_is_behind_a_letter_that_nobody_reads_is_hidden_too(unread: str) -> None:
    line = cleaned(f"GET /jobs?token={TOKEN[:30]}{unread}{TOKEN[30:]} HTTP/1.1")
    assert SECRET[20:] not in line
    assert line.endswith(f"{HIDDEN} HTTP/1.1")


BREAKS = [*"+/.,;:~!*(@=?#|<&'\"é\u3000\xa0\uff0f\u0301", "%20", "%2F", "%2f", "%252F", "//", "&x&",
          "%00", "%C3%A9", "%E3%80%80", "%22", "%27", "&#32;", "\\u0020", "%u0020", "+++",
          "&a="]  # fmt: skip
STARTS = ["vrd_", "vrd%5F", "%76rd_", "\uff56rd_", "%EF%BD%96rd\uff3f"]


@pytest.mark.parametrize("sign", BREAKS)
def test_what_is_behind_a_sign_that_no_token_has_is_hidden_too(sign: str) -> None:
    for start, at in itertools.product(STARTS, (0, 4, 20, 39)):
        broken = f"{start}{IDENTITY}_{SECRET[:at]}{sign}{SECRET[at:]}"
        for line in (f"GET /jobs/{broken} 404", f"GET /jobs?token={broken}&limit=1 404",
                     f'{{"path": "/jobs/{broken}"}} 404'):  # fmt: skip
            kept = cleaned(line)
            assert not any(part and part in kept for part in (SECRET[:at], SECRET[at:])), line
            assert HIDDEN in kept
            assert kept.endswith(" 404")


@pytest.mark.parametrize("sign", [".", "%2E", "%20%2E", "&#46;", "é", "+", "&a=", "&abc_d=", "%20"])
def test_what_no_secret_has_takes_no_room_of_one(sign: str) -> None:
    """A next parameter is let be once a secret was whole, and not before."""
    for start, at in itertools.product(STARTS, (0, 5, 30)):
        broken = f"{start}{IDENTITY}_{SECRET[:at]}{sign * 43}&a={SECRET[at:]}"
        kept = cleaned(f"GET /jobs?token={broken} 404")
        assert SECRET[at:] not in kept and kept.endswith(f"{HIDDEN} 404"), broken
    for sign in ("", ".", "%2E", "é"):
        kept = cleaned(f"GET /jobs?token={TOKEN}{sign}&limit=1 404")
        assert kept == f"GET /jobs?token=vrd_{IDENTITY}_{HIDDEN}&limit=1 404"


def test_many_broken_tokens_take_no_longer() -> None:
    text = f"vrd%5Fa_{SECRET[:3]}%20" * 4000
    begun = time.process_time()
    assert SECRET[:3] not in cleaned(text)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "sign",
    ["%20", "%09", "%0A", "%E3%80%80", "+", "%2F", "%22", "%27",
     "%22%2F", "%22%22", "%27.", "%22%20", "%22%C3%A9"],
)  # fmt: skip
@pytest.mark.parametrize("fails", [False, True])
def test_a_token_that_is_broken_in_a_path_leaves_nothing_in_the_line(
    sign: str, fails: bool, caplog: pytest.LogCaptureFixture
) -> None:
    app = Flask(__name__)
    register_logs(app)
    app.register_error_handler(ZeroDivisionError, unforeseen_problem)
    app.add_url_rule("/faults/<path:name>", view_func=lambda name: str(1 / 0))
    caplog.set_level(logging.INFO, logger="vereda")
    place = "faults" if fails else "jobs"
    app.test_client().get(f"/{place}/{TOKEN[:30]}{sign}{TOKEN[30:]}?limit=1")
    assert len(caplog.records) == (2 if fails and sign != "%0A" else 1)
    for record, as_json in itertools.product(caplog.records, (True, False)):
        line = LogLines(as_json=as_json).format(record)
        assert f"/{place}/vrd_" in line
        assert TOKEN[30:] not in line and TOKEN[18:30] not in line


@pytest.mark.parametrize("sign", [".", "%20", "-", "=", "%2F", "é"])
def test_a_token_whose_name_is_broken_is_hidden_as_well(sign: str) -> None:
    broken = f"vrd_{IDENTITY[:6]}{sign}{IDENTITY[6:]}_{SECRET}"
    assert SECRET not in cleaned(f"GET /jobs/{broken} 404")
