"""Who is who in the workspace: people and user groups, held for a few minutes so that no command waits for them."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from adapters.admin import Found
from adapters.sentences import Link, Span
from adapters.slack.faults import faults
from bot.errors import Fault, OperatorNeeded, Unreachable
from bot.model import Account, Space
from bot.ports import Clock
from bot.rules import local_id, role_of

log = structlog.get_logger()

_FRESH_S: Final = 300
_RETRY_S: Final = 30
_ANSWERED_S: Final = 3.0
_LOCALE_FRESH_MS: Final = 3_600_000
_MOST_LOCALES: Final = 10_000
_MOST_ASKING: Final = 20
_PERSON: Final = re.compile(r"(?:<@)?([UW][A-Z0-9]+)(?:\|[^>]*)?>?")
_GROUP: Final = re.compile(r"(?:<!subteam\^)?(S[A-Z0-9]+)(?:\|[^>]*)?>?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """A member of the workspace; `manages`: one of its admins or owners."""

    id: str
    name: str
    is_bot: bool
    manages: bool
    asked_ms: int


class Directory:
    """Looks people and groups up; what was asked for lately is renewed in the background, every five minutes."""

    def __init__(self, *, client: AsyncWebClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._people: dict[str, Colleague] = {}
        self._wanted: set[str] = set()
        self._groups: dict[str, frozenset[str]] = {}
        self._locales: dict[str, tuple[str | None, int]] = {}
        self._asking: dict[str, asyncio.Task[str | None]] = {}
        self.site: str | None = None
        """The workspace's address, once Slack has told it: from then on messages and profiles can be linked."""

    async def watch(self, pause_s: float) -> None:
        """Keep everything fresh until cancelled, for the first time after `pause_s`."""
        while True:
            # Real time: what another clock says does not make Slack's answers older.
            await asyncio.sleep(pause_s)
            pause_s = await self.renew()

    async def renew(self) -> float:
        """Ask anew for the groups, and for the people wanted since the last time; seconds until the next time."""
        # Either goes on without the other: each has a scope of its own, which may not have been granted.
        return min(await self._renewed(self._renew_groups), await self._renewed(self._renew_people))

    async def _renewed(self, renew: Callable[[], Awaitable[None]]) -> float:
        try:
            await renew()
        except OperatorNeeded as fault:
            log.info("slack directory is closed", code=fault.code)
        except Fault as fault:
            log.warning("slack directory is stale", code=fault.code, detail=str(fault))
            return _RETRY_S
        except Exception:
            # An answer that cannot be read must neither end the bot nor, in silence, the renewing.
            log.exception("slack directory is stale")
            return _RETRY_S
        return _FRESH_S

    async def _renew_groups(self) -> None:
        self._groups = await self._ask_for_groups()

    async def _renew_people(self) -> None:
        wanted, self._wanted = self._wanted, set()
        try:
            for user_id in wanted:
                person = await self._ask_for(user_id)
                if person is None:
                    self._people.pop(user_id, None)
                else:
                    self._people[user_id] = person
        except Fault:
            self._wanted |= wanted
            raise
        # Whom nobody has asked for since the last time is forgotten: what is held stays small.
        kept = wanted | self._wanted
        self._people = {user_id: person for user_id, person in self._people.items() if user_id in kept}

    def roles(self, user_id: str, space: Space) -> tuple[str, ...]:
        """The subjects of somebody's user groups, as known: asks nobody."""
        return tuple(role_of(space, group) for group, members in self._groups.items() if user_id in members)

    def locale(self, user_id: str) -> str | None:
        """The language somebody reads, as known: asks in the background, so that the next answer knows it."""
        locale, asked_ms = self._locales.get(user_id, (None, None))
        stale = asked_ms is None or self._clock.now_ms() - asked_ms > _LOCALE_FRESH_MS
        if stale and user_id not in self._asking and len(self._asking) < _MOST_ASKING:
            task = asyncio.create_task(self._ask_for_locale(user_id))
            self._asking[user_id] = task
            task.add_done_callback(lambda _: self._asking.pop(user_id, None))
        return locale

    async def known_locale(self, user_id: str) -> str | None:
        """The same, for what can wait a few seconds; None where Slack does not say."""
        if user_id in self._locales:
            return self._locales[user_id][0]
        return await self._ask_for_locale(user_id)

    async def _ask_for_locale(self, user_id: str) -> str | None:
        try:
            async with asyncio.timeout(_ANSWERED_S):
                person = await self._ask_for(user_id)
            if person is not None:
                self._people[user_id] = person
        except (Fault, TimeoutError) as fault:
            # English is better than no answer.
            log.info("locale is unknown", error=type(fault).__name__)
        except Exception:
            log.exception("locale is unknown")
        return self._locales.get(user_id, (None, 0))[0]

    async def colleague(self, user_id: str) -> Colleague | None:
        """Somebody of the workspace; None if there is no such person."""
        self._wanted.add(user_id)
        if user_id in self._asking:
            # The same question is on its way for their language.
            await asyncio.wait({self._asking[user_id]})
        known = self._people.get(user_id)
        if known is not None and self._clock.now_ms() - known.asked_ms < _FRESH_S * 1000:
            return known
        person = await self._ask_for(user_id)
        if person is not None:
            self._people[user_id] = person
        return person

    async def named(self, user_id: str) -> Span:
        """Somebody who is written about: Slack would ping whom it shows as a mention.

        By their id alone where Slack does not say within a few seconds what they are called.
        """
        name = user_id
        try:
            async with asyncio.timeout(_ANSWERED_S):
                colleague = await self.colleague(user_id)
            name = user_id if colleague is None else colleague.name
        except (Fault, TimeoutError) as fault:
            log.info("name is unknown", error=type(fault).__name__)
        return f"{name} ({user_id})" if self.site is None else Link(name, f"{self.site.rstrip('/')}/team/{user_id}")

    async def group(self, text: str) -> str | None:
        """The id of the user group that `text` names; None if there is none."""
        match = _GROUP.fullmatch(text)
        if match is None:
            return None
        if match[1] not in self._groups:
            self._groups = await self._ask_for_groups()
        return match[1] if match[1] in self._groups else None

    async def _ask_for(self, user_id: str) -> Colleague | None:
        try:
            with faults():
                user: dict[str, Any] = (await self._client.users_info(user=user_id, include_locale=True))["user"]
        except Unreachable:
            return None
        self._locales.pop(user_id, None)
        self._locales[user_id] = (user.get("locale"), self._clock.now_ms())
        if len(self._locales) > _MOST_LOCALES:
            self._locales.pop(next(iter(self._locales)))
        profile = user.get("profile") or {}
        return Colleague(
            id=user_id,
            name=profile.get("display_name") or profile.get("real_name") or user.get("name") or user_id,
            is_bot=bool(user.get("is_bot")),
            manages=bool(user.get("is_admin") or user.get("is_owner") or user.get("is_primary_owner")),
            asked_ms=self._clock.now_ms(),
        )

    async def _ask_for_groups(self) -> dict[str, frozenset[str]]:
        with faults():
            answer = await self._client.usergroups_list(include_users=True)
        groups: list[dict[str, Any]] = answer["usergroups"]
        return {group["id"]: frozenset(group.get("users") or ()) for group in groups}


class Here:
    """The directory as one command in `space` sees it."""

    def __init__(self, directory: Directory, space: Space) -> None:
        self._directory = directory
        self._space = space

    async def person(self, text: str) -> Found | None:
        match = _PERSON.fullmatch(text)
        colleague = None if match is None else await self._directory.colleague(match[1])
        if colleague is None:
            return None
        roles = self._directory.roles(colleague.id, self._space)
        return Found(id=colleague.id, roles=roles, is_bot=colleague.is_bot)

    async def role(self, text: str) -> str | None:
        return await self._directory.group(text)

    async def names(self, accounts: Iterable[Account]) -> Mapping[Account, str]:
        found = {account: await self._directory.colleague(local_id(account)) for account in accounts}
        return {account: who.name for account, who in found.items() if who is not None}
