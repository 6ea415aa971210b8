"""The check that a number of a form lies in a range of costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from geodata.entries.forms import refuse
from routes.scenario.keys.ranges import Range


@dataclass(frozen=True)
class InRange:
    """Constraint on a number: it lies in a range, or is zero where the range allows zero."""

    span: Range

    def check(self, value: float) -> float:
        """Return the number, or raise an error that names its field."""
        if value not in self.span:
            raise refuse(self.span.remedy)
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        inside: dict[str, Any] = {"minimum": self.span.least, "maximum": self.span.most}
        bounds = {"anyOf": [{"enum": [0]}, inside]} if self.span.zero else inside
        return {**handler(schema), **bounds}
