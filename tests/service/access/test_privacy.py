"""Jobs, their queue and tokens are for their owner's eyes only."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.serving.serve import check_jobs
from geodata.errors import InputError
from service.access.privacy import private_directory, private_file
from service.access.tokens import Tokens, add
from service.jobs.records import JobRecords


@pytest.fixture(params=[0o000, 0o002, 0o022, 0o077])
def mask(request: pytest.FixtureRequest) -> Iterator[int]:
    usual = os.umask(request.param)
    yield request.param
    os.umask(usual)


def modes(home: Path) -> dict[str, int]:
    paths = [home, *home.rglob("*")]
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in paths if path.exists()}


def held_open(path: Path) -> sqlite3.Connection:
    """A reader, so that the files beside the records stay."""
    rows = sqlite3.connect(path)
    rows.execute("PRAGMA journal_mode = WAL")
    rows.execute("BEGIN")
    rows.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return rows


def test_whatever_is_made_is_private(tmp_path: Path, mask: int) -> None:
    home = tmp_path / "jobs"
    records = JobRecords(home)
    records.enter("a", {}, most=5)
    rows = held_open(home / "jobs.db")
    records.enter("b", {}, most=5)
    permissions = modes(home)
    rows.close()
    assert permissions.pop("jobs") == 0o700
    assert {"jobs.db", "jobs.db-wal", "jobs.db-shm"} <= set(permissions)
    assert set(permissions.values()) == {0o600}, permissions
    add(tmp_path / "tokens.json", "desk", scopes=["read"], days=1)
    assert modes(tmp_path)["tokens.json"] == 0o600


def test_what_was_left_open_is_tightened(tmp_path: Path) -> None:
    home, file = tmp_path / "jobs", tmp_path / "tokens.json"
    check_jobs(home)
    JobRecords(home).enter("a", {}, most=5)
    # Of an earlier version.
    (home / "queue.db").touch()
    rows = held_open(home / "jobs.db")
    JobRecords(home).enter("b", {}, most=5)
    for path in home.iterdir():
        path.chmod(0o777 if path.is_dir() else 0o666)
    home.chmod(0o755)
    check_jobs(home)
    permissions = modes(home)
    rows.close()
    assert (permissions.pop("jobs"), permissions.pop("results")) == (0o700, 0o700)
    assert set(permissions.values()) == {0o600}, permissions
    add(file, "desk", scopes=["read"], days=1)
    file.chmod(0o644)
    Tokens(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_is_not_ours_to_close_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, file = tmp_path / "jobs", tmp_path / "file"
    home.mkdir()
    home.chmod(0o755)
    file.touch()
    file.chmod(0o644)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(InputError, match="chmod 700 jobs"):
        private_directory(home, field="jobs")
    with pytest.raises(InputError, match="chmod 600 file"):
        private_file(file, field="tokens")
    with pytest.raises(InputError, match="mode 755"):
        check_jobs(home)


@pytest.mark.parametrize(
    ("kept", "ours"),
    [
        ((), True),
        ((".lost", "lost+found/", "jobs.db.old", "queue.db", "results/0123456789abcdef/"), True),
        (("results/2023/",), False),
        (("area.toml",), False),
        (("area.toml", "jobs.db"), True),
    ],
)
def test_a_directory_of_something_else_is_refused_and_left_open(
    tmp_path: Path, kept: tuple[str, ...], ours: bool
) -> None:
    tmp_path.chmod(0o755)
    for name in kept:
        path = tmp_path / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if name == "jobs.db":
            JobRecords(tmp_path).sign_on(1)
        elif not name.endswith("/"):
            path.write_text("kept" if name != "queue.db" else "")
    tmp_path.chmod(0o755)
    if ours:
        check_jobs(tmp_path)
    else:
        with pytest.raises(InputError, match="It is no directory of jobs"):
            check_jobs(tmp_path)
    assert modes(tmp_path)[tmp_path.name] == (0o700 if ours else 0o755)


def test_pipes_and_devices_are_no_private_files(tmp_path: Path) -> None:
    """Nor are their modes changed: others use them too."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o644)
    mode = stat.S_IMODE(pipe.stat().st_mode)
    for path in (pipe, tmp_path, Path(os.devnull)):
        before = path.stat().st_mode
        with pytest.raises(InputError, match="It is no plain file"):
            private_file(path, field="tokens")
        assert path.stat().st_mode == before
    with pytest.raises(InputError):
        Tokens(pipe)
    assert stat.S_IMODE(pipe.stat().st_mode) == mode
