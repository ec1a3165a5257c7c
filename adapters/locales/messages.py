"""How a message is looked up in a language's catalogue, and a sentence made of it.

Messages are in English where they are used, so English needs no catalogue. Fields stand in braces, by name, so that a
translation may put them where its grammar wants them.
"""

from gettext import NullTranslations
from string import Formatter
from typing import Final

from adapters.sentences import Sentence, Span

_FORMATTER: Final = Formatter()
_WIDE: Final = ("。", "？", "：", "\n")
"""What a sentence may end in that has its own room behind it."""


class Messages:
    """What every group of sentences is built on. Messages are extracted by `_text`, `_count` and `_sentence`."""

    def __init__(self, translations: NullTranslations | None = None) -> None:
        self._translations = translations or NullTranslations()

    def _text(self, message: str, **fields: object) -> str:
        """`message` in the reader's language, with its fields filled in."""
        return self._translations.gettext(message).format(**fields)

    def _count(self, one: str, many: str, n: int, **fields: object) -> str:
        """The form of a message that fits `n`, which it may show as `{n}`."""
        return self._translations.ngettext(one, many, n).format(n=self._number(n), **fields)

    def _sentence(self, message: str, **spans: Span | Sentence) -> Sentence:
        """A sentence with spans in it: a moment, a mention, something to copy, or another sentence's."""
        return tuple(self._spans(self._translations.gettext(message), spans))

    def _spans(self, message: str, spans: dict[str, Span | Sentence]) -> list[Span]:
        parts: list[Span] = []
        for literal, name, _, _ in _FORMATTER.parse(message):
            if literal:
                parts.append(literal)
            if name is not None:
                span = spans[name]
                parts += span if isinstance(span, tuple) else (span,)
        return parts

    def labelled(self, label: Sentence, said: Sentence) -> Sentence:
        """`label: said`, with the colon that the reader's language has."""
        return self._sentence("{name}: {value}", name=label, value=said)

    def _number(self, n: int) -> str:
        """`12,345` as the reader's language groups it."""
        # Translators: what stands between the thousands of a number.
        return f"{n:,}".replace(",", self._text(","))

    def _joined(self, *sentences: Sentence | str) -> Sentence:
        """Sentences one after the other, those that are empty left out."""
        spans: Sentence = ()
        for sentence in sentences:
            added = (sentence,) if isinstance(sentence, str) else sentence
            if not any(added):
                continue
            if not spans:
                spans = added
                continue
            last, first = spans[-1], added[0]
            room = "" if isinstance(last, str) and last.endswith(_WIDE) else " "
            if isinstance(last, str) and isinstance(first, str):
                spans = (*spans[:-1], f"{last}{room}{first}", *added[1:])
            else:
                spans = (*spans, room, *added)
        return spans

    def _lines(self, *lines: Sentence) -> Sentence:
        """One line below the other, those that are empty left out."""
        spans: Sentence = ()
        for line in lines:
            if line:
                spans += ("\n", *line) if spans else line
        return spans
