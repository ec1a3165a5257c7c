"""Slack on a loopback port: the workspace, its doors, and the hands that type into it."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

from aiohttp import web

from sandbox.clock import VirtualClock
from sandbox.server import LoopbackServer
from sandbox.slack.chat import ChatMethods
from sandbox.slack.deliveries import Delivery
from sandbox.slack.errors import ApiError
from sandbox.slack.files import FileMethods
from sandbox.slack.gestures import Gestures
from sandbox.slack.inputs import Choice
from sandbox.slack.methods import DEFAULT_SCOPES
from sandbox.slack.people import PeopleMethods
from sandbox.slack.request_url import RequestUrl
from sandbox.slack.response_urls import ResponseUrls
from sandbox.slack.socket_mode import SocketMode
from sandbox.slack.triggers import Triggers
from sandbox.slack.views import View, Views
from sandbox.slack.web_api import Call, WebApi
from sandbox.slack.world import Channel, File, Group, Message, User, World

_LOOK_EVERY_S = 0.02


class SlackSandbox(LoopbackServer):
    """One workspace with one app installed; `scopes` are what the app was granted.

    `escaping` are the commands whose manifest says `should_escape`: their text names people by link.
    `file_ready_after_s` is how long, on the clock, an upload stays without a type and cannot be shown.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        bot_token: str = "xoxb-sandbox",  # noqa: S107 -- opens nothing but this stand-in
        app_token: str = "xapp-sandbox",  # noqa: S107 -- as above
        signing_secret: str = "sandbox-signing-secret",  # noqa: S107 -- as above
        clock: VirtualClock | None = None,
        file_ready_after_s: float = 0.05,
        scopes: Iterable[str] = DEFAULT_SCOPES,
        escaping: Iterable[str] = ("/quota-admin", "/imagine-settings"),
    ) -> None:
        super().__init__(port=port)
        self.bot_token = bot_token
        self.app_token = app_token
        self.signing_secret = signing_secret
        self.clock = clock if clock is not None else VirtualClock()
        self._world = World(clock=self.clock)
        self._api = WebApi(bot_token=bot_token, app_token=app_token, scopes=scopes)
        self._files = FileMethods(world=self._world, bot_token=bot_token, ready_after_s=file_ready_after_s)
        self._response_urls = ResponseUrls(world=self._world)
        self._sockets = SocketMode(world=self._world, faults=self.faults)
        self._requests = RequestUrl(signing_secret=signing_secret)
        self._triggers = Triggers(world=self._world)
        self._views = Views(world=self._world, triggers=self._triggers)
        self._driver = Gestures(
            world=self._world,
            door=self,
            response_urls=self._response_urls,
            triggers=self._triggers,
            views=self._views,
            escaping=escaping,
        )
        self._api.methods |= {
            **PeopleMethods(world=self._world, api=self._api).methods(),
            **ChatMethods(world=self._world, api=self._api).methods(),
            **self._files.methods(),
            **self._sockets.methods(),
            **self._views.methods(),
        }
        self.user = self.add_user("someone")
        self.channel = self.add_channel("general")

    def routes(self) -> list[web.RouteDef]:
        """The Web API, the socket, uploads and downloads, and the response_urls."""
        return [
            web.post("/api/{method}", self._api.handle),
            web.get("/api/{method}", self._api.handle),
            *self._files.routes(),
            *self._response_urls.routes(),
            *self._sockets.routes(),
        ]

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._files.origin = self._response_urls.origin = self._sockets.origin = f"http://{self.origin}"
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._requests.close()
        await self._sockets.close()
        await super().__aexit__(*exc_info)

    @property
    def api_url(self) -> str:
        """The base address of the Web API, for `base_url=`."""
        return f"http://{self.origin}/api/"

    @property
    def request_url(self) -> str:
        """Where commands are posted to; empty while they go over the app's socket."""
        return self._requests.address

    @request_url.setter
    def request_url(self, address: str) -> None:
        self._requests.address = address

    @property
    def secrets(self) -> list[str]:
        """Whatever opens something: tokens, and every response_url, ticket and upload address that was given out."""
        tokens = [self.bot_token, self.app_token, self.signing_secret]
        return [*tokens, *self._response_urls.given_out, *self._sockets.given_out, *self._files.given_out]

    async def deliver(self, delivery: Delivery) -> None:
        """Send something to the app, over HTTP or over its socket."""
        await (self._requests if self.request_url else self._sockets).deliver(delivery)

    @property
    def team_id(self) -> str:
        """The workspace's id."""
        return self._world.team_id

    @property
    def bot_user_id(self) -> str:
        """The bot's user id, the author of what it posts."""
        return self._world.bot.id

    @property
    def people(self) -> list[User]:
        """Everybody but the bot."""
        return [user for user in self._world.users.values() if not user.is_bot]

    @property
    def messages(self) -> list[Message]:
        """What stands in all channels, oldest first, ephemeral messages too; deleted ones are gone."""
        return self._world.messages

    @property
    def channels(self) -> list[Channel]:
        """Every conversation there is."""
        return list(self._world.channels.values())

    @property
    def files(self) -> list[File]:
        """The files of the workspace, oldest first."""
        return list(self._world.files.values())

    @property
    def requests(self) -> list[Call]:
        """The calls that reached the Web API; not those that an injected fault answered in its place."""
        return self._api.calls

    @property
    def num_connections(self) -> int:
        """How many Socket Mode connections are up."""
        return len(self._sockets.ready)

    def add_user(
        self,
        name: str,
        *,
        is_admin: bool = False,
        is_owner: bool = False,
        tz: str = "Europe/Berlin",
        locale: str = "en-US",
    ) -> User:
        """A new member of the workspace."""
        return self._world.add_user(name, is_admin=is_admin, is_owner=is_owner, tz=tz, locale=locale)

    def add_group(self, name: str, members: Iterable[User]) -> Group:
        """A new user group."""
        return self._world.add_group(name, members=[user.id for user in members])

    def add_channel(
        self,
        name: str,
        *,
        private: bool = False,
        bot_is_member: bool = True,
        members: Iterable[User] | None = None,
    ) -> Channel:
        """A new channel; without `members` the ready-made person is in it."""
        ids = {user.id for user in ((self.user,) if members is None else members)}
        if bot_is_member:
            ids.add(self.bot_user_id)
        return self._world.add_channel(name, kind="private" if private else "public", members=ids)

    def im(self, user: User) -> Channel:
        """The direct messages of the bot and `user`."""
        return self._world.im(self.bot_user_id, user.id)

    def add_im(self, one: User, other: User) -> Channel:
        """The direct messages of two people, which the bot does not see."""
        return self._world.im(one.id, other.id)

    def add_file(self, name: str, data: bytes, *, user: User | None = None) -> File:
        """A file that a person uploaded some time ago."""
        file = self._files.new_file(name, size=len(data), user=(user or self.user).id)
        file.data, file.ready_at_s = data, self.clock.now_s()
        self._world.files[file.id] = file
        return file

    def channel_of(self, message: Message) -> Channel:
        """Where a message stands."""
        return self._world.channels[message.channel_id]

    async def wait_until(self, holds: Callable[[], bool]) -> None:
        """Return once `holds()`; it is asked at each change of what people see."""
        await self._world.changes.wait_until(holds)

    async def wait_until_ready(self, timeout_s: float = 10) -> None:
        """Return once the app has a connection that was greeted, or its request URL answers; TimeoutError else."""
        async with asyncio.timeout(timeout_s):
            if self.request_url:
                await self._until_verified(is_there=True)
            else:
                await self._world.changes.wait_until(lambda: bool(self._sockets.ready))

    async def wait_until_disconnected(self, timeout_s: float = 10) -> None:
        """Return once no connection of the app is left, or its request URL is silent; TimeoutError else."""
        async with asyncio.timeout(timeout_s):
            if self.request_url:
                await self._until_verified(is_there=False)
            else:
                await self._world.changes.wait_until(lambda: not self._sockets.ready)

    async def _until_verified(self, *, is_there: bool) -> None:
        while await self._requests.is_verified() is not is_there:  # noqa: ASYNC110 - nobody announces a port
            await asyncio.sleep(_LOOK_EVERY_S)

    async def slash(
        self, command: str, text: str = "", *, user: User | None = None, channel: Channel | None = None
    ) -> Delivery:
        """Type `/command text`; returns as soon as it is sent."""
        return await self._driver.slash(command, text, user=user or self.user, channel=channel or self.channel)

    async def click(self, where: Message | View, action_id: str, *, user: User | None = None) -> Delivery:
        """Click a button of a message or a view; LookupError if there is no such button, or that is gone."""
        return await self._driver.click(where, action_id, user=self._who(where, user))

    async def choose(
        self, where: Message | View, action_id: str, choice: Choice, *, user: User | None = None
    ) -> Delivery:
        """Choose from a select, an overflow menu, radio buttons or checkboxes, by value or label.

        LookupError as for `click`, ValueError for what is not offered.
        """
        return await self._driver.choose(where, action_id, choice, user=self._who(where, user))

    async def shortcut(self, callback_id: str, *, user: User | None = None) -> Delivery:
        """Choose a global shortcut."""
        return await self._driver.shortcut(callback_id, user=user or self.user)

    async def message_shortcut(self, callback_id: str, message: Message, *, user: User | None = None) -> Delivery:
        """Choose a shortcut in the menu of a message; LookupError where there is no such menu."""
        return await self._driver.message_shortcut(callback_id, message, user=user or self.user)

    def modal_of(self, user: User | None = None) -> View | None:
        """The modal that a person looks at, None if none is open."""
        return self._views.modal_of((user or self.user).id)

    async def wait_for_modal(self, user: User | None = None, timeout_s: float = 10) -> View:
        """The modal that a person looks at, as soon as there is one; TimeoutError else."""
        async with asyncio.timeout(timeout_s):
            await self._world.changes.wait_until(lambda: self.modal_of(user) is not None)
        view = self.modal_of(user)
        if view is None:
            raise AssertionError("a modal that was seen is there")
        return view

    async def submit(self, view: View, values: Mapping[str, Choice] | None = None) -> Delivery:
        """Fill in a modal, by action_id or block_id, and submit it; the ack says what becomes of it.

        ValueError for what the client keeps back, LookupError for an unknown input or a modal that is gone.
        """
        return await self._driver.submit(view, values or {})

    async def close(self, view: View) -> Delivery | None:
        """Close a modal; the delivery of view_closed, None if the app did not ask for it."""
        return await self._driver.close(view)

    async def open_home(self, user: User | None = None) -> Delivery:
        """Open the home tab of the app, which sends it `app_home_opened`."""
        return await self._driver.open_home(user=user or self.user)

    def home_of(self, user: User | None = None) -> View | None:
        """What a person sees in the home tab; None until the app has published something."""
        return self._views.home_of((user or self.user).id)

    def say(
        self, text: str, *, user: User | None = None, channel: Channel | None = None, thread_ts: str | None = None
    ) -> Message:
        """Write a message in a channel or a thread; the app hears nothing of it."""
        return self._driver.say(text, user=user or self.user, channel=channel or self.channel, thread_ts=thread_ts)

    async def mention(
        self,
        text: str,
        *,
        user: User | None = None,
        channel: Channel | None = None,
        thread_ts: str | None = None,
    ) -> Delivery:
        """Say `@bot text` in a channel or a thread."""
        return await self._driver.mention(
            text, user=user or self.user, channel=channel or self.channel, thread_ts=thread_ts
        )

    async def send_event(self, event: dict[str, Any]) -> Delivery:
        """Send any other event of the Events API."""
        return await self._driver.event(event)

    async def repeat(self, delivery: Delivery) -> Delivery:
        """Deliver the same payload again under a new envelope id; the handle of the second delivery."""
        return await self._driver.repeat(delivery)

    async def wait_for_message(
        self,
        channel: Channel | str | None = None,
        after: int = 0,
        timeout_s: float = 10,
        *,
        where: Callable[[Message], bool] | None = None,
    ) -> Message:
        """The first message from index `after` on that stands in `channel` (any if None) and fits `where`.

        TimeoutError, telling what was there instead, if none comes within `timeout_s` of real time.
        """
        channel_id = channel.id if isinstance(channel, Channel) else channel

        def first() -> Message | None:
            return next(
                (
                    message
                    for message in self.messages[after:]
                    if channel_id in (None, message.channel_id) and (where is None or where(message))
                ),
                None,
            )

        try:
            async with asyncio.timeout(timeout_s):
                await self._world.changes.wait_until(lambda: first() is not None)
        except TimeoutError:
            seen = [(m.channel_id, m.ephemeral_for, m.text) for m in self.messages]
            raise TimeoutError(f"no such message within {timeout_s} s; there are {seen}") from None
        message = first()
        if message is None:
            raise AssertionError("a message that was seen is there")
        return message

    def _who(self, where: Message | View, user: User | None) -> User:
        """The one who acts: in a view nobody but its owner, elsewhere the ready-made person."""
        return user or (self._world.users[where.user_id] if isinstance(where, View) else self.user)

    def forget(self) -> None:
        """Drop messages, files, response_urls, triggers and the calls; only between commands, for a long run."""
        self._world.messages.clear()
        self._world.files.clear()
        self._files.forget()
        self._response_urls.forget()
        self._triggers.forget()
        self._sockets.forget()
        self._api.calls.clear()

    async def refresh(self) -> None:
        """Have the app renew its connections; returns when the old ones are gone."""
        await self._sockets.refresh()

    async def drop_connections(self) -> None:
        """Cut the connections without a word."""
        await self._sockets.drop()

    def refuse_handshakes(self, times: int = 1) -> None:
        """Let the next `times` WebSocket handshakes fail with HTTP 408, their tickets spent."""
        self._sockets.refuse_handshakes(times)

    def turn_away(self, times: int = 1) -> None:
        """Let the next `times` sockets hear `too_many_websockets`, as if others had taken all ten places."""
        self._sockets.turn_away(times)

    def go_deaf(self) -> None:
        """Leave the app's connections half open, as a dead router does."""
        self._sockets.go_deaf()

    def uninstall(self) -> None:
        """Have an admin remove the app: from now on its bot token and its ways to answer are worth nothing."""
        self._api.revoke("account_inactive")
        self._response_urls.forget()
        self._triggers.forget()

    def delay_files(self, ready_after_s: float) -> None:
        """Let new files take this long, on the clock, until they may be shown."""
        self._files.ready_after_s = ready_after_s

    def grant(self, *scopes: str) -> None:
        """Have an admin allow the app more."""
        self._api.scopes |= set(scopes)

    def revoke_token(self, error: str = "token_revoked") -> None:
        """Let the bot token be refused with `error` from now on."""
        self._api.revoke(error)

    def rate_limit(self, method: str, retry_after_s: int = 1, times: int = 1) -> None:
        """Answer the next `times` calls of `method` with HTTP 429 and Retry-After."""
        refusal = ApiError("ratelimited", status=429, headers={"Retry-After": str(retry_after_s)})
        self._api.refuse(method, refusal, times=times)

    def fail(self, method: str, error: str, times: int = 1, **details: Any) -> None:
        """Answer the next `times` calls of `method` with HTTP 200 and `{"ok": false, "error": error, …details}`."""
        self._api.refuse(method, ApiError(error, **details), times=times)
