"""The catalogues made anew from the sources: the template, every language's messages, and what the bot reads."""

import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from babel.messages import Catalog, Message, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from adapters.locales import LANGUAGES

ROOT: Final = Path(__file__).parent.parent
LOCALES: Final = ROOT / "adapters" / "locales"
TEMPLATE: Final = LOCALES / "bot.pot"
_KEYWORDS: Final = {"_text": None, "_count": (1, 2), "_sentence": None}
_HEADER: Final = r"""msgid ""
msgstr ""
"Language: {language}\n"
"Plural-Forms: {plurals}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""
"""Without dates and names, which would differ where nothing has changed."""


def extracted() -> Catalog:
    """All messages of the sources."""
    catalog = Catalog()
    found = extract.extract_from_dir(
        str(ROOT / "adapters"), keywords=_KEYWORDS, comment_tags=["Translators:"], strip_comment_tags=True
    )
    for _, _, message, comments, _ in found:
        catalog.add(message, auto_comments=comments)
    return catalog


def text(catalog: Catalog) -> str:
    """A catalogue as its file has it."""
    out = io.BytesIO()
    write_po(out, catalog, omit_header=True, no_location=True, sort_output=True, ignore_obsolete=True, width=100)
    return out.getvalue().decode()


def template() -> str:
    """What `bot.pot` has to be."""
    return text(extracted())


def translations(language: str) -> Path:
    """Where a language's messages are."""
    return LOCALES / language / "LC_MESSAGES" / "bot.po"


def read(language: str) -> Catalog:
    """A language's messages as they stand in its file."""
    path = translations(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def updated(language: str) -> str:
    """A language's file with the messages of the sources: new ones without a translation, old ones gone."""
    catalog = read(language)
    catalog.update(extracted(), no_fuzzy_matching=True)
    return _HEADER.format(language=language, plurals=catalog.plural_forms) + text(catalog)


class _Dateless(Catalog):
    """A catalogue whose header is the same whenever, and by whichever Babel, it is compiled."""

    def __iter__(self) -> Iterator[Message]:
        yield Message("", f"Content-Type: text/plain; charset=utf-8\nPlural-Forms: {self.plural_forms}\n")
        yield from islice(super().__iter__(), 1, None)


def compiled(language: str) -> bytes:
    """What `bot.mo` has to be: without untranslated plurals, which Babel would fill up with English."""
    catalog = _Dateless(locale=language)
    for message in read(language):
        if message.id and all((message.string or ("",)) if message.pluralizable else (message.string,)):
            catalog.add(message.id, message.string)
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def main() -> None:
    TEMPLATE.write_text(template(), encoding="utf-8")
    for language in LANGUAGES.values():
        path = translations(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(updated(language), encoding="utf-8")
        path.with_suffix(".mo").write_bytes(compiled(language))


if __name__ == "__main__":
    main()
