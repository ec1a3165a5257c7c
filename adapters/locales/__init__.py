"""Catalogues of sentences, keyed by locale; another language is one more class."""

from typing import Final

from adapters.locales.en import English

CATALOGUES: Final[dict[str, type[English]]] = {"en": English}


def catalogue(locale: str | None) -> English:
    """The sentences for a platform's locale tag, such as `en-GB`; English where no catalogue fits."""
    tag = (locale or "en").replace("_", "-")
    return CATALOGUES.get(tag, CATALOGUES.get(tag.partition("-")[0], English))()
