"""Point 7: in the reader's language."""

from collections.abc import Mapping

from e2e.experience.acts import Play, ask, command, press, then
from e2e.experience.row import UNDER, Experience

from adapters.locales import LANGUAGES as CATALOGUES
from adapters.locales import catalogue
from bot.model import Action
from sandbox.stage import DiscordStage

READERS: Mapping[str, Mapping[str, str]] = {
    "en": {"discord": "en-GB", "slack": "en-GB"},
    "zh-CN": {"discord": "zh-CN", "slack": "zh-CN"},
    "ja": {"discord": "ja", "slack": "ja-JP"},
    "de": {"discord": "de", "slack": "de-DE"},
    "fr": {"discord": "fr", "slack": "fr-FR"},
    "es": {"discord": "es-ES", "slack": "es-ES"},
}
"""What the platforms call each language."""


def _in(language: str) -> Experience:
    words = catalogue(language)
    under = frozenset({words.again(), words.edit(), words.larger(None), words.delete()})
    assert (under == UNDER) is (language == "en"), under
    again_of = [part for part in words.made_of(Action.AGAIN, "fox") if isinstance(part, str) and part != "fox"]
    return Experience(
        name=f"in the language of who reads, {language}",
        point=7,
        locales=READERS[language],
        acts=(
            ask("a red fox --seed 7", words.revised_prompt, words.seeds([7]), buttons=under),
            ask("a fox --raw"),
            press(words.again(), *again_of, pictures=1, buttons=under),
            command("imagine-history", words.history_title(page=1), words.credits(1), words.credits(2)),
            press(words.delete(), *map(str, words.deleted()), private=True),
        ),
        charged=4,
        calls=3,
    )


def _described_in_each(play: Play) -> None:
    """Discord's own client shows the descriptions; what people tell each other to type is one for all."""
    assert isinstance(play.stage, DiscordStage)
    tags = {READERS[language]["discord"] for language in CATALOGUES}
    commands = [one for one in play.stage.discord.commands if one["name"] == "imagine"]
    assert len(commands) == 1
    for described in (commands[0], *commands[0]["options"]):
        assert not described.get("name_localizations"), described
        assert tags <= set(described["description_localizations"]), described


LANGUAGES = [
    *(_in(language) for language in READERS),
    Experience(
        name="commands have one name, and are described in each language",
        point=7,
        only="discord",
        acts=(then(_described_in_each),),
    ),
]
