"""No argument of any command ends in a traceback: each with everything that is no value."""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
from pathlib import Path

import click
import pytest

from cli.main import run, vereda
from cli.options.outputs import check_apart, check_outputs
from cli.shell.arguments import Finite, check_arguments
from cli.shell.console import json_line
from cli.shell.exit_codes import FAULT
from geodata.errors import DataError, InputError
from geodata.formats.files.store import whole_file

TEXTS = [
    "", " ", "\t", "\udce1", "Cop\udce1n.csv", "a\0b", "a\nb.csv", "x" * 5000, "x" * 250, "ñ" * 130,
    f"{'x' * 250}.csv", f"{'x' * 250}.toml", "-1", "0", "1", "2", "nan", "-inf", "inf", "1e999",
    "1e-320", "1e308", "-0.0", "9" * 400, "1_0", "٣", "0x10", "=", "x=", "=x1", "x=x0", "x=xnan",
    "x=inf", "x=1=2", "--", "-", "💥", "<b>", "%s%n", "'", '"', "\\", "a,b", "1,2", "1,2,3",
    "nan,nan", "inf,1", "ports:", "ports:XX", ":", "#", "none.csv", "none.gpkg#a", "none.toml",
    "none", "/vsicurl/http://127.0.0.1:9/a.csv", "http://127.0.0.1:9/a.geojson", "~", "$HOME", "*",
    "{here}", "{here}/d.csv", "{here}/d.toml", "{here}/loop.csv", "{here}/empty.csv",
    "{here}/empty.toml", "{here}/noise.csv", "{here}/noise.json", "{here}/noise.gpkg",
    "{here}/noise.shp", "{here}/noise.kml", "{here}/noise.gpx", "{here}/noise.fgb", "HN-",
    "{here}/noise.toml", "{here}/noise.csv/x", "{here}/none/none/x.png", "{here}/a.zip",
]  # fmt: skip
CODES = {0, 2, 3, 4, 5}


def commands(group: click.Group, *path: str) -> list[tuple[str, ...]]:
    """Every command by its words."""
    each: list[tuple[str, ...]] = []
    for name, command in sorted(group.commands.items()):
        nested = isinstance(command, click.Group)
        each += commands(command, *path, name) if nested else [(*path, name)]
    return each


def command_of(words: tuple[str, ...]) -> click.Command:
    command: click.Command = vereda
    for word in words:
        assert isinstance(command, click.Group)
        command = command.commands[word]
    return command


def calls(words: tuple[str, ...], result: Path) -> list[list[str]]:
    """A command with each of its parameters in turn, for a value to follow or to be filled in."""
    parameters = command_of(words).params
    needed = {
        ("token", "add"): ["desk"],
        ("token", "revoke"): ["desk"],
        ("tiles",): ["--output", "a.pmtiles"],
        ("validate",): [str(result), "--events", "none.csv"],
    }.get(words, [])
    names = {option for parameter in parameters for option in parameter.opts}
    start = [*words, *(["--network", "none"] if "--network" in names else [])]
    options = [
        [*start, *needed, parameter.opts[-1]]
        for parameter in parameters
        if isinstance(parameter, click.Option) and not parameter.is_flag
    ]
    bare = any(isinstance(parameter, click.Argument) for parameter in parameters)
    return [*options, *([[*start, *needed[1:]]] if bare else []), ["-q", "--json", *start, *needed]]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A directory of things that are no files of features; nothing is built or served in it."""
    (tmp_path / "d.csv").mkdir()
    (tmp_path / "d.toml").mkdir()
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    for name in ("empty.csv", "empty.toml"):
        (tmp_path / name).touch()
    for suffix in ("csv", "json", "gpkg", "shp", "kml", "gpx", "fgb", "toml"):
        (tmp_path / f"noise.{suffix}").write_bytes(bytes(range(255, 0, -1)))
    monkeypatch.chdir(tmp_path)

    def stop(*_, **__):
        raise DataError("work", None, "It has begun.")

    monkeypatch.setattr("geodata.builder.build.build_network", stop)
    monkeypatch.setattr("service.app.create_app", stop)
    monkeypatch.setattr("service.web.logs.logs.set_up_logs", lambda _: None)
    return tmp_path


def ended(arguments: list[str]) -> tuple[int, str, str]:
    """Exit code and what was printed."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            run(arguments)
        except SystemExit as left:
            code = int(left.code or 0)
    return code, out.getvalue(), err.getvalue()


