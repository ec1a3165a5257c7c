"""The platforms' markup as HTML. What is not markup is escaped, whatever it looks like."""

import base64
import html
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

_DISCORD = re.compile(
    r"\\(?P<escaped>[^\w\s])|\*\*(?P<bold>.+?)\*\*|\[(?P<label>(?:\\.|[^\]\\])*)\]\(<?https?://[^\s)>]+>?\)"
    r"|<@!?(?P<person>\d+)>|<t:(?P<at>\d+)(?::\w)?>|```(?P<code>.*?)```",
    re.DOTALL,
)
_SLACK = re.compile(
    r"<@(?P<person>\w+)>|<!date\^\d+\^[^|>]*\|(?P<at>[^>]*)>|<https?://[^|>]+\|(?P<label>[^>]*)>"
    r"|```(?P<code>.*?)```|\*(?P<bold>[^*\n]+)\*",
    re.DOTALL,
)


def discord(text: str, names: Mapping[str, str]) -> str:
    """Discord's Markdown; `names` are those of people, by id."""

    def shown(found: re.Match[str]) -> str:
        if found["escaped"] is not None:
            return html.escape(found["escaped"])
        if found["at"] is not None:
            return f"<i>{datetime.fromtimestamp(int(found['at']), UTC):%Y-%m-%d %H:%M} UTC</i>"
        return _tag(found, names, inner=lambda inside: discord(inside, names))

    return _replaced(_DISCORD, text, shown, plain=html.escape)


def slack(text: str, names: Mapping[str, str]) -> str:
    """Slack's mrkdwn, in which & < > come as entities; `names` as above."""

    def plain(part: str) -> str:
        return html.escape(html.unescape(part))

    def shown(found: re.Match[str]) -> str:
        if found["at"] is not None:
            return f"<i>{plain(found['at'])}</i>"
        return _tag(found, names, inner=plain)

    return _replaced(_SLACK, text, shown, plain=plain)


def picture(data: bytes, alt_text: str) -> str:
    """A picture, with its alt text."""
    encoded = base64.b64encode(data).decode()
    return f'<img src="data:image/png;base64,{encoded}" alt="{html.escape(alt_text)}">'


def _tag(found: re.Match[str], names: Mapping[str, str], *, inner: Callable[[str], str]) -> str:
    if found["person"] is not None:
        return f"<b class=person>@{html.escape(names.get(found['person'], found['person']))}</b>"
    if found["label"] is not None:
        return f"<u>{inner(found['label'])}</u>"
    if found["code"] is not None:
        return f"<code>{html.escape(found['code'])}</code>"
    return f"<b>{inner(found['bold'])}</b>"


def _replaced(
    pattern: re.Pattern[str], text: str, shown: Callable[[re.Match[str]], str], *, plain: Callable[[str], str]
) -> str:
    parts, at = [], 0
    for found in pattern.finditer(text):
        parts += [plain(text[at : found.start()]), shown(found)]
        at = found.end()
    return "".join([*parts, plain(text[at:])]).replace("\n", "<br>")
