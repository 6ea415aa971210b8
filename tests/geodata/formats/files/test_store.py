"""One way to write: links stay, strangers' files stay, what is at a place is whole."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from geodata.errors import InputError
from geodata.formats.files import exchange, places, staging, store
from geodata.formats.files.exchange import NEW, OLD, Plan
from geodata.formats.files.layouts import Layout
from geodata.formats.files.staging import staged, sweep
from geodata.formats.files.store import check_file, check_target, whole_directory, whole_file
from tests.support.storing import LAYOUT, contents, fill, hidden_in, make, names_in, version


def refused(call: Callable[[], object], words: str) -> str:
    with pytest.raises(InputError, match=words) as refusal:
        call()
    return str(refusal.value)


# Links


def test_a_linked_directory_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    real = make(tmp_path / "elsewhere" / "real", "old")
    link = tmp_path / "link"
    link.symlink_to(real)
    make(link, "new", overwrite=True)
    assert link.is_symlink() and link.resolve() == real
    assert version(real) == "new"
    assert names_in(tmp_path) == ["elsewhere", "link"]
    assert names_in(real.parent) == ["real"]


def test_a_linked_file_is_replaced_and_the_links_stay(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "one").symlink_to("real.txt")
    (tmp_path / "two").symlink_to("one")
    with whole_file(tmp_path / "two") as path:
        path.write_text("new")
    assert (tmp_path / "two").readlink() == Path("one")
    assert (tmp_path / "real.txt").read_text() == "new"
    assert len(names_in(tmp_path)) == 3


def test_what_a_link_leads_to_is_made_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").mkdir()
    (tmp_path / "near" / "one").symlink_to("../far/real.txt")
    (tmp_path / "near" / "two").symlink_to("one")
    (tmp_path / "near" / "place").symlink_to(tmp_path / "far" / "place")
    with whole_file(tmp_path / "near" / "two") as path:
        path.write_text("new")
    make(tmp_path / "near" / "place", "new")
    assert (tmp_path / "far" / "real.txt").read_text() == "new"
    assert version(tmp_path / "far" / "place") == "new"
    assert names_in(tmp_path / "near") == ["one", "place", "two"]
    assert all(each.is_symlink() for each in (tmp_path / "near").iterdir())
    assert names_in(tmp_path / "far") == ["place", "real.txt"]


@pytest.mark.parametrize("within", ["", "deeper"])
def test_links_to_nowhere_and_in_circles_are_named(tmp_path: Path, within: str) -> None:
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing" / "place")
    (tmp_path / "circle").symlink_to("ring")
    (tmp_path / "ring").symlink_to("circle")
    before = names_in(tmp_path)
    for check in (check_file, lambda path: check_target(path, LAYOUT, overwrite=True)):
        message = refused(
            lambda check=check: check(tmp_path / "nowhere" / within), "whose directory is not there"
        )
        assert "missing" in message
        refused(lambda check=check: check(tmp_path / "circle" / within), "in a circle")
    assert names_in(tmp_path) == before


# Devices


def test_what_is_no_file_is_refused_and_stays(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
    for name, words in (("pipe", "a pipe"), ("link", "a pipe"), ("socket", "a socket")):
        refused(lambda name=name: check_file(tmp_path / name), words)
        refused(lambda name=name: check_target(tmp_path / name, LAYOUT, overwrite=True), words)
    refused(lambda: check_file(Path("/dev/null")), "a device")
    refused(lambda: check_target(Path("/dev/null"), LAYOUT, overwrite=True), "a device")
    assert (tmp_path / "pipe").is_fifo() and Path("/dev/null").is_char_device()


def test_what_a_process_has_open_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as file:
        refused(lambda: check_file(Path(f"/dev/fd/{file.fileno()}")), "open in a process")
        refused(lambda: check_file(Path(f"/proc/self/fd/{file.fileno()}")), "open in a process")
        (tmp_path / "link").symlink_to(f"/proc/self/fd/{file.fileno()}")
        refused(lambda: check_file(tmp_path / "link"), "open in a process")


# Before the work


def test_places_that_take_nothing_are_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    long = "x" * 256
    for path in (tmp_path / "file" / "below", tmp_path / long, tmp_path / "new" / long / "deep"):
        refused(lambda path=path: check_target(path, LAYOUT, overwrite=True), "cannot be written")
    refused(lambda: check_file(tmp_path / long), "cannot be written")
    refused(lambda: check_file(tmp_path / "none" / "a.txt"), "directory does not exist")
    refused(lambda: check_file(tmp_path), "It is a directory")
    refused(lambda: check_target(tmp_path / "file", LAYOUT, overwrite=True), "It is a file")
    refused(lambda: check_file(Path("/proc/vereda.txt")), "cannot be written")
    assert names_in(tmp_path) == ["file"]


def test_the_longest_name_that_the_disk_takes_is_taken(tmp_path: Path) -> None:
    make(tmp_path / ("d" * 255), "new")
    make(tmp_path / ("d" * 255), "newer", overwrite=True)
    with whole_file(tmp_path / ("é" * 127)) as path:
        path.write_text("new")
    assert names_in(tmp_path) == ["d" * 255, "é" * 127]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO])
def test_a_full_disk_is_no_wrong_use(tmp_path: Path, number: int, monkeypatch) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    for check in (check_file, lambda path: check_target(path, LAYOUT, overwrite=True)):
        with pytest.raises(OSError, match=r"out") as refusal:
            check(tmp_path / "out")
        assert refusal.value.errno == number and not isinstance(refusal.value, InputError)
    assert names_in(tmp_path) == []


# Overwriting


@pytest.mark.parametrize(
    "name",
    ["a.tif.notes", "a.tiff", "b.gpkg.d/x", "part/mine.txt", "part/c.txt.bak", "mark.json~",
     "a.tif/x", "other/", ".vereda-mine", ".vereda-0123456789abcdef0"],
)  # fmt: skip
def test_names_like_those_of_a_result_are_somebody_elses(tmp_path: Path, name: str) -> None:
    target = make(tmp_path / "out", "old")
    if name == "a.tif/x":
        (target / "a.tif").unlink()
    if name.endswith("/"):
        (target / name).mkdir()
    else:
        (target / name).parent.mkdir(exist_ok=True)
        (target / name).write_text("mine")
    refused(lambda: make(target, "new", overwrite=True), r"Move .* elsewhere")
    assert (target / name).exists()


def test_what_readers_put_beside_a_file_goes_with_it(tmp_path: Path) -> None:
    target = make(tmp_path / "out", "old")
    for name in ("a.tif.aux.xml", "a.tif.ovr", "b.gpkg-wal", "b.gpkg-shm", "b.gpkg-journal"):
        (target / name).write_text("by QGIS")
    make(target, "new", overwrite=True)
    assert contents(target) == contents(make(tmp_path / "fresh", "new"))


def test_files_that_come_during_the_work_stay(tmp_path: Path) -> None:
    target = make(tmp_path / "out", "old")
    with whole_directory(target, LAYOUT, overwrite=True) as fresh:
        fill(fresh, "new")
        (target / "notes.txt").write_text("mine")
        (target / "part" / "notes.txt").write_text("mine")
    assert version(target, beside={"notes.txt", "part/notes.txt"}) == "new"
    assert (target / "part" / "notes.txt").read_text() == "mine"
    assert hidden_in(tmp_path) == []


def test_one_that_was_made_during_the_work_is_not_replaced_unasked(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match="--overwrite"),
        whole_directory(tmp_path / "out", LAYOUT, overwrite=False) as fresh,
    ):
        fill(fresh, "late")
        make(tmp_path / "out", "early")
    assert version(tmp_path / "out") == "early"
    assert hidden_in(tmp_path) == []


def test_one_that_was_made_beside_foreign_files_is_not_replaced_unasked(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    with (
        pytest.raises(InputError, match="--overwrite"),
        whole_directory(target, LAYOUT, overwrite=False) as fresh,
    ):
        fill(fresh, "late")
        fill(target, "early")
        (target / "notes.txt").write_text("mine")
    assert version(target, beside={"notes.txt"}) == "early"
    assert hidden_in(tmp_path) == []


def test_modes_stay_as_they_were(tmp_path: Path) -> None:
    target = make(tmp_path / "out", "old")
    target.chmod(0o750)
    make(target, "new", overwrite=True)
    assert target.stat().st_mode & 0o777 == 0o750
    (tmp_path / "file").write_text("old")
    (tmp_path / "file").chmod(0o640)
    with whole_file(tmp_path / "file") as path:
        path.write_text("new")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640
    with whole_file(tmp_path / "file", private=True) as path:
        assert path.stat().st_mode & 0o777 == 0o600
        path.write_text("newer")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


# Directories that cannot be renamed


def test_the_current_directory_is_filled(tmp_path: Path, monkeypatch) -> None:
    here = make(tmp_path / "out", "old")
    monkeypatch.chdir(here)
    number = here.stat().st_ino
    for place in (Path(), here, Path("..", "out")):
        make(place, "new", overwrite=True)
        assert Path.cwd().stat().st_ino == number
        assert version(here) == "new" and hidden_in(here) == []
    refused(lambda: make(Path(), "newer"), "--overwrite")
    monkeypatch.chdir(here / "part")
    make(Path(".."), "newer", overwrite=True)
    assert version(here) == "newer" and here.stat().st_ino == number


def test_an_empty_current_directory_is_filled(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    make(Path(), "new")
    assert version(tmp_path) == "new"
    assert hidden_in(tmp_path) == [] and hidden_in(tmp_path.parent) == []


@contextmanager
def mount(place: Path, monkeypatch) -> Iterator[None]:
    """Mount a small disk, or, where that is not allowed, have the place taken for one."""
    place.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)]
    if shutil.which("mount") and subprocess.run(command, capture_output=True).returncode == 0:
        try:
            yield
        finally:
            subprocess.run(["umount", str(place)], check=True)
    else:
        monkeypatch.setattr(places, "is_mounted", place.__eq__)
        monkeypatch.setattr(store, "is_mounted", place.__eq__)
        yield


def test_a_place_where_a_disk_is_mounted_is_filled(tmp_path: Path, monkeypatch) -> None:
    place = tmp_path / "a volume"
    with mount(place, monkeypatch):
        (place / "lost+found").mkdir()
        number = place.stat().st_ino
        make(place, "old")
        make(place, "new", overwrite=True)
        assert place.stat().st_ino == number
        assert version(place, beside={"lost+found"}) == "new"
        assert hidden_in(place) == []
    assert hidden_in(tmp_path) == []


def test_a_directory_under_one_that_takes_no_files_is_filled() -> None:
    home = Path(tempfile.mkdtemp())
    try:
        place = home / "root" / "volume"
        place.mkdir(parents=True)
        if os.geteuid() == 0:
            os.chown(place, 65534, 65534)
        home.chmod(0o755)
        place.parent.chmod(0o555)
        assert in_child(lambda: make(place, "old")) == 0
        assert in_child(lambda: make(place, "new", overwrite=True)) == 0
        assert version(place) == "new" and hidden_in(place) == []
        assert in_child(lambda: make(place.parent / "beside", "new")) == 2
        place.chmod(0o555)
        assert in_child(lambda: make(place, "newer", overwrite=True)) == 2
        place.chmod(0o755)
    finally:
        (home / "root").chmod(0o755)
        shutil.rmtree(home)


def in_child(work: Callable[[], object]) -> int:
    """Do something as a user without rights; 2 when that is refused."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            work()
            code = 0
        except InputError:
            code = 2
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# Systems that cannot exchange


