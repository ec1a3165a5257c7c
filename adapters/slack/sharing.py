"""A private picture, shown to everybody by its person."""

from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from adapters import captions
from adapters.commands import Say
from adapters.locales import catalogue
from adapters.platform import Services
from adapters.sentences import Mention
from adapters.slack import buttons, render
from adapters.slack.convert import Press
from adapters.slack.directory import Directory
from adapters.slack.faults import faults
from adapters.slack.files import Files
from adapters.slack.replies import Replies
from adapters.slack.standing import SHARED, Standing, metadata
from bot.errors import Fault, PlatformBusy, Unreachable
from bot.model import Generation

log = structlog.get_logger()


class Shares:
    """Posts the files of a private message again, in public: Slack holds them already."""

    def __init__(
        self, *, services: Services, client: AsyncWebClient, replies: Replies, files: Files, directory: Directory
    ) -> None:
        self._actions = services.actions
        self._client = client
        self._replies = replies
        self._files = files
        self._directory = directory
        self._standing = Standing(client)

    async def share(self, press: Press) -> None:
        """Post it where it was asked for; where that fails it may be tried again."""
        sharing = await self._actions.share(press.pressed)
        if isinstance(sharing, Say):
            await self._replies.say(press.address, sharing.sentence)
            return
        of, words = sharing.generation, catalogue(press.locale)
        try:
            await self._show(press, of)
        except Fault as fault:
            log.info("not shared", generation=of.id, code=fault.code, detail=str(fault))
            await self._actions.unshare(of.id)
            await self._replies.say(press.address, words.not_shared())
            return
        except BaseException:
            await self._actions.unshare(of.id)
            raise
        await self._replies.say(press.address, words.shared_there())
        if sharing.log_channel is not None:
            await self._log(of, press.address.user_id, channel=sharing.log_channel)

    async def _show(self, press: Press, of: Generation) -> None:
        """Post it where it was asked for."""
        receipt = of.receipt
        if receipt is None or receipt.origin is None:
            raise Unreachable("nobody knows where it was asked for")
        await self._post(press, of, channel=receipt.origin, thread_ts=receipt.thread)

    async def _pictures(self, of: Generation, *, locale: str | None) -> list[dict[str, Any]]:
        """The pictures, and the model's wordings below them."""
        held, request = await self._files.held(of.id), of.request
        if not held:
            raise Unreachable("Slack holds no picture of it")
        images = [
            render.image(file_id, alt_text=captions.described(request, n, revised), title=captions.asked(of))
            for n, file_id, revised in held
        ]
        wordings = captions.wordings(request, [(n, revised) for n, _, revised in held])
        return [*images, *render.revised(wordings, locale=locale)]

    async def _post(self, press: Press, of: Generation, *, channel: str, thread_ts: str | None) -> None:
        words, pictures = catalogue(press.locale), await self._pictures(of, locale=press.locale)
        by = render.sentence(words.shared_by(Mention(press.address.user_id)))
        try:
            with faults():
                await self._client.chat_postMessage(
                    channel=channel,
                    thread_ts=thread_ts,
                    text=render.escaped(words.notification(captions.asked(of))),
                    blocks=[*pictures, render.context(by), buttons.under_shared(of, locale=press.locale)],
                    metadata=metadata(of.id, key=SHARED),
                    unfurl_links=False,
                    unfurl_media=False,
                )
        except PlatformBusy:
            # The answer may have been lost, not the message: who presses again would post it twice.
            _, found = await self._standing.find(of, channel, thread_ts=thread_ts, key=SHARED)
            if found is None:
                raise

    async def _log(self, of: Generation, user_id: str, *, channel: str) -> None:
        """Show the place's log what it did not get while that was private; the picture is shared all the same."""
        said = render.sentence(catalogue(None).shared_by(await self._directory.named(user_id)))
        try:
            with faults():
                await self._client.chat_postMessage(
                    channel=channel,
                    text=said,
                    blocks=[
                        render.section(said),
                        *await self._pictures(of, locale=None),
                        render.paragraph(captions.asked(of)),
                    ],
                    unfurl_links=False,
                    unfurl_media=False,
                )
        except Fault as fault:
            log.warning("not in the log channel", generation=of.id, channel=channel, detail=str(fault))
