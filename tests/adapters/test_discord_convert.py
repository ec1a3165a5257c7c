"""Discord's interactions as the core's values: who pays, where the answer goes, what was typed."""

import json
from dataclasses import asdict
from typing import Any

import discord
import pytest

from adapters.discord import convert
from adapters.discord.convert import Address
from bot.model import ImageRequest
from bot.prompt import parse

GUILD, CHANNEL, USER, APPLICATION = 1001, 2002, 3003, 4004
ID = 1_234_567_890_123_456_789
PERSON = {"id": str(USER), "username": "someone", "discriminator": "0", "avatar": None}


def interaction(**changes: Any) -> discord.Interaction:
    """A command typed in a server where the app is installed, unless `changes` say otherwise."""
    payload: dict[str, Any] = {
        "id": str(ID),
        "type": 2,
        "data": {"id": "1", "name": "imagine", "type": 1},
        "application_id": str(APPLICATION),
        "token": "the-token",
        "version": 1,
        "guild_id": str(GUILD),
        "channel": {"id": str(CHANNEL), "type": 0, "name": "general", "permissions": "0", "position": 0},
        "locale": "en-GB",
        "entitlements": [],
        "authorizing_integration_owners": {"0": str(GUILD)},
        "attachment_size_limit": 10 * 2**20,
        "member": {"user": PERSON, "roles": [], "joined_at": None, "deaf": False, "mute": False, "flags": 0},
        **changes,
    }
    # The library makes interactions for clients that are signed in.
    state: Any = discord.Client(intents=discord.Intents.none())._connection  # noqa: SLF001
    state.user = discord.ClientUser(state=state, data={**PERSON, "id": str(APPLICATION)})  # type: ignore[typeddict-item]
    return discord.Interaction(data=payload, state=state)  # type: ignore[arg-type]


def in_dm() -> discord.Interaction:
    channel = {"id": str(CHANNEL), "type": 1, "recipients": [PERSON], "last_message_id": None}
    return interaction(
        guild_id=None, member=None, user=PERSON, channel=channel, authorizing_integration_owners={"0": "0"}
    )


@pytest.mark.parametrize(
    ("typed", "account", "space"),
    [
        (interaction, f"discord:{GUILD}:{USER}", f"discord:{GUILD}"),
        (
            lambda: interaction(authorizing_integration_owners={"0": str(GUILD), "1": str(USER)}),
            f"discord:{GUILD}:{USER}",
            f"discord:{GUILD}",
        ),
        (lambda: interaction(authorizing_integration_owners={"1": str(USER)}), f"discord:user:{USER}", None),
        (in_dm, f"discord:user:{USER}", None),
    ],
    ids=["a server", "a server and brought along", "brought along to a foreign server", "a direct message"],
)
def test_a_server_pays_only_where_the_app_is_installed(typed: Any, account: str, space: str | None) -> None:
    """Elsewhere the person pays for themselves, and nobody's pool is touched."""
    person = convert.person(typed())
    assert (person.account, person.space, person.locale) == (account, space, "en-GB")


def test_a_language_unknown_to_the_library_is_no_fault() -> None:
    """Discord adds languages when it likes."""
    assert convert.person(interaction(locale="tlh")).locale is not None
    assert isinstance(convert.address(interaction(locale="tlh")).locale, str)


@pytest.mark.parametrize("typed", [interaction, in_dm])
def test_an_address_comes_back_from_the_database_as_it_was(typed: Any) -> None:
    """All that a courier needs is plain JSON."""
    address = convert.address(typed())
    assert Address.from_json(json.loads(json.dumps(asdict(address)))) == address
    assert (address.token, address.application_id, address.user_id) == ("the-token", APPLICATION, USER)
    assert address.channel_id == CHANNEL
    assert address.max_file_bytes == 10 * 2**20


