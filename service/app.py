"""The WSGI application: ``gunicorn --threads 8 "service.app:create_app()"``."""

from __future__ import annotations

from flask import Flask

from service import openapi
from service.problems import register_problems
from service.replies import register_headers
from service.settings import Settings
from service.state import State, install


def create_app(settings: Settings | None = None) -> Flask:
    """Make the service on one network; it reads everything now, and nothing later.

    Parameters
    ----------
    settings
        Those of the environment when left out; see `Settings.from_environment`.

    Raises
    ------
    DataError
        When the network or the result cannot be used.
    """
    app = Flask("service")
    # Clients drop headers on redirects, so that no address redirects.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    install(app, State.load(settings or Settings.from_environment()))
    for part in (*openapi.PARTS, openapi):
        app.register_blueprint(part.blueprint)
    register_problems(app)
    register_headers(app)
    return app
