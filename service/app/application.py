"""The WSGI application: ``gunicorn --threads 8 "service.app:create_app()"``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from service.access.guard import Guard, register_guard
from service.app import openapi
from service.features.collections import collections_of
from service.pages.sketch import sketch_of
from service.state import Settings, State, install, state_of
from service.web.deadline import register_clocks
from service.web.logs.logs import register_logs
from service.web.metrics.metrics import register_metrics
from service.web.problems.problems import register_problems
from service.web.replies.replies import register_headers
from service.web.requests.hosts import register_hosts
from service.web.requests.request import ComposedRequest


class Application(Flask):
    """Flask without coroutines, so that the check of each function at each request is skipped."""

    request_class = ComposedRequest

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function unchanged."""
        return func


def create_app(settings: Settings | None = None, *, like: Flask | None = None) -> Flask:
    """Make the service on one network; all files are read now.

    Parameters
    ----------
    settings
        Settings, by default those of the environment; see `Settings.from_environment`.
    like
        An application whose network and results are used again, with these settings and without
        reading them.

    Raises
    ------
    DataError
        When the network or the result cannot be used.
    """
    app = Application(
        "service",
        static_folder="pages/static",
        static_url_path="/static",
        template_folder="pages/templates",
    )
    # Clients drop headers on redirects, so that no address redirects.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    chosen = settings or Settings.from_environment()
    app.config["MAX_CONTENT_LENGTH"] = chosen.body_limit
    if chosen.proxies:
        count = chosen.proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_prefix=count
        )
    guard = Guard(chosen)
    state = replace(state_of(like), settings=chosen) if like else State.load(chosen)
    install(app, state, like=like)
    # Data that cannot be served raise an error now, instead of at the first request.
    collections_of(app)
    sketch_of(app)
    for part in (*openapi.PARTS, openapi):
        app.register_blueprint(part.blueprint)
    # Replies pass these from the last to the first, so that the log has the final reply.
    register_logs(app)
    register_clocks(app, chosen.limit_seconds)
    register_metrics(app)
    register_hosts(app)
    register_guard(app, guard)
    register_problems(app)
    register_headers(app)
    return app
