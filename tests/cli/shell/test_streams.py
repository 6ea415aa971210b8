"""The command line in a shell: closed streams, readers that leave, no home, Ctrl+C."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from cli.shell.compilation import VARIABLE, place_compiled_code

RUN = [sys.executable, "-c", "from cli.main import run; run()"]


def shell(line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PY": sys.executable, **variables}
    call = (
        f'set -o pipefail; vereda() {{ "$PY" -c "from cli.main import run; run()" "$@"; }}; {line}'
    )
    return subprocess.run(
        ["bash", "-c", call], capture_output=True, text=True, env=environment, check=False,
        errors="surrogateescape",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("vereda sources --network $NETWORK | head -1", 0, ""),
        ("vereda --json sources --network $NETWORK | true", 0, ""),
        ("vereda sources --network $NETWORK >&-", 0, ""),
        ("vereda sources --network $NETWORK 2>&- <&-", 0, ""),
        ("vereda sources --network $NETWORK > /dev/full", 5, "standard output"),
        ("vereda corridors --profile x 2>&-", 2, ""),
        ("vereda corridors --profile x 2> /dev/full", 2, ""),
        ("vereda corridors --from $'Cop\\xe1n' --network none", 2, "no UTF-8"),
        ("vereda corridors --output $'\\xe1' --network none", 2, "no UTF-8"),
        ("LC_ALL=C vereda sources --network $NETWORK", 0, ""),
        ("PYTHONIOENCODING=ascii vereda sources --network $NETWORK", 0, ""),
        ("unset HOME; vereda sources --network $NETWORK", 0, ""),
    ],
)
def test_streams_of_a_shell(network_dir, line, code, words):
    done = shell(line, NETWORK=str(network_dir))
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr
    assert words in done.stderr


def test_the_work_goes_on_when_its_reader_has_gone(tmp_path):
    work = (
        "from cli.shell.console import Session; "
        "Session().show({}, ['x' * 9999] * 50); open('done', 'w')"
    )
    done = shell(f'cd "{tmp_path}"; "$PY" -c "{work}" | true')
    assert (done.returncode, done.stderr) == (0, "") and (tmp_path / "done").is_file()


@pytest.mark.parametrize("seconds", [0.0, 0.2, 0.25, 0.3, 0.4])
def test_an_interrupt_ends_the_work_without_a_traceback(network_dir, tmp_path, seconds):
    call = [*RUN, "-v", "corridors", "--network", str(network_dir), "--output", str(tmp_path / "a")]
    with subprocess.Popen(call, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "reading the network" in process.stderr.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        stderr = process.stderr.read()
    assert (process.returncode, "Traceback" in stderr) == (130, False), stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seconds", [0.1, 0.3, 0.6])
def test_an_interrupt_ends_the_work_before_it_has_begun(seconds):
    call = [sys.executable, "-c", "from cli import run; print('begins', flush=True); run()", "-h"]
    with subprocess.Popen(call, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout and process.stderr
        assert process.stdout.readline() == "begins\n"
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        # Within click, it ends the line of the shell first.
        assert process.stderr.read().strip() == ""
    assert process.returncode in (-signal.SIGINT, 130, 0)


@pytest.mark.parametrize("error", ["TypeError('0-d array')", "DataError('network', 'a', 'No.')"])
def test_an_interrupt_that_a_library_takes_for_its_own_error_is_no_fault(error):
    program = """
import os, signal
import click
from cli.main import run, vereda
from geodata.errors import DataError

@vereda.command()
def dropped():
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt:
        pass
    raise ERROR

run(["dropped"])
"""
    done = subprocess.run(
        [sys.executable, "-c", program.replace("ERROR", error)], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


EARLY = """
class Early(threading.Timer):
    count = 0
    def start(self):
        super().start()
        Early.count += 1
        if Early.count < 3:
            self.join()

threading.Timer = Early
"""


@pytest.mark.parametrize("timer", ["", EARLY], ids=["a moment later", "too early at first"])
def test_an_interrupt_that_c_cannot_pass_on_is_raised_again(timer):
    program = """
import ctypes, os, signal, threading, time
from cli.main import run, vereda
TIMER
@vereda.command()
def lost():
    ctypes.CFUNCTYPE(None)(lambda: os.kill(os.getpid(), signal.SIGINT))()
    time.sleep(60)

run(["lost"])
"""
    code = program.replace("TIMER", timer)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    # click ends the line on which the terminal shows ^C.
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"\n")


@pytest.fixture
def unnamed(monkeypatch):
    """No directory is named for compiled code, neither now nor when the test has named one."""
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.delenv(VARIABLE)


@pytest.mark.usefixtures("unnamed")
def test_compiled_code_has_a_place_of_its_own_where_there_is_none(monkeypatch):
    place_compiled_code()
    assert VARIABLE not in os.environ
    kept = []
    monkeypatch.setattr("cli.shell.compilation.atexit.register", lambda *call: kept.append(call))
    monkeypatch.setattr("cli.shell.compilation.os.access", lambda *_: False)
    place_compiled_code()
    directory = os.environ[VARIABLE]
    assert os.stat(directory).st_mode & 0o777 == 0o700  # noqa: PTH116
    ((remove,),) = kept
    child = os.fork()
    if not child:
        remove()
        os._exit(0)
    os.waitpid(child, 0)
    assert os.path.isdir(directory)  # noqa: PTH112
    remove()
    assert not os.path.exists(directory)  # noqa: PTH110


@pytest.mark.usefixtures("unnamed")
def test_compiled_code_of_a_process_that_was_killed_goes(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("cli.shell.compilation.os.access", lambda *_: False)
    child = os.fork()
    if not child:
        place_compiled_code()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    (left,) = tmp_path.iterdir()
    removals = []
    monkeypatch.setattr("cli.shell.compilation.atexit.register", removals.append)
    place_compiled_code()
    (fresh,) = tmp_path.iterdir()
    assert fresh != left and os.environ[VARIABLE] == str(fresh)
    removals[0]()


@pytest.mark.usefixtures("unnamed")
def test_a_home_that_cannot_be_entered_takes_no_compiled_code(monkeypatch, tmp_path):
    real = Path.stat

    def closed(path: Path, **more: object) -> os.stat_result:
        if path.is_relative_to(tmp_path):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, **more)

    monkeypatch.setattr(Path, "stat", closed)
    monkeypatch.setattr("cli.shell.compilation.os.access", lambda *_: False)
    monkeypatch.setattr("cli.shell.compilation.atexit.register", lambda *_: None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    place_compiled_code()
    directory = Path(os.environ[VARIABLE])
    assert directory.is_dir()
    directory.rmdir()
