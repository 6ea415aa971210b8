"""Addresses of Redis: what no connection can be made with is refused before any is."""

from __future__ import annotations

import pytest

from cli.main import run
from geodata.errors import InputError
from service.access.rate_limits import Rates
from service.jobs.queue import open_queue
from service.jobs.records import JobRecords
from service.state import Settings
from service.state.redis_addresses import EXAMPLES, check_address, pool_of, without_password

OPTIONS = ["retry=x", "encoding=utf-16", "encoding=x", "encoding_errors=x", "connection_class=x",
           "socket_timeout=-1", "socket_timeout=0", "socket_timeout=soon", "socket_timeout=inf",
           "socket_timeout=", "socket_timeout=61", "socket_connect_timeout=nan", "bogus=abc", "=",
           "retry_on_error=x", "health_check_interval=-1", "protocol=9", "db=-1", "db=x",
           "socket_read_size=0", "max_connections=0", "timeout=1", "host=h", "path=/x",
           "driver_info=x", "credential_provider=x", "parser_class=x", "command_packer=x",
           "redis_connect_func=x", "event_dispatcher=x", "socket_type=x",
           "socket_keepalive_options=x", "lib_name=x",
           "client_name=a%20b", "decode_responses=perhaps", "ssl_cert_reqs=none"]  # fmt: skip
PLACES = ["redis://:hush@a..b/0", "redis://:hush@.h/0", "redis://:hush@h%00/0",
          "redis://:hush@a b/0", "redis://:hush@h:99999999/0", "redis://:hush@h:0/0",
          "redis://:hush@h/x", "redis://:hush@h/-1", "redis://:hush@h/0/1", "redis://:hush@h/0;a",
          "redis://:hush@[::g]/0", "redis://:hush@[::1/0", "redis://:hush@" + "a" * 64 + "/0",
          "redis://:hush@" + "a.b" * 100 + "/0", "redis://:hu?sh@h/0", "redis://:hu#hush@h/0",
          "redis://:hush@h/0#x", "redis://:hush", "redis://u:hush/0", "redis://:hush\udcff@h/0",
          "unix://:hush@", "unix://", "unix://run/redis.sock", "unix:///run/%00",
          "unix:///" + "a" * 107, "rediss://:hush@h/0?ssl_cert_reqs=perhaps", "rediss://h/0?ssl_check_hostname=hush",
          "redis://h/0?password=hush@hush&x=1", "http://:hush@h/0", "redis:/:hush@h/0"]  # fmt: skip
USABLE = ["redis://h", "redis://h/", "redis://h/0/", "redis://h/0?socket_keepalive=Yes",
          "redis:///3", "redis://127.0.0.1:6379/15", "redis://[::1]:6379/0",
          "redis://:hu%40sh@queue_1.internal./0", "redis://user:hush@h/0?protocol=3", "redis://ñandú.hn/0",
          "redis://h?db=2&username=u&password=hush&client_name=vereda", "unix:///run/redis.sock?db=1",
          "unix://user:hush@/run/redis.sock", "redis://h/0?socket_timeout=5&socket_connect_timeout=0.5",
          "redis://h/0?socket_keepalive=true&retry_on_timeout=true&health_check_interval=30",
          "redis://h/0?decode_responses=True",
          "rediss://h/0?ssl_cert_reqs=none&ssl_check_hostname=false",
          "rediss://h/0?ssl_ca_certs=/a&ssl_ca_path=/b",
          "rediss://h/0?ssl_certfile=/c&ssl_keyfile=/d&ssl_password=e"]  # fmt: skip


@pytest.mark.parametrize("setting", ["queue", "counters"])
@pytest.mark.parametrize("address", [f"redis://:hush@h/0?{each}" for each in OPTIONS] + PLACES)
def test_what_no_connection_can_be_made_with_is_refused(setting: str, address: str) -> None:
    with pytest.raises(InputError) as raised:
        settings = Settings.from_environment({f"VEREDA_{setting.upper()}": address})
        check_address(setting, getattr(settings, setting))
    assert raised.value.field == setting
    assert EXAMPLES[setting] in raised.value.remedy
    assert "hu" not in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.parametrize("address", USABLE)
def test_what_connections_are_made_with_is_usable(address: str) -> None:
    pytest.importorskip("redis")
    settings = Settings(queue=address, counters=address, rate_read="1/minute")
    open_queue(settings, JobRecords(settings.jobs))
    Rates(settings, default=False)
    kept = pool_of("queue", address, seconds=2.5).connection_kwargs
    assert kept["socket_timeout"] == (5 if "socket_timeout" in address else 2.5)
    assert "hush" not in without_password(address)


def test_a_service_made_by_another_server_refuses_it_too() -> None:
    address = "redis://:hush@h/0?socket_timeout=-1"
    for make in (
        lambda settings: open_queue(settings, JobRecords(settings.jobs)),
        lambda settings: Rates(settings, default=False),
    ):
        with pytest.raises(InputError, match="socket_timeout is a number"):
            make(Settings(queue=address, counters=address))


@pytest.mark.parametrize("option", ["--counters", "--queue"])
@pytest.mark.parametrize("command", ["serve", "work"])
def test_the_command_line_refuses_it_in_one_line(
    command: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run([command, option, "redis://:hush@a..b/0"])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert option.strip("-") in line and "a..b/0" in line and "hush" not in line
    assert "redis://127.0.0.1/" in line
