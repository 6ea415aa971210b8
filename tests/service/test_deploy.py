"""What is offered for deployment parses, names what exists, and passes the checks of its tools."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from service.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
VARIABLES = {f"VEREDA_{setting.name.upper()}" for setting in fields(Settings)}


def test_compose_names_what_exists() -> None:
    told = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = told["services"]
    for service in services.values():
        named = service.get("environment", {})
        Settings.from_environment({key: str(value) for key, value in named.items()})
        for volume in service["volumes"]:
            assert volume.split(":")[0] in told["volumes"]
        assert set(service.get("depends_on", ())) <= services.keys()
    assert services["service"]["command"] == ["serve"] and services["worker"]["command"] == ["work"]
    assert (DEPLOY / services["service"]["build"]["context"]).resolve() == ROOT
    assert (ROOT / services["service"]["build"]["dockerfile"]).is_file()
    # The queue of the one is the queue of the other.
    queues = {services[name]["environment"]["VEREDA_QUEUE"] for name in ("service", "worker")}
    assert len(queues) == 1


def test_the_dockerfile_copies_what_exists_and_sets_what_exists() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert set(re.findall(r"VEREDA_[A-Z_]+", text)) <= VARIABLES
    for line in re.findall(r"^COPY (?!--)(.+)$", text, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
    assert re.search(r"^USER (?!root)", text, re.MULTILINE)
    packages = re.search(r"include = \[(.*)\]", (ROOT / "pyproject.toml").read_text())
    assert packages
    for name in re.findall(r'"(\w+)\*"', packages[1]):
        assert f"COPY {name} {name}\n" in text


def test_the_unit_passes_systemd(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    unit = tmp_path / "vereda.service"
    text = (DEPLOY / "vereda.service").read_text()
    unit.write_text(text.replace("/opt/vereda/bin/vereda serve", "/bin/true"))
    run = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)],
                         capture_output=True, text=True, check=False)  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")


def test_the_site_passes_nginx(tmp_path: Path) -> None:
    if not (shutil.which("nginx") and shutil.which("openssl")):
        pytest.skip("nginx or openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x",
         "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True,
    )  # fmt: skip
    site = (DEPLOY / "nginx.conf").read_text()
    site = site.replace("/etc/ssl/vereda/fullchain.pem", str(certificate))
    site = site.replace("/etc/ssl/vereda/privkey.pem", str(key))
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{site}\n}}\n")
    run = subprocess.run(["nginx", "-t", "-q", "-c", str(whole)],
                         capture_output=True, text=True, check=False)  # fmt: skip
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("page", ["running.md", "running-nginx.md", "service.md"])
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    for target in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert (ROOT / "docs" / target).exists(), target
