"""Buttons, lists and menus: Slack takes each, and each says what it does."""

from dataclasses import replace
from typing import Any

import pytest
from deliveries import generation
from hypothesis import given
from hypothesis import strategies as st

from adapters.responses import Confirm, Page
from adapters.settings import SettingsView
from adapters.slack import buttons, history, settings
from adapters.slack.convert import Address
from adapters.slack.readable import mentioned, readable, written
from adapters.slack.whispers import Payload
from bot.defaults import Defaults
from bot.model import Generation, GenerationId, Receipt, Result, Size
from bot.sizes import Tier
from sandbox.slack.blocks import BlockCheck
from sandbox.slack.mentions import pings

ID = GenerationId("slack:T1:1")
CHANNEL, INBOX = "C1", "D1"


def checked(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The elements that can be pressed; an AssertionError if Slack would not take the blocks."""
    check = BlockCheck(blocks, showable=lambda _: None)
    assert check.errors == []
    return [
        one
        for block in blocks
        for one in (*block.get("elements", ()), block.get("accessory", {}))
        if "action_id" in one
    ]


def labels(blocks: list[dict[str, Any]]) -> list[str]:
    return [one["text"]["text"] for one in checked(blocks)]


def sized(of: Generation, size: Size) -> Generation:
    return replace(of, request=replace(of.request, size=size))


@pytest.mark.parametrize(
    ("of", "drawn", "origin", "expected"),
    [
        (generation(), [0], CHANNEL, ["Again", "Edit", "Larger", "Delete"]),
        (generation(count=3), [0, 2], CHANNEL, ["Again", "Edit", "Larger 1", "Larger 2", "Delete"]),
        (generation(count=3), [2], CHANNEL, ["Again", "Edit", "Larger", "Delete"]),
        (sized(generation(), Size(1536, 1536)), [0], CHANNEL, ["Again", "Edit", "Delete"]),
        (generation(private=True), [0], CHANNEL, ["Again", "Edit", "Larger", "Share", "Delete"]),
        (generation(private=True), [0], INBOX, ["Again", "Edit", "Larger", "Delete"]),
        (generation(private=True), [0], "U1", ["Again", "Edit", "Larger", "Delete"]),
        (replace(generation(private=True), shared_ms=1), [0], CHANNEL, ["Again", "Edit", "Larger", "Delete"]),
    ],
)
def test_a_result_has_the_buttons_that_do_something(
    of: Generation, drawn: list[int], origin: str, expected: list[str]
) -> None:
    """Each carries the id alone, under a name that nothing else in its row has."""
    shareable = Address(team_id="T1", channel_id=origin, user_id="U1").is_channel
    row = buttons.result(of, drawn=drawn, shareable=shareable, locale=None)
    assert labels([row]) == expected
    assert {one["value"] for one in row["elements"]} == {of.id}


def page(number: int, *, more: bool, prompt: str = "a red fox") -> Page:
    receipt = Receipt(channel="C1", message="1.2", link="https://t.example/archives/C1/p12", origin="C1")
    entry = replace(generation(prompt), result=Result(pictures=1, failed=0, took_ms=1, receipt=receipt))
    return Page(entries=(entry, replace(entry, result=None)), number=number, more=more)


@pytest.mark.parametrize(
    ("number", "more", "expected"),
    [(1, False, []), (1, True, ["Older"]), (2, True, ["Newer", "Older"]), (3, False, ["Newer"])],
)
def test_a_page_of_the_history_can_be_turned(number: int, *, more: bool, expected: list[str]) -> None:
    """What has no link has no button that opens it; numbers go on from page to page."""
    first = (number - 1) * 4 + 1
    entries = [f"Again {first}", f"Edit {first}", f"Open {first}", f"Again {first + 1}", f"Edit {first + 1}"]
    assert labels(history.listed(page(number, more=more), locale=None)["blocks"]) == entries + expected


@given(words=st.text(max_size=800))
def test_any_prompt_can_stand_in_a_list(words: str) -> None:
    """And pings nobody."""
    shown = history.listed(page(1, more=True, prompt=words), locale=None)
    checked(shown["blocks"])
    assert pings("", shown["blocks"]) == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (buttons.waiting(ID, ("Drawing …",), cancellable=True, locale=None), ["Cancel", "How long?"]),
        (buttons.waiting(ID, ("Drawing …",), cancellable=False, locale=None), ["How long?"]),
        (buttons.draft(Confirm(id=ID, sentence=("Draw them?",)), locale=None), ["Draw", "Discard"]),
        (buttons.erasing(("Erase?",), locale=None), ["Erase my data"]),
    ],
)
def test_what_is_for_one_person_has_text_as_well(words: Payload, expected: list[str]) -> None:
    """Screen readers and notifications do not look into blocks."""
    assert labels(words["blocks"]) == expected
    assert words["text"]


def test_every_setting_has_a_menu_that_shows_what_is_so() -> None:
    """With its default among the choices, and its name beside it."""
    own = Defaults(ratio="16:9", size=Tier.LARGE, extend=False)
    view = SettingsView(own=own, channel=Defaults(), sentence=("Your settings:",))
    menus = checked(settings.menus(view, locale=None)["blocks"])
    chosen = {menu["action_id"]: menu["initial_option"]["value"] for menu in menus}
    assert chosen == {
        "setting_aspect": "16:9",
        "setting_size": "large",
        "setting_images": "default",
        "setting_extend": "off",
        "setting_private": "default",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1", 1), ("12", 12), ("0", None), ("", None), ("x", None), ("-1", None), ("٣", None), ("1234567", None)],
)
def test_numbers_of_buttons_are_read_strictly(text: str, expected: int | None) -> None:
    """An older version, or nobody at all, may have written them."""
    assert buttons.number(text) == expected


MRKDWN, PLAIN = {"type": "mrkdwn", "text": "a *red* &lt;fox&gt;"}, {"type": "plain_text", "text": "in <snow>"}
RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "a <red> fox for "},
                {"type": "user", "user_id": "U1"},
                {"type": "emoji", "name": "fox_face"},
            ],
        },
        {
            "type": "rich_text_list",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "link", "url": "https://a.example/?x&y"}]},
                {"type": "rich_text_section", "elements": [{"type": "broadcast", "range": "here"}]},
            ],
        },
    ],
}


@pytest.mark.parametrize(
    ("message", "seen"),
    [
        ({"text": "a fox", "blocks": [{"type": "section", "text": PLAIN}]}, "a fox"),
        (
            {"text": "", "blocks": [{"type": "header", "text": PLAIN}, {"type": "section", "fields": [MRKDWN, PLAIN]}]},
            "in <snow>\na *red* <fox>\nin <snow>",
        ),
        (
            {
                "blocks": [
                    {"type": "context", "elements": [MRKDWN, {"type": "image", "alt_text": "a logo"}]},
                    {"type": "divider"},
                    {"type": "actions", "elements": [{"type": "button", "text": PLAIN}]},
                ]
            },
            "a *red* <fox>",
        ),
        ({"blocks": [{"type": "image", "alt_text": "a fox & a hen"}]}, "a fox & a hen"),
        ({"blocks": [{"type": "image", "alt_text": "x", "title": PLAIN}]}, "in <snow>"),
        ({"blocks": [{"type": "markdown", "text": "a fox"}, {"type": "video"}]}, "a fox"),
        ({"blocks": [RICH]}, "a <red> fox for @Ann\nhttps://a.example/?x&y\n@here"),
        ({"text": "", "attachments": [{"pretext": "look", "text": "a red fox", "fallback": "x"}]}, "look\na red fox"),
        ({"attachments": [{"blocks": [{"type": "section", "text": MRKDWN}]}, {"fallback": "in snow"}]},
         "a *red* <fox>\nin snow"),
        ({"blocks": None, "attachments": None}, ""),
        ({}, ""),
    ],
)  # fmt: skip
def test_a_message_without_text_of_its_own_is_read_as_it_is_shown(message: dict[str, Any], seen: str) -> None:
    """Apps, and whoever forwards, may write into blocks and attachments alone."""
    assert readable(written(message), {"U1": "Ann"}) == seen


@pytest.mark.parametrize(
    ("kept", "seen"),
    [
        ("a &lt;red&gt; fox &amp; friends", "a <red> fox & friends"),
        ("for <@U1> and <@U2> and <@U3|cy>", "for @Ann and @U2 and @cy"),
        ("in <#C1|general> or <#C2>", "in #general or #C2"),
        ("see <https://a.example/?x=1&amp;y=2> or <https://a.example|this>", "see https://a.example/?x=1&y=2 or this"),
        ("<!here> <!subteam^S1|@artists> <!date^1^{date}|today>", "@here @artists today"),
    ],
)
def test_a_message_is_read_as_its_readers_see_it(kept: str, seen: str) -> None:
    """Names where they are known, links as they are shown."""
    assert readable(kept, {"U1": "Ann"}) == seen
    assert mentioned("<@U1> <@U3|cy> <@U1>") == ["U1"]
