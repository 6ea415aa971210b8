"""Settings: from a file, the environment and options, each documented, bad ones refused."""

from __future__ import annotations

import os
import re
from dataclasses import Field, fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import vereda
from geodata.errors import InputError
from service.state import Settings
from service.state.settings import default_result

PAGE = Path(__file__).parents[3] / "docs" / "running.md"


def test_options_go_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    config = tmp_path / "vereda.toml"
    config.write_text('workers = 2\nthreads = 3\nport = 4\nhost = "::1"\nlimit_seconds = 5\n')
    environment = {"VEREDA_CONFIG": str(config), "VEREDA_THREADS": "30", "VEREDA_PORT": "40"}
    settings = Settings.gather({"port": 400, "host": None}, environment)
    assert (settings.workers, settings.threads, settings.port) == (2, 30, 400)
    assert (settings.host, settings.limit_seconds) == ("::1", 5.0)
    other = tmp_path / "other.toml"
    other.write_text("workers = 7")
    assert Settings.gather({}, environment, config=other).workers == 7


def test_settings_come_from_the_environment() -> None:
    settings = Settings.from_environment({"VEREDA_NETWORK": "n", "VEREDA_RESULT": "r"})
    assert settings == Settings(network=Path("n"), result=(Path("r"),))


def test_variables_of_other_commands_are_no_settings() -> None:
    named = {
        name
        for room in ("cli", "geodata", "routes")
        for path in (PAGE.parents[1] / room).rglob("*.py")
        for name in re.findall(r"VEREDA_[A-Z_]*[A-Z]", path.read_text("utf-8"))
    }
    assert {"VEREDA_CACHE", "VEREDA_MIRROR"} < named
    others = dict.fromkeys(named - {"VEREDA_TOKENS"}, "x")
    assert Settings.from_environment(others) == Settings(result=default_result())


def test_what_kubernetes_says_of_a_service_is_no_setting() -> None:
    """As of services by the name of `vereda` and `vereda-queue`."""
    injected = {
        "VEREDA_SERVICE_HOST": "10.0.0.1",
        "VEREDA_SERVICE_PORT": "80",
        "VEREDA_SERVICE_PORT_HTTP": "80",
        "VEREDA_PORT": "tcp://10.0.0.1:80",
        "VEREDA_PORT_80_TCP": "tcp://10.0.0.1:80",
        "VEREDA_PORT_80_TCP_PROTO": "tcp",
        "VEREDA_PORT_80_TCP_PORT": "80",
        "VEREDA_PORT_80_TCP_ADDR": "10.0.0.1",
        "VEREDA_QUEUE_SERVICE_HOST": "10.0.0.2",
        "VEREDA_QUEUE_PORT": "tcp://10.0.0.2:6379",
    }
    assert Settings.from_environment(injected) == Settings(result=default_result())
    assert Settings.from_environment({**injected, "VEREDA_PORT": "90"}).port == 90


def test_several_results_come_from_wherever_settings_do(tmp_path: Path) -> None:
    both = (Path("a"), Path("b"))
    config = tmp_path / "vereda.toml"
    config.write_text('result = ["a", "b"]')
    assert Settings.gather({}, {}, config=config).result == both
    assert Settings.from_environment({"VEREDA_RESULT": f"a{os.pathsep}b"}).result == both
    assert Settings.gather({"result": both}, {"VEREDA_RESULT": "c"}).result == both
    assert Settings.gather({"result": ()}, {"VEREDA_RESULT": "c"}).result == (Path("c"),)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("VEREDA_ANSWERS", "many", "Give a whole number such as 64"),
        ("VEREDA_PORT", "70000", "0 to 65535"),
        ("VEREDA_WORKERS", "0", "1 to 256"),
        ("VEREDA_ANSWERS", "0", "1 to 1000000000"),
        ("VEREDA_LIMIT_SECONDS", "nan", "0.05 to 86400"),
        ("VEREDA_LIMIT_SECONDS", "inf", "0.05 to 86400"),
        ("VEREDA_JOB_SECONDS", "inf", "0.05 to 86400"),
        ("VEREDA_JOBS_DAYS", "inf", "0 to 36500"),
        ("VEREDA_SLACK_LIMIT", "2", "0 to 1"),
        ("VEREDA_RATE_READ", "often", "6000/minute"),
        ("VEREDA_QUEUE", "/etc", "redis://"),
        ("VEREDA_LOG_FORMAT", "xml", "json"),
        ("VEREDA_NETWORK", "", "network"),
        ("VEREDA_TOKENS", "", "tokens.json"),
        ("VEREDA_PORT", "", "8000"),
        ("VEREDA_WORKER", "2", "Did you mean VEREDA_WORKERS?"),
        ("VEREDA_HTTP_PORT", "9000", "There is no such setting."),
    ],
)
def test_a_bad_setting_is_named_with_its_value_and_a_remedy(
    name: str, value: str, words: str
) -> None:
    with pytest.raises(InputError) as raised:
        Settings.from_environment({name: value})
    assert raised.value.field.upper() in (name, name.removeprefix("VEREDA_"))
    assert words in raised.value.remedy


