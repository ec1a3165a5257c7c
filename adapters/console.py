"""`/quota-admin` on the command line: the same words, said by whoever can reach the database."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from adapters import admin_text
from adapters.admin import AdminAsked, AdminCommands, Found
from adapters.responses import Attachment, Silence
from adapters.sentences import ChannelMention, Code, Link, Mention, Moment, RoleMention, Sentence, Span
from bot.admin import COMMAND_LINE, Actor
from bot.model import Account, Space
from bot.rules import local_id
from bot.vocabulary import Argument, Mistake, Said, Word, say, say_words

COMMAND: Final = "zimage-bot quota"

_IDS: Final = {"discord": re.compile(r"[0-9]{1,20}"), "slack": re.compile(r"[UW][A-Z0-9]+")}
_ROLE_IDS: Final = {"discord": re.compile(r"[0-9]{1,20}"), "slack": re.compile(r"S[A-Z0-9]+")}
_WIDE: Final = frozenset({Word.LIST, Word.REPORT, Word.AUDIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What to print, whether what was said was done, and files to keep."""

    text: str
    done: bool
    files: tuple[Attachment, ...]


class _Ids:
    """People and roles by the platform's own ids: nothing can be looked up without the platform."""

    def __init__(self, space: Space | None) -> None:
        self._space = space
        self._platform = "" if space is None else space.partition(":")[0]

    async def person(self, text: str) -> Found | None:
        user = text.removeprefix(f"{self._space}:").strip("<@>")
        ids = _IDS.get(self._platform)
        return Found(id=user) if ids is not None and ids.fullmatch(user) else None

    async def role(self, text: str) -> str | None:
        ids = _ROLE_IDS.get(self._platform)
        return text if ids is not None and ids.fullmatch(text) else None

    async def names(self, accounts: Iterable[Account]) -> Mapping[Account, str]:
        return {account: local_id(account) for account in accounts}


def help_page() -> Printed:
    """Every word; needs no database."""
    page = admin_text.help_page(command=COMMAND, operator=True, locale=None)
    return Printed(text=plain(page), done=True, files=())


async def run_words(
    admin: AdminCommands, words: Sequence[str], *, space: Space | None, known: Sequence[Space]
) -> Printed:
    """Do what `words` say in `space`; without one, where only one is known, there."""
    # In one pair of quotes it is a line, as in chat.
    said = say(words[0]) if len(words) == 1 else say_words(words)
    if space is None and len(known) == 1:
        space = known[0]
    if space is None:
        said = _everywhere(said)
    asked = AdminAsked(
        id=f"cli:{uuid.uuid4()}",
        actor=Actor(id=COMMAND_LINE, account=Account(COMMAND_LINE), space=space),
        line=" ".join(words),
        command=COMMAND,
        directory=_Ids(space),
        locale=None,
    )
    answer = await admin.run(asked, said)
    if isinstance(answer, Silence):
        raise RuntimeError("a fresh id was known already")  # noqa: TRY004 - no caller's type is at fault
    words_said = plain(answer.sentence)
    if not answer.done and space is None and known:
        words_said += f"\nKnown here: {', '.join(known)}"
    elif space is not None and space not in known:
        words_said += f"\n(Nothing has been drawn in {space} yet.)"
    return Printed(text=words_said, done=answer.done, files=answer.files)


def plain(sentence: Sentence) -> str:
    """A sentence for a terminal; moments in this machine's time zone."""
    return "".join(_span(span) for span in sentence)


def _span(span: Span) -> str:  # noqa: PLR0911 - one for each kind
    match span:
        case Moment(at_ms=at_ms):
            return datetime.fromtimestamp(at_ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M %Z")
        case Code(text=text):
            return f"\n{text}"
        case Link(text=text, url=url):
            return f"{text} ({url})"
        case RoleMention():
            return f"role {span.local_id}"
        case ChannelMention():
            return f"channel {span.local_id}"
        case Mention():
            return span.local_id
        case _:
            return span


def _everywhere(said: Said | Mistake) -> Said | Mistake:
    """What can be looked at everywhere is, where no place was named."""
    if isinstance(said, Said) and said.word in _WIDE and not {Argument.PERSON, Argument.EVERYTHING} & {*said.arguments}:
        return replace(said, arguments={**said.arguments, Argument.EVERYTHING: "yes"})
    return said
