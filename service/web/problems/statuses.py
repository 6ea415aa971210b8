"""Statuses of HTTP by which the service refuses: what each means, and how documents name it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class RefusalStatus(NamedTuple):
    """A status that refuses a request.

    Parameters
    ----------
    response
        Name under ``components`` of the OpenAPI document.
    slug
        End of the type of its problem, such as ``too-many``; empty where the status says all.
        Kinds of errors have types of their own (`service.web.problems.problems.PROBLEMS`).
    meaning
        For the OpenAPI document.
    """

    response: str
    slug: str
    meaning: str


STATUSES: Mapping[int, RefusalStatus] = {
    400: RefusalStatus("invalid", "input", "A parameter is unknown or malformed"),
    401: RefusalStatus("unauthorised", "unauthorised",
                 "A token is needed, and was not given or is no longer good"),
    403: RefusalStatus("forbidden", "forbidden",
                 "The token, or this service, does not allow it, or allows less of it"),
    404: RefusalStatus("absent", "absent",
                 "There is nothing of this name, or no path answers the question"),
    410: RefusalStatus("gone", "gone", "There was a job of this id"),
    412: RefusalStatus("condition", "condition",
                 "What is here is not what If-Match or If-Unmodified-Since mean"),
    413: RefusalStatus("tooLarge", "too-large", "The body is larger than is allowed here"),
    415: RefusalStatus("mediaType", "media-type", "The body is not sent as JSON"),
    416: RefusalStatus("noSuchPart", "range", "The file has no such part"),
    429: RefusalStatus("tooMany", "too-many",
                 "There were too many requests; the header Retry-After says how long to wait"),
    500: RefusalStatus("fault", "", "The service failed"),
    503: RefusalStatus("busy", "busy",
                 "The answer takes more time or memory than is allowed, as many wait as may, or "
                 "the disk is full"),
    504: RefusalStatus("tooLong", "", "The job took longer than is allowed here"),
}  # fmt: skip


def kind_of(status: int) -> str:
    """The ``type`` of a problem that its status tells all of."""
    slug = STATUSES[status].slug if status in STATUSES else ""
    return f"urn:problem-type:vereda:{slug}" if slug else "about:blank"
