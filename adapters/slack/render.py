"""Sentences and deliveries in Slack's markup."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from adapters import captions
from adapters.admin import Attachment
from adapters.locales import catalogue
from adapters.sentences import ChannelMention, Code, Link, Mention, Moment, RoleMention, Sentence, Span
from adapters.uploads import Upload
from bot.model import Delivery

_SECTION: Final = 3000
_TITLE: Final = 200
_CODE: Final = 2500

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
            seconds = at_ms // 1000
            utc = datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%d %H:%M UTC")
            return f"<!date^{seconds}^{{date_short_pretty}} at {{time}}|{utc}>"
        case Link(text=text, url=url):
            return f"<{url}|{escaped(text).translate(_LOOKALIKES)}>"
        case Code(text=text):
            return f"\n```{escaped(captions.fenced(text, _CODE))}```"
        case _:
            return escaped(span).translate(_LOOKALIKES)


def notification(delivery: Delivery, *, locale: str | None = None) -> str:
    """What screen readers and notifications say: they do not look into blocks."""
    return escaped(catalogue(locale).notification(captions.asked(delivery)))


def blocks(
    delivery: Delivery,
    files: Sequence[tuple[Upload, str]],
    notes: Sequence[str],
    *,
    user_id: str,
    locale: str | None = None,
) -> list[dict[str, Any]]:
    """The pictures (each with its file id), their words as plain text, so that nothing pings, and a line of facts."""
    words = catalogue(locale)
    facts = [f"<@{user_id}>", *(escaped(fact) for fact in captions.details(delivery, locale=locale))]
    images = [
        {
            "type": "image",
            "slack_file": {"id": file_id},
            "alt_text": upload.alt_text,
            "title": _plain(captions.clip(captions.asked(delivery), _TITLE)),
        }
        for upload, file_id in files
    ]
    said = [_section(f"{words.revised_prompt}: {text}") for text in captions.revised(delivery)]
    said += [_section(note) for note in notes]
    return [*images, *said, {"type": "context", "elements": [{"type": "mrkdwn", "text": " · ".join(facts)}]}]


def note(words: str) -> dict[str, Any]:
    """A line of mrkdwn (`sentence`) above what follows."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": captions.clip(words, _SECTION)}}


def report_blocks(words: str, pictures: Sequence[tuple[Attachment, str]]) -> list[dict[str, Any]]:
    """A report: its words (mrkdwn, `sentence`), then its pictures (each with its file id)."""
    images = [
        {"type": "image", "slack_file": {"id": file_id}, "alt_text": picture.alt_text or picture.filename}
        for picture, file_id in pictures
    ]
    return [{"type": "section", "text": {"type": "mrkdwn", "text": captions.clip(words, _SECTION)}}, *images]


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _plain(captions.clip(text, _SECTION))}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
