"""Logs: one line for each request and event, as JSON or text, that never hold a token."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, g, has_request_context, request
from gunicorn.glogging import Logger

from service.state import Settings
from service.web.logs.in_hand import name_request, note_answer
from service.web.logs.redaction import cleaned

HEADER = "X-Request-ID"

_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_ENDING = re.compile(r"""[\s"']""")
_USUAL = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
logger = logging.getLogger("vereda.access")


def _escaped(match: re.Match[str]) -> str:
    """A sign that begins a line, colours a terminal or turns others round, written out."""
    return match[0].encode("unicode_escape").decode()


def _escaped_in_json(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


class LogLines(logging.Formatter):
    """One line for each record.

    Parameters
    ----------
    as_json
        Whether lines are JSON, or else text for people.
    """

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """The record with what was added to it, and the id of the request that it belongs to."""
        more = {name: value for name, value in vars(record).items() if name not in _USUAL}
        if has_request_context() and "request_id" in g:
            more.setdefault("request_id", g.request_id)
        if record.exc_info:
            more["trace"] = self.formatException(record.exc_info)
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        message = record.getMessage()
        if self._as_json:
            entry = {"time": moment, "level": record.levelname.lower(), "logger": record.name,
                    "message": message, **more}  # fmt: skip
            kept = {name: _kept(value) for name, value in entry.items()}
            line = json.dumps(kept, ensure_ascii=False, default=str)
            return _UNSEEN.sub(_escaped_in_json, line)
        trace = more.pop("trace", "")
        rest = "".join(f" {name}={_kept(value)}" for name, value in more.items())
        line = f"{moment} {record.levelname.lower():<7} {cleaned(message)}{rest}"
        # No line of a trace begins as a record does: errors may quote what a client sent.
        below = [f"  {each}" for each in cleaned(trace).split("\n")] if trace else []
        return "\n".join(_UNSEEN.sub(_escaped, each) for each in (line, *below))


def _kept(value: object) -> object:
    """A value for the log, without secrets."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_kept(each) for each in value]
    return cleaned(value if isinstance(value, str) else str(value))


def _unforeseen(kind: type[BaseException], error: BaseException | None, where: str) -> None:
    """Log an exception that nothing caught; Python would print it with any token in it."""
    if error is not None:
        trace = (kind, error, error.__traceback__)
        logging.getLogger("vereda").error("not caught %s", where, exc_info=trace)


def set_up_logs(settings: Settings) -> None:
    """Send what this process logs to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogLines(as_json=settings.log_format == "json"))
    # By default, a record that cannot be formatted would be printed with its secrets.
    logging.raiseExceptions = False
    sys.excepthook = lambda kind, error, _: _unforeseen(kind, error, "in the main thread")
    threading.excepthook = lambda fault: _unforeseen(fault.exc_type, fault.exc_value, "in a thread")
    sys.unraisablehook = lambda fault: _unforeseen(fault.exc_type, fault.exc_value, "at an end")
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("vereda", "service", "gunicorn"):
        logging.getLogger(name).setLevel(settings.log_level.upper())
    # Each request has its line of ours; gunicorn's own come only when it is looked into.
    logging.getLogger("gunicorn.error").setLevel(
        "DEBUG" if settings.log_level == "debug" else "WARNING"
    )


def register_logs(app: Flask) -> None:
    """Give every request an id and, at its end, a line."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    identity = request.headers.get(HEADER, "")
    # Others' ids are taken only when they cannot break out of a line or fill a disk.
    # One that might be a secret is not taken: it would be masked in the log, and not be of use.
    sane = _SANE.fullmatch(identity) and cleaned(identity) == identity
    g.request_id = identity if sane else secrets.token_hex(8)
    g.begun = time.perf_counter()
    name_request(g.request_id)


def _end(response: Response) -> Response:
    note_answer()
    if "request_id" not in g:
        return response
    response.headers[HEADER] = g.request_id
    if not logger.isEnabledFor(logging.INFO):
        return response
    entry: dict[str, Any] = {
        "method": request.method,
        "path": one_word(request.full_path.rstrip("?"))[:2000],
        "route": request.url_rule.rule if request.url_rule else "",
        "status": response.status_code,
        "milliseconds": round(1000 * (time.perf_counter() - g.begun), 1),
        "bytes": response.content_length or response.calculate_content_length(),
        "address": request.remote_addr,
        "token": g.get("token_name"),
    }
    # Cleaned alone: a number beside a secret may pass for more of it.
    path = cleaned(one_word(request.path))
    logger.info("%s %s %d", request.method, path, response.status_code, extra=entry)
    return response


def one_word(target: str) -> str:
    """The request with blanks and quotation marks escaped as they were sent.

    The secret of a token is sought up to one of these.
    """
    return _ENDING.sub(lambda match: quote(match[0]), target)


class ServerLogger(Logger):
    """gunicorn's logger, in lines like all others; its access log is ours."""

    def setup(self, cfg: Any) -> None:
        """Leave handlers and levels to `set_up_logs`."""
        self.error_log.handlers.clear()
        self.error_log.propagate = True

    def access(self, *_: object) -> None:
        """Do nothing: requests have their own line already."""

    def reopen_files(self) -> None:
        """Do nothing: there are no files."""
