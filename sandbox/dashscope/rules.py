"""What the service accepts: the headers, and the one shape of a request for `z-image-turbo`.

Source: https://docs.qwencloud.com/api-reference/image-generation/z-image
The vendor does not say what happens to an unknown parameter; this stand-in refuses it, so that a slip shows.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.dashscope.errors import RefusedError

MODEL: Final = "z-image-turbo"
DEFAULT_SIZE: Final = "1024*1536"
MAX_TEXT: Final = 800
MAX_SEED: Final = 2**31 - 1
MIN_PIXELS: Final = 512**2
MAX_PIXELS: Final = 2048**2
MIN_SIDE: Final = 256
MAX_SIDE: Final = 4096
# Typing one of these shows how a refusal by moderation looks.
BLOCKED_WORDS: Final = frozenset({"gore", "gory", "nsfw"})
_FORBIDDEN_HEADERS: Final = {
    "X-DashScope-Async": "current user api does not support asynchronous calls.",
    "X-DashScope-SSE": "current user api does not support stream calls.",
    "X-DashScope-DataInspection": "current user api does not support data inspection settings.",
}
_PARAMETERS: Final = frozenset({"size", "prompt_extend", "seed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A request that the service accepts; `text` is the prompt after the silent cut, sides are in pixels."""

    text: str
    width: int
    height: int
    seed: int | None
    extend: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The parts of a request that could be read, whether or not the service accepts them."""

    prompt: str = ""
    size: str = DEFAULT_SIZE
    seed: int | None = None
    extend: bool = False


def check_headers(headers: Mapping[str, str], *, api_key: str) -> None:
    """Raise RefusedError unless the key is right and no header asks for what the model cannot do."""
    given = headers.get("Authorization")
    if given is None:
        raise RefusedError("InvalidApiKey", "No API-key provided.")
    if given != f"Bearer {api_key}":
        raise RefusedError("InvalidApiKey")
    for name, message in _FORBIDDEN_HEADERS.items():
        if name in headers:
            raise RefusedError("AccessDenied", message)
    if headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusedError("InvalidParameter", "Content-Type must be application/json.")


def hear(body: bytes) -> Heard:
    """What can be made out of `body`, for the record; never an error."""
    try:
        payload = json.loads(body)
        parameters = payload.get("parameters") or {}
        text = payload["input"]["messages"][0]["content"][0]["text"]
        seed = parameters.get("seed")
        return Heard(
            prompt=str(text),
            size=str(parameters.get("size", DEFAULT_SIZE)),
            seed=seed if isinstance(seed, int) else None,
            extend=parameters.get("prompt_extend") is True,
        )
    except (ValueError, TypeError, LookupError, AttributeError):
        return Heard()


def read_wish(body: bytes) -> Wish:
    """The request in `body`; RefusedError where the service would not take it."""
    try:
        payload = json.loads(body)
    except ValueError:
        raise _invalid("Required body invalid, please check the request body format.") from None
    if not isinstance(payload, dict) or not payload.keys() <= {"model", "input", "parameters"}:
        raise _invalid("Required body invalid, please check the request body format.")
    if "model" not in payload:
        raise RefusedError("BadRequest.EmptyModel")
    if payload["model"] != MODEL:
        raise RefusedError("ModelNotFound", f"Model can not be found: {payload['model']}.")
    if "input" not in payload:
        raise RefusedError("BadRequest.EmptyInput")
    text = _text(payload["input"])
    parameters = payload.get("parameters", {})
    if not isinstance(parameters, dict):
        raise _invalid("parameters must be an object.")
    for name in sorted(parameters.keys() - _PARAMETERS):
        raise _invalid(f"parameters.{name} is not supported by {MODEL}.")
    extend = parameters.get("prompt_extend", False)
    if not isinstance(extend, bool):
        raise _invalid("parameters.prompt_extend must be a boolean.")
    width, height = _sides(parameters.get("size", DEFAULT_SIZE))
    wish = Wish(text=text, width=width, height=height, seed=_seed(parameters.get("seed")), extend=extend)
    if BLOCKED_WORDS & set(re.findall(r"\w+", text.lower())):
        raise RefusedError("DataInspectionFailed", "Input data may contain inappropriate content.")
    return wish


def _text(input_: object) -> str:
    match input_:
        case {"messages": [{"role": "user", "content": [{"text": str(text), **rest}], **more}], **others} if not (
            rest or more or others
        ):
            if not text.strip():
                raise _invalid("input.messages[0].content[0].text must not be empty.")
            if any("\ud800" <= character <= "\udfff" for character in text):
                raise _invalid("input.messages[0].content[0].text must be valid Unicode.")
            return text[:MAX_TEXT]
        case _:
            raise _invalid('input.messages must be one message of role "user" with one {"text": …}.')


def _sides(size: object) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,5})\*([0-9]{1,5})", size) if isinstance(size, str) else None
    if found is None:
        raise _invalid(f'parameters.size must be "width*height", got {size!r}.')
    width, height = int(found[1]), int(found[2])
    if not MIN_PIXELS <= width * height <= MAX_PIXELS:
        raise _invalid(f"parameters.size must have 512*512 to 2048*2048 pixels in total, got {size!r}.")
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in (width, height)):
        raise _invalid(f"parameters.size must have sides of {MIN_SIDE} to {MAX_SIDE} pixels, got {size!r}.")
    return width, height


def _seed(seed: Any) -> int | None:
    if seed is None:
        return None
    # JSON's true is an int in Python, and no seed.
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED:
        raise _invalid(f"parameters.seed must be an integer from 0 to {MAX_SEED}, got {seed!r}.")
    return seed


def _invalid(message: str) -> RefusedError:
    return RefusedError("InvalidParameter", message)
