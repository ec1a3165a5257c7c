"""Sentences and deliveries in Slack's markup."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from adapters import captions
from adapters.locales import catalogue
from adapters.responses import Attachment
from adapters.sentences import ChannelMention, Code, Link, Mention, Moment, RoleMention, Sentence, Span
from adapters.uploads import Upload
from bot.model import Delivery

_SECTION: Final = 3000
_TITLE: Final = 200
_ALT_TEXT: Final = 2000
_CODE: Final = 2200
"""Of a command to copy, or prompts to read over: the sentence around them has to fit into the same section."""

_CUT: Final = re.compile(r"&[a-z]*$")

# Slack knows no escape for these, and an unseen character between two backticks is code, too. What is typed in one
# line could close in another one, so its readers get characters that look the same and are no markup.
_LOOKALIKES: Final = str.maketrans(
    {
        "`": "\N{MODIFIER LETTER GRAVE ACCENT}",
        "*": "\N{ASTERISK OPERATOR}",
        "_": "\N{MODIFIER LETTER LOW MACRON}",
        "~": "\N{TILDE OPERATOR}",
    }
)


def escaped(text: str) -> str:
    """Text of a person or of the model, as plain text: Slack reads three characters as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def sentence(sentence: Sentence) -> str:
    """A sentence as mrkdwn."""
    return "".join(_span(span) for span in sentence)


def _span(span: Span) -> str:
    match span:
        case Mention() if span.platform not in ("", "slack"):
            return escaped(span.local_id)
        case Mention():
            sign = "<!subteam^" if isinstance(span, RoleMention) else "<#" if isinstance(span, ChannelMention) else "<@"
            return f"{sign}{span.local_id}>"
        case Moment(at_ms=at_ms):
            return f"<!date^{at_ms // 1000}^{{date_short_pretty}}, {{time}}|{_utc(at_ms)}>"
        case Link(text=text, url=url):
            return f"<{url}|{escaped(text).translate(_LOOKALIKES)}>"
        case Code(text=text):
            return f"\n```{_within(escaped(captions.fenced(text, _CODE)), _CODE)}```"
        case _:
            return escaped(span).translate(_LOOKALIKES)


def _within(text: str, limit: int) -> str:
    """Escaped text in at most `limit` characters, none of which is a part of an escaped one."""
    return text if len(text) <= limit else _CUT.sub("", text[: limit - 1]) + "…"


def notification(delivery: Delivery, *, locale: str | None = None) -> str:
    """What screen readers and notifications say: they do not look into blocks."""
    return escaped(catalogue(locale).notification(captions.asked(delivery.generation)))


def blocks(
    delivery: Delivery,
    files: Sequence[tuple[Upload, str]],
    notes: Sequence[str],
    *,
    user_id: str | None,
    locale: str | None = None,
) -> list[dict[str, Any]]:
    """The pictures (each with its file id), their words as plain text, and a line of facts, which pings `user_id`."""
    facts = [escaped(fact) for fact in captions.details(delivery, locale=locale)]
    if user_id is not None:
        facts.insert(0, f"<@{user_id}>")
    images = [
        image(file_id, alt_text=upload.alt_text, title=captions.asked(delivery.generation)) for upload, file_id in files
    ]
    said = [*revised(captions.revised(delivery), locale=locale), *(paragraph(note) for note in notes)]
    facts += [sentence(made_of)] if (made_of := captions.made_of(delivery, locale=locale)) else []
    return [*images, *said, context(" · ".join(facts))]


def revised(wordings: Sequence[str], *, locale: str | None) -> list[dict[str, Any]]:
    """The model's own wordings, each in a section."""
    words = catalogue(locale)
    return [paragraph(bare(words.labelled((words.revised_prompt,), (text,)))) for text in wordings]


def report_blocks(words: str, pictures: Sequence[tuple[Attachment, str]]) -> list[dict[str, Any]]:
    """A report: its words (mrkdwn, `sentence`), then its pictures (each with its file id)."""
    images = [
        {"type": "image", "slack_file": {"id": file_id}, "alt_text": picture.alt_text or picture.filename}
        for picture, file_id in pictures
    ]
    return [section(words), *images]


def image(file_id: str, *, alt_text: str, title: str) -> dict[str, Any]:
    """A picture that Slack holds, below its title."""
    return {
        "type": "image",
        "slack_file": {"id": file_id},
        "alt_text": captions.clip(alt_text, _ALT_TEXT),
        "title": plain(captions.clip(title, _TITLE)),
    }


def said(told: Sentence) -> dict[str, Any]:
    """A sentence, and nothing to press."""
    words = sentence(told)
    return {"text": words, "blocks": [section(words)]}


def option(label: str, value: str) -> dict[str, Any]:
    """A line of a menu."""
    return {"text": plain(label), "value": value}


def section(words: str) -> dict[str, Any]:
    """Words that are mrkdwn already."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": captions.clip(words, _SECTION)}}


def context(words: str) -> dict[str, Any]:
    """Small print, mrkdwn already."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": captions.clip(words, _SECTION)}]}


def plain(text: str) -> dict[str, Any]:
    """Text as it is: nothing in it is markup, and nothing pings."""
    return {"type": "plain_text", "text": text, "emoji": False}


def bare(sentence: Sentence) -> str:
    """A sentence for where Slack takes no markup."""
    return "".join(_bare(span) for span in sentence)


def _bare(span: Span) -> str:
    match span:
        case Moment(at_ms=at_ms):
            return _utc(at_ms)
        case Code(text=text):
            return f" {text}"
        case Link(text=text):
            return text
        case Mention():
            return span.local_id
        case _:
            return span


def _utc(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // 1000, tz=UTC).strftime("%Y-%m-%d %H:%M UTC")


def paragraph(text: str) -> dict[str, Any]:
    """Words as they are: nothing in them is markup."""
    return {"type": "section", "text": plain(captions.clip(text, _SECTION))}
