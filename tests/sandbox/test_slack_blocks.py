"""The block rules of the stand-in of Slack."""

import pytest
from callers import Payload, blocks_refusal
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox


def button(**facts: object) -> Payload:
    """A plain button, with or without more."""
    return {"type": "button", "text": {"type": "plain_text", "text": "Delete"}, **facts}


async def test_blocks_within_the_rules_are_taken(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """One of each kind that is looked into, and one that is not; each gets a block_id."""
    mrkdwn, plain = {"type": "mrkdwn", "text": "x" * 2000}, {"type": "plain_text", "text": "x", "emoji": True}
    blocks: list[Payload] = [
        {"type": "section", "text": mrkdwn, "accessory": button(value="1")},
        {"type": "section", "fields": [mrkdwn, plain], "block_id": "mine"},
        {"type": "header", "text": plain},
        {"type": "divider"},
        {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a", "title": plain},
        {"type": "context", "elements": [plain, {"type": "image", "image_url": "https://x/y", "alt_text": "a"}]},
        {
            "type": "actions",
            "elements": [
                button(action_id="a", style="danger"),
                {"type": "overflow", "options": [{"text": plain, "value": "x"}]},
            ],
        },
        {"type": "markdown", "text": "**x**"},
        {"type": "rich_text", "elements": []},
    ]
    await client.chat_postMessage(channel=slack.channel.id, text="x", blocks=blocks)
    [message] = slack.messages
    assert [block["type"] for block in message.blocks] == [block["type"] for block in blocks]
    assert message.blocks[1]["block_id"] == "mine"
    assert len({block["block_id"] for block in message.blocks}) == len(blocks)


async def test_a_file_may_be_named_by_its_address(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """slack_file takes url_private in place of the id."""
    await client.files_upload_v2(file=b"GIF89a", filename="a.gif")
    slack.clock.advance(1)
    [file] = slack.files
    block = {"type": "image", "slack_file": {"url": file.url_private}, "alt_text": "a"}
    await client.chat_postMessage(channel=slack.channel.id, text="x", blocks=[block])
    assert slack.messages[0].files == [file]


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        ("text", "must provide an object [json-pointer:/blocks/0]"),
        ({"block_id": "a"}, "missing required field: type [json-pointer:/blocks/0]"),
        (
            {"type": "section", "text": "x"},
            "must provide an object [json-pointer:/blocks/0/text]",
        ),
        (
            {"type": "section", "text": {"type": "mrkdwn", "text": 1}},
            "must be a string [json-pointer:/blocks/0/text/text]",
        ),
        (
            {"type": "section", "text": {"type": "mrkdwn"}},
            "missing required field: text [json-pointer:/blocks/0/text]",
        ),
        (
            {"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11},
            "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
        ),
        (
            {"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]},
            "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
        ),
        (
            {"type": "context", "elements": "x"},
            "must provide an array [json-pointer:/blocks/0/elements]",
        ),
        (
            {"type": "actions", "elements": []},
            "no less than 1 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            {"type": "actions", "elements": [{"type": "link"}]},
            "unsupported type: link [json-pointer:/blocks/0/elements/0/type]",
        ),
        (
            {"type": "actions", "elements": [button(action_id="a"), button(action_id="a")]},
            "`action_id` a already exists [json-pointer:/blocks/0/elements/1/action_id]",
        ),
        (
            {"type": "actions", "elements": [button(style="blue")]},
            "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]",
        ),
        (
            {"type": "actions", "elements": [button(value="x" * 2001)]},
            "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
        ),
        (
            {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}},
            "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
        ),
        (
            {"type": "markdown", "text": "x" * 12_001},
            "must be less than 12001 characters [json-pointer:/blocks/0/text]",
        ),
        (
            {"type": "image", "alt_text": "x" * 2001, "image_url": "https://example.com/a.png"},
            "must be less than 2001 characters [json-pointer:/blocks/0/alt_text]",
        ),
        (
            {"type": "image", "alt_text": "a", "slack_file": {"id": "fox"}},
            "must match the regex F[A-Z0-9]{8,} [json-pointer:/blocks/0/slack_file/id]",
        ),
        (
            {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}},
            "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        ),
        (
            {"type": "section", "text": {"type": "mrkdwn", "text": ""}},
            "must be more than 0 characters [json-pointer:/blocks/0/text/text]",
        ),
        ({"type": "section"}, "missing required field: text [json-pointer:/blocks/0]"),
        (
            {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
            "must be a valid enum value [json-pointer:/blocks/0/text/type]",
        ),
        (
            {"type": "context", "elements": [{"type": "plain_text", "text": "x"}] * 11},
            "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "x"}}] * 26},
            "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            {
                "type": "actions",
                "elements": [{"type": "button", "text": {"type": "plain_text", "text": "x" * 76}}],
            },
            "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
        ),
        (
            {"type": "image", "image_url": "https://example.com/a.png"},
            "missing required field: alt_text [json-pointer:/blocks/0]",
        ),
        (
            {"type": "image", "alt_text": "a"},
            "must define exactly one of image_url, slack_file [json-pointer:/blocks/0]",
        ),
        (
            {"type": "image", "alt_text": "a", "image_url": "http://example.com/a.png"},
            "must be a valid https URL [json-pointer:/blocks/0/image_url]",
        ),
        (
            {"type": "image", "alt_text": "a", "slack_file": {"id": "F0000000A", "url": "https://x"}},
            "must define exactly one of id, url [json-pointer:/blocks/0/slack_file]",
        ),
        ({"type": "divider", "colour": "red"}, "invalid additional property: colour [json-pointer:/blocks/0]"),
        (
            {"type": "divider", "block_id": "x" * 256},
            "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
        ),
        ({"type": "nonsense"}, "unsupported type: nonsense [json-pointer:/blocks/0/type]"),
    ],
)
async def test_a_bad_block_is_refused_with_the_pointer_to_its_fault(
    slack: SlackSandbox, client: AsyncWebClient, block: object, fault: str
) -> None:
    """Each rule of Block Kit, in Slack's words."""
    assert fault in await blocks_refusal(slack, client, block)


async def test_fifty_blocks_are_the_most_and_ids_are_unique(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """The 51st block, and a block_id seen before, are faults."""
    errors = await blocks_refusal(slack, client, *[{"type": "divider"}] * 51)
    assert errors == ["no more than 50 items allowed [json-pointer:/blocks]"]
    errors = await blocks_refusal(slack, client, *[{"type": "divider", "block_id": "a"}] * 2)
    assert errors == ["`block_id` a already exists [json-pointer:/blocks/1/block_id]"]
