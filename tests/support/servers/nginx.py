"""Real nginx with the site that is offered for deployment, in front of any address."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.servers.running import wait_for

SITE = Path(__file__).parents[3] / "deploy" / "nginx.conf"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def certified(home: Path) -> tuple[Path, Path]:
    """A key and a certificate for nobody."""
    key, certificate = home / "key.pem", home / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x",
         "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True,
    )  # fmt: skip
    return key, certificate


def written(home: Path, *, port: int = 443, upstream: int = 8000) -> Path:
    """The site as a whole configuration that needs nothing outside of a directory."""
    if not (shutil.which("nginx") and shutil.which("openssl")):
        pytest.skip("nginx or openssl is not installed")
    key, certificate = certified(home)
    site = SITE.read_text()
    site = site.replace("/etc/ssl/vereda/fullchain.pem", str(certificate))
    site = site.replace("/etc/ssl/vereda/privkey.pem", str(key)).replace(
        "/var/log/nginx", str(home)
    )
    site = site.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
    if port != 443:
        site = site.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
        site = re.sub(r"listen 80;", f"listen 127.0.0.1:{free_port()};", site)
    places = "".join(f"{kind}_temp_path {home}/{kind};\n"
                     for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
    configuration = home / "nginx.conf"
    configuration.write_text(f"pid {home}/pid;\nerror_log {home}/error.log;\nevents {{}}\n"
                             f"http {{\n{places}{site}\n}}\n")  # fmt: skip
    return configuration


@contextmanager
def in_front_of(upstream: int, home: Path) -> Iterator[str]:
    """Run nginx in front of a port of this machine; gives its address."""
    port = free_port()
    configuration = written(home, port=port, upstream=upstream)
    words = ["nginx", "-q", "-c", str(configuration), "-g", "daemon off;"]
    with subprocess.Popen(words, stderr=subprocess.PIPE) as process:
        try:
            wait_for(lambda: _listens(port), seconds=20)
            yield f"https://127.0.0.1:{port}"
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as speaking:
        return speaking.connect_ex(("127.0.0.1", port)) == 0
