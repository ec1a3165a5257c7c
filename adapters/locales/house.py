"""The sentences about house rules and personal settings."""

from adapters.locales.messages import Messages
from adapters.sentences import Mention, Sentence


class HouseWords(Messages):
    """What people read where a place has rules of its own, and of what they chose themselves."""

    def pictures_off(self, *, channel: bool) -> Sentence:
        if channel:
            return self._sentence(
                "An admin has switched pictures off in this channel. Nothing was charged; please try another channel."
            )
        return self._sentence("An admin has switched pictures off here. Nothing was charged.")

    def restricted_only(self) -> Sentence:
        return self._sentence(
            "Pictures are drawn only in age-restricted channels here. Nothing was charged; please try one of those."
        )

    def word_refused(self, *, word: str) -> Sentence:
        return self._sentence(
            "An admin of this place does not allow “{word}” in prompts. Nothing was charged; try it in other words.",
            word=word,
        )

    def logged(self, *, person: Mention) -> Sentence:
        return self._sentence("Drawn for {person}", person=person)

    def logged_private(self, *, person: Mention) -> Sentence:
        return self._sentence("{person} had a private picture drawn.", person=person)
