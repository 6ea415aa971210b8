"""``vereda scenario``: a file to start from, and all that is wrong with one."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli.main import vereda
from cli.scenarios.scenario_files import files_of
from geodata.entries.forms import read_form
from geodata.errors import VeredaError
from geodata.formats.text.toml import parse_toml
from geodata.network import store
from geodata.sources.userfiles import points
from routes.scenario.forms.scenario_file import FiledScenario
from routes.scenario.forms.scenario_template import TEMPLATE
from routes.studies.batch.sweeps import sweep

ROOT = Path(__file__).parents[3]


def scenario(*words: object) -> tuple[int, Any]:
    run = CliRunner().invoke(vereda, ["--json", "scenario", *map(str, words)])
    if run.exception and not isinstance(run.exception, SystemExit):
        raise run.exception
    return run.exit_code, json.loads(run.stdout)


@pytest.fixture
def check(isle_dir: Path, tmp_path: Path):
    def checked(text: str) -> tuple[int, Any]:
        file = tmp_path / "trial.toml"
        file.write_text(text, "utf-8")
        return scenario("check", file, "--network", isle_dir)

    return checked


def test_the_file_to_start_from_is_sound(tmp_path: Path) -> None:
    scenario("init", tmp_path / "new.toml")
    assert (tmp_path / "new.toml").read_text() == TEMPLATE
    assert [draft.form().slack for draft in sweep(parse_toml(TEMPLATE, field=""), name="x")]
    with pytest.raises(VeredaError, match="--overwrite"):
        scenario("init", tmp_path / "new.toml")


def test_what_its_comments_show_is_sound() -> None:
    shared, _, rest = TEMPLATE.partition("# A flow")
    keys = re.findall(r"^# (\w+ = .+)$", shared, re.MULTILINE)
    profile = re.findall(r"^# (\[profile\]|[\w.]+ = .+)$", rest.partition("[[")[0], re.MULTILINE)
    assert len(keys) == 9 and len(profile) == 6
    for text in (*keys, "\n".join(profile)):
        assert read_form(FiledScenario, parse_toml(text, field="")).scenario()


def test_the_shipped_sweep_is_sixty_scenarios_whose_names_are_known(network_dir: Path) -> None:
    code, report = scenario("check", ROOT / "examples", "--network", network_dir)
    assert (code, report["faults"], len(report["scenarios"])) == (0, [], 60)


def test_ends_and_profiles_are_read_from_files_beside_it(check, tmp_path: Path) -> None:
    (tmp_path / "farms.csv").write_text("lon,lat\n10.3,-40.7\n")
    own = (ROOT / "routes/flows/migrants-north.toml").read_text("utf-8")
    (tmp_path / "own.toml").write_text(own.replace("migrants-north", "mine"), "utf-8")
    code, report = check(
        'profile = { base = "own.toml", name = "wary" }\nfrom = ["farms.csv"]\nto = ["Ceeford"]'
    )
    assert code == 0, report
    assert (report["scenarios"][0]["profile"], report["scenarios"][0]["from"]) == (
        "wary",
        "farms.csv",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('\nnetwork = "nowhere"', "trial.toml, line 2: network: "),
        ('profile = "cocaine-nort"\n[grid]\n'
         'profile.weights.weakness = [{ value = 1.0, source = "x" }]',
         "line 1: profile: 'cocaine-nort'. Did you mean"),
        ("\nslak = 1", "trial.toml, line 2: slak: 1. Did you mean 'slack'?"),
        ("slack = [", "trial.toml: 'Invalid value (at end of document)'"),
        ('[[scenario]]\nto = ["Ceeford"]\nfrom = ["Ayto"]',
         "line 3: scenario[0].from: 'Ayto'. No place has this name. Nearest names: Ayton"),
        ('from = ["Ayton"]\nto = ["Ceeford"]\n[grid]\nclose = [[], ["Midgat"]]',
         "line 4: grid.close[1]: 'Midgat'. No place has this name."),
        ("[grid]\nslack = [0.1, 7]", "line 2: grid.slack[1]: 7. Give "),
        ('profile = "none.toml"', "line 1: profile: "),
        ('\nprofile = "bad.toml"', "line 2: profile: 'bad.toml'. name: 5. Give a text."),
        ('network = "nowhere"', "nowhere'. There is no network.json here."),
        ("[[scenario]]\nname = 'a'\n[[scenario]]\nname = 'a'", "name: 'a'. Another scenario"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_file_line_key_and_remedy(
    check, tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "bad.toml").write_text("name = 5")
    if "'a'" in text:
        text = 'from = ["Ayton"]\nto = ["Ceeford"]\n' + text
    code, report = check(text)
    assert code == 3 and words in "\n".join(report["faults"]), report


def test_a_file_that_is_a_link_in_circles_is_refused_in_a_line(check, tmp_path: Path) -> None:
    (tmp_path / "loop.toml").symlink_to("loop.toml")
    code, report = scenario("check", tmp_path / "loop.toml", "--network", tmp_path)
    assert code == 3 and "loop.toml" in report["faults"][0]
    (tmp_path / "round").symlink_to("round")
    (tmp_path / "named.toml").write_text('network = "round/network"')
    code, report = scenario("check", tmp_path / "named.toml")
    assert code == 3 and "round/network" in report["faults"][0]


def test_files_of_a_directory_are_resolved_once_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        (tmp_path / f"{number}.toml").touch()
    realpath, times = os.path.realpath, []
    monkeypatch.setattr("os.path.realpath", lambda path: times.append(path) or realpath(path))
    assert len(files_of([tmp_path])) == len(times) == 20


def test_all_faults_are_told_each_once(check) -> None:
    code, report = check(
        'from = ["Ayton"]\nto = ["Ceeford"]\n[[scenario]]\nclose = ["A"]\n[[scenario]]\n'
        '[[scenario]]\nvia = ["B"]\n[grid]\nslack = [0.1, 0.2]'
    )
    assert code == 3 and len(report["faults"]) == 2 and len(report["scenarios"]) == 2


def test_one_scenario_is_counted_as_one(isle_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text('from = ["Ayton"]\nto = ["Ceeford"]')
    words = ["scenario", "check", str(tmp_path / "one.toml"), "--network", str(isle_dir)]
    assert "1 scenario can be computed." in CliRunner().invoke(vereda, words).stdout


def test_a_fault_hides_no_other_of_its_file(check) -> None:
    code, report = check(
        'slak = 1\nfrom = ["Ayton"]\nto = ["Ceeford"]\ndrows = 2\n[[scenario]]\nslack = 7\n'
        'sed = 1\ndraws = -1\n[[scenario]]\nclose = ["A", "B"]\nvia = ["C"]\nstrengthen = ["D=2"]\n'
        '[[scenario]]\nfrom = ["1,2,3"]\nprofile = "nobody"\nstrengthen = ["x"]\n'
    )
    pattern = re.compile(r".*trial.toml, (line \d+: [^:]+):.*")
    placed = [pattern.sub(r"\1", each) for each in report["faults"]]
    assert code == 3
    assert sorted(placed) == sorted([
        "line 1: slak", "line 4: drows",
        "line 6: scenario[0].slack", "line 7: scenario[0].sed", "line 8: scenario[0].draws",
        "line 10: scenario[1].close", "line 10: scenario[1].close", "line 11: scenario[1].via",
        "line 12: scenario[1].strengthen",
        "line 14: scenario[2].from", "line 15: scenario[2].profile",
        "line 16: scenario[2].strengthen",
    ]), report["faults"]  # fmt: skip


def test_a_file_that_cannot_be_read_hides_no_fault_of_another(
    isle_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "bad.toml").write_text("slack = [", "utf-8")
    (tmp_path / "trial.toml").write_text("slak = 1", "utf-8")
    missing = tmp_path / "none.toml"
    files = tmp_path / "bad.toml", missing, tmp_path / "trial.toml"
    code, report = scenario("check", *files, "--network", isle_dir)
    assert code == 3 and len(report["faults"]) == 4, report
    assert "line 1: slak" in report["faults"][2] and report["scenarios"] == []


def test_a_fault_of_a_disk_is_one_of_the_faults(
    check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "farms.csv").write_text("lon,lat\n10.3,-40.7\n")

    def refused(file: Any) -> Any:
        raise PermissionError(13, "Permission denied", str(file.path))

    monkeypatch.setattr(points, "read_points", refused)
    code, report = check('from = ["farms.csv"]\nto = ["Ceeford"]')
    assert code == 3 and "farms.csv: It cannot be read: Perm" in report["faults"][0]


def test_each_network_is_read_once(
    check, isle_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "copy").symlink_to(isle_dir)
    read, homes = store.load_network, []
    monkeypatch.setattr(store, "load_network", lambda home: homes.append(home) or read(home))
    code, report = check(
        'from = ["Ayton"]\nto = ["Ceeford"]\n[grid]\nslack = [0.1, 0.2]\n'
        f'network = ["copy", "{isle_dir}"]'
    )
    assert (code, len(report["scenarios"]), len(homes)) == (0, 4, 2)
