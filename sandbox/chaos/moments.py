"""When the bot is killed: a call that it makes, and a point in that call's life."""

from dataclasses import dataclass
from typing import Final, Literal

DEAD_TOKEN_S: Final = 16 * 60
"""Past the life of Discord's interaction tokens."""

DEAD_RESPONSE_URL_S: Final = 31 * 60
"""Past the life of Slack's response_urls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """`call` is a pattern, and `drop` a point, of `sandbox.faults`; without `drop`, the whole answer has been sent.

    `later_s` is what passes on the platform's clock between the first answer and the picture, `away_s` between the
    kill and the next start.
    """

    name: str
    call: str
    drop: Literal["request", "half", "answer"] | None
    of_dashscope: bool = False
    per_picture: bool = False
    refused: bool = False
    private: bool = False
    later_s: float = 0.0
    away_s: float = 0.0


def _around(
    name: str,
    call: str,
    *,
    per_picture: bool = False,
    refused: bool = False,
    private: bool = False,
    later_s: float = 0.0,
) -> list[Moment]:
    """Before a call takes effect, and after it did but before its answer."""
    drops: tuple[tuple[str, Literal["request", "answer"]], ...] = (("before", "request"), ("answer lost", "answer"))
    return [
        Moment(
            name=f"{name}: {point}",
            call=call,
            drop=drop,
            per_picture=per_picture,
            refused=refused,
            private=private,
            later_s=later_s,
        )
        for point, drop in drops
    ]


_GENERATION: Final = "POST */multimodal-generation/generation"
_DOWNLOAD: Final = "GET /results/*"
_POST: Final = "POST /api/chat.postMessage"
_EDIT: Final = "PATCH */messages/@original"
_MESSAGE: Final = "POST */channels/*/messages"

DRAWING: Final = [
    Moment(name="drawing: before", call=_GENERATION, drop="request", of_dashscope=True, per_picture=True),
    Moment(name="drawing: answer lost", call=_GENERATION, drop="answer", of_dashscope=True, per_picture=True),
    Moment(name="drawing: answered", call=_GENERATION, drop=None, of_dashscope=True, per_picture=True),
    Moment(name="download: before", call=_DOWNLOAD, drop="request", of_dashscope=True, per_picture=True),
    Moment(name="download: half of it", call=_DOWNLOAD, drop="half", of_dashscope=True, per_picture=True),
    Moment(name="download: all of it", call=_DOWNLOAD, drop=None, of_dashscope=True, per_picture=True),
]

DISCORD: Final = [
    *_around("defer", "POST */callback"),
    Moment(name="defer: answered", call="POST */callback", drop=None),
    *_around("edit of @original", _EDIT),
    Moment(name="edit of @original: answered", call=_EDIT, drop=None),
    Moment(name="edit of @original: lost, token dead", call=_EDIT, drop="answer", away_s=DEAD_TOKEN_S),
    *_around("edit of @original, private", _EDIT, private=True),
    *_around("post in the channel", _MESSAGE, later_s=DEAD_TOKEN_S),
    *_around("direct message", _MESSAGE, private=True, later_s=DEAD_TOKEN_S),
    *_around("refund", _EDIT, refused=True),
    *_around("refund by direct message", _MESSAGE, refused=True, later_s=DEAD_TOKEN_S),
]

_SLACK_POST: Final = [
    *_around("chat.postMessage", _POST),
    Moment(name="chat.postMessage: answered", call=_POST, drop=None),
    *_around("chat.postMessage, private", _POST, private=True),
]

SLACK: Final = [
    *_around("ack", "ACK slash_commands"),
    *_around("getUploadURLExternal", "POST /api/files.getUploadURLExternal", per_picture=True),
    *_around("upload", "POST /upload/v1/*", per_picture=True),
    *_around("completeUploadExternal", "POST /api/files.completeUploadExternal", per_picture=True),
    *_around("files.info", "* /api/files.info", per_picture=True),
    *_SLACK_POST,
    *_around("refund", "POST /commands/*", refused=True),
    *_around("refund by direct message", _POST, refused=True, later_s=DEAD_RESPONSE_URL_S),
]

READABLE_SLACK: Final = _SLACK_POST
"""Where the app may read the channel, only what is posted is another matter."""
