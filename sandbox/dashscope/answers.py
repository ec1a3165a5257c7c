"""The bodies of the generation endpoint: a picture, an error, and the odd ones that gateways produce."""

from typing import Final, Literal, get_args
from uuid import uuid4

from aiohttp import web

from sandbox.dashscope.errors import ERRORS, RefusedError
from sandbox.dashscope.rules import Wish

Odd = Literal["error-in-200", "html-in-200", "html-in-502", "html-in-504", "empty-body", "no-picture", "link-elsewhere"]
ODD: Final[tuple[Odd, ...]] = get_args(Odd)

_PAGE: Final = (
    "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
    "<center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
_PAGES: Final = {
    "html-in-200": (200, "Welcome"),
    "html-in-502": (502, "502 Bad Gateway"),
    "html-in-504": (504, "504 Gateway Time-out"),
}
_ELSEWHERE: Final = "https://elsewhere.example/results/picture.png?Expires=4102444800&Signature=c2FuZGJveA"


def picture_answer(wish: Wish, *, image: str | None, text: str) -> web.Response:
    """The answer to a wish that was drawn; without `image` it carries the text alone."""
    content = [{"image": image}] if image is not None else []
    message = {"role": "assistant", "content": [*content, {"text": text}], "reasoning_content": ""}
    body = {
        "output": {"choices": [{"finish_reason": "stop", "message": message}]},
        "usage": {
            "width": wish.width,
            "height": wish.height,
            "image_count": len(content),
            "input_tokens": 0,
            "output_tokens": 0,
            "total_tokens": 0,
        },
        "request_id": str(uuid4()),
    }
    return web.json_response(body)


def error_answer(refused: RefusedError) -> web.Response:
    """An error with the status that goes with it."""
    return _error(refused.status, refused.code, refused.message, refused.headers)


def odd_answer(kind: Odd, wish: Wish) -> tuple[web.Response, str | None]:
    """An answer that no page of the vendor promises, and the error code that its body carries."""
    if kind == "error-in-200":
        code = "InternalError.Algo"
        return _error(200, code, ERRORS[code][1], {}), code
    if kind == "no-picture":
        return picture_answer(wish, image=None, text=wish.text), None
    if kind == "link-elsewhere":
        return picture_answer(wish, image=_ELSEWHERE, text=wish.text), None
    if kind == "empty-body":
        return web.Response(content_type="application/json"), None
    status, title = _PAGES[kind]
    return web.Response(status=status, text=_PAGE.format(title=title), content_type="text/html"), None


def _error(status: int, code: str, message: str, headers: dict[str, str]) -> web.Response:
    body = {"code": code, "message": message, "request_id": str(uuid4())}
    return web.json_response(body, status=status, headers=headers)
