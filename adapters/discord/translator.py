"""What Discord shows of the commands before they are used, in each reader's language."""

from collections.abc import Callable

from discord import Locale, app_commands

from adapters.locales import catalogue
from adapters.locales.words import Words

_SAID = "said"


def localised(said: Callable[[Words], str]) -> app_commands.locale_str:
    """A text of a command's definition; English, and in other languages what `said` makes of their words."""
    return app_commands.locale_str(said(catalogue("en")), said=said)


class CatalogueTranslator(app_commands.Translator):
    """Translates what `localised` has made; names of commands and options have no other languages."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002 - the text itself says what it is
    ) -> str | None:
        said: Callable[[Words], str] | None = string.extras.get(_SAID)
        words = catalogue(locale.value)
        # Asked for each text in each of Discord's thirty locales at every start: most have no catalogue.
        if said is None or words is catalogue("en"):
            return None
        translated = said(words)
        # What is English anyway need not be said twice: Discord falls back to it.
        return None if translated == string.message else translated
