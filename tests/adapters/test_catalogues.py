"""The catalogues are what the sources and the translators say."""

import catalogues
import pytest

from adapters.locales import LANGUAGES


def test_the_template_has_the_messages_of_the_sources() -> None:
    """`make messages` was run after the last message was written."""
    assert catalogues.TEMPLATE.read_text(encoding="utf-8") == catalogues.template()


@pytest.mark.parametrize("language", LANGUAGES.values())
def test_a_languages_files_are_up_to_date(language: str) -> None:
    """Every message of the sources is in it, and what the bot reads is what the translators wrote."""
    path = catalogues.translations(language)
    assert path.read_text(encoding="utf-8") == catalogues.updated(language)
    assert path.with_suffix(".mo").read_bytes() == catalogues.compiled(language)
    assert not [message.id for message in catalogues.read(language) if message.id and message.fuzzy]
