"""Discord's error answers: `{"message", "code", "errors"?}`, and the nested `errors` of code 50035.

Source: https://docs.discord.com/developers/reference#error-messages
"""

from collections.abc import Sequence
from typing import Any


class ApiError(Exception):
    """An answer other than 2xx. Facts: `status`, `code` (0 if Discord has none), `message`, `errors`."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def to_payload(self) -> dict[str, Any]:
        """The JSON body."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        return body if self.errors is None else {**body, "errors": self.errors}


class FormErrors:
    """Collects what is wrong with a body, so that one answer names all of it."""

    def __init__(self) -> None:
        self._tree: dict[str, Any] = {}

    def add(self, path: Sequence[str | int], code: str, message: str) -> None:
        """Note an error at `path`, e.g. `("embeds", 0, "title")`."""
        node = self._tree
        for key in path:
            node = node.setdefault(str(key), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def text(
        self, path: Sequence[str | int], value: object, *, maximum: int, minimum: int = 0, required: bool = False
    ) -> str:
        """Check a string (None counts as absent) and return it; "" if it is absent or no string."""
        if value is None or value == "":
            if required:
                self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
            return ""
        if not isinstance(value, str):
            self.add(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
            return ""
        if not minimum <= len(value) <= maximum:
            if minimum:
                self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {minimum} and {maximum} in length.")
            else:
                self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {maximum} or fewer in length.")
        return value

    def items(self, path: Sequence[str | int], value: object, *, maximum: int) -> list[dict[str, Any]]:
        """Check a list of objects (None counts as empty) and return those that are objects."""
        if value is None:
            return []
        if not isinstance(value, list):
            self.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        if len(value) > maximum:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {maximum} or fewer in length.")
        for index, item in enumerate(value):
            if not isinstance(item, dict):
                self.add((*path, index), "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return [item for item in value if isinstance(item, dict)]

    def to_error(self) -> ApiError:
        """What was noted, as one answer."""
        return ApiError(400, 50035, "Invalid Form Body", self._tree)

    def raise_if_any(self) -> None:
        """Raise 400 code 50035 if anything was noted."""
        if self._tree:
            raise self.to_error()


def invalid(path: Sequence[str | int], code: str, message: str) -> ApiError:
    """The answer for a body with one thing wrong, at `path`."""
    errors = FormErrors()
    errors.add(path, code, message)
    return errors.to_error()
