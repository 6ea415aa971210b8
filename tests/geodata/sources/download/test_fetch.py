"""Files of a study: fetched once, left alone, shared, refreshed on request."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from geodata.errors import DataError, InputError, UnreachableError
from geodata.sources.download import fetch as fetch_module
from geodata.sources.download.cache import CacheEntry
from geodata.sources.download.hosts import partial, transfer
from geodata.sources.download.hosts.patience import Patience
from geodata.sources.fetched.records import files_of, read_record, records_beside
from tests.geodata.sources.download.conftest import Study
from tests.support.servers.bad_server import BadServer, Fault, made_pbf

SIZE = 1 << 19
PATH = "/hn.osm.pbf"
PBF = made_pbf(SIZE)
NEWER = made_pbf(SIZE, seed=7)


def test_what_is_there_is_left_alone_and_nobody_is_asked(study: Study, host: BadServer) -> None:
    host.put(PATH, PBF)
    assert [each.fresh for each in study.fetch(study.url(PATH))] == [True]
    count = len(host.log)
    assert [each.fresh for each in study.fetch(study.url(PATH))] == [False]
    assert len(host.log) == count


@pytest.mark.parametrize("name", ["mis caminos.osm.pbf", "carreteras año 2026 (ñ).osm.pbf"])
def test_a_file_may_have_any_name(study: Study, host: BadServer, name: str) -> None:
    host.put(PATH, PBF)
    order = study.url(PATH, file=name, licence="CC0-1.0")
    assert [each.fresh for each in study.fetch(order)] == [True]
    assert [each.fresh for each in study.fetch(order)] == [False]
    (record,) = records_beside([study.home / "roads" / name])
    assert record.licence == "CC0-1.0"


def test_one_file_for_several_layers_and_studies_is_fetched_and_kept_once(
    study: Study, host: BadServer, tmp_path: Path
) -> None:
    host.put(PATH, PBF)
    study.fetch(study.url(PATH), study.url(PATH, "coast"))
    other = Study(home=tmp_path / "other", cache=study.cache, host=host)
    other.fetch(other.url(PATH))
    assert len(host.requests(PATH)) == 1
    places = [study.home / "roads" / "hn.osm.pbf", study.home / "coast" / "hn.osm.pbf",
              other.home / "roads" / "hn.osm.pbf"]  # fmt: skip
    assert len({path.stat().st_ino for path in places}) == 1
    assert {path.stat().st_mode & 0o222 for path in places} == {0}


def test_offline_takes_what_the_cache_has_and_asks_nobody(study: Study, host: BadServer) -> None:
    host.put(PATH, PBF)
    with pytest.raises(InputError, match="without --offline"):
        study.fetch(study.url(PATH), offline=True)
    study.fetch(study.url(PATH))
    count = len(host.log)
    other = Study(home=study.home.parent / "other", cache=study.cache, host=host)
    other.fetch(other.url(PATH), offline=True)
    assert (other.home / "roads" / "hn.osm.pbf").read_bytes() == PBF
    assert len(host.log) == count


def test_a_newer_file_is_asked_for_only_on_request(study: Study, host: BadServer) -> None:
    served = host.put(PATH, PBF)
    study.fetch(study.url(PATH))
    study.fetch(study.url(PATH), refresh=True)
    assert host.requests(PATH)[-1].status == 304
    served.content = NEWER
    study.fetch(study.url(PATH))
    place = study.home / "roads" / "hn.osm.pbf"
    assert place.read_bytes() == PBF
    study.fetch(study.url(PATH), refresh=True)
    assert place.read_bytes() == NEWER
    assert study.visible() == ["hn.osm.pbf", "hn.osm.pbf.source.toml"]


def test_a_failing_host_leaves_what_is_there_and_tells_of_the_copy(
    study: Study, host: BadServer
) -> None:
    host.put(PATH, PBF)
    study.fetch(study.url(PATH))
    host.files[PATH].always = Fault(status=503)
    with pytest.raises(UnreachableError, match=r"has a copy of 2.*--offline takes it"):
        study.fetch(study.url(PATH), refresh=True, patience=Patience(tries=1, pause=0.01))
    assert (study.home / "roads" / "hn.osm.pbf").read_bytes() == PBF


def test_files_of_others_are_never_replaced(study: Study, host: BadServer, tmp_path: Path) -> None:
    host.put(PATH, PBF)
    place = study.home / "roads" / "hn.osm.pbf"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"mine")
    with pytest.raises(InputError, match="was not fetched"):
        study.fetch(study.url(PATH), refresh=True)
    assert place.read_bytes() == b"mine"
    place.unlink()
    elsewhere = tmp_path / "mine.osm.pbf"
    elsewhere.write_bytes(b"mine")
    place.symlink_to(elsewhere)
    with pytest.raises(InputError, match="was not fetched"):
        study.fetch(study.url(PATH))
    assert elsewhere.read_bytes() == b"mine" and place.is_symlink()


def test_a_file_that_was_changed_is_replaced_only_on_request(study: Study, host: BadServer) -> None:
    host.put(PATH, PBF)
    study.fetch(study.url(PATH))
    place = study.home / "roads" / "hn.osm.pbf"
    place.unlink()
    place.write_bytes(b"changed")
    with pytest.raises(InputError, match=r"was changed since.*--refresh"):
        study.fetch(study.url(PATH))
    study.fetch(study.url(PATH), refresh=True)
    assert place.read_bytes() == PBF


def test_a_damaged_copy_of_the_cache_is_fetched_again(study: Study, host: BadServer) -> None:
    host.put(PATH, PBF)
    study.fetch(study.url(PATH))
    entry = CacheEntry(study.cache, host.url(PATH))
    cached = entry.cached()
    assert cached is not None
    entry.file(cached).chmod(0o600)
    with entry.file(cached).open("r+b") as file:
        file.write(b"damage")
    assert entry.cached() is None
    (study.home / "roads" / "hn.osm.pbf").unlink()
    study.fetch(study.url(PATH))
    assert (study.home / "roads" / "hn.osm.pbf").read_bytes() == PBF


def test_files_that_a_layer_wants_no_more_go(study: Study, host: BadServer) -> None:
    tiles = {f"/{name}.osm.pbf": made_pbf(5000, seed=at) for at, name in enumerate("abc")}
    for path, content in tiles.items():
        host.put(path, content)
    order = study.provider("geofabrik", "roads")
    _index(host, {"a": "/a.osm.pbf", "b": "/b.osm.pbf"})
    for path, content in tiles.items():
        host.put(f"{path}.md5", f"{hashlib.md5(content).hexdigest()}  {path[1:]}\n".encode())
    study.mirrors = (f"download.geofabrik.de={host.address}",)
    study.fetch(order)
    assert [name for name in study.visible() if name.endswith("pbf")] == ["a.osm.pbf", "b.osm.pbf"]
    (study.home / "roads" / "own.osm.pbf").write_bytes(b"mine")
    _index(host, {"a": "/a.osm.pbf", "c": "/c.osm.pbf"})
    study.fetch(order, refresh=True)
    assert [name for name in study.visible() if name.endswith("pbf")] == [
        "a.osm.pbf", "c.osm.pbf", "own.osm.pbf"]  # fmt: skip
    read = {path.name for path in files_of(study.home / "roads", "geofabrik")}
    assert read == {"a.osm.pbf", "c.osm.pbf"}


def _index(host: BadServer, extracts: dict[str, str]) -> None:
    """A list like Geofabrik's, each extract half of the area."""
    import json

    features = []
    for at, (name, path) in enumerate(extracts.items()):
        west = -90 + at
        ring = [[west, 14], [west + 1, 14], [west + 1, 16], [west, 16], [west, 14]]
        features.append({
            "type": "Feature",
            "properties": {"id": name, "iso3166-1:alpha2": ["GT" if at == 0 else "HN"],
                           "urls": {"pbf": f"https://download.geofabrik.de{path}"}},
            "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]},
        })  # fmt: skip
    listing = {"type": "FeatureCollection", "features": features}
    host.put("/index-v1.json", json.dumps(listing).encode())


