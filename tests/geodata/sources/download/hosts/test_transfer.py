"""A file arrives whole and right, or not at all, whatever the host does."""

from __future__ import annotations

import hashlib
import time
from email.utils import formatdate

import pytest

from geodata.errors import DataError, InputError, UnreachableError
from geodata.sources.download.hosts.patience import Patience
from tests.geodata.sources.download.conftest import Study
from tests.support.servers.bad_server import BadServer, Fault, made_pbf

SIZE = 1 << 20
PATH = "/hn.osm.pbf"
PBF = made_pbf(SIZE)
OTHER = made_pbf(SIZE, seed=1)
PAGE = b"<!DOCTYPE html>\n<html><body>Please log in to the network of the hotel.</body></html>"


def arrived(study: Study) -> bytes:
    return (study.home / "roads" / "hn.osm.pbf").read_bytes()


def test_a_file_gets_its_name_with_a_record_of_whose_it_is(study: Study, host: BadServer) -> None:
    host.put(PATH, PBF)
    order = study.url(PATH, licence="ODbL-1.0", attribution="© OpenStreetMap contributors")
    (fetched,) = study.fetch(order)
    assert arrived(study) == PBF
    assert study.visible() == ["hn.osm.pbf", "hn.osm.pbf.source.toml"]
    assert fetched.record.sha256 == hashlib.sha256(PBF).hexdigest()
    assert fetched.record.licence == "ODbL-1.0"
    assert "OpenStreetMap" in (study.home / "roads" / "hn.osm.pbf.source.toml").read_text("utf-8")


