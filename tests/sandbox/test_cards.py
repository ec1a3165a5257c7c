"""The pictures in README: what is in a payload is drawn, and nothing in it is taken for HTML."""

import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sandbox.cards import discord, markup, slack
from sandbox.cards.album import Album
from sandbox.discord import Message, User

EVIL = '<script>alert(1)</script> & "quotes"'
BOT = User(id=1, name="imagine", bot=True)


def said(content: str = "", **parts: object) -> Message:
    return Message(id=1, channel_id=2, author=BOT, content=content, **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (EVIL, "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quotes&quot;"),
        ("**<b>**", "<b>&lt;b&gt;</b>"),
        (r"1\. \*plain\*", "1. *plain*"),
        ("[a <i>fox</i>](<https://discord.com/channels/1/2/3>)", "<u>a &lt;i&gt;fox&lt;/i&gt;</u>"),
        ("<@7> and <@8>", "<b class=person>@&lt;ann&gt;</b> and <b class=person>@8</b>"),
        ("```<x>```", "<code>&lt;x&gt;</code>"),
        ("<t:1900000000:R>", "<i>2030-03-17 17:46 UTC</i>"),
    ],
)
def test_discords_markdown_is_shown_and_the_rest_escaped(text: str, shown: str) -> None:
    """Also inside bold, links and names."""
    assert markup.discord(text, {"7": "<ann>"}) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("&lt;script&gt; &amp;amp;", "&lt;script&gt; &amp;amp;"),
        ("<script>", "&lt;script&gt;"),
        ("<https://x.example/1|a &lt;i&gt; fox>", "<u>a &lt;i&gt; fox</u>"),
        ("*bold &lt;b&gt;*", "<b>bold &lt;b&gt;</b>"),
        ("<!date^19^{date}|&lt;noon&gt;>", "<i>&lt;noon&gt;</i>"),
    ],
)
def test_slacks_mrkdwn_is_shown_and_the_rest_escaped(text: str, shown: str) -> None:
    """An entity is the character that it stands for, once."""
    assert markup.slack(text, {}) == shown


def test_nothing_of_a_discord_message_is_html() -> None:
    """Words, embeds and labels; what is there is drawn."""
    button = {"type": 2, "style": 2, "label": EVIL, "custom_id": "x"}
    embed = {"description": EVIL, "footer": {"text": EVIL}}
    drawn = discord.message(said(EVIL, embeds=[embed], components=[{"type": 1, "components": [button]}]), {})
    assert drawn.count("&lt;script&gt;") == 4
    assert "<script" not in drawn


def test_nothing_of_slacks_blocks_is_html() -> None:
    """Each kind of block that the bot sends; one that cannot be drawn is not left out in silence."""
    plain = {"type": "plain_text", "text": EVIL}
    option = {"text": plain, "value": "x"}
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": plain},
        {"type": "section", "text": plain, "accessory": {"type": "static_select", "initial_option": option}},
        {"type": "context", "elements": [plain]},
        {"type": "actions", "elements": [{"type": "button", "text": plain}]},
        {"type": "input", "label": plain, "element": {"type": "plain_text_input", "initial_value": EVIL}},
        {"type": "input", "label": plain, "element": {"type": "checkboxes", "options": [option]}},
    ]
    drawn = slack.blocks(blocks, (), {})
    assert drawn.count("&lt;script&gt;") == 9
    assert "<script" not in drawn
    with pytest.raises(KeyError):
        slack.blocks([{"type": "video"}], (), {})


def test_an_alt_text_cannot_end_its_attribute() -> None:
    """It holds people's words."""
    assert 'alt="&quot; onload=&quot;x"' in markup.picture(b"", '" onload="x')


BROWSER = """#!/usr/bin/env python3
import pathlib, sys, urllib.parse
from PIL import Image
assert pathlib.Path(urllib.parse.urlparse(sys.argv[-1]).path).read_text().startswith("<!doctype html>")
shot = Image.new("RGB", (900, 600), "white")
shot.paste("black", (100, 100, 300, 200))
shot.save(next(word for word in sys.argv if word.startswith("--screenshot=")).partition("=")[2])
"""


async def test_pages_become_pictures_where_there_is_a_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cropped to what is drawn, in the folder as it was typed; without a browser the pages stay."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    album = Album()
    album.keep(said("hello"), {})
    page, other = await album.save(Path("cards"))
    assert (page.name, other.name) == ("buttons-discord.html", "buttons-slack.html")
    (browser := tmp_path / "bin" / "chromium").parent.mkdir()
    browser.write_text(BROWSER.replace("/usr/bin/env python3", sys.executable))
    browser.chmod(0o755)
    kept = await album.save(Path("cards"))
    assert not page.exists()
    assert kept == [Path("cards/buttons-discord.png"), Path("cards/buttons-slack.png")]
    with Image.open(kept[0]) as picture:
        assert picture.size == (332, 232)
