"""The catalogues are what the sources and the translators say."""

import re

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


@pytest.mark.parametrize(
    ("language", "wrong"),
    [
        ("de", r"[“”](?=\w|\{)|\bSie\b|\bIhre?"),
        ("fr", r" [:;?!»]|« |\w[;?!]|'"),
        ("es", r"^[^¿]*\?|^[^¡]*!"),
        ("ja", r"[^\x00-\x7f][,.:;?!()]|[“”]"),
        ("zh_CN", r"[^\x00-\x7f][,.:;?!()]|[「」]"),
    ],
)
def test_punctuation_is_the_languages_own(language: str, wrong: str) -> None:
    """Such as French spaces that do not break, and full-width marks behind Chinese characters."""
    for message in catalogues.read(language):
        if message.id:
            forms = message.string if isinstance(message.string, tuple) else (message.string,)
            assert not [form for form in forms if re.search(wrong, str(form))]
