"""What Discord is sent of the commands in other languages."""

from gettext import NullTranslations
from typing import Any

import pytest
from discord import Locale, app_commands
from discord.app_commands import TranslationContext, TranslationContextLocation

from adapters.discord import translator
from adapters.discord.translator import CatalogueTranslator, localised
from adapters.locales import catalogue
from adapters.locales.words import Words

CONTEXT: TranslationContext[Any, Any] = TranslationContext(TranslationContextLocation.other, data=None)


class Upper(NullTranslations):
    """A language whose words are English in capitals."""

    def gettext(self, message: str) -> str:
        return message.upper()


@pytest.mark.parametrize(
    ("locale", "translated"),
    [(Locale.german, True), (Locale.spain_spanish, True), (Locale.british_english, False), (Locale.korean, False)],
)
async def test_a_description_is_translated_where_a_catalogue_has_words(
    monkeypatch: pytest.MonkeyPatch, locale: Locale, *, translated: bool
) -> None:
    """English is left to Discord's own fallback."""

    def pick(tag: str) -> Words:
        return Words(Upper()) if tag in ("de", "es-ES") else catalogue("en")

    monkeypatch.setattr(translator, "catalogue", pick)
    text = localised(lambda words: words.quota)
    said = await CatalogueTranslator().translate(text, locale, CONTEXT)
    assert said == ("SEE HOW MANY CREDITS YOU HAVE LEFT" if translated else None)


async def test_names_stay_as_they_are() -> None:
    """People tell each other what to type."""
    name = app_commands.locale_str("imagine")
    assert await CatalogueTranslator().translate(name, Locale.german, CONTEXT) is None
