"""Files in the stand-in of Slack: uploaded, awaited, shown and deleted through slack-sdk."""

import aiohttp
import pytest
from callers import blocks_refusal, picture_blocks, png, refusal, uploaded
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox


async def test_a_picture_is_uploaded_awaited_and_posted_with_a_button(
    slack: SlackSandbox, client: AsyncWebClient
) -> None:
    """files_upload_v2, files.info until there is a type, then one message that shows the file."""
    file = await uploaded(slack, client, is_ready=False)
    assert (await client.files_info(file=file.id))["file"]["mimetype"] == ""
    slack.clock.advance(1)
    assert (await client.files_info(file=file.id))["file"]["mimetype"] == "image/png"
    posted = await client.chat_postMessage(
        channel=slack.channel.id,
        text="a red fox",
        blocks=picture_blocks(file.id),
        metadata={"event_type": "generation", "event_payload": {"id": "1"}},
    )
    message = await slack.wait_for_message(slack.channel)
    assert (message.ts, message.files, message.user) == (posted["ts"], [file], slack.bot_user_id)
    assert message.metadata == {"event_type": "generation", "event_payload": {"id": "1"}}
    assert (file.data, file.name, file.shares) == (png(), "fox.png", {})


@pytest.mark.parametrize(("name", "data"), [("fox.webp", b"RIFF\0\0\0\0WEBPVP8 "), ("fox.png", b"no picture")])
async def test_a_file_that_is_no_picture_cannot_be_shown(
    slack: SlackSandbox, client: AsyncWebClient, name: str, data: bytes
) -> None:
    """Only PNG, JPEG and GIF go into an image block, whatever the name says."""
    await client.files_upload_v2(file=data, filename=name)
    slack.clock.advance(1)
    errors = await blocks_refusal(slack, client, *picture_blocks(slack.files[0].id))
    assert errors == ["invalid slack file [json-pointer:/blocks/0/slack_file]"]


async def test_a_file_that_is_not_ready_or_not_the_bots_cannot_be_shown(
    slack: SlackSandbox, client: AsyncWebClient
) -> None:
    """Too early, and uploaded by somebody else, are the same invalid_blocks."""
    early = await uploaded(slack, client, is_ready=False)
    foreign = slack.add_file("cat.png", png())
    for file in (early, foreign):
        errors = await blocks_refusal(slack, client, *picture_blocks(file.id))
        assert errors == ["invalid slack file [json-pointer:/blocks/0/slack_file]"]


async def test_an_edit_cannot_bring_a_picture_in(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """chat.update answers ok, but people see a placeholder: the file does not show."""
    file = await uploaded(slack, client)
    posted = await client.chat_postMessage(channel=slack.channel.id, text="Drawing")
    await client.chat_update(channel=slack.channel.id, ts=posted["ts"], text="a fox", blocks=picture_blocks(file.id))
    [message] = slack.messages
    assert (message.text, message.is_edited, message.files) == ("a fox", True, [])


async def test_an_upload_must_have_the_announced_length(client: AsyncWebClient, session: aiohttp.ClientSession) -> None:
    """The upload address refuses other lengths, and completing without bytes is file_not_found."""
    ticket = await client.files_getUploadURLExternal(filename="fox.png", length=5)
    async with session.post(ticket["upload_url"], data=b"1234") as response:
        assert response.status == 400
    answer = await refusal(client.files_completeUploadExternal(files=[{"id": ticket["file_id"]}]))
    assert answer["error"] == "file_not_found"


async def test_a_share_needs_membership_and_is_lost_with_an_alt_txt(
    slack: SlackSandbox, client: AsyncWebClient
) -> None:
    """completeUploadExternal with a channel posts the file; with alt_txt Slack drops the share silently."""
    strange = slack.add_channel("strange", bot_is_member=False)
    answer = await refusal(client.files_upload_v2(file=png(), filename="a.png", channel=strange.id))
    assert answer["error"] == "not_in_channel"
    await client.files_upload_v2(file=png(), filename="b.png", channel=slack.channel.id, alt_txt="b")
    assert slack.messages == []
    await client.files_upload_v2(file=png(), filename="c.png", channel=slack.channel.id)
    slack.clock.advance(1)
    [message] = slack.messages
    shares = (await client.files_info(file=slack.files[-1].id))["file"]["shares"]
    assert shares == {"public": {slack.channel.id: [{"ts": message.ts}]}}


async def test_a_files_bytes_are_served_to_the_bot_alone_until_it_is_deleted(
    slack: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    """url_private asks for the token; files.delete takes the file out of its messages too."""
    file = await uploaded(slack, client)
    await client.chat_postMessage(channel=slack.channel.id, text="a", blocks=picture_blocks(file.id))
    bearer = {"Authorization": f"Bearer {slack.bot_token}"}
    async with session.get(file.url_private, headers=bearer) as response:
        assert (await response.read(), response.content_type) == (png(), "image/png")
    async with session.get(file.url_private, allow_redirects=False) as response:
        assert response.status == 302
    await client.files_delete(file=file.id)
    assert (await refusal(client.files_info(file=file.id)))["error"] == "file_not_found"
    assert slack.messages[0].files == []