def test_a_hash_that_the_study_gives_is_kept_to(study: Study, host: BadServer) -> None:
    host.put(PATH, PBF)
    wrong = study.url(PATH, sha256="0" * 64)
    with pytest.raises(DataError, match="The study wants 000000000000"):
        study.fetch(wrong)
    assert study.visible() == []
    right = study.url(PATH, sha256=hashlib.sha256(PBF).hexdigest())
    (fetched,) = study.fetch(right)
    assert fetched.record.checksum.startswith("sha256 ")


def test_two_fetches_at_once_do_not_disturb_each_other(
    study: Study, host: BadServer, tmp_path: Path
) -> None:
    host.put(PATH, PBF, always=Fault(pause=0.01))
    others = [Study(home=tmp_path / f"study{at}", cache=study.cache, host=host) for at in range(3)]
    same = [study, study, *others]
    failures: list[BaseException] = []

    def run(own: Study) -> None:
        try:
            own.fetch(own.url(PATH))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(own,)) for own in same]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    for own in same:
        assert (own.home / "roads" / "hn.osm.pbf").read_bytes() == PBF
        assert own.visible() == ["hn.osm.pbf", "hn.osm.pbf.source.toml"]
    assert host.sent(PATH) == len(PBF)


KILLED = """
import sys
from pathlib import Path
from geodata.sources.download.fetch import Options, Order, fetch
from geodata.sources.download.providers.providers import Extent

home, cache, url = sys.argv[1:]
order = Order(role="roads", label="roads", home=Path(home) / "roads", url=url)
fetch([order], Extent(box=None, countries=()), Options(cache=Path(cache)))
"""