@pytest.mark.parametrize(
    "setting", [each for each in fields(Settings) if each.type in ("int", "float")],
    ids=lambda each: each.name,
)  # fmt: skip
def test_every_number_has_a_largest_value(setting: Field[float]) -> None:
    for text in ("1" + 18 * "0", "9" * 400):
        with pytest.raises(InputError, match="Give a number, ") as raised:
            Settings.from_environment({f"VEREDA_{setting.name.upper()}": text})
        assert raised.value.field == setting.name
    most = setting.metadata["most"]
    assert getattr(Settings.from_environment({f"VEREDA_{setting.name.upper()}": f"{most}"}),
                   setting.name) == most  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("workers = 'two'", "whole number"),
        ("workers = true", "such as '1'"),
        ("result = 5", "Give a path such as 'out'"),
        ("result = ['a', 5]", "or a list of them"),
        ("limit = 5", "Did you mean"),
        ("workers", "no TOML"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, text: str, words: str) -> None:
    config = tmp_path / "vereda.toml"
    config.write_text(text)
    with pytest.raises(InputError, match=re.escape(words)):
        Settings.gather({}, {}, config=config)
    with pytest.raises(InputError, match="cannot be read"):
        Settings.gather({}, {}, config=tmp_path / "none.toml")


def test_the_command_line_refuses_a_bad_setting_before_any_work(tmp_path: Path) -> None:
    for options in (["--workers", "0"], ["--rate-read", "x"], ["--jobs", "/dev/null/x"]):
        network = ["--network", str(tmp_path), "--port", "0"]
        run = CliRunner().invoke(vereda, ["serve", *network, *options])
        assert isinstance(run.exception, InputError), run.output
        assert run.exception.field == options[0].lstrip("-").replace("-", "_")


def test_every_setting_is_documented_and_nothing_else() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(VEREDA_\w+)` \| `(--[\w-]+)` \| (.*?) \| (.*?) \|$",
                      PAGE.read_text("utf-8"), re.MULTILINE)  # fmt: skip
    documented = {
        name: (variable, option, default, text) for name, variable, option, default, text in rows
    }
    assert list(documented) == [setting.name for setting in fields(Settings)]
    for setting in fields(Settings):
        variable, option, default, text = documented[setting.name]
        assert variable == f"VEREDA_{setting.name.upper()}"
        assert option == f"--{setting.name.replace('_', '-')}"
        shown = "" if setting.default in (None, "", ()) else f"`{setting.default}`"
        assert default == shown
        assert text == setting.metadata["description"]
    assert set(re.findall(r"VEREDA_[A-Z_]+", PAGE.read_text("utf-8"))) == {
        "VEREDA_CONFIG", *(variable for variable, *_ in documented.values())
    }  # fmt: skip


def test_every_setting_is_an_option_of_both_commands() -> None:
    for command in ("serve", "work"):
        helped = CliRunner().invoke(vereda, [command, "--help"]).output
        for setting in fields(Settings):
            assert f"--{setting.name.replace('_', '-')}" in helped


@pytest.mark.parametrize("text", ['network = "a\\u0000b"', 'result = ["a", "b\\u0000"]'])
def test_a_zero_byte_in_a_path_is_refused(tmp_path: Path, text: str) -> None:
    config = tmp_path / "vereda.toml"
    config.write_text(text)
    with pytest.raises(InputError, match="It holds a zero byte"):
        Settings.gather({}, {}, config=config)


def test_what_may_be_a_secret_is_not_told(tmp_path: Path) -> None:
    config = tmp_path / "vereda.toml"
    config.write_text('password = "hush"\n')
    for environment in ({"VEREDA_REDIS_PASSWORD": "hush"}, {"VEREDA_QUEUE": "reds://me:hush@h/0"},
                        {"VEREDA_COUNTERS": "reds://h/0?password=hush"},
                        {"VEREDA_CONFIG": str(config)}):  # fmt: skip
        with pytest.raises(InputError) as raised:
            Settings.from_environment(environment)
        assert "hush" not in str(raised.value)
