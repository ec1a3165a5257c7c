"""What the buttons do, once for both platforms: each carries only an id, and the row has the rest."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from adapters import text
from adapters.commands import Commands, new_seed, patiently
from adapters.gestures import Asked, Person, Place, Pressed
from adapters.locales import catalogue
from adapters.responses import Cancelled, Form, Page, Removal, Replaced, Reply, Say, Sharing, Silence, Waiting
from bot.model import (
    Action,
    DatabaseDown,
    DatabaseSlow,
    Generation,
    GenerationId,
    ImageRequest,
    Parent,
    Reason,
    State,
    platform_of,
)
from bot.ports import Clock, Runner
from bot.rules import local_id
from bot.sizes import larger
from bot.store import Draft, Drafts, Generations, History
from bot.studio import Studio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ENTRIES: Final = 4
"""Of a page of somebody's history: each has a row of buttons, and Discord takes five rows."""

_LAST_PAGE: Final = 10_000
"""Nobody turns so many; what is beyond could be a number that no database takes."""

_REMEMBERED: Final = 50
"""Of somebody's last pictures, those whose prompts are offered again."""


class Actions:
    """What both adapters call when a button is pressed. Wherever it cannot do what it says: `Say`, and no charge."""

    def __init__(
        self,
        *,
        commands: Commands,
        generations: Generations,
        history: History,
        drafts: Drafts,
        studio: Studio,
        runner: Runner,
        clock: Clock,
    ) -> None:
        self._commands = commands
        self._generations = generations
        self._history = history
        self._drafts = drafts
        self._studio = studio
        self._runner = runner
        self._clock = clock

    async def again(self, pressed: Pressed) -> Reply:
        """The same with a new seed."""
        of = await self._theirs(pressed)
        if isinstance(of, Say):
            return of
        request = replace(of.request, seed=new_seed())
        return await self._commands.draw(pressed, request, parent=Parent(id=of.id, action=Action.AGAIN))

    async def larger(self, pressed: Pressed, n: int) -> Reply:
        """Picture `n` (from 0) with the same seed in the next size."""
        of = await self._theirs(pressed)
        if isinstance(of, Say):
            return of
        size = larger(of.request.size)
        if size is None or not 0 <= n < of.request.count:
            return Say(sentence=catalogue(pressed.person.locale).largest())
        request = replace(
            of.request, prompt=of.request.prompt_of(n), prompts=(), size=size, seed=of.request.seed_of(n), count=1
        )
        return await self._commands.draw(pressed, request, parent=Parent(id=of.id, action=Action.LARGER, n=n))

    async def edit(self, pressed: Pressed) -> Form | Say:
        """A form filled with the prompt and its options."""
        of = await self._theirs(pressed)
        return of if isinstance(of, Say) else Form(parent=of.id, request=of.request)

    async def submit(self, asked: Asked, of: GenerationId) -> Reply:
        """An edited form: a command like any other, made of `of`, if that is still there."""
        found = await self._find(of, asked.person, permitted=_is_theirs, waited_s=asked.waited_s)
        if isinstance(found, Say):
            return found
        return await self._commands.imagine(asked, parent=Parent(id=of, action=Action.EDIT))

    async def confirm(self, pressed: Pressed) -> Reply:
        """Have a draft drawn, under its own id: a second yes is the same command."""
        draft = await self._draft(pressed)
        if isinstance(draft, Say):
            return draft
        reply = await self._commands.draw(replace(pressed, id=pressed.target), draft.request, parent=draft.parent)
        # A press is not sent twice: whoever pressed is to read why nothing more happens.
        return Say(sentence=catalogue(pressed.person.locale).confirmed()) if isinstance(reply, Silence) else reply

    async def discard(self, pressed: Pressed) -> Replaced | Say:
        """Let a draft go."""
        draft = await self._draft(pressed)
        if isinstance(draft, Say):
            return draft
        account, locale = pressed.person.account, pressed.person.locale
        dropping = self._drafts.drop(pressed.target)
        dropped = await patiently(dropping, what="draft", account=account, waited_s=pressed.waited_s)
        if isinstance(dropped, DatabaseSlow | DatabaseDown):
            return Say(sentence=text.refusal(dropped, locale=locale))
        words = catalogue(locale)
        return Replaced(sentence=words.discarded() if dropped else words.confirmed())

    async def cancel(self, pressed: Pressed) -> Cancelled | Replaced | Say:
        """Call off what has not begun; the credits are back when this returns."""
        of = await self._theirs(pressed)
        if isinstance(of, Say):
            return of
        words = catalogue(pressed.person.locale)
        cancelled = await self._studio.cancel(of.id)
        if cancelled is None:
            now = await self._theirs(pressed)
            if isinstance(now, Generation) and now.reason is Reason.CANCELLED:
                # By another press, whose answer is to stay.
                return Say(sentence=words.ended(Reason.CANCELLED, credits=now.asked))
            return Replaced(sentence=words.too_late())
        self._runner.withdraw(of.id)
        return Cancelled(id=of.id, sentence=words.cancelled(back=words.credits_back(of.asked)))

    async def settle(self, id: GenerationId) -> None:
        """The person has read that it is cancelled."""
        await self._studio.settle(id)

    async def untold(self, id: GenerationId) -> None:
        """They could not be answered: have them told where the command was given."""
        await self._studio.untold(id)

    async def waiting(self, pressed: Pressed) -> Waiting | Replaced | Say:
        """Where the command stands now."""
        of = await self._theirs(pressed)
        if isinstance(of, Say):
            return of
        words = catalogue(pressed.person.locale)
        if of.state in (State.DELIVERED, State.REFUNDED):
            return Replaced(sentence=words.finished())
        if of.state is not State.QUEUED:
            return Waiting(id=of.id, sentence=words.drawing_now(), cancellable=False)
        outlook = await self._commands.outlook(of.id, of.account)
        return Waiting(id=of.id, sentence=words.waiting(outlook), cancellable=True)

    async def delete(self, pressed: Pressed) -> Removal | Say:
        """The message away; the row stays for the books. What was shared may stand longer than the private original."""
        # A patience of its own: a platform may have been asked first whether they moderate.
        of = await self._find(
            pressed.target,
            pressed.person,
            permitted=lambda found, person: pressed.moderates or _is_theirs(found, person),
            or_shared=True,
        )
        if isinstance(of, Say):
            return of
        return Removal(generation=of, sentence=catalogue(pressed.person.locale).deleted())

    async def deleted(self, pressed: Pressed, of: Generation, *, stood: Place | None = None) -> None:
        """The message that `stood` there is gone: nobody's history shows it any more.

        Was it a copy that its person had shared, they still have theirs, and may share it again; what a moderator has
        taken down stays down.
        """
        theirs = _place(of)
        if stood is None or theirs is None or stood == theirs:
            await self._history.deleted(of.id, now_ms=self._clock.now_ms())
        elif _is_theirs(of, pressed.person):
            await self._history.unshare(of.id)

    async def share(self, pressed: Pressed) -> Sharing | Say:
        """A private result for everybody, once, and as the place's rules are now."""
        of = await self._theirs(pressed)
        if isinstance(of, Say):
            return of
        words = catalogue(pressed.person.locale)
        if not of.request.private:
            return Say(sentence=words.not_private())
        there = _where_asked(pressed, of)
        customs = await self._commands.customs(there)
        if isinstance(customs, Say):
            return customs
        # Said in words of its own: what a command is told speaks of "here", and of another channel to try.
        if await self._commands.refusal(there, of.request, customs) is not None:
            return Say(sentence=words.may_not_be_shared())
        if not await self._history.share(of.id, now_ms=self._clock.now_ms()):
            return Say(sentence=words.shared_already())
        return Sharing(generation=of, log_channel=customs.log_channel, spoiler=customs.spoiler)

    async def unshare(self, id: GenerationId) -> None:
        """It could not be posted: it may be tried again."""
        await self._history.unshare(id)

    async def history(self, person: Person, *, page: int) -> Page | Say:
        """A page (from 1) of what the person has had drawn here."""
        page = min(max(page, 1), _LAST_PAGE)
        read = await patiently(
            self._history.page(person.account, page=page, size=ENTRIES), what="history", account=person.account
        )
        if isinstance(read, DatabaseSlow | DatabaseDown):
            return Say(sentence=text.refusal(read, locale=person.locale))
        entries, more = read
        if not entries and page == 1:
            return Say(sentence=catalogue(person.locale).history_empty())
        return Page(entries=tuple(entries), number=page, more=more)

    async def prompts(self, person: Person, typed: str, *, limit: int) -> list[str]:
        """The person's last prompts that begin with, or else hold, what they have typed so far."""
        read = await patiently(
            self._history.prompts(person.account, limit=_REMEMBERED), what="prompts", account=person.account
        )
        if isinstance(read, DatabaseSlow | DatabaseDown):
            return []
        wanted = typed.strip().casefold()
        fitting = [prompt for prompt in read if wanted in prompt.casefold()]
        return sorted(fitting, key=lambda prompt: not prompt.casefold().startswith(wanted))[:limit]

    async def _theirs(self, pressed: Pressed) -> Generation | Say:
        return await self._find(pressed.target, pressed.person, permitted=_is_theirs, waited_s=pressed.waited_s)

    async def _find(
        self,
        id: GenerationId,
        person: Person,
        *,
        permitted: "Callable[[Generation, Person], bool]",
        or_shared: bool = False,
        waited_s: float = 0.0,
    ) -> Generation | Say:
        """The generation, if it is still there (or at least shared), belongs here, and is the person's to act on."""
        words = catalogue(person.locale)
        found = await patiently(
            self._generations.find(id), what="generation", account=person.account, waited_s=waited_s
        )
        match found:
            case DatabaseSlow() | DatabaseDown():
                return Say(sentence=text.refusal(found, locale=person.locale))
            case Generation(deleted_ms=None, request=ImageRequest(prompt=prompt)) if prompt:
                pass
            case Generation(shared_ms=int(), request=ImageRequest(prompt=prompt)) if prompt and or_shared:
                pass
            case _:
                return Say(sentence=words.gone())
        # In direct messages a picture of any place may be looked at: a private one is sent there.
        if person.space is not None and found.space != person.space:
            return Say(sentence=words.other_place())
        if not permitted(found, person):
            return Say(sentence=words.not_yours())
        return found

    async def _draft(self, pressed: Pressed) -> Draft | Say:
        person = pressed.person
        found = await patiently(
            self._drafts.find(pressed.target), what="draft", account=person.account, waited_s=pressed.waited_s
        )
        if isinstance(found, DatabaseSlow | DatabaseDown):
            return Say(sentence=text.refusal(found, locale=person.locale))
        if found is None:
            return Say(sentence=catalogue(person.locale).gone())
        return found if found.account == person.account else Say(sentence=catalogue(person.locale).not_yours())