def test_without_an_exchange_a_directory_is_filled(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(exchange, "swap", lambda one, other: False)
    target = make(tmp_path / "out", "old")
    inode = target.stat().st_ino
    make(target, "new", overwrite=True)
    assert version(target) == "new" and target.stat().st_ino == inode
    assert hidden_in(tmp_path) == [] and hidden_in(target) == []


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EPERM, errno.EXDEV])
def test_a_directory_that_turns_out_to_be_stuck_is_filled(
    tmp_path: Path, monkeypatch, number: int
) -> None:
    def fail(one: Path, other: Path) -> bool:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(exchange, "swap", fail)
    target = make(tmp_path / "out", "old")
    inode = target.stat().st_ino
    make(target, "new", overwrite=True)
    assert version(target) == "new" and target.stat().st_ino == inode
    assert hidden_in(tmp_path) == [] and hidden_in(target) == []


def test_a_fill_that_fails_half_way_is_taken_back(tmp_path: Path, monkeypatch) -> None:
    target = make(tmp_path / "out", "old")
    before = contents(target)
    monkeypatch.chdir(target)
    usual = exchange._move
    for step in range(1, 2 * len(LAYOUT.files)):
        left = [step]

        def fail(origin: Path, place: Path, name: str, left=left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise OSError(errno.EIO, "Input/output error")
            usual(origin, place, name)

        monkeypatch.setattr(exchange, "_move", fail)
        with pytest.raises(OSError, match="Input/output"):
            make(Path(), "new", overwrite=True)
        assert contents(target) == before, step
        assert hidden_in(target) == []


@pytest.mark.parametrize("step", range(1, 2 * len(LAYOUT.files)))
def test_a_disk_that_cannot_put_it_back_either_loses_nothing(
    tmp_path: Path, monkeypatch, step: int
) -> None:
    """The next to write there does, once the disk is well."""
    target = make(tmp_path / "out", "old")
    before = contents(target)
    usual, left = exchange._move, [step]

    def fail(origin: Path, place: Path, name: str) -> None:
        left[0] -= 1
        if left[0] <= 0:
            raise OSError(errno.EIO, "Input/output error")
        usual(origin, place, name)

    monkeypatch.setattr(store, "must_fill", lambda place: True)
    monkeypatch.setattr(exchange, "_move", fail)
    with pytest.raises(OSError, match="Input/output"):
        make(target, "new", overwrite=True)
    monkeypatch.setattr(exchange, "_move", usual)
    sweep(target)
    assert contents(target) == before and hidden_in(target) == []


# What dead processes leave


def test_what_dead_processes_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    left = tmp_path / ".vereda-0123456789abcdef"
    (left / NEW).mkdir(parents=True)
    (left / NEW / "a.tif").write_text("half")
    others = [".vereda-0123456789abcde", ".vereda-0123456789ABCDEF", "vereda-0123456789abcdef",
              ".vereda-0123456789abcdef.txt", ".vereda-serve"]  # fmt: skip
    for name in others:
        (tmp_path / name).mkdir()
    (tmp_path / ".vereda-fedcba9876543210").write_text("a file")
    (tmp_path / ".vereda-aaaaaaaaaaaaaaaa").symlink_to(tmp_path / ".vereda-serve")
    with staged(tmp_path) as living:
        sweep(tmp_path)
        assert living.is_dir() and not left.exists()
        assert len(names_in(tmp_path)) == len(others) + 3
    assert not living.exists()


def test_nothing_is_swept_where_nobody_can_say_that_it_lives(tmp_path: Path, monkeypatch) -> None:
    def lockless(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(exchange, "flock", lockless)
    with staged(tmp_path) as living:
        sweep(tmp_path)
        assert living.is_dir()
    assert version(make(tmp_path / "out", "new")) == "new"
    assert names_in(tmp_path) == ["out"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_another_user_left_is_not_touched(tmp_path: Path) -> None:
    left = tmp_path / ".vereda-0123456789abcdef"
    left.mkdir()
    os.chown(left, 65534, 65534)
    sweep(tmp_path)
    assert left.is_dir()


def test_what_was_half_filled_and_moved_away_is_old_again(tmp_path: Path) -> None:
    left = tmp_path / ".vereda-0123456789abcdef"
    (left / OLD).mkdir(parents=True)
    fill(left / OLD, "old")
    Plan(place="out", mark="mark.json", files=LAYOUT.files).note(left)
    sweep(tmp_path)
    assert version(tmp_path / "out") == "old" and names_in(tmp_path) == ["out"]


@pytest.mark.parametrize("closed", ["0", "a"])
def test_what_another_user_does_hides_no_plan_of_ours(
    tmp_path: Path, monkeypatch, closed: str
) -> None:
    target = make(tmp_path / "out", "old")
    (target / "mark.json").unlink()
    for digit in "0a":
        aside = tmp_path / f".vereda-{digit * 16}"
        (aside / OLD).mkdir(parents=True)
        Plan(place="out", mark="mark.json", files=()).note(aside)
    usual = Plan.read

    def read(aside: Path) -> Plan | None:
        if aside.name.endswith(closed):
            raise PermissionError(errno.EACCES, "Permission denied", str(aside))
        return usual(aside)

    monkeypatch.setattr(Plan, "read", read)
    assert staging._half_filled(target)


def test_a_plan_leads_nowhere_but_beside_itself(tmp_path: Path) -> None:
    home = tmp_path / "home"
    left = home / ".vereda-0123456789abcdef"
    (left / OLD).mkdir(parents=True)
    (left / OLD / "mark.json").write_text("evil")
    for place in ("..", "../other", "/etc", "a/b"):
        Plan(place=place, mark="mark.json", files=()).note(left)
        assert Plan.read(left) is None
    sweep(home)
    assert names_in(tmp_path) == ["home"] and names_in(home) == []


LEFT = ".vereda-0123456789abcdef"


def outside(*names: str) -> Callable[[Path], None]:
    return lambda left: Plan(place=".", mark="mark.json", files=names).note(left)


def linked(name: str) -> Callable[[Path], None]:
    """A plan that would lead through a link to the directory of somebody else."""

    def write(left: Path) -> None:
        (left / OLD / "part").mkdir(parents=True)
        (left / OLD / "part" / "c.txt").write_text("evil")
        home = left.parent
        if name in (OLD, NEW):
            shutil.rmtree(left / name, ignore_errors=True)
            (left / name).symlink_to(home.parent / "theirs")
        else:
            (home / name).symlink_to(home.parent / "theirs")
        place = name if name == "place" else "."
        Plan(place=place, mark="mark.json", files=("part/own.txt", "own.txt")).note(left)

    return write


def written(text: str) -> Callable[[Path], object]:
    return lambda left: (left / "plan.json").write_text(text)


@pytest.mark.parametrize(
    "write",
    [
        outside("../theirs/own.txt"), outside("a/../../theirs/own.txt"), outside("./own.txt"),
        outside(""), outside("."), linked(OLD), linked(NEW), linked("part"), linked("place"),
        written('{"place": 5, "mark": "mark.json", "files": []}'),
        written('{"place": ".", "mark": 7, "files": [8]}'),
        written('{"place": ".", "mark": "mark.json", "files": ["a\\u0000b"]}'),
        written('{"place": ".", "mark": "../mark.json", "files": ["../theirs/own.txt"]}'),
        written("[" * 200_000),
        lambda left: (left / "plan.json").write_bytes(b"\xff\xfe"),
        lambda left: os.mkfifo(left / "plan.json"),
        lambda left: (left / "plan.json").mkdir(),
        lambda left: (left / "plan.json").symlink_to("/dev/zero"),
    ],
)  # fmt: skip
def test_a_plan_that_came_with_files_of_others_touches_nothing(
    tmp_path: Path, write: Callable[[Path], object]
) -> None:
    """As out of an archive: it belongs to whoever has unpacked it."""
    home, theirs = tmp_path / "home", tmp_path / "theirs"
    (theirs / "part").mkdir(parents=True)
    for name in ("own.txt", "part/own.txt"):
        (theirs / name).write_text("mine")
    (home / LEFT).mkdir(parents=True)
    write(home / LEFT)
    with suppress(InputError):
        check_target(home, LAYOUT, overwrite=True)
    sweep(home)
    assert contents(theirs) == dict.fromkeys(("own.txt", "part/own.txt"), b"mine")


def test_a_plan_removes_no_empty_directory_behind_a_link(tmp_path: Path) -> None:
    home, theirs = tmp_path / "home", tmp_path / "theirs"
    (theirs / "empty").mkdir(parents=True)
    (home / LEFT / OLD).mkdir(parents=True)
    (home / "part").symlink_to(theirs)
    Plan(place=".", mark="mark.json", files=("part/empty/a.txt",)).note(home / LEFT)
    sweep(home)
    assert (theirs / "empty").is_dir()


def test_a_plan_that_is_a_directory_leaves_nothing_open(tmp_path: Path) -> None:
    """A worker looks for what was left every few seconds."""
    (tmp_path / "plan.json").mkdir()
    before = set(Path("/proc/self/fd").iterdir())
    assert Plan.read(tmp_path) is None
    assert set(Path("/proc/self/fd").iterdir()) == before


# Two at once


@pytest.mark.parametrize("mode", ["exchange", "no exchange", "fill"])
def test_of_two_that_write_at_once_one_wins_whole(tmp_path: Path, monkeypatch, mode: str) -> None:
    target = make(tmp_path / "out", "old")
    if mode == "no exchange":
        monkeypatch.setattr(exchange, "swap", lambda one, other: False)
    if mode == "fill":
        monkeypatch.setattr(store, "must_fill", lambda place: True)
    for turn in range(10):
        children = []
        for name in (f"one {turn}", f"two {turn}", f"three {turn}"):
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    for _ in range(3):
                        make(target, name, overwrite=True)
                    code = 0
                except BaseException:
                    traceback.print_exc()
                finally:
                    os._exit(code)
            children.append(child)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        assert codes == [0, 0, 0]
        assert version(target).endswith(f" {turn}")
        assert hidden_in(tmp_path) == [] and hidden_in(target) == []


@pytest.mark.parametrize("mode", ["beside", "within"])
def test_one_that_waits_takes_back_what_the_killed_had_half_done(
    tmp_path: Path, monkeypatch, mode: str
) -> None:
    """It had looked for what the dead left before it began its own work."""
    monkeypatch.setattr(exchange, "swap", lambda one, other: False)
    monkeypatch.setattr(store, "must_fill", lambda place: mode == "within")
    target = make(tmp_path / "out", "old")

    with whole_directory(target, LAYOUT, overwrite=True) as fresh:
        fill(fresh, "new")
        child = os.fork()
        if child == 0:
            exchange._move_all = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
            make(target, "dead", overwrite=True)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        assert not (target / LAYOUT.mark).exists()
    assert version(target) == "new"
    assert hidden_in(tmp_path) == [] and hidden_in(target) == []


def test_layouts_know_their_directories() -> None:
    layout = Layout(mark="m", files=("m", "a/b/c.tif"))
    assert layout.owns("a/b/c.tif") and layout.owns("a/b/c.tif.aux.xml")
    assert not layout.owns("a/b") and not layout.owns("a/b/c.ti")
    assert layout.encloses("a") and layout.encloses("a/b") and not layout.encloses("b")
