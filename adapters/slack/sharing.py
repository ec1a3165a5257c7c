"""A private picture, shown to everybody by its person."""

from collections.abc import Sequence
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from adapters import captions
from adapters.locales import catalogue
from adapters.platform import Services
from adapters.responses import Say
from adapters.sentences import Mention
from adapters.slack import buttons, render
from adapters.slack.convert import Press
from adapters.slack.directory import Directory
from adapters.slack.faults import faults
from adapters.slack.files import Files, Held
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
            held = await self._files.held(of.id)
            await self._post(press, of, held)
        except Fault as fault:
            log.info("not shared", generation=of.id, code=fault.code, detail=str(fault))
            await self._actions.unshare(of.id)
            await self._replies.say(press.address, words.not_shared())
            return
        except BaseException:
            # Also where the bot is stopped in the middle of it.
            await self._actions.unshare(of.id)
            raise
        await self._replies.say(press.address, words.shared_there())
        if sharing.log_channel is not None:
            await self._log(of, held, press.address.user_id, channel=sharing.log_channel)

    async def _post(self, press: Press, of: Generation, held: Sequence[Held]) -> None:
        """Post it where it was asked for."""
        receipt, words = of.receipt, catalogue(press.locale)
        if receipt is None or receipt.origin is None:
            raise Unreachable("nobody knows where it was asked for")
        if not held:
            raise Unreachable("Slack holds no picture of it")
        by = render.sentence(words.shared_by(Mention(press.address.user_id)))
        shown = [picture.n for picture in held]
        try:
            with faults():
                await self._client.chat_postMessage(
                    channel=receipt.origin,
                    thread_ts=receipt.thread,
                    text=render.escaped(words.notification(captions.asked(of))),
                    blocks=[
                        *_pictures(of, held, locale=press.locale),
                        render.context(by),
                        buttons.result(of, drawn=shown, shareable=False, locale=press.locale),
                    ],
                    metadata=metadata(of.id, key=SHARED),
                    unfurl_links=False,
                    unfurl_media=False,
                )
        except PlatformBusy:
            # The answer may have been lost, not the message: who presses again would post it twice.
            _, found = await self._standing.find(of, receipt.origin, thread_ts=receipt.thread, key=SHARED)
            if found is None:
                raise

    async def _log(self, of: Generation, held: Sequence[Held], user_id: str, *, channel: str) -> None:
        """Show the place's log what it did not get while that was private; the picture is shared all the same."""
        said = render.sentence(catalogue(None).shared_by(await self._directory.named(user_id)))
        try:
            with faults():
                await self._client.chat_postMessage(
                    channel=channel,
                    text=said,
                    blocks=[
                        render.section(said),
                        *_pictures(of, held, locale=None),
                        render.paragraph(captions.asked(of)),
                    ],
                    unfurl_links=False,
                    unfurl_media=False,
                )
        except Fault as fault:
            log.warning("not in the log channel", generation=of.id, channel=channel, detail=str(fault))


def _pictures(of: Generation, held: Sequence[Held], *, locale: str | None) -> list[dict[str, Any]]:
    """The pictures, and the model's wordings below them."""
    images = [
        render.image(one.file_id, alt_text=captions.described(of.request, one.n, one.revised), title=captions.asked(of))
        for one in held
    ]
    wordings = captions.wordings(of.request, [(one.n, one.revised) for one in held])
    return [*images, *render.revised(wordings, locale=locale)]
