"""How the Web API says no."""

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """A method's refusal: HTTP 200 with `{"ok": false, "error": code, …details}`, unless `status` says otherwise.

    https://docs.slack.dev/apis/web-api/#responses
    """

    def __init__(
        self,
        code: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **details: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.headers = dict(headers or {})
        self.details = details

    @property
    def body(self) -> dict[str, Any]:
        """The JSON that goes over the wire."""
        return {"ok": False, "error": self.code, **self.details}


def missing_field(name: str) -> ApiError:
    """`invalid_arguments`, as Slack words it for an argument that is not there."""
    return invalid_arguments(f"[ERROR] missing required field: {name}")


def invalid_arguments(message: str) -> ApiError:
    """`invalid_arguments` with the sentence that says which one and why."""
    return ApiError("invalid_arguments", response_metadata={"messages": [message]})


def invalid_blocks(errors: list[str]) -> ApiError:
    """`invalid_blocks` with one sentence for each fault, twice over, as Slack sends it."""
    return ApiError(
        "invalid_blocks",
        errors=errors,
        response_metadata={"messages": [f"[ERROR] {error}" for error in errors]},
    )
