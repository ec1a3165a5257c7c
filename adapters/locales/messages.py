"""How a message is looked up in a language's catalogue, and a sentence made of it.

Messages are in English where they are used, so English needs no catalogue. Fields stand in braces, by name, so that a
translation may put them where its grammar wants them.
"""

from gettext import NullTranslations
from string import Formatter
from typing import Final

from adapters.sentences import Sentence, Span

_FORMATTER: Final = Formatter()


class Messages:
    """What every group of sentences is built on. The three methods are what messages are extracted by."""

    def __init__(self, translations: NullTranslations | None = None) -> None:
        self._translations = translations or NullTranslations()

    def _text(self, message: str, **fields: object) -> str:
        """`message` in the reader's language, with its fields filled in."""
        return self._translations.gettext(message).format(**fields)

    def _count(self, one: str, many: str, n: int, **fields: object) -> str:
        """The form of a message that fits `n`, which it may show as `{n}`."""
        return self._translations.ngettext(one, many, n).format(n=n, **fields)

    def _sentence(self, message: str, **spans: Span) -> Sentence:
        """A sentence with spans in it: a moment, a mention, something to copy."""
        return tuple(self._spans(self._translations.gettext(message), spans))

    def _spans(self, message: str, spans: dict[str, Span]) -> list[Span]:
        parts: list[Span] = []
        for literal, name, _, _ in _FORMATTER.parse(message):
            if literal:
                parts.append(literal)
            if name is not None:
                parts.append(spans[name])
        return parts