def test_killed_at_any_moment_the_next_call_goes_on(study: Study, host: BadServer) -> None:
    pbf = made_pbf(4 * SIZE)
    host.put(PATH, pbf, always=Fault(pause=0.004))
    place = study.home / "roads" / "hn.osm.pbf"
    words = [sys.executable, "-c", KILLED, str(study.home), str(study.cache), host.url(PATH)]
    killed = 0
    for moment in (0.05, 0.15, 0.25, 0.35):
        process = subprocess.Popen(words)
        part = CacheEntry(study.cache, host.url(PATH)).home / "part"
        begun = time.monotonic()
        while not part.exists() and process.poll() is None and time.monotonic() - begun < 600:
            time.sleep(0.005)
        time.sleep(moment)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
        assert not place.exists() or place.read_bytes() == pbf
    assert killed
    study.fetch(study.url(PATH))
    assert place.read_bytes() == pbf
    assert study.visible() == ["hn.osm.pbf", "hn.osm.pbf.source.toml"]


def test_whatever_change_of_the_disk_is_the_last_one_the_next_call_goes_on(
    study: Study, host: BadServer, tmp_path: Path
) -> None:
    """A process may end between any two of them: before each in turn."""
    host.put(PATH, PBF)
    for step in range(100):
        own = Study(home=tmp_path / f"data{step}", cache=tmp_path / f"cache{step}", host=host)
        ended = _interrupted(own, step)
        place = own.home / "roads" / "hn.osm.pbf"
        assert not place.exists() or place.read_bytes() == PBF
        entry = CacheEntry(own.cache, host.url(PATH))
        come = entry.part().size + (entry.cached() is not None) * SIZE if entry.home.exists() else 0
        sent = host.sent(PATH)
        own.fetch(own.url(PATH))
        assert place.read_bytes() == PBF
        record = read_record(place.with_name("hn.osm.pbf.source.toml"))
        assert record is not None and record.holds(place.parent)
        assert host.sent(PATH) - sent <= 1.05 * (len(PBF) - min(come, SIZE))
        if not ended:
            break
    assert 10 < step < 100


def _interrupted(study: Study, step: int) -> bool:
    """Whether a fetch came to so many changes of names, and ended there."""
    left = [step]

    def watched(real):
        def change(*args, **named):
            if any(str(study.home.parent) in str(each) for each in args):
                left[0] -= 1
                if left[0] < 0:
                    raise KeyboardInterrupt
            return real(*args, **named)

        return change

    with pytest.MonkeyPatch.context() as patch:
        for name in ("link", "rename", "replace", "unlink"):
            patch.setattr(os, name, watched(getattr(os, name)))
        try:
            study.fetch(study.url(PATH))
        except KeyboardInterrupt:
            return True
    return False


