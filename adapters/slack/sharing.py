"""A private picture, shown to everybody by its person."""

from typing import Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from adapters import captions
from adapters.actions import Actions, receipt_of
from adapters.commands import Say
from adapters.locales import catalogue
from adapters.sentences import Mention
from adapters.slack import controls, render
from adapters.slack.convert import Press
from adapters.slack.faults import faults
from adapters.slack.files import Files
from adapters.slack.replies import Replies
from adapters.slack.standing import SHARED, Standing, metadata
from bot.errors import Fault, PlatformBusy, Unreachable
from bot.model import Generation
from bot.plain import plain

log = structlog.get_logger()

_ALT_TEXT: Final = 1000


class Shares:
    """Posts the files of a private message again, in public: Slack holds them already."""

    def __init__(self, *, actions: Actions, client: AsyncWebClient, replies: Replies, files: Files) -> None:
        self._actions = actions
        self._client = client
        self._replies = replies
        self._files = files
        self._standing = Standing(client)

    async def share(self, press: Press) -> None:
        """Post it where it was asked for; where that fails it may be tried again."""
        sharing = await self._actions.share(press.pressed)
        if isinstance(sharing, Say):
            await self._replies.say(press.address, sharing.sentence)
            return
        of = sharing.generation
        try:
            await self._post(of, press.address.user_id, locale=press.locale)
        except Fault as fault:
            log.info("not shared", generation=of.id, code=fault.code, detail=str(fault))
            await self._actions.unshare(of.id)
            await self._replies.say(press.address, catalogue(press.locale).not_shared())
        except BaseException:
            await self._actions.unshare(of.id)
            raise
        else:
            await self._replies.say(press.address, catalogue(press.locale).shared_there())

    async def _post(self, generation: Generation, user_id: str, *, locale: str | None) -> None:
        receipt = receipt_of(generation)
        if receipt is None or receipt.origin is None:
            raise Unreachable("nobody knows where it was asked for")
        held = await self._files.held(generation.id)
        words, request = catalogue(locale), generation.request
        shown = plain(request.prompt) or "…"
        pictures = [
            render.image(
                file_id, alt_text=captions.clip(captions.described(request, n, revised), _ALT_TEXT), title=shown
            )
            for n, file_id, revised in held
        ]
        if not pictures:
            raise Unreachable("Slack holds no picture of it")
        wordings = captions.wordings(request, [(n, revised) for n, _, revised in held])
        by = render.sentence(words.shared_by(Mention(user_id)))
        try:
            with faults():
                await self._client.chat_postMessage(
                    channel=receipt.origin,
                    thread_ts=receipt.thread,
                    text=render.escaped(words.notification(shown)),
                    blocks=[
                        *pictures,
                        *render.revised(wordings, locale=locale),
                        render.context(by),
                        controls.under_shared(generation, locale=locale),
                    ],
                    metadata=metadata(generation.id, key=SHARED),
                    unfurl_links=False,
                    unfurl_media=False,
                )
        except PlatformBusy:
            # The answer may have been lost, not the message: who presses again would post it twice.
            _, found = await self._standing.find(generation, receipt.origin, thread_ts=receipt.thread, key=SHARED)
            if found is None:
                raise
