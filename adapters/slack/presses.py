"""What the buttons do on Slack."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from adapters import captions
from adapters.actions import Pressed, Removal, Waiting, receipt_of
from adapters.commands import Person, Say
from adapters.locales import catalogue
from adapters.platform import Services
from adapters.sentences import Mention
from adapters.slack import controls, convert, form, render
from adapters.slack.admin import SlackAdmin
from adapters.slack.convert import Address
from adapters.slack.data import SlackData
from adapters.slack.faults import faults
from adapters.slack.files import Files
from adapters.slack.forms import Forms
from adapters.slack.home import Home
from adapters.slack.replies import Replies
from bot.errors import Fault, PlatformBusy, Unreachable
from bot.model import Generation, Receipt
from bot.plain import plain
from bot.prompt import flags_of

log = structlog.get_logger()

_GONE: Final = "message_not_found"
_ALT_TEXT: Final = 1000


class Presses:
    """Every button of ours, by its word. The ack has left: answers go through the press's own response URL."""

    def __init__(
        self,
        *,
        services: Services,
        client: AsyncWebClient,
        replies: Replies,
        forms: Forms,
        home: Home,
        files: Files,
        admin: SlackAdmin,
        data: SlackData,
    ) -> None:
        self._actions = services.actions
        self._settings = services.settings
        self._client = client
        self._replies = replies
        self._forms = forms
        self._home = home
        self._files = files
        self._admin = admin
        self._data = data

    async def press(self, body: Mapping[str, Any], command: Mapping[str, Any], person: Person) -> None:
        """Do what the button says; `command` is the press in the shape of one."""
        action = body["actions"][0]
        word, which = controls.read(str(action.get("action_id") or ""))
        value = str((action.get("selected_option") or action).get("value") or "")
        press = _Press(body=body, command=command, pressed=convert.pressed(command, person, value), which=which)
        deed = {
            controls.AGAIN: self._again,
            controls.LARGER: self._larger,
            controls.EDIT: self._edit,
            controls.DRAW: self._draw,
            controls.DISCARD: self._discard,
            controls.CANCEL: self._cancel,
            controls.WAITING: self._wait,
            controls.DELETE: self._delete,
            controls.SHARE: self._share,
            controls.HISTORY: self._turn,
            controls.SETTING: self._choose,
            controls.ERASE: self._erase,
            controls.OPEN: _nothing,
        }.get(word, self._outdated)
        await deed(press)

    async def _outdated(self, press: "_Press") -> None:
        await self._replies.say(press.address, catalogue(press.locale).outdated())

    async def _again(self, press: "_Press") -> None:
        reply = await self._actions.again(press.pressed)
        await self._replies.pressed(press.address, reply, locale=press.locale)

    async def _larger(self, press: "_Press") -> None:
        n = controls.number(press.which)
        if n is None:
            await self._outdated(press)
            return
        reply = await self._actions.larger(press.pressed, n - 1)
        await self._replies.pressed(press.address, reply, locale=press.locale)

    async def _edit(self, press: "_Press") -> None:
        wanted = await self._actions.edit(press.pressed)
        if isinstance(wanted, Say):
            await self._replies.say(press.address, wanted.sentence)
            return
        address = press.address
        context = form.Context(parent=wanted.parent, channel=address.channel_id, thread_ts=address.thread_ts)
        await self._forms.open(
            press.command,
            context,
            prompt=wanted.request.prompt,
            options=flags_of(wanted.request),
            locale=press.locale,
        )

    async def _draw(self, press: "_Press") -> None:
        reply = await self._actions.confirm(press.pressed)
        await self._replies.pressed(press.address, reply, locale=press.locale, instead=press.is_theirs_alone)

    async def _discard(self, press: "_Press") -> None:
        discarded = await self._actions.discard(press.pressed)
        await self._replies.say(press.address, discarded.sentence, instead=press.is_theirs_alone)

    async def _cancel(self, press: "_Press") -> None:
        outcome = await self._actions.cancel(press.pressed)
        told = await self._replies.say(press.address, outcome.sentence, instead=press.is_theirs_alone)
        if isinstance(outcome, Say):
            return
        if told:
            await self._actions.settle(outcome.id)
        else:
            await self._actions.untold(outcome.id)

    async def _wait(self, press: "_Press") -> None:
        outcome = await self._actions.waiting(press.pressed)
        match outcome:
            case Waiting(id=id, sentence=sentence, cancellable=cancellable):
                words = controls.under_way(id, sentence, cancellable=cancellable, locale=press.locale)
                await self._replies.put(press.address, words, instead=press.is_theirs_alone)
            case Say(sentence=sentence):
                await self._replies.say(press.address, sentence, instead=press.is_theirs_alone)

    async def _delete(self, press: "_Press") -> None:
        removal = await self._actions.delete(press.pressed)
        theirs = isinstance(removal, Removal)
        if not theirs:
            # Only whom it does not belong to is looked up: nobody's own picture waits for that.
            try:
                moderates = await self._admin.moderates(press.command)
            except PlatformBusy as fault:
                log.warning("nobody can be looked up", code=fault.code, detail=str(fault))
                await self._replies.say(press.address, catalogue(press.locale).cannot_look_up())
                return
            removal = await self._actions.delete(replace(press.pressed, moderates=moderates))
        if isinstance(removal, Removal):
            await self._remove(press, removal, theirs=theirs)
        else:
            await self._replies.say(press.address, removal.sentence)

    async def _remove(self, press: "_Press", removal: Removal, *, theirs: bool) -> None:
        of, here = removal.generation, press.message
        receipt = receipt_of(of)
        stands = None if receipt is None else _place(receipt)
        where = here or stands
        if where is None or not await self._take_down(*where):
            await self._replies.say(press.address, catalogue(press.locale).not_deleted())
            return
        if stands is None or where == stands:
            await self._actions.deleted(of.id)
        elif theirs:
            # A copy that they had shared: they still have theirs, and may share it again.
            await self._actions.unshare(of.id)
        await self._replies.say(press.address, removal.sentence)

    async def _take_down(self, channel: str, ts: str) -> bool:
        try:
            with faults():
                await self._client.chat_delete(channel=channel, ts=ts)
        except Fault as fault:
            log.info("not deleted", channel=channel, code=fault.code)
            return fault.code == _GONE
        return True

    async def _share(self, press: "_Press") -> None:
        sharing = await self._actions.share(press.pressed)
        if isinstance(sharing, Say):
            await self._replies.say(press.address, sharing.sentence)
            return
        of = sharing.generation
        try:
            # Everybody's words, so not in the language of whoever shares.
            await self._post_shared(of, press.address.user_id, locale=None)
        except Fault as fault:
            log.info("not shared", generation=of.id, code=fault.code, detail=str(fault))
            await self._actions.unshare(of.id)
            await self._replies.say(press.address, catalogue(press.locale).not_shared())
        except BaseException:
            await self._actions.unshare(of.id)
            raise
        else:
            await self._replies.say(press.address, catalogue(press.locale).shared_there())

    async def _post_shared(self, generation: Generation, user_id: str, *, locale: str | None) -> None:
        receipt = receipt_of(generation)
        if receipt is None or receipt.origin is None:
            raise Unreachable("nobody knows where it was asked for")
        held = await self._files.held(generation.id)
        words = catalogue(locale)
        request = generation.request
        shown = plain(request.prompt) or "…"
        pictures = [
            render.image(
                file_id, alt_text=captions.clip(captions.described(request, n, revised), _ALT_TEXT), title=shown
            )
            for n, file_id, revised in held
        ]
        if not pictures:
            raise Unreachable("Slack holds no picture of it")
        by = render.sentence(words.shared_by(Mention(user_id)))
        with faults():
            await self._client.chat_postMessage(
                channel=receipt.origin,
                text=render.escaped(words.notification(shown)),
                blocks=[*pictures, render.context(by), controls.under_shared(generation, locale=locale)],
                unfurl_links=False,
                unfurl_media=False,
            )

    async def _turn(self, press: "_Press") -> None:
        number, person = controls.number(press.pressed.target), press.pressed.person
        if number is None:
            await self._outdated(press)
        elif press.body.get("view"):
            await self._home.publish(press.address.user_id, person, page=number)
        else:
            page = await self._actions.history(person, page=number)
            if isinstance(page, Say):
                await self._replies.say(press.address, page.sentence, instead=press.is_theirs_alone)
            else:
                await self._replies.put(
                    press.address, controls.history(page, locale=press.locale), instead=press.is_theirs_alone
                )

    async def _erase(self, press: "_Press") -> None:
        await self._data.erase(press.command, press.pressed.person, instead=press.is_theirs_alone)

    async def _choose(self, press: "_Press") -> None:
        """A setting of one's own; the menu shows what is so now."""
        person, channel = press.pressed.person, press.pressed.channel
        view = await self._settings.choose(person, press.which, press.pressed.target, channel)
        if isinstance(view, Say):
            await self._replies.say(press.address, view.sentence)
        elif press.body.get("view"):
            await self._home.publish(press.address.user_id, person)
        else:
            words = controls.settings(view, locale=press.locale)
            await self._replies.put(press.address, words, instead=press.is_theirs_alone)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Press:
    """A press as Slack tells it, as a command would be told, and as the core knows it."""

    body: Mapping[str, Any]
    command: Mapping[str, Any]
    pressed: Pressed
    which: str

    @property
    def address(self) -> Address:
        return convert.address(self.command)

    @property
    def locale(self) -> str | None:
        return self.pressed.person.locale

    @property
    def is_theirs_alone(self) -> bool:
        """Whether nobody else sees the message of the button, so that another may stand in its place."""
        container = self.body.get("container") or {}
        return bool(container.get("is_ephemeral")) or str(container.get("channel_id") or "").startswith("D")

    @property
    def message(self) -> tuple[str, str] | None:
        """Channel and time stamp of the message that the button stands under, if it is one that can be deleted."""
        container = self.body.get("container") or {}
        if container.get("is_ephemeral") or "message_ts" not in container:
            return None
        return container["channel_id"], container["message_ts"]


async def _nothing(_: _Press) -> None:
    """The client has followed the address by itself."""


def _place(receipt: Receipt) -> tuple[str, str] | None:
    return None if receipt.channel is None or receipt.message is None else (receipt.channel, receipt.message)