def test_asked_is_known_by_its_interaction() -> None:
    """The same interaction delivered twice is the same generation, whatever is typed."""
    asked = convert.asked(interaction(), "a red fox")
    assert asked.id == f"discord:{ID}"
    assert asked.address == asdict(convert.address(interaction()))
    assert asked.typed == {}
    assert (asked.line, asked.command, asked.private_by_dm) == ("a red fox", "/imagine", False)


def request(line: str, **options: str | int | bool | None) -> ImageRequest:
    """What the grammar makes of a line and the options that were filled in."""
    asked = convert.asked(interaction(), line, **options)
    parsed = parse(asked.line, typed=asked.typed, extend=True, seed=lambda: 7)
    assert isinstance(parsed, ImageRequest)
    return parsed


def test_options_mean_what_their_flags_mean() -> None:
    """A field for each flag, and the same request."""
    by_field = request("a red fox", ar="16:9", size="large", seed=0, n=2, private=True, extend=False)
    assert by_field == request("a red fox --ar 16:9 --size large --seed 0 --n 2 --private --raw")


def test_options_left_alone_leave_the_line_alone() -> None:
    """None is not an answer."""
    by_field = request("a red fox --raw --n 2", ar=None, size=None, seed=None, n=None, private=None, extend=None)
    assert by_field == request("a red fox --raw --n 2")


def test_an_option_wins_over_the_line() -> None:
    """Whoever fills in a field means it."""
    assert request("a red fox --raw", extend=True).extend
    assert not request("a red fox --extend", extend=False).extend
    assert request("a red fox --n 2", n=3).count == 3


def test_private_false_does_not_make_a_private_line_public() -> None:
    """In doubt, a picture stays private."""
    assert request("a red fox --private", private=False).private


SAID: dict[str, Any] = {
    "content": "",
    "type": 0,
    "timestamp": "2026-01-01T00:00:00+00:00",
    "edited_timestamp": None,
    "mentions": [],
    "mention_roles": [],
    "mention_everyone": False,
    "pinned": False,
    "tts": False,
    "embeds": [],
    "attachments": [],
}


def message(*, bot: bool = False, **changes: Any) -> discord.Message:
    """A message as its menu hands it over."""
    typed = interaction()
    payload = {**SAID, "id": "5", "channel_id": str(CHANNEL), "author": {**PERSON, "bot": bot}, **changes}
    return discord.Message(state=typed._state, channel=typed.channel, data=payload)  # type: ignore[arg-type] # noqa: SLF001


EMBED = {"type": "rich", "title": "A fox", "description": "in the <:snow:12345>"}
FILE = {"id": "6", "filename": "fox.png", "size": 1, "url": "", "proxy_url": "", "description": "a fox in fog"}
MENTIONED = {"content": f"<@{ID}>", "mentions": [{**PERSON, "id": str(ID)}]}


@pytest.mark.parametrize(
    ("said", "prompt"),
    [
        (message(content="a red <a:fox:7>", embeds=[EMBED], attachments=[FILE]), "a red fox"),
        (message(embeds=[EMBED], attachments=[FILE]), "A fox\nin the snow"),
        (message(embeds=[{"type": "image"}], attachments=[FILE]), "a fox in fog"),
        (message(bot=True, **MENTIONED, embeds=[EMBED], attachments=[FILE]), "a fox in fog"),
        (message(bot=True, embeds=[EMBED]), "A fox\nin the snow"),
        (message(bot=True, **MENTIONED, embeds=[EMBED]), "@someone"),
        (message(message_snapshots=[{"message": {**SAID, "content": "forwarded"}}]), "forwarded"),
        (message(), ""),
    ],
    ids=[
        "text",
        "an embed",
        "a picture",
        "the bot's picture",
        "a bot's embed",
        "a bot's words",
        "forwarded",
        "nothing",
    ],
)
def test_a_message_is_a_prompt_by_what_it_says_or_shows(said: discord.Message, prompt: str) -> None:
    """Its words; where it has none, those of its embed, or what its picture shows."""
    assert convert.text_of(said) == prompt