@pytest.mark.trials
@pytest.mark.parametrize("words", commands(vereda), ids="-".join)
def test_no_value_of_any_option_ends_in_a_traceback(words, here, result_dir):
    for call in calls(words, result_dir):
        for text in TEXTS:
            value = text.format(here=here) if text.startswith("{here}") else text
            code, out, err = ended([*call, value])
            assert code in CODES, (call, value, code, err)
            # What a check has to say against a file is its answer.
            assert "Traceback" not in err and (not code or err or out), (call, value, err)


@pytest.mark.parametrize("words", commands(vereda), ids="-".join)
def test_errors_of_all_are_json_for_machines(words, here, result_dir):
    for text in ("\udce1", "", "x" * 5000, "{here}"):
        code, _, err = ended(["--json", *words, "--nothing", text.format(here=here)])
        assert code == 2 and set(json.loads(err)) == {"error", "field", "value", "remedy"}


@pytest.mark.parametrize(
    ("arguments", "field", "words"),
    [
        (["corridors", "--from", "Cop\udce1n"], "from", "no UTF-8"),
        (["corridors", "--avoid=Cop\udce1n"], "avoid", "no UTF-8"),
        (["corridors", "--output", "\udce1"], "output", "no UTF-8"),
        (["corridors", "--output", ""], "output", "It is empty"),
        (["corridors", "--output="], "output", "It is empty"),
        (["token", "add", "a\nb"], "argument", "control character"),
        (["tiles", "--output", "x" * 5000], "output", "5,000 letters"),
    ],
)
def test_what_is_no_text_names_its_option(arguments, field, words):
    with pytest.raises(InputError, match=words) as caught:
        check_arguments(arguments)
    assert caught.value.field == field


def test_what_is_text_passes():
    check_arguments(["--json", "corridors", "--strengthen", "Él Florido=x2", "--from=-88.1,15.5"])


@pytest.mark.parametrize(
    ("arguments", "field", "value"),
    [
        (["corridors", "--slack", "0.1", "--draws", "some"], "draws", "some"),
        (["corridors", "--draws=1e3"], "draws", "1e3"),
        (["chokepoints", "--slack", "0.1", "--slack", "nan", "--slack", "1"], "slack", "nan"),
        (["validate", "out", "--events", "a.csv", "--on", "moon"], "on", "moon"),
        (["alternatives", "--map", "{here}"], "map", "{here}"),
        (["validate"], "result", None),
        (["corridors", "--sleck", "1"], "--sleck", "--sleck"),
        (["corridors", "--slack"], "slack", None),
        (["corridors", "--overwrite=yes"], "overwrite", "yes"),
        (["corridors", "Tela", "Flores"], "argument", "Tela Flores"),
        (["corridor"], "command", "corridor"),
        (["token", "ad"], "command", "ad"),
    ],
)
def test_wrong_words_of_a_command_are_a_line_with_field_and_value(arguments, field, value, here):
    arguments = [text.format(here=here) for text in arguments]
    value = value and value.format(here=here)
    code, out, err = ended(arguments)
    assert (code, out) == (2, "") and err.startswith("vereda: ") and err.count("\n") == 1
    assert field in err.lower() and (value or "") in err and "--help.\n" in err
    code, _, err = ended(["--json", *arguments])
    record = json.loads(err)
    assert code == 2 and (record["field"], record["value"]) == (field, value)
    assert record["error"] and record["remedy"].startswith("See vereda")


def test_a_group_of_commands_alone_shows_its_help(here):
    code, _, err = ended(["token"])
    assert code == 2 and err.startswith("Usage: ") and "revoke" in err
    assert json.loads(ended(["--json", "token"])[2])["field"] == "command"


def test_json_of_errors_and_results_is_json_whatever_is_told(monkeypatch):
    assert json_line({"a": [math.nan, -math.inf, "ñ"]}) == '{"a": [null, null, "ñ"]}'
    assert json.loads(json_line({"value": math.nan}, none=str)) == {"value": "NaN"}
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), "ascii"))
    assert json_line({"a": "ñ"}) == '{"a": "\\u00f1"}'


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e999", "x"])
def test_numbers_are_finite(text):
    with pytest.raises(click.BadParameter):
        Finite().convert(text, None, None)
    assert Finite(min=0).convert("1.5", None, None) == 1.5


def test_help_tells_bounds_only_where_there_are_some():
    for path in commands(vereda):
        command = vereda
        for word in path:
            command = command.commands[word]
        assert "None" not in command.get_help(click.Context(command)), path
    validate = vereda.commands["validate"]
    assert "0<=x<=10000" in validate.get_help(click.Context(validate))


