"""``--profile``: a shipped name, or a TOML file of one's own as an editor saved it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from cli.main import run
from cli.options.flow_options import read_profile
from geodata.errors import InputError

TEXT = resources.files("routes").joinpath("flows", "contraband-west.toml").read_text("utf-8")


@pytest.mark.parametrize("name", ["own.toml", "OWN.TOML", "own.Toml"])
def test_a_file_is_known_by_its_suffix_in_any_capitals(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(TEXT, "utf-8-sig")
    assert read_profile(str(path)).name == "contraband-west"


def test_a_shipped_name_goes_before_a_file_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("contraband-west").write_text("nothing")
    assert read_profile("contraband-west").origins


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.mkdir(), "is a directory"),
        (lambda path: None, "no such file"),
    ],
)
def test_what_is_no_file_is_said_to_be_none(tmp_path: Path, make, words: str) -> None:
    path = tmp_path / "x.toml"
    make(path)
    with pytest.raises(InputError, match=words):
        read_profile(str(path))


def test_a_file_of_another_suffix_is_told_what_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "own"
    path.write_text(TEXT)
    with pytest.raises(InputError, match=r"ends in \.toml"):
        read_profile(str(path))


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (TEXT.replace("[modes]", "[modes").encode(), "vereda: profile: "),
        (TEXT.replace("rate = 1.0", "rate = '1'", 1).encode(), "vereda: modes.road.rate: '1'. "),
        (TEXT.encode("utf-16"), "vereda: profile: 'UTF-16'. Save the file as UTF-8."),
        (TEXT.encode("latin-1"), "vereda: profile: 'byte 0xe9 in line "),
        (b"a = " + b"[" * 5000, "vereda: profile: "),
        (b"pairs = 5\n" + TEXT.partition("[[pairs]]")[0].encode(), "vereda: pairs: 5. Give a list"),
    ],
)
def test_a_wrong_file_is_one_line_and_exit_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes, line: str
) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(data)
    with pytest.raises(SystemExit) as left:
        run(["corridors", "--profile", str(path)])
    stderr = capsys.readouterr().err
    assert left.value.code == 3
    assert stderr.startswith(line) and stderr.count("\n") == 1, stderr
