"""What the buttons do on Slack."""

from collections.abc import Mapping
from typing import Any

from adapters.gestures import Person
from adapters.locales import catalogue
from adapters.platform import Services
from adapters.responses import Cancelled, Replaced, Say, Waiting
from adapters.slack import buttons, convert, forms, history, settings
from adapters.slack.convert import Press
from adapters.slack.data import SlackData
from adapters.slack.deletions import Deletions
from adapters.slack.home import Home
from adapters.slack.modals import Modals
from adapters.slack.replies import Replies
from adapters.slack.sharing import Shares
from bot.prompt import flags_of


class Presses:
    """Every button of ours, by its word. The ack has left: answers go through the press's own response URL."""

    def __init__(
        self,
        *,
        services: Services,
        replies: Replies,
        modals: Modals,
        home: Home,
        shares: Shares,
        deletions: Deletions,
        data: SlackData,
    ) -> None:
        self._actions = services.actions
        self._settings = services.settings
        self._replies = replies
        self._modals = modals
        self._home = home
        self._shares = shares
        self._deletions = deletions
        self._data = data

    async def press(self, body: Mapping[str, Any], command: Mapping[str, Any], person: Person) -> None:
        """Do what the button says; `command` is the press in the shape of one."""
        action = body["actions"][0]
        word, which = buttons.read(str(action.get("action_id") or ""))
        value = str((action.get("selected_option") or action).get("value") or "")
        press = Press(body=body, command=command, pressed=convert.pressed(command, person, value), which=which)
        deed = {
            buttons.AGAIN: self._again,
            buttons.LARGER: self._larger,
            buttons.EDIT: self._edit,
            buttons.DRAW: self._draw,
            buttons.DISCARD: self._discard,
            buttons.CANCEL: self._cancel,
            buttons.WAITING: self._wait,
            buttons.DELETE: self._deletions.delete,
            buttons.SHARE: self._shares.share,
            buttons.HISTORY: self._turn,
            buttons.SETTING: self._choose,
            buttons.ERASE: self._erase,
            buttons.OPEN: _nothing,
        }.get(word, self._outdated)
        await deed(press)

    async def _outdated(self, press: Press) -> None:
        await self._replies.say(press.address, catalogue(press.locale).outdated())

    async def _again(self, press: Press) -> None:
        reply = await self._actions.again(press.pressed)
        await self._replies.send(press.address, reply, locale=press.locale)

    async def _larger(self, press: Press) -> None:
        n = buttons.number(press.which)
        if n is None:
            await self._outdated(press)
            return
        reply = await self._actions.larger(press.pressed, n - 1)
        await self._replies.send(press.address, reply, locale=press.locale)

    async def _edit(self, press: Press) -> None:
        wanted = await self._actions.edit(press.pressed)
        if isinstance(wanted, Say):
            await self._replies.say(press.address, wanted.sentence)
            return
        address = press.address
        context = forms.Context(parent=wanted.parent, channel=address.channel_id, thread_ts=address.thread_ts)
        await self._modals.open(
            press.command,
            context,
            prompt=wanted.request.prompt,
            options=flags_of(wanted.request),
            locale=press.locale,
        )

    async def _draw(self, press: Press) -> None:
        reply = await self._actions.confirm(press.pressed)
        await self._replies.send(press.address, reply, locale=press.locale, instead=press.is_theirs_alone)

    async def _discard(self, press: Press) -> None:
        outcome = await self._actions.discard(press.pressed)
        if isinstance(outcome, Say):
            await self._replies.say(press.address, outcome.sentence)
        else:
            await self._replies.say(press.address, outcome.sentence, instead=press.is_theirs_alone)

    async def _cancel(self, press: Press) -> None:
        outcome = await self._actions.cancel(press.pressed)
        instead = press.is_theirs_alone and not isinstance(outcome, Say)
        told = await self._replies.say(press.address, outcome.sentence, instead=instead)
        if isinstance(outcome, Cancelled):
            await (self._actions.settle if told else self._actions.untold)(outcome.id)

    async def _wait(self, press: Press) -> None:
        outcome = await self._actions.waiting(press.pressed)
        match outcome:
            case Waiting(id=id, sentence=sentence, cancellable=cancellable):
                words = buttons.waiting(id, sentence, cancellable=cancellable, locale=press.locale)
                await self._replies.put(press.address, words, instead=press.is_theirs_alone)
            case Replaced(sentence=sentence):
                await self._replies.say(press.address, sentence, instead=press.is_theirs_alone)
            case Say(sentence=sentence):
                await self._replies.say(press.address, sentence)

    async def _turn(self, press: Press) -> None:
        number, person = buttons.number(press.pressed.target), press.pressed.person
        if number is None:
            await self._outdated(press)
        elif press.body.get("view"):
            await self._home.publish(press.address.user_id, person, page=number)
        else:
            page = await self._actions.history(person, page=number)
            if isinstance(page, Say):
                await self._replies.say(press.address, page.sentence)
            else:
                await self._replies.put(
                    press.address, history.listed(page, locale=press.locale), instead=press.is_theirs_alone
                )

    async def _erase(self, press: Press) -> None:
        await self._data.erase(press.command, press.pressed.person, instead=press.is_theirs_alone)

    async def _choose(self, press: Press) -> None:
        """A setting of one's own; the menu shows what is so now."""
        person, channel = press.pressed.person, press.pressed.channel
        view = await self._settings.choose(person, press.which, press.pressed.target, channel)
        if isinstance(view, Say):
            await self._replies.say(press.address, view.sentence)
        elif press.body.get("view"):
            await self._home.publish(press.address.user_id, person)
        else:
            words = settings.menus(view, locale=press.locale)
            await self._replies.put(press.address, words, instead=press.is_theirs_alone)


async def _nothing(_: Press) -> None:
    """The client has followed the address by itself."""