def test_outputs_are_apart_from_each_other_and_from_inputs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.png").touch()
    (tmp_path / "link.png").symlink_to("a.png")
    (tmp_path / "hard.png").hardlink_to("a.png")
    (tmp_path / "d").symlink_to(".")
    for other in ("a.png", "./a.png", "d/./a.png", "link.png", "hard.png", "A.PNG", "d/a.png"):
        with pytest.raises(InputError, match=r"the file of --output"):
            check_apart({"output": Path("a.png"), "map": Path(other)})
        with pytest.raises(InputError, match=r"a file that is read"):
            check_apart({"output": Path(other)}, [Path("a.png")])
    for directory in (".", "d", "../" + tmp_path.name):
        with pytest.raises(InputError, match=r"holds a.png, which is read"):
            check_apart({"output": Path(directory)}, [Path("a.png")])
    check_apart({"output": Path("a.png"), "map": Path("b.png")}, [Path("c.png"), Path("none")])
    check_apart({"output": Path("a")}, [Path("a.png")])
    check_apart({"output": None, "map": None})
    for command in ("alternatives", "chokepoints"):
        options = ["--network", "none", "--output", "b.png", "--map", "./b.png"]
        assert ended([command, *options])[0] == 2
        options = ["--network", "none", "--from", "b.csv", "--output", "b.csv"]
        Path("b.csv").write_text("lon,lat\n-88,15\n")
        assert "a file that is read" in ended([command, *options])[2]


def test_what_is_read_is_not_replaced(tmp_path, monkeypatch):
    """Each of these lost its own input."""
    monkeypatch.chdir(tmp_path)
    network = Path("network")
    network.mkdir()
    for name in ("network/links.parquet", "result.json", "gateways.geojson", "validation.json",
                 "validation.csv"):  # fmt: skip
        Path(name).touch()
    for command in ("alternatives", "chokepoints", "sensitivity"):
        words = [command, "--output", "network/links.parquet", "--overwrite"]
        assert "a file that is read" in ended(words)[2]
    for words in (
        ["corridors", "--from", "gateways.geojson", "--output", ".", "--overwrite"],
        ["validate", "out", "--events", "validation.csv", "--output", ".", "--overwrite"],
        ["build", "--roads", "network/links.parquet", "--output", "network", "--overwrite"],
    ):
        code, _, err = ended(words)
        assert code == 2 and "which is read" in err


def test_files_are_replaced_only_when_asked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a").touch()
    for command in ("alternatives", "chokepoints", "sensitivity"):
        code, _, err = ended([command, "--network", "none", "--output", "a"])
        assert code == 2 and "add --overwrite" in err
        assert ended([command, "--network", "none", "--output", "a", "--overwrite"])[0] == 3


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["chokepoints", "--network", "none", "--least", "2"], "least"),
        (["chokepoints", "--network", "none", "--curve", "--least", "0.1"], "least"),
        (["corridors", "--network", "none", "--draws", "1"], "draws"),
        (["corridors", "--network", "none", "--draws", "-5"], "draws"),
        (["corridors", "--network", "none", "--overwrite"], "overwrite"),
        (["sensitivity", "--network", "none", "--overwrite"], "overwrite"),
        (["validate", "none", "--events", "none.csv", "--overwrite"], "overwrite"),
        (["build", "--area", "none", "--steps", "kept", "--afresh"], "steps"),
        (["build", "--steps", "kept"], "steps"),
        (["inspect", "{here}", "--scores"], "scores"),
        (["inspect", "{here}", "--checks"], "checks"),
    ],
)
def test_options_that_say_nothing_are_refused_before_any_work(arguments, field, tmp_path):
    """They were refused when all was done, or passed over."""
    (tmp_path / "result.json").touch()
    code, out, err = ended(["--json", *(text.format(here=tmp_path) for text in arguments)])
    assert (code, out, json.loads(err)["field"]) == (2, "", field)


@pytest.mark.parametrize("verbose", [False, True])
def test_a_fault_of_our_own_is_a_line_and_says_where_it_is_when_asked(monkeypatch, verbose):
    def fail(*_):
        raise ZeroDivisionError("of a kind\nthat nobody foresaw")

    monkeypatch.setattr("geodata.network.header.read_sources", fail)
    code, _, err = ended(["-v", "sources"] if verbose else ["sources"])
    assert code == FAULT and "fault of Vereda" in err.splitlines()[-1]
    assert ("Traceback" in err) == verbose and (verbose or len(err.splitlines()) == 1)


def test_an_output_that_cannot_be_written_is_told_by_its_option(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "here").mkdir()
    for path in (tmp_path / "pipe", tmp_path / "none" / "a.png", tmp_path / "here"):
        with pytest.raises(InputError) as caught:
            check_outputs({"output": tmp_path / "a.json", "map": path}, overwrite=False)
        assert caught.value.field == "map"
        with pytest.raises(InputError) as caught, whole_file(path, field="map"):
            pass
        assert caught.value.field == "map"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["here", "pipe"]
