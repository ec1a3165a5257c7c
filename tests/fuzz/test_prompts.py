"""Any text, through grammar, words and both platforms' markup, judged by the rules that the platforms go by.

2,000 texts in every run of the tests; `make fuzz` tries 50,000 and prints what became of them.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pytest
from deliveries import BALANCE, generation, png
from fuzz.tally import TALLY
from hostile import BIDI
from hypothesis import given, settings
from hypothesis import strategies as st
from nasty import NASTY, TYPED

from adapters import captions, text
from adapters.discord import render as discord_render
from adapters.slack import render as slack_render
from adapters.uploads import uploads
from bot.model import Delivery, DrawnPicture, ImageRequest
from bot.prompt import Invalid, parse
from sandbox.clock import VirtualClock
from sandbox.discord.limits import posted
from sandbox.discord.uploads import Post
from sandbox.discord.world import Message, User, World
from sandbox.slack.content import Content

MOST: Final = max(2000, settings.default.max_examples if settings.default is not None else 0)
PNG: Final = png(2, 2)
LIMIT_BYTES: Final = 10 * 2**20
REQUESTER: Final = "U0SBX000007"


class DiscordRules:
    """Discord's stand-in, called without a socket in between."""

    def __init__(self) -> None:
        self._world = World(clock=VirtualClock())
        self._bot = User(id=1, name="imagine", bot=True)
        for number in (1, 2, 12345678901234567):
            self._world.users[number] = User(id=number, name=f"person {number}")

    def take(self, payload: dict[str, Any], files: dict[int, tuple[str, bytes]]) -> Message:
        """The message as it is shown; an error if Discord would refuse it. No `allowed_mentions` protects anybody."""
        sent = json.loads(json.dumps(payload, ensure_ascii=False).encode())
        empty = Message(id=self._world.snowflake(), channel_id=1, author=self._bot)
        return posted(self._world, empty, Post(payload=sent, files=files), limit_bytes=LIMIT_BYTES)


def slack_takes(payload: dict[str, Any]) -> Content:
    """The message as it is shown; an error if Slack would refuse it."""
    sent = json.loads(json.dumps(payload, ensure_ascii=False).encode())
    return Content.from_payload(sent, showable=lambda reference: str(reference["id"]), max_text=40_000)


def strings(node: object) -> Iterator[str]:
    """Every text of a payload."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)


def delivered(request: ImageRequest, revised: list[str | None]) -> Delivery:
    """What the core would hand over: the last of several pictures failed."""
    drawn = max(1, request.count - 1)
    row = generation(request.prompt, count=request.count, extend=request.extend, private=request.private)
    pictures = tuple(DrawnPicture(n=n, png=PNG, seed=request.seed_of(n), revised=revised[n]) for n in range(drawn))
    return Delivery(generation=row, pictures=pictures, failed=request.count - drawn, took_ms=1, balance=BALANCE)


def check_delivery(discord: DiscordRules, delivery: Delivery) -> None:
    """Both platforms take it, nobody but Slack's requester is pinged, and nothing in it reorders text."""
    notes = captions.notes(delivery, shrunk=True, elsewhere=True, locale=None)
    files = uploads(delivery)
    embed = discord_render.embed(delivery, notes, locale="en").to_dict()
    described = [(file.n, sent) for file, sent in zip(files, discord_render.files(files), strict=True)]
    listed = [{"id": n, "filename": sent.filename, "description": sent.description} for n, sent in described]
    message = discord.take(
        {"embeds": [embed], "attachments": listed}, {file.n: (file.filename, file.data) for file in files}
    )
    assert len(message.attachments) == len(files)
    assert all(attachment.description for attachment in message.attachments)
    assert (message.mentions, message.mention_everyone) == ([], False)
    held = [(file, f"F0SBX{file.n:06}") for file in files]
    blocks = slack_render.blocks(delivery, held, notes, user_id=REQUESTER)
    content = slack_takes({"text": slack_render.notification(delivery), "blocks": blocks})
    assert content.pings == [REQUESTER]
    assert len(content.file_ids) == len(files)
    for shown in strings([dict(embed), blocks, content.text, [file.alt_text for file in files]]):
        assert not set(shown) & set(BIDI)
        assert "\x00" not in shown


def check_refusal(discord: DiscordRules, invalid: Invalid) -> None:
    """The person reads it on both platforms, and it pings nobody even where nothing forbids it."""
    sentence = text.invalid(invalid, command="/imagine", locale=None)
    message = discord.take({"content": discord_render.sentence(sentence), "allowed_mentions": {"parse": []}}, {})
    said, *code = message.content.split("```")
    assert len(code) in (0, 2)
    # In a code block nothing is a mention: the line to copy stays as it was typed.
    unguarded = discord.take({"content": said}, {})
    assert (unguarded.mentions, unguarded.mention_everyone) == ([], False)
    content = slack_takes({"text": slack_render.sentence(sentence)})
    assert content.pings == []
    for shown in (message.content, content.text):
        assert not set(shown) & set(BIDI)


def test_no_text_breaks_the_bot_or_is_refused_by_a_platform(request: pytest.FixtureRequest) -> None:
    """No exception and no rejected payload, whatever is typed and whatever the model makes of it."""
    tally = request.config.stash.setdefault(TALLY, Counter())
    discord = DiscordRules()

    @settings(max_examples=MOST, deadline=None)
    @given(
        line=NASTY,
        typed=st.just({}) | TYPED,
        revised=st.lists(st.none() | NASTY, min_size=4, max_size=4),
        extend=st.booleans(),
    )
    def try_it(line: str, typed: dict[str, str], revised: list[str | None], *, extend: bool) -> None:
        outcome = parse(line, typed=typed, extend=extend, seed=lambda: 7)
        tally[type(outcome).__name__] += 1
        if isinstance(outcome, ImageRequest):
            assert ImageRequest.from_json(outcome.to_json()) == outcome
            check_delivery(discord, delivered(outcome, revised))
        else:
            check_refusal(discord, outcome)

    try_it()
    # A strategy that makes nothing but mistakes, or none, would try half of the code.
    assert {"ImageRequest", "PromptTooLong", "EmptyPrompt", "BadValue", "UnknownFlag"} <= set(tally)
    assert tally["ImageRequest"] > tally.total() / 10
