"""What a person may do with what is kept about them: have it all, or have it gone; and how long it is kept at most."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import structlog

from bot.model import Account
from bot.ports import Clock
from bot.rules import Kind
from bot.store import Drafts, Notes, PersonalRecords
from bot.store.database import Row

log = structlog.get_logger()

DAY_MS: Final = 86_400_000

_SWEEP_EVERY_S: Final = 3_600
_WIPED: Final = "retention: wiped until"
_UNNAMED: Final = "retention: unnamed until"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """`count` generations were wiped; `open` ones are under way, and are wiped after they have come to their end."""

    count: int
    open: int


class PersonalData:
    """`keep_account_ms`: for so long at least a row may count in a quota window, so that long it keeps its account.

    A day at the least, since a platform may send a command again by its id. `retention_ms`: prompts, results and links
    older than that are wiped; None keeps them.
    """

    def __init__(
        self,
        *,
        records: PersonalRecords,
        drafts: Drafts,
        notes: Notes,
        clock: Clock,
        keep_account_ms: int,
        retention_ms: int | None = None,
    ) -> None:
        self._records = records
        self._drafts = drafts
        self._notes = notes
        self._clock = clock
        self._keep_account_ms = max(keep_account_ms, DAY_MS)
        self._retention_ms = retention_ms

    async def export(self, person: Account) -> dict[str, Any]:
        """All that is kept about whoever has the account `person`, also under their other ones, as JSON."""
        accounts = await self._records.accounts_of(person)
        generations, rules = [], []
        others: dict[str, list[dict[str, Any]]] = {}
        for account in accounts:
            generations += [_generation(row, revised) async for row, revised in self._records.generations(account)]
            rules += [_rule(row) for row in await self._records.rules(account)]
            for table, rows in (await self._records.others(account)).items():
                others.setdefault(table, []).extend(_other(row) for row in rows)
        return {
            "exported": _moment(self._clock.now_ms()),
            "accounts": accounts,
            "generations": generations,
            "rules": rules,
            **others,
        }

    async def erase(self, person: Account) -> Erased:
        """Wipe all that was asked for up to now under any account of the person's; what it cost stays in the books."""
        now_ms = self._clock.now_ms()
        accounts = await self._records.accounts_of(person)
        await self._records.ask(accounts, now_ms=now_ms)
        num_wiped = num_open = 0
        for account in accounts:
            num_open += await self._records.num_open(account, until_ms=now_ms)
            num_wiped += await self._records.wipe(account, until_ms=now_ms)
            await self._records.forget_others(account, until_ms=now_ms)
        log.info("data erased", num_wiped=num_wiped, num_open=num_open)
        return Erased(count=num_wiped, open=num_open)

    async def sweep(self) -> None:
        """Finish what erasing began, and wipe what is older than it may be kept. Can be cut and done again anywhere."""
        now_ms = self._clock.now_ms()
        nameless_ms = now_ms - self._keep_account_ms
        # What nobody has said yes to for a day was not wanted.
        await self._drafts.forget(before_ms=now_ms - DAY_MS)
        for account, at_ms in (await self._records.asked()).items():
            await self._records.wipe(account, until_ms=at_ms)
            await self._records.forget_others(account, until_ms=at_ms)
            await self._records.unname(account, until_ms=at_ms, before_ms=nameless_ms, now_ms=now_ms)
            await self._records.done(account, before_ms=nameless_ms)
        if self._retention_ms is not None:
            await self._retire(now_ms - self._retention_ms, nameless_ms, now_ms=now_ms)

    async def keep_tidy(self) -> None:
        """Sweep now and every hour, until cancelled."""
        while True:
            try:
                await self.sweep()
            except Exception:  # one row that cannot be read must not end the bot
                log.exception("data not swept")
            await self._clock.sleep(_SWEEP_EVERY_S)

    async def _retire(self, until_ms: int, nameless_ms: int, *, now_ms: int) -> None:
        # The notes stay behind what is under way, so that it is looked at again, and all after it.
        oldest_ms = await self._records.oldest_open_ms()
        for name, until, work in (
            (_WIPED, until_ms, self._records.wipe_before),
            (_UNNAMED, min(until_ms, nameless_ms), self._records.unname_before),
        ):
            since_ms = await self._mark(name)
            if until > since_ms:
                await work(until, since_ms=since_ms)
                await self._notes.write(name, str(until if oldest_ms is None else min(until, oldest_ms)))
        await self._records.unname_bonus_before(min(until_ms, nameless_ms), now_ms=now_ms)

    async def _mark(self, name: str) -> int:
        return int(await self._notes.read(name) or 0)


def _generation(row: Row, revised: list[Row]) -> dict[str, Any]:
    result = json.loads(row["result"]) if row["result"] else {}
    return {
        "id": row["id"],
        "asked_at": _moment(row["created"]),
        "settled_at": _moment(row["settled"]),
        "account": row["account"],
        "place": row["space"],
        "request": json.loads(row["request"]),
        "state": row["state"],
        "reason": row["reason"],
        "price": row["asked"],
        "charged": row["charged"],
        "charged_to_bonus": row["bonus"],
        "roles": json.loads(row["roles"]),
        "revised_prompts": {str(picture["n"]): picture["revised"] for picture in revised},
        "made_of": row["parent"],
        "deleted_at": _moment(row["deleted"]),
        "shared_at": _moment(row["shared"]),
        "link": (result.get("receipt") or {}).get("link"),
        "result": result or None,
    }


def _rule(row: Row) -> dict[str, Any]:
    refused = row["kind"] == Kind.REFUSED
    return {
        "account": row["subject"],
        "place": row["space"],
        "kind": row["kind"],
        "applies": bool(row["applies"]),
        "value": row["value"],
        "expires": _moment(row["expires"]),
        "by": "you" if refused else "an admin",
        "at": _moment(row["at"]),
        "reason": row["reason"],
    }


def _other(row: Row) -> dict[str, Any]:
    """A row of another table, whose columns of JSON and of time are told by their names."""
    readers = {"value": _json, "request": _json, "at": _moment, "created": _moment}
    return {name: (readers[name](value) if name in readers else value) for name, value in row.items()}


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _moment(at_ms: Any) -> str | None:
    return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, tz=UTC).isoformat(timespec="milliseconds")
