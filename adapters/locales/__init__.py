"""Catalogues of sentences, by locale: English in the sources, and what gettext has for the other languages."""

from functools import cache
from gettext import GNUTranslations
from importlib.resources import files
from typing import Final

from adapters.locales.words import Words

LANGUAGES: Final = {"zh-CN": "zh_CN", "ja": "ja", "de": "de", "fr": "fr", "es": "es"}
"""Where a language's catalogue is, by the tag that leads to it."""


def catalogue(locale: str | None) -> Words:
    """The sentences for a platform's locale tag, such as `es-419`; English where no catalogue fits."""
    tag = (locale or "en").replace("_", "-")
    return _catalogue(LANGUAGES.get(tag) or LANGUAGES.get(tag.partition("-")[0]))


@cache
def _catalogue(language: str | None) -> Words:
    if language is None:
        return Words()
    with (files(__name__) / language / "LC_MESSAGES" / "bot.mo").open("rb") as compiled:
        return Words(GNUTranslations(compiled))