def _is_theirs(generation: Generation, person: Person) -> bool:
    """By the platform's own id: an account is also of a place."""
    same_platform = generation.platform == platform_of(GenerationId(person.account))
    return same_platform and local_id(generation.account) == local_id(person.account)


def _place(of: Generation) -> Place | None:
    if of.receipt is None or of.receipt.channel is None or of.receipt.message is None:
        return None
    return of.receipt.channel, of.receipt.message


def _where_asked(pressed: Pressed, of: Generation) -> Pressed:
    """The press as if it had been where `of` was asked for, also from direct messages.

    There it was for adults then, if that was asked; nothing that comes with a press from elsewhere says so.
    """
    if pressed.person.space is not None and not pressed.private_by_dm:
        return pressed
    origin = None if of.receipt is None else of.receipt.origin
    return replace(pressed, person=replace(pressed.person, space=of.space), channel=origin, age_restricted=True)


def enlargeable(request: ImageRequest, drawn: "Iterable[int]") -> list[tuple[int, int | None]]:
    """Of the pictures that there are (`drawn`, from 0) each that Larger does something with.

    With it the number that its button needs where there are several: people count those that they see.
    """
    shown = [*drawn]
    if larger(request.size) is None:
        return []
    return [(n, at if len(shown) > 1 else None) for at, n in enumerate(shown, start=1)]


def is_shareable(generation: Generation) -> bool:
    """Whether a Share button does anything."""
    return generation.request.private and generation.shared_ms is None
