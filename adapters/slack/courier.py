"""Delivering to Slack from the stored address alone."""

from collections.abc import Sequence
from typing import Final

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters import captions, text
from adapters.slack import buttons, render
from adapters.slack.convert import Address
from adapters.slack.directory import Directory
from adapters.slack.faults import faults, may_stand
from adapters.slack.files import Files
from adapters.slack.standing import LOGGED, Standing, metadata
from adapters.slack.whispers import Whispers
from adapters.uploads import Upload, smaller, uploads
from bot.errors import Fault, PictureTooLarge, Unreachable
from bot.model import Delivery, Generation, Outlook, Reason, Receipt

log = structlog.get_logger()

_INVITE: Final = "/invite @imagine"


class SlackCourier:
    """Uploads, waits until the file may be shown, then posts ONE new message.

    A private picture, and one for a channel where the bot may not post, goes to the person's direct messages.
    `client` has no retry handlers: a post whose answer was lost must be looked up, not sent again.
    """

    def __init__(self, *, client: AsyncWebClient, files: Files, whispers: Whispers, directory: Directory) -> None:
        self._client = client
        self._files = files
        self._whispers = whispers
        self._directory = directory
        self._standing = Standing(client)
        self._in_doubt: set[str] = set()

    async def deliver(self, delivery: Delivery) -> Receipt:
        generation = delivery.generation
        address = Address.from_json(generation.address)
        if generation.attempt > 1 or generation.id in self._in_doubt:
            posted = await self._posted(generation, address)
            if posted is not None:
                self._in_doubt.discard(generation.id)
                return posted
        drawn = uploads(delivery)
        shrunk = False
        try:
            held = await self._files.upload(generation, drawn)
        except PictureTooLarge:
            # A workspace may set a limit of its own. WebP cannot be shown in an image block.
            drawn, shrunk = await smaller(drawn, kind="JPEG"), True
            held = await self._files.upload(generation, drawn)
        files = list(zip(drawn, held, strict=True))
        if not generation.request.private:
            try:
                return await self._post(delivery, address, address.channel_id, files, shrunk=shrunk)
            except Unreachable as closed:
                log.info("channel is closed", generation=generation.id, code=closed.code)
        receipt = await self._post(delivery, address, address.user_id, files, shrunk=shrunk)
        if not generation.request.private:
            await self._say_how_to_invite(address)
        return receipt

    async def progress(self, generation: Generation, outlook: Outlook | None) -> None:
        """Nothing: the answer to the command is the progress line, and is renewed when its own button is pressed."""

    async def log(self, delivery: Delivery) -> None:
        generation, channel = delivery.generation, delivery.log_channel
        if channel is None:
            return
        address = Address.from_json(generation.address)
        if generation.attempt > 1 and (await self._standing.find(generation, channel, key=LOGGED))[1] is not None:
            return
        said = render.sentence(text.logged(delivery, await self._directory.named(address.user_id), locale=None))
        blocks = [render.section(said)]
        if not generation.request.private:
            # They are Slack's already: what was uploaded is noted, and not uploaded again.
            drawn = uploads(delivery)
            files = list(zip(drawn, await self._files.upload(generation, drawn), strict=True))
            notes = [captions.asked(generation)]
            blocks += render.blocks(delivery, files, notes, user_id=None)
        with faults():
            await self._client.chat_postMessage(
                channel=channel,
                text=said,
                blocks=blocks,
                metadata=metadata(generation.id, key=LOGGED),
                unfurl_links=False,
                unfurl_media=False,
            )

    async def tell(self, generation: Generation, reason: Reason) -> None:
        self._in_doubt.discard(generation.id)
        address = Address.from_json(generation.address)
        sentence = text.ended(generation, reason, locale=await self._directory.known_locale(address.user_id))
        await self._whispers.say(address, {"text": render.sentence(sentence)}, metadata=metadata(generation.id))

    async def _say_how_to_invite(self, address: Address) -> None:
        try:
            # Nobody can invite a bot into the direct messages of two people.
            command = None if address.channel_id.startswith("D") else _INVITE
            locale = await self._directory.known_locale(address.user_id)
            await self._whispers.here(address, {"text": render.sentence(text.invite(command, locale=locale))})
        except Fault as fault:
            # The picture is delivered: a lost hint must not deliver it twice.
            log.info("hint was lost", detail=str(fault))

    async def _post(
        self,
        delivery: Delivery,
        address: Address,
        channel: str,
        files: Sequence[tuple[Upload, str]],
        *,
        shrunk: bool,
    ) -> Receipt:
        generation = delivery.generation
        elsewhere = channel != address.channel_id and not generation.request.private
        locale = await self._directory.known_locale(address.user_id)
        notes = captions.notes(delivery, shrunk=shrunk, elsewhere=elsewhere, locale=locale)
        self._in_doubt.add(generation.id)
        with faults():
            try:
                posted = await self._client.chat_postMessage(
                    channel=channel,
                    text=render.notification(delivery, locale=locale),
                    blocks=[
                        *render.blocks(delivery, files, notes, user_id=address.user_id, locale=locale),
                        buttons.result(
                            generation,
                            drawn=[picture.n for picture in delivery.pictures],
                            shareable=address.is_channel,
                            locale=locale,
                        ),
                    ],
                    thread_ts=address.thread_ts if channel == address.channel_id else None,
                    metadata=metadata(generation.id),
                    unfurl_links=False,
                    unfurl_media=False,
                )
            except SlackApiError as error:
                if not may_stand(error):
                    self._in_doubt.discard(generation.id)
                raise
        self._in_doubt.discard(generation.id)
        return self._receipt(address, posted["channel"], posted["ts"])

    async def _posted(self, generation: Generation, address: Address) -> Receipt | None:
        """Where the message of a lost answer stands, as far as the app may look."""
        if not generation.request.private:
            looked, found = await self._standing.find(generation, address.channel_id, thread_ts=address.thread_ts)
            if looked:
                return None if found is None else self._receipt(address, *found)
        _, found = await self._standing.find(generation, address.user_id)
        if found is None and await self._files.shared(generation):
            return self._receipt(address, None, None)
        return None if found is None else self._receipt(address, *found)

    def _receipt(self, address: Address, channel: str | None, ts: str | None) -> Receipt:
        thread_ts = address.thread_ts if channel == address.channel_id else None
        return Receipt(
            channel=channel,
            message=ts,
            link=permalink(self._directory.site, channel, ts, thread_ts=thread_ts),
            origin=address.channel_id,
            thread=address.thread_ts,
        )


def permalink(site: str | None, channel: str | None, ts: str | None, *, thread_ts: str | None) -> str | None:
    """What `chat.getPermalink` would answer, without asking: no delivery should wait for that, or fail by it."""
    if site is None or channel is None or ts is None:
        return None
    link = f"{site.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"
    return link if thread_ts is None else f"{link}?thread_ts={thread_ts}&cid={channel}"
