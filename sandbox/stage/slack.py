"""A person on Slack's stand-in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sandbox.faults import Faults
from sandbox.slack import Ack, Channel, Delivery, Group, Message, SlackSandbox, User
from sandbox.stage import slack_screen
from sandbox.stage.protocols import DRAWING, HOME, Answer, Ending, InputRefused, Place, Typed, Watch

_AT = ("person", "role")
_IN_ORDER = ("amount", "credits")


class SlackStage:
    """Slack's stand-in; with `http_port` it posts to the bot's request URL there, else it waits for a socket."""

    name = "slack"

    def __init__(self, slack: SlackSandbox, *, http_port: int | None = None) -> None:
        self.slack = slack
        self._http_port = http_port
        if http_port is not None:
            slack.request_url = f"http://127.0.0.1:{http_port}/slack/events"
        self._people = {slack.user.name: slack.user}
        self._groups: dict[str, Group] = {}
        self._channels = {slack.channel.name: slack.channel}

    @property
    def faults(self) -> Faults:
        return self.slack.faults

    def settings(self) -> dict[str, str]:
        common = {"SLACK_BOT_TOKEN": self.slack.bot_token, "SLACK_API_URL": self.slack.api_url}
        if self._http_port is None:
            return common | {"SLACK_APP_TOKEN": self.slack.app_token}
        return common | {"SLACK_SIGNING_SECRET": self.slack.signing_secret, "HTTP_PORT": str(self._http_port)}

    async def ready(self) -> None:
        await self.slack.wait_until_ready()

    async def gone(self) -> None:
        await self.slack.wait_until_disconnected()

    async def imagine(
        self,
        line: str,
        *,
        options: Mapping[str, object] | None = None,
        who: str | None = None,
        where: Place = Place.CHANNEL,
    ) -> "SlackTyped":
        flags = "".join(f" --{name} {value}" for name, value in (options or {}).items())
        return await self._type("/imagine", line + flags, who, where)

    async def quota(self, *, who: str | None = None) -> "SlackTyped":
        return await self._type("/quota", "", who, Place.CHANNEL)

    def add_person(
        self, name: str, *, admin: bool = False, groups: tuple[str, ...] = (), locale: str = "en-US"
    ) -> None:
        user = self._people[name] = self.slack.add_user(name, is_admin=admin, locale=locale)
        for group in groups:
            if group in self._groups:
                self._groups[group].members.add(user.id)
            else:
                self._groups[group] = self.slack.add_group(group, [user])

    def names(self) -> dict[str, str]:
        return {str(user.id): name for name, user in self._people.items()}

    async def quota_admin(self, word: str, *, who: str, **arguments: str) -> "SlackTyped":
        """In order and without their names where that is possible, as people type."""
        words = [word]
        for name, value in arguments.items():
            if name in _AT:
                words.append(f"@{value}")
            else:
                words.append(value if name in _IN_ORDER else f"{name}={value}")
        return await self._type("/quota-admin", " ".join(words), who, Place.CHANNEL)

    def person_id(self, name: str) -> str:
        """The id of somebody, as settings name them."""
        return self._person(name).id

    async def repeat(self, typed: Typed) -> None:
        if not isinstance(typed, SlackTyped):
            raise TypeError("not typed on this stage")
        await (await self.slack.repeat(typed.delivery)).wait_for_ack()

    def results(self) -> int:
        return sum(1 for message in self.slack.messages if message.files)

    def advance(self, seconds: float) -> None:
        self.slack.clock.advance(seconds)

    def watch(self, who: str | None = None) -> Watch:
        return slack_screen.watch(self.slack, self._who(who))

    async def command(
        self,
        line: str,
        arguments: Mapping[str, str] | None = None,
        *,
        who: str | None = None,
        where: Place = Place.CHANNEL,
    ) -> Watch:
        # One's own settings are what is shown without a word.
        word, _, rest = line.removesuffix(" mine").partition(" ")
        given = [f'{name}="{self._linked(name, value)}"' for name, value in (arguments or {}).items()]
        watching = self.watch(who)
        await self._type(f"/{word}", " ".join([rest, *given]).strip(), who, where)
        return watching

    async def press(self, on: Ending, label: str, *, who: str | None = None) -> Watch:
        user = self._who(who)
        at, action_id = slack_screen.button_of(on, label)
        self.slack.channel.members.add(user.id)
        watching = slack_screen.watch(self.slack, user)
        try:
            await self.slack.click(at, action_id, user=user)
        except (LookupError, ValueError) as refusal:
            raise InputRefused(str(refusal)) from refusal
        return watching

    async def choose(self, on: Ending, label: str, choice: str, *, who: str | None = None) -> Watch:
        user = self._who(who)
        at, action_id = slack_screen.field_of(on, label)
        watching = slack_screen.watch(self.slack, user)
        await self.slack.choose(at, action_id, choice, user=user)
        return watching

    async def imagine_this(self, text: str, *, who: str | None = None, in_thread: bool = False) -> Watch:
        user = self._who(who)
        thread_ts = self.slack.say("what about a picture?", user=user).ts if in_thread else None
        said = self.slack.say(text, user=user, thread_ts=thread_ts)
        watching = slack_screen.watch(self.slack, user)
        await self.slack.message_shortcut("imagine_message", said, user=user)
        return watching

    async def imagine_in_thread(self, line: str, *, who: str | None = None) -> Watch:
        user = self._who(who)
        thread_ts = self.slack.say("what about a picture?", user=user).ts
        watching = slack_screen.watch(self.slack, user)
        await self.slack.mention(line, user=user, thread_ts=thread_ts)
        return watching

    async def shortcut(self, *, who: str | None = None) -> Watch:
        """Pick the bot's own shortcut, away from any message."""
        user = self._who(who)
        watching = slack_screen.watch(self.slack, user)
        await self.slack.shortcut("imagine", user=user)
        return watching

    async def home(self, *, who: str | None = None) -> Ending:
        """Open the home tab, and read it."""
        watching = self.watch(who)
        await self.slack.open_home(self._who(who))
        ending = await watching.read()
        if ending.place != HOME:
            raise InputRefused("something else came in its place")
        return ending

    def aged(self, on: Ending, old: str, new: str) -> Ending:
        message = on.at
        if not isinstance(message, Message):
            raise InputRefused("no message")
        controls = ("actions", "section")
        for n, block in enumerate(message.blocks):
            if block["type"] in controls:
                message.blocks[n] = json.loads(json.dumps(block).replace(old, new))
        return slack_screen.read(self.slack, message)

    def channel(self, name: str) -> Channel:
        """The channel of that name, made if need be."""
        return self._channels.get(name) or self._channels.setdefault(name, self.slack.add_channel(name))

    def shown(self, ending: Ending) -> object:
        return ending.at

    def read_channel(self, name: str) -> list[Ending]:
        there = self.channel(name)
        return [slack_screen.read(self.slack, one) for one in self.slack.messages if one.channel_id == there.id]

    def _linked(self, name: str, value: str) -> str:
        return f"<#{self.channel(value).id}|{value}>" if name == "log" else value

    def _who(self, who: str | None) -> User:
        return self.slack.user if who is None else self._person(who)

    def _person(self, name: str) -> User:
        return self._people.get(name) or self._people.setdefault(name, self.slack.add_user(name))

    async def _type(self, command: str, line: str, who: str | None, where: Place) -> "SlackTyped":
        user = self.slack.user if who is None else self._person(who)
        if where in (Place.FOREIGN, Place.THREAD, Place.FORUM, Place.VOICE, Place.GROUP):
            raise ValueError("on Slack no app is brought along, and no command is typed in a thread")
        channel = self.slack.channel
        if where is Place.DM:
            channel = self.slack.im(user)
        elif where is Place.PRIVATE_CHANNEL:
            channel = self.slack.add_channel("back-room", private=True, members=[user])
        elif where is Place.CLOSED:
            channel = self.slack.add_channel("board", private=True, bot_is_member=False, members=[user])
        seen = len(self.slack.messages)
        return SlackTyped(self.slack, await self.slack.slash(command, line, user=user, channel=channel), seen)


