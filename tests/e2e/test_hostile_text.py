"""Text that wants to do more than be read: through the whole bot, judged by what people see and who is pinged."""

import re
from dataclasses import dataclass

import pytest
from e2e.conftest import Running
from hostile import BIDI, HOSTILE

from bot.plain import plain
from sandbox.dashscope import DashScopeSandbox
from sandbox.stage import DiscordStage, Ending, SlackStage, Stage


def read_on_discord(text: str) -> str:
    """What a reader sees of text without markup of ours; an AssertionError if any of it would be read as markup."""
    assert not re.search(r"(?m)^\s*(?:[-+#>]|\d+\.\s)", text), "begins a heading, a quote or a list"
    text = text.replace("@\N{ZERO WIDTH SPACE}", "@")
    for literal in re.sub(r"\\[^0-9A-Za-z\s]", "", text):
        assert literal not in "\\*_~|`[<", f"{literal} is markup"
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text)


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who looks at an ending, and knows what the platform's own markup is."""

    stage: Stage

    def words(self, ending: Ending) -> list[str]:
        """The paragraphs as they are seen, without our headings and the line of facts."""
        if isinstance(self.stage, DiscordStage):
            paragraphs = [line for line in ending.lines[0].split("\n") if line and not line.startswith("**")]
            return [read_on_discord(paragraph) for paragraph in paragraphs]
        # Pictures with a title, then what was said: all of it plain_text, where nothing is markup.
        return ending.lines[:-1]


async def test_hostile_prompts_and_their_rewrites_are_words_and_nothing_else(stage: Stage, running: Running) -> None:
    """Shown in full, as typed, on both platforms, in the caption, the rewrite and the text for screen readers."""
    async with running(quota_credits=1000):
        # One bot for all: a start for each would take most of the time.
        endings = {
            name: await (await stage.imagine(f"{prompt} --size 512x512")).ending() for name, prompt in HOSTILE.items()
        }
    for name, ending in endings.items():
        expected = plain(re.sub(r"[\x00-\x1f\x7f]", " ", HOSTILE[name]))
        words = Reader(stage).words(ending)
        asked, rewritten = reversed(words) if stage.name == "discord" else words
        assert asked == expected, name
        assert f"[sandbox rewrite] {expected.rstrip(' .')}" in rewritten, name
        [alt_text] = ending.alt_texts
        assert alt_text.startswith("[sandbox rewrite]"), name
        assert alt_text in rewritten, name
        assert len(ending.pictures) == 1, name
        assert [ping for ping in ending.pings if ping != requester(stage)] == [], name
        assert not set(ending.text) & set(BIDI), name
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", ending.text), name
    if isinstance(stage, SlackStage):
        # Slack reads markup in the text that stands for the blocks in notifications: every mention is escaped there.
        notifications = [message.text for message in stage.slack.messages if message.files]
        assert len(notifications) == len(HOSTILE)
        assert not re.search(r"[<>\x00-\x1f]", "".join(notifications))
        assert not set("".join(notifications)) & set(BIDI)


def requester(stage: Stage) -> str:
    """Slack's line of facts names who asked."""
    return stage.slack.user.id if isinstance(stage, SlackStage) else ""


@pytest.mark.parametrize(
    "value", ["<!channel>", "@everyone", "<@1>", "```", "\u202e061", "**b**", "a\u0301" + "\u0301" * 90]
)
async def test_a_mistyped_value_is_quoted_harmlessly(
    value: str, stage: Stage, dashscope: DashScopeSandbox, running: Running
) -> None:
    """A refusal repeats what was typed: to one person alone, and as words all the same."""
    async with running():
        ending = await (await stage.imagine(f"a fox --size {value}")).ending()
    assert dashscope.calls == []
    assert ending.private
    assert ending.pings == []
    assert "Nothing was charged" in ending.text
    assert not set(ending.text) & set(BIDI)
    assert "\u0301" * 6 not in ending.text
    if stage.name == "discord":
        assert f"“{plain(value)}”" in read_on_discord(ending.text)
    else:
        assert not re.search(r"[<>]", ending.text)


async def test_a_correction_to_copy_stays_in_its_fence(stage: Stage, running: Running) -> None:
    """A line that closes the code block would have the rest of it read as markup."""
    async with running():
        ending = await (await stage.imagine("a ``` fox <!channel> @everyone --sede 7 `")).ending()
    assert ending.text.count("```") == 2
    assert ending.pings == []


@pytest.mark.parametrize(
    "revised", ["\u0301" * 4000, "a" + "\u0489" * 4000, "@everyone " * 500, "\x00\n" * 2000, "`" * 5000]
)
async def test_whatever_the_model_says_fits_and_pings_nobody(
    revised: str, stage: Stage, dashscope: DashScopeSandbox, running: Running
) -> None:
    """Its words come from outside, too: no message is refused for them."""
    async with running():
        first = await (await stage.imagine("a red fox")).ending()
        content = [{"image": dashscope.links[0]}, {"text": revised}]
        body = {"output": {"choices": [{"message": {"content": content}}]}, "request_id": "r"}
        dashscope.faults.inject("POST */generation", status=200, json=body)
        ending = await (await stage.imagine("a red fox")).ending()
    assert first.pictures == ending.pictures
    assert [ping for ping in ending.pings if ping != requester(stage)] == []
    assert "\u0301" * 6 not in ending.text
    assert "\u0489" * 6 not in ending.text
