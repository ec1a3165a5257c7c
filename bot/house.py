"""House rules: what binds a command where it is typed, beside quotas."""

from dataclasses import dataclass
from typing import Final

from bot import wordlist
from bot.defaults import NO_DEFAULTS, Defaults
from bot.model import Account, Space
from bot.ports import Clock
from bot.rules import Kind, Subject, channel_of
from bot.store import HouseBook

_OF_SPACE: Final = (Kind.PICTURES, Kind.SPOILER, Kind.RESTRICTED, Kind.WORDS, Kind.LOG)
_OF_CHANNEL: Final = (Kind.PICTURES, Kind.CHANNEL)


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturesOff:
    """No pictures here: `channel` says whether in this channel alone, else in the whole server or workspace."""

    channel: bool


@dataclass(frozen=True, slots=True)
class RestrictedOnly:
    """Pictures only in age-restricted channels, which this one is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRefused:
    """The prompt holds `word`, which is on this place's list."""

    word: str


HouseRefusal = PicturesOff | RestrictedOnly | WordRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Customs:
    """What is the custom in one channel, and for one person there; the person's `defaults` go before the channel's."""

    defaults: Defaults = NO_DEFAULTS
    allowed: bool = True
    by_channel: bool = False
    """It is the channel's own rule that says so."""
    spoiler: bool = False
    restricted: bool = False
    words: tuple[str, ...] = ()
    log_channel: str | None = None
    own: Defaults = NO_DEFAULTS
    channel: Defaults = NO_DEFAULTS

    def refusal(self, prompt: str, *, age_restricted: bool) -> HouseRefusal | None:
        """Why `prompt` is not drawn here; None if it may be."""
        if not self.allowed:
            return PicturesOff(channel=self.by_channel)
        if self.restricted and not age_restricted:
            return RestrictedOnly()
        word = wordlist.found(prompt, self.words)
        return None if word is None else WordRefused(word=word)


class HouseRules:
    """Read by every command, in one statement."""

    def __init__(self, *, book: HouseBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    async def customs(self, account: Account, space: Space | None, channel: str | None) -> Customs:
        """What binds `account` in a channel of `space`; in a direct message (None) only their own defaults."""
        wanted: list[tuple[Subject, Kind]] = []
        here = None
        if space is not None:
            wanted += [(Subject(space), kind) for kind in _OF_SPACE]
            if channel is not None:
                here = channel_of(space, channel)
                wanted += [(here, kind) for kind in _OF_CHANNEL]
        rules, preference = await self._book.read(wanted, account=account)
        own = Defaults.from_json(preference)
        if space is None:
            return Customs(defaults=own, own=own)
        everywhere = Subject(space)
        given = Defaults.from_json(rules.get((here, Kind.CHANNEL), _NOTHING)[1]) if here else NO_DEFAULTS
        by_channel = here is not None and (here, Kind.PICTURES) in rules
        pictures = rules.get((here if here and by_channel else everywhere, Kind.PICTURES), (1, None))
        return Customs(
            defaults=own.over(given),
            allowed=pictures[0] != 0,
            by_channel=by_channel,
            spoiler=rules.get((everywhere, Kind.SPOILER), _NOTHING)[0] == 1,
            restricted=rules.get((everywhere, Kind.RESTRICTED), _NOTHING)[0] == 1,
            words=wordlist.from_json(rules.get((everywhere, Kind.WORDS), _NOTHING)[1]),
            log_channel=rules.get((everywhere, Kind.LOG), _NOTHING)[1],
            own=own,
            channel=given,
        )

    async def prefer(self, account: Account, own: Defaults) -> None:
        """Keep a person's own defaults."""
        await self._book.prefer(account, own.to_json(), now_ms=self._clock.now_ms())


_NOTHING: Final = (None, None)