def test_a_full_disk_is_told_with_the_file_and_what_has_come_stays(
    study: Study, host: BadServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.put(PATH, PBF)
    real, room = transfer._write_all, [SIZE // 2]

    class Full:
        def __init__(self, file):
            self.file = file

        def write(self, content):
            room[0] -= len(content)
            if room[0] < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return self.file.write(content)

    with monkeypatch.context() as patch:
        patch.setattr(transfer, "_write_all", lambda file, *rest: real(Full(file), *rest))
        with pytest.raises(OSError, match=r"No space left.*hn\.osm\.pbf"):
            study.fetch(study.url(PATH))
    study.fetch(study.url(PATH))
    # What the first answer left in buffers of the system was sent, and never came.
    last = host.requests(PATH)[-1]
    assert last.status == 206
    assert last.sent <= SIZE // 2 + transfer.CHUNK


def test_what_there_is_no_room_for_is_not_begun(
    study: Study, host: BadServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.put(PATH, PBF)
    monkeypatch.setattr(partial.shutil, "disk_usage", lambda _: _Usage)
    with pytest.raises(OSError, match="no room: 1 MB are to come, 0 MB are free"):
        study.fetch(study.url(PATH))


class _Usage:
    free = 1000


def test_a_cache_that_cannot_be_written_is_named(study: Study, host: BadServer) -> None:
    host.put(PATH, PBF)
    study.cache.write_bytes(b"a file")
    with pytest.raises(InputError, match=r"cannot be written.*--cache"):
        study.fetch(study.url(PATH))


def test_a_cache_that_can_only_be_read_serves_what_it_has(
    study: Study, host: BadServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.put(PATH, PBF)
    study.fetch(study.url(PATH))

    def refuse(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", refuse)
    other = Study(home=study.home, cache=study.cache, host=host)
    (study.home / "roads" / "hn.osm.pbf").unlink()
    monkeypatch.undo()
    with monkeypatch.context() as patch:
        patch.setattr(CacheEntry, "_lock", refuse)
        other.fetch(other.url(PATH))
    assert (study.home / "roads" / "hn.osm.pbf").read_bytes() == PBF


def test_a_cache_elsewhere_is_copied_from(
    study: Study, host: BadServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Across disks there are no links."""
    host.put(PATH, PBF)

    def refuse(*_, **__):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(os, "link", refuse)
    study.fetch(study.url(PATH))
    assert (study.home / "roads" / "hn.osm.pbf").read_bytes() == PBF


def test_a_file_that_another_call_has_refreshed_meanwhile_is_taken_as_it_is_now(
    study: Study, host: BadServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    served, real = host.put(PATH, PBF), fetch_module.place
    other = Study(home=study.home.parent / "other", cache=study.cache, host=host)

    def place(*parts, **options):
        if served.content == PBF:
            served.content = NEWER
            other.fetch(other.url(PATH), refresh=True)
        return real(*parts, **options)

    monkeypatch.setattr(fetch_module, "place", place)
    (fetched,) = study.fetch(study.url(PATH))
    assert fetched.files[0].read_bytes() == NEWER
    assert fetched.record.sha256 == hashlib.sha256(NEWER).hexdigest()


def test_a_file_that_others_keep_replacing_is_looked_for_three_times(
    study: Study, host: BadServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.put(PATH, PBF)
    tries: list[Path] = []

    def place(path: Path, *_, **__):
        tries.append(path)
        path.unlink()
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))

    monkeypatch.setattr(fetch_module, "place", place)
    with pytest.raises(FileNotFoundError):
        study.fetch(study.url(PATH))
    assert len(tries) == 3


def test_folders_that_are_links_are_followed(study: Study, host: BadServer, tmp_path: Path) -> None:
    host.put(PATH, PBF)
    for link in (study.home, study.cache):
        (tmp_path / f"disk-{link.name}").mkdir()
        link.symlink_to(tmp_path / f"disk-{link.name}")
    study.fetch(study.url(PATH))
    assert (tmp_path / "disk-data" / "roads" / "hn.osm.pbf").read_bytes() == PBF


def test_two_addresses_that_end_alike_do_not_share_a_file(study: Study, host: BadServer) -> None:
    host.put("/a/roads.osm.pbf", PBF)
    host.put("/b/roads.osm.pbf", NEWER)
    study.fetch(study.url("/a/roads.osm.pbf"), study.url("/b/roads.osm.pbf"))
    assert [name for name in study.visible() if name.endswith(".pbf")] != ["roads.osm.pbf"]
    for path, content in (("/a/roads.osm.pbf", PBF), ("/b/roads.osm.pbf", NEWER)):
        (file,) = files_of(study.home / "roads", host.url(path))
        assert file.read_bytes() == content
    assert not any(each.fresh for each in study.fetch(
        study.url("/a/roads.osm.pbf"), study.url("/b/roads.osm.pbf")))  # fmt: skip


def test_two_questions_to_one_address_do_not_share_a_file(study: Study, host: BadServer) -> None:
    """Nor do their queries stand anywhere: they may hold a key."""
    contents = {"/export?layer=a&key=hunter2": PBF, "/export?layer=b&key=hunter2": NEWER}
    for path, content in contents.items():
        host.put(path, content)
    fetched = study.fetch(*(study.url(path, format="pbf") for path in contents))
    assert {each.files[0].read_bytes() for each in fetched} == {PBF, NEWER}
    assert not any("hunter2" in str(each.record) for each in fetched)