@pytest.mark.parametrize("rudely", [False, True])
def test_after_a_cut_at_most_a_twentieth_is_sent_again(
    study: Study, host: BadServer, rudely: bool
) -> None:
    cuts = [Fault(cut=SIZE // 5, rudely=rudely), Fault(cut=SIZE // 3), Fault(cut=SIZE // 4)]
    host.put(PATH, PBF, faults=cuts)
    study.fetch(study.url(PATH))
    assert arrived(study) == PBF
    assert host.sent(PATH) <= 1.05 * len(PBF)
    assert len(host.requests(PATH)) == 4
    assert all("if-range" in each.headers for each in host.requests(PATH)[1:])


@pytest.mark.parametrize(
    "known",
    [{"etag": 'W/"1"'}, {"etag": None}, {"etag": None, "modified": time.time()}, {"etag": ""}],
)
def test_a_host_that_tells_versions_apart_badly_is_gone_on_with(
    study: Study, host: BadServer, known: dict
) -> None:
    host.put(PATH, PBF, faults=[Fault(cut=SIZE // 2)], **known)
    study.fetch(study.url(PATH))
    assert arrived(study) == PBF
    assert host.sent(PATH) <= 1.05 * len(PBF)


def test_parts_of_a_host_that_tells_no_versions_are_put_together_only_under_a_hash(
    study: Study, host: BadServer
) -> None:
    silent = {"etag": None, "modified": None}
    host.put(PATH, PBF, faults=[Fault(cut=SIZE // 2)], **silent)
    study.fetch(study.url(PATH))
    assert arrived(study) == PBF and host.sent(PATH) > 1.4 * len(PBF)
    host.put("/b.osm.pbf", OTHER, faults=[Fault(cut=SIZE // 2)], **silent)
    study.fetch(study.url("/b.osm.pbf", sha256=hashlib.sha256(OTHER).hexdigest()))
    assert host.sent("/b.osm.pbf") <= 1.05 * len(OTHER)


@pytest.mark.parametrize("etag", ["auto", 'W/"same"', None])
def test_a_file_that_changes_between_its_parts_is_begun_anew(
    study: Study, host: BadServer, etag: str | None
) -> None:
    changed = made_pbf(SIZE + 5000, seed=2)
    host.put(PATH, PBF, etag=etag, faults=[Fault(cut=SIZE // 2), Fault(changed=changed)])
    study.fetch(study.url(PATH))
    assert arrived(study) == changed


@pytest.mark.parametrize("fault", [Fault(unranged=True), Fault(shifted=100), Fault(encoded=True)])
def test_parts_that_are_not_those_asked_for_are_not_taken(
    study: Study, host: BadServer, fault: Fault
) -> None:
    host.put(PATH, PBF, faults=[Fault(cut=SIZE // 2), fault])
    study.fetch(study.url(PATH))
    assert arrived(study) == PBF


@pytest.mark.parametrize("status", [429, 503, 500, 502, 504, 408])
def test_a_busy_host_is_asked_again_when_it_wants(
    study: Study, host: BadServer, status: int
) -> None:
    wait = (("Retry-After", "1"),) if status in (429, 503) else ()
    host.put(PATH, PBF, faults=[Fault(status=status, headers=wait)])
    begun = time.monotonic()
    study.fetch(study.url(PATH))
    assert arrived(study) == PBF
    assert time.monotonic() - begun >= (1.0 if wait else 0.0)


@pytest.mark.parametrize(
    "moment",
    ["7200", formatdate(time.time() + 7200, usegmt=True), "9" * 30],
    ids=["seconds", "date", "digits"],
)
def test_a_host_that_wants_us_to_wait_for_hours_is_not_waited_for(
    study: Study, host: BadServer, moment: str
) -> None:
    host.put(PATH, PBF, always=Fault(status=429, headers=(("Retry-After", moment),)))
    with pytest.raises(UnreachableError, match="try again after 2"):
        study.fetch(study.url(PATH))
    assert len(host.requests(PATH)) == 1


def test_a_date_in_the_past_or_no_sense_is_a_pause_like_any_other(
    study: Study, host: BadServer
) -> None:
    texts = ("Fri, 27 Nov 2015 10:00:00 GMT", "soon", "-5", "")
    faults = [Fault(status=503, headers=(("Retry-After", text),)) for text in texts]
    host.put(PATH, PBF, faults=faults)
    study.fetch(study.url(PATH))
    assert arrived(study) == PBF


def test_a_host_that_never_gets_further_is_given_up_and_gone_on_with_later(
    study: Study, host: BadServer
) -> None:
    served = host.put(PATH, PBF, faults=[Fault(cut=SIZE // 2)], always=Fault(cut=0))
    with pytest.raises(UnreachableError, match="are kept; the next call goes on"):
        study.fetch(study.url(PATH))
    assert study.visible() == []
    served.always = Fault()
    study.fetch(study.url(PATH))
    assert arrived(study) == PBF
    assert host.sent(PATH) <= 1.05 * len(PBF)


WRONG = {
    "a page": PAGE,
    "a page of XML": b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"/>',
    "an error of S3": b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    "nothing": b"",
    "a note of LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
    "half of it": PBF[: SIZE // 2],
    "a broken block": PBF[:40] + b"\xff" * (len(PBF) - 40),
    "a cut first block": PBF[:20],
    "more than it": PBF + b"x",
    "an archive": b"PK\x03\x04" + bytes(2000),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_map_does_not_get_its_name(study: Study, host: BadServer, what: str) -> None:
    host.put(PATH, WRONG[what])
    with pytest.raises(DataError) as caught:
        study.fetch(study.url(PATH))
    assert "hn.osm.pbf" in caught.value.field and "OpenStreetMap PBF" in caught.value.remedy
    assert study.visible() == []
    # Nothing wrong stays for the next call either.
    host.put(PATH, PBF)
    study.fetch(study.url(PATH))
    assert arrived(study) == PBF


def test_a_page_in_place_of_the_rest_does_not_cost_what_has_come(
    study: Study, host: BadServer
) -> None:
    page = Fault(status=200, body=PAGE)
    host.put(PATH, PBF, faults=[Fault(cut=SIZE // 2), page])
    with pytest.raises(DataError, match="web page"):
        study.fetch(study.url(PATH))
    study.fetch(study.url(PATH))
    assert arrived(study) == PBF
    assert host.sent(PATH) <= 1.05 * len(PBF) + len(PAGE)


def test_a_host_that_announces_too_little_is_not_believed(study: Study, host: BadServer) -> None:
    host.put(PATH, PBF, always=Fault(announced=-1000))
    with pytest.raises(DataError, match="cut off"):
        study.fetch(study.url(PATH))
    assert study.visible() == []


def test_a_host_that_announces_too_much_is_asked_for_the_rest(
    study: Study, host: BadServer
) -> None:
    """It says then how long the file is; one that goes on lying is given up."""
    host.put(PATH, PBF, always=Fault(announced=1000))
    study.fetch(study.url(PATH))
    assert arrived(study) == PBF and host.sent(PATH) == len(PBF)
    host.put("/b.osm.pbf", OTHER, always=Fault(announced=1000, unranged=True))
    with pytest.raises(UnreachableError, match="broke the connection off"):
        study.fetch(study.url("/b.osm.pbf"))
    assert study.visible() == ["hn.osm.pbf", "hn.osm.pbf.source.toml"]


def test_without_a_length_only_what_shows_its_end_is_taken(study: Study, host: BadServer) -> None:
    host.put(PATH, PBF, always=Fault(silent=True))
    study.fetch(study.url(PATH))
    assert arrived(study) == PBF
    host.put("/half.osm.pbf", PBF, always=Fault(silent=True, cut=SIZE // 2))
    with pytest.raises(DataError, match="cut off"):
        study.fetch(study.url("/half.osm.pbf"))
    host.put("/ports.csv", b"name,lon,lat\nTela,-87.4,15.8\n", always=Fault(silent=True))
    with pytest.raises(DataError, match="does not say how long"):
        study.fetch(study.url("/ports.csv", "ports"))


def test_what_is_encoded_on_the_way_is_decoded(study: Study, host: BadServer) -> None:
    host.put(PATH, PBF, always=Fault(encoded=True))
    study.fetch(study.url(PATH))
    assert arrived(study) == PBF
    assert host.requests(PATH)[0].headers["accept-encoding"] == "identity"


def test_a_cut_in_what_is_encoded_begins_it_anew(study: Study, host: BadServer) -> None:
    host.put(PATH, PBF, faults=[Fault(encoded=True, cut=SIZE // 2)])
    study.fetch(study.url(PATH))
    assert arrived(study) == PBF


def test_an_encoding_that_is_not_known_is_refused(study: Study, host: BadServer) -> None:
    answer = Fault(status=200, body=PBF, headers=(("Content-Encoding", "br"),))
    host.put(PATH, PBF, always=answer)
    with pytest.raises(DataError, match="although asked not to"):
        study.fetch(study.url(PATH))


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "no such file"), (410, "no such file"), (403, "does not hand this file out"),
     (401, "name and password"), (418, "no answer to go on with")],
)  # fmt: skip
def test_what_is_not_handed_out_is_told(
    study: Study, host: BadServer, status: int, words: str
) -> None:
    host.put(PATH, PBF, always=Fault(status=status, body=PAGE))
    with pytest.raises((DataError, UnreachableError), match=words):
        study.fetch(study.url(PATH))
    assert len(host.requests(PATH)) == 1
    assert study.visible() == []


def test_more_than_is_allowed_is_refused_before_it_comes(study: Study, host: BadServer) -> None:
    host.put(PATH, PBF)
    with pytest.raises(InputError, match="--most"):
        study.fetch(study.url(PATH), most_bytes=SIZE // 2)
    assert host.sent(PATH) == 0
    assert any("1 file, 1 MB to come" in each for each in study.reports)
    # A host that does not say so before is stopped at the limit.
    host.put("/b.osm.pbf", OTHER, always=Fault(silent=True))
    host.files["/b.osm.pbf"].always = Fault(encoded=True)
    with pytest.raises(InputError, match="--most"):
        study.fetch(study.url("/b.osm.pbf"), most_bytes=SIZE // 2)


def test_a_host_that_cannot_be_reached_is_named(study: Study) -> None:
    gone = study.url("", url="http://127.0.0.1:9/hn.osm.pbf")
    with pytest.raises(UnreachableError, match=r"refuses connections.*--mirror.*--offline"):
        study.fetch(gone, patience=Patience(tries=1, pause=0.01))
    unknown = study.url("", url="http://no-such-host.invalid/hn.osm.pbf")
    with pytest.raises(UnreachableError, match="connected to the internet"):
        study.fetch(unknown, patience=Patience(tries=0, pause=0.01))