@dataclass(frozen=True, slots=True)
class SlackTyped:
    """A slash command."""

    slack: SlackSandbox
    delivery: Delivery
    seen: int

    @property
    def key(self) -> str:
        return str(self.delivery.payload["trigger_id"])

    @property
    def answered(self) -> Answer | None:
        ack = self.delivery.ack
        return None if ack is None or ack.error is not None else self._read(ack)

    def endings(self) -> list[Ending]:
        return [self.read(message) for message in self.slack.messages if self._belongs(message)]

    async def answer(self) -> Answer:
        return self._read(await self.delivery.wait_for_ack())

    def _read(self, ack: Ack) -> Answer:
        place = self._place(self.delivery.payload["channel_id"])
        buttons = tuple(label for row in slack_screen.rows(ack.blocks) for label in row)
        return Answer(text=ack.error or ack.text, place=place, after_s=ack.after_s, buttons=buttons)

    async def ending(self, *, within_s: float = 10) -> Ending:
        answer = await self.answer()
        if not answer.text:
            return await self._later(within_s)
        if not answer.text.startswith(DRAWING):
            if self.delivery.answer is not None:
                return replace(self.read(self.delivery.answer), lines=[answer.text])
            return Ending(
                lines=[answer.text],
                pictures=[],
                alt_texts=[],
                place=self._place(self.delivery.payload["channel_id"]),
                private=True,
                pings=[],
            )
        return self.read(await self.slack.wait_for_message(where=self._belongs, timeout_s=within_s))

    async def _later(self, within_s: float) -> Ending:
        """An empty ack: the answer comes through the response URL, and with it what was sent as direct messages."""
        said = self.read(await self.slack.wait_for_message(where=self._belongs, timeout_s=within_s))
        user = self.delivery.payload["user_id"]
        inbox = {channel.id for channel in self.slack.channels if channel.kind == "im" and user in channel.members}
        sent = [message for message in self.slack.messages[self.seen :] if message.channel_id in inbox]
        for ending in map(self.read, sent):
            said = Ending(
                lines=[*said.lines, *ending.lines],
                pictures=[*said.pictures, *ending.pictures],
                alt_texts=[*said.alt_texts, *ending.alt_texts],
                place=ending.place,
                private=said.private and ending.private,
                pings=[*said.pings, *ending.pings],
                files={**said.files, **ending.files},
            )
        return said

    def read(self, message: Message) -> Ending:
        """What a person sees of a message."""
        return slack_screen.read(self.slack, message)

    def _place(self, channel_id: str) -> str:
        typed = self.delivery.payload
        here = channel_id == typed["channel_id"] and not channel_id.startswith("D")
        return f"#{typed['channel_name']}" if here else str(Place.DM)

    def _belongs(self, message: Message) -> bool:
        payload = (message.metadata or {}).get("event_payload", {})
        ours = str(payload.get("generation", "")).endswith(self.key)
        return ours or any(message is response for response in self.delivery.responses)
