"""What the buttons do: charged once for what is drawn, and a sentence and no charge for every wrong press."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from desk import ELSEWHERE, IN_DM, ME, ON_SLACK, ONE, OTHER, OTHER_IN_DM, WORDS, Desk, open_desk, says
from fakes import SPACE

from adapters.actions import enlargeable, is_shareable
from adapters.gestures import Person, Place, Pressed
from adapters.responses import Confirm, Drawing, Form, Removal, Replaced, Say, Sharing
from adapters.sentences import Code, Sentence
from bot.errors import DatabaseFailed
from bot.model import Action, Generation, GenerationId, ImageRequest, Parent, Size
from bot.rules import Change, Kind, Subject, channel_of
from bot.store import Generations, Rules
from bot.store.database import Row

Press = Callable[[Desk, Pressed], Coroutine[Any, Any, object]]

PRESSES: dict[str, Press] = {
    "again": lambda desk, pressed: desk.actions.again(pressed),
    "larger": lambda desk, pressed: desk.actions.larger(pressed, 0),
    "edit": lambda desk, pressed: desk.actions.edit(pressed),
    "submit": lambda desk, pressed: desk.actions.submit(desk.asked("a fox", pressed.person), pressed.target),
    "cancel": lambda desk, pressed: desk.actions.cancel(pressed),
    "waiting": lambda desk, pressed: desk.actions.waiting(pressed),
    "delete": lambda desk, pressed: desk.actions.delete(pressed),
    "share": lambda desk, pressed: desk.actions.share(pressed),
}


@pytest.mark.parametrize("name", PRESSES)
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("unknown", WORDS.gone()),
        ("deleted", WORDS.gone()),
        ("erased", WORDS.gone()),
        ("another person", WORDS.not_yours()),
        ("another person in a direct message", WORDS.not_yours()),
        ("another platform", WORDS.not_yours()),
        ("another place", WORDS.other_place()),
    ],
)
async def test_a_wrong_press_is_answered_and_changes_nothing(
    desk: Desk, name: str, wrong: str, sentence: Sentence
) -> None:
    """Whatever stood on the button: no charge, no row, no message."""
    of = await desk.drawn(private=True)
    person, target = ME, of.id
    match wrong:
        case "unknown":
            target = GenerationId("discord:unknown")
        case "deleted":
            await desk.actions.deleted(desk.pressed(), of)
        case "erased":
            erased = replace(of.request, prompt="").to_json()
            await desk.shop.database.fetch("UPDATE generation SET request = :request, result = NULL", request=erased)
        case "another person":
            person = OTHER
        case "another person in a direct message":
            person = OTHER_IN_DM
        case "another platform":
            person = ON_SLACK
        case _:
            person = ELSEWHERE
    before = await desk.rows()
    assert says(await PRESSES[name](desk, desk.pressed(target, person))) == sentence
    assert await desk.rows() == before
    assert (desk.shop.courier.tried, len(desk.shop.model.drawn)) == (["deliver"], 1)


class FailingGenerations(Generations):
    """Cannot be read."""

    async def find(self, id: GenerationId) -> Generation | None:
        raise DatabaseFailed(f"database is locked: {id}")


@pytest.mark.parametrize("name", PRESSES)
async def test_a_database_that_fails_is_said_to_fail(desk: Desk, name: str) -> None:
    """No press ends in silence."""
    desk.actions._generations = FailingGenerations(desk.shop.database)  # noqa: SLF001
    assert says(await PRESSES[name](desk, desk.pressed())) == WORDS.database_down()


async def test_again_is_the_same_with_a_new_seed(desk: Desk) -> None:
    """Charged as any other, answered where it was pressed, and it knows what it is made of."""
    of = await desk.drawn(count=3, size=Size(720, 1280), private=True, extend=True)
    pressed = desk.pressed()
    made = await desk.made(await desk.actions.again(pressed))
    assert replace(made.request, seed=7) == of.request
    assert made.request.seed != of.request.seed
    assert (made.id, made.address, made.charged) == (pressed.id, pressed.address, 6)
    assert made.parent == Parent(id=of.id, action=Action.AGAIN)


async def test_ten_presses_at_once_draw_once(desk: Desk) -> None:
    """One is charged, the others are told; after its end it may be pressed again."""
    await desk.drawn()
    replies = await asyncio.gather(*(desk.actions.again(desk.pressed()) for _ in range(10)))
    drawings = [reply for reply in replies if isinstance(reply, Drawing)]
    assert len(drawings) == 1
    assert [says(reply) for reply in replies if reply not in drawings] == [WORDS.under_way()] * 9
    assert await desk.shop.database.fetch("SELECT SUM(charged) AS n FROM generation") == [{"n": 2}]
    await desk.shop.studio.run(drawings[0].id)
    assert isinstance(await desk.actions.again(desk.pressed()), Drawing)


async def test_the_platforms_second_delivery_of_a_press_is_not_a_second_press(desk: Desk) -> None:
    """It has the first one's id, and the first one is being served."""
    await desk.drawn()
    pressed = desk.pressed()
    first, second = [await desk.actions.again(pressed) for _ in range(2)]
    assert isinstance(first, Drawing)
    assert not isinstance(second, Drawing | Say)


async def test_a_press_in_a_direct_message_counts_there(desk: Desk) -> None:
    """A private picture of a server comes by direct message: its buttons work, on the account of where they are."""
    await desk.drawn(private=True)
    made = await desk.made(await desk.actions.again(desk.pressed(person=IN_DM)))
    assert (made.account, made.space) == (IN_DM.account, None)


@pytest.mark.parametrize("name", ["again", "larger", "submit"])
async def test_what_costs_too_much_is_refused_with_its_price(tmp_path: Path, name: str) -> None:
    """As a typed command is."""
    async with open_desk(tmp_path, own=1) as desk:
        await desk.drawn()
        before = await desk.rows()
        reply = await PRESSES[name](desk, desk.pressed())
        assert "1 credit" in "".join(span for span in says(reply) if isinstance(span, str))
        assert await desk.rows() == before


@pytest.mark.parametrize("n", [0, 1, 3])
async def test_larger_is_one_picture_of_the_next_size(desk: Desk, n: int) -> None:
    """With that picture's own prompt and seed, so that it is that picture."""
    await desk.drawn(prompt="{red,blue} fox", prompts=("red fox", "blue fox"), count=4, private=True)
    made = await desk.made(await desk.actions.larger(desk.pressed(), n))
    assert made.request == ImageRequest(
        prompt=("red fox", "blue fox")[n % 2],
        size=Size(1280, 1280),
        seed=7 + n // 2,
        extend=False,
        private=True,
    )
    assert (made.charged, made.parent) == (1, Parent(id=ONE, action=Action.LARGER, n=n))


@pytest.mark.parametrize(
    ("size", "n"),
    [
        (Size(1536, 1536), 0),
        (Size(2048, 1152), 0),
        (Size(1000, 1000), 0),
        (Size(1024, 1024), 2),
        (Size(1024, 1024), 9),
        (Size(1024, 1024), -1),
    ],
    ids=str,
)
async def test_what_cannot_be_larger_is_said_to_be(desk: Desk, size: Size, n: int) -> None:
    """The largest, pixels of one's own, and a picture that is not there."""
    of = await desk.drawn(size=size, count=2)
    before = await desk.rows()
    assert says(await desk.actions.larger(desk.pressed(), n)) == WORDS.largest()
    assert await desk.rows() == before
    assert bool(enlargeable(of.request, [0])) is (size == Size(1024, 1024))


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [([0], [(0, None)]), ([2], [(2, None)]), ([0, 1], [(0, 1), (1, 2)]), ([0, 2, 3], [(0, 1), (2, 2), (3, 3)])],
)
async def test_who_makes_a_picture_larger_counts_those_that_they_see(
    desk: Desk, drawn: list[int], expected: list[tuple[int, int | None]]
) -> None:
    """Of four, one may not have come: the third that was asked for is the second that is there."""
    assert enlargeable((await desk.drawn(count=4)).request, drawn) == expected


async def test_each_picture_may_be_made_larger_at_once(desk: Desk) -> None:
    """Two pictures are two buttons; one of them pressed twice is one too many."""
    await desk.drawn(count=2)
    replies = [await desk.actions.larger(desk.pressed(), n) for n in (0, 1, 1)]
    assert [type(reply) for reply in replies] == [Drawing, Drawing, Say]


async def test_a_form_is_filled_and_what_comes_back_is_a_command(desk: Desk) -> None:
    """Read as typed, with a parent; each submission for itself."""
    of = await desk.drawn()
    assert await desk.actions.edit(desk.pressed()) == Form(parent=of.id, request=of.request)
    for _ in range(2):
        made = await desk.made(await desk.actions.submit(desk.asked("a blue fox --ar 16:9 --seed 3"), of.id))
        assert (made.request.prompt, made.request.size, made.request.seed) == ("a blue fox", Size(1280, 720), 3)
        assert made.parent == Parent(id=of.id, action=Action.EDIT)
    before = await desk.rows()
    assert says(await desk.actions.submit(desk.asked("a fox --ar 5:1"), of.id))
    assert await desk.rows() == before


async def test_several_prompts_are_drawn_after_a_yes(desk: Desk) -> None:
    """Shown with what they cost, and charged for then alone; a second yes is the same command."""
    reply = await desk.commands.imagine(desk.asked("{red,blue} fox --n 2"))
    assert isinstance(reply, Confirm)
    *question, listed = reply.sentence
    assert question == ["These are 4 pictures for 4 credits; 20 credits left. Draw them?\n"]
    assert listed == Code("1. red fox\n2. blue fox")
    assert not await desk.shop.generations.open_ids()
    replies = await asyncio.gather(*(desk.actions.confirm(desk.pressed(reply.id)) for _ in range(5)))
    [drawing] = [one for one in replies if isinstance(one, Drawing)]
    assert [says(one) for one in replies if one is not drawing] == [WORDS.confirmed()] * 4
    made = await desk.made(drawing)
    assert (made.id, made.charged, made.request.prompts) == (reply.id, 4, ("red fox", "blue fox"))
    assert made.address == {"channel": "5", "token": "of the press"}


async def test_several_prompts_of_a_form_know_what_they_were_edited_from(desk: Desk) -> None:
    """Also after the yes."""
    of = await desk.drawn()
    reply = await desk.actions.submit(desk.asked("{red,blue} fox"), of.id)
    assert isinstance(reply, Confirm)
    made = await desk.made(await desk.actions.confirm(desk.pressed(reply.id)))
    assert made.parent == Parent(id=of.id, action=Action.EDIT)


async def test_a_discarded_draft_is_gone(desk: Desk) -> None:
    """Nothing was charged, and a yes comes too late."""
    id = await desk.draft()  # noqa: A001 - the field's own name
    assert await desk.actions.discard(desk.pressed(id)) == Replaced(sentence=WORDS.discarded())
    for press in (desk.actions.confirm, desk.actions.discard):
        assert says(await press(desk.pressed(id))) == WORDS.gone()
    assert not await desk.shop.generations.open_ids()


async def test_a_confirmed_draft_is_not_said_to_be_discarded(desk: Desk) -> None:
    """It is being drawn, and paid."""
    id = await desk.draft()  # noqa: A001 - the field's own name
    assert isinstance(await desk.actions.confirm(desk.pressed(id)), Drawing)
    assert await desk.actions.discard(desk.pressed(id)) == Replaced(sentence=WORDS.confirmed())
    assert says(await desk.actions.confirm(desk.pressed(id))) == WORDS.confirmed()
    assert list(await desk.shop.generations.open_ids()) == [id]


@pytest.mark.parametrize("name", ["confirm", "discard"])
async def test_another_persons_draft_is_theirs(desk: Desk, name: str) -> None:
    """Whoever sees the button: the draft stays."""
    id = await desk.draft()  # noqa: A001 - the field's own name
    before = await desk.rows()
    for person in (OTHER, ELSEWHERE):
        assert says(await getattr(desk.actions, name)(desk.pressed(id, person))) == WORDS.not_yours()
    assert await desk.rows() == before


async def test_a_draft_that_costs_too_much_waits_for_credits(tmp_path: Path) -> None:
    """The yes is refused with a reason, and may be said again."""
    async with open_desk(tmp_path, own=1) as desk:
        id = await desk.draft()  # noqa: A001 - the field's own name
        assert says(await desk.actions.confirm(desk.pressed(id)))
        assert not await desk.shop.generations.open_ids()
        assert await desk.drafts.find(id) is not None


async def test_a_message_is_deleted_by_its_person_or_a_moderator(desk: Desk) -> None:
    """The row stays for the books, and nobody's history shows it."""
    of = await desk.drawn()
    for pressed in (desk.pressed(), desk.pressed(person=OTHER, moderates=True)):
        assert await desk.actions.delete(pressed) == Removal(generation=of, sentence=WORDS.deleted())
    moderator_elsewhere = desk.pressed(person=ELSEWHERE, moderates=True)
    assert says(await desk.actions.delete(moderator_elsewhere)) == WORDS.other_place()
    await desk.actions.deleted(desk.pressed(), of)
    assert (await desk.found(of.id)).charged == 1
    assert says(await desk.actions.history(ME, page=1)) == WORDS.history_empty()


async def test_what_was_shared_can_be_deleted_after_its_original(desk: Desk) -> None:
    """By the same people; nothing else can be done with it."""
    of = await desk.drawn(private=True)
    await desk.actions.share(desk.pressed())
    await desk.actions.deleted(desk.pressed(), of)
    for pressed in (desk.pressed(), desk.pressed(person=OTHER, moderates=True)):
        assert isinstance(await desk.actions.delete(pressed), Removal)
    assert says(await desk.actions.delete(desk.pressed(person=OTHER))) == WORDS.not_yours()
    for name in PRESSES.keys() - {"delete"}:
        assert says(await PRESSES[name](desk, desk.pressed(of.id))) == WORDS.gone()


@pytest.mark.parametrize(
    ("stood", "person", "kept"),
    [
        (("3", "4"), ME, (True, True)),
        (("3", "4"), OTHER, (True, True)),
        (("3", "9"), ME, (False, False)),
        (("9", "4"), ME, (False, False)),
        (("3", "9"), OTHER, (False, True)),
    ],
)
async def test_a_copy_that_is_deleted_takes_nothing_from_its_person(
    desk: Desk, stood: Place, person: Person, kept: tuple[bool, bool]
) -> None:
    """They may share theirs again, but not what a moderator has taken down."""
    await desk.drawn(private=True)
    await desk.actions.share(desk.pressed())
    pressed = desk.pressed(person=person, moderates=person is OTHER)
    removal = await desk.actions.delete(pressed)
    assert isinstance(removal, Removal)
    await desk.actions.deleted(pressed, removal.generation, stood=stood)
    found = await desk.found(ONE)
    assert (found.deleted_ms is not None, found.shared_ms is not None) == kept


async def test_a_private_picture_is_shared_once(desk: Desk) -> None:
    """Until it turns out that it could not be posted."""
    of = await desk.drawn(private=True)
    assert is_shareable(of)
    replies = await asyncio.gather(*(desk.actions.share(desk.pressed()) for _ in range(5)))
    assert [reply for reply in replies if isinstance(reply, Sharing)] == [
        Sharing(generation=of, log_channel=None, spoiler=False)
    ]
    assert [says(reply) for reply in replies if isinstance(reply, Say)] == [WORDS.shared_already()] * 4
    assert not is_shareable(await desk.found(of.id))
    await desk.actions.unshare(of.id)
    assert isinstance(await desk.actions.share(desk.pressed()), Sharing)


@pytest.mark.parametrize("direct", [False, True])
async def test_what_is_shared_is_bound_by_the_rules_of_where_it_was_asked_for(desk: Desk, *, direct: bool) -> None:
    """Those that hold now, also when the button is pressed in direct messages; and it can be shared after all."""
    await desk.drawn(private=True)
    off = Change(space=SPACE, subject=channel_of(SPACE, "3"), kind=Kind.PICTURES, value=0)
    seen = Change(space=SPACE, subject=Subject(SPACE), kind=Kind.LOG, text="9")
    adults = Change(space=SPACE, subject=Subject(SPACE), kind=Kind.RESTRICTED, value=1)
    rules = Rules(desk.shop.database)
    for number, change in enumerate((off, seen, adults)):
        await rules.add(change, id=f"rule {number}", by="discord:2", now_ms=desk.shop.clock.now_ms())
    press = desk.pressed(person=IN_DM) if direct else replace(desk.pressed(), channel="3", age_restricted=True)
    assert says(await desk.actions.share(press)) == WORDS.may_not_be_shared()
    desk.shop.clock.advance(1)
    await rules.add(replace(off, value=1), id="rule 9", by="discord:2", now_ms=desk.shop.clock.now_ms())
    shared = await desk.actions.share(press)
    assert isinstance(shared, Sharing)
    assert shared.log_channel == "9"


async def test_a_public_picture_needs_no_sharing(desk: Desk) -> None:
    """It is said so."""
    of = await desk.drawn()
    assert not is_shareable(of)
    assert says(await desk.actions.share(desk.pressed())) == WORDS.not_private()


async def test_what_cannot_be_read_in_time_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """No press waits for a database longer than its platform does."""
    monkeypatch.setattr("adapters.commands.PATIENCE_S", 0.01)
    never = asyncio.Event()

    async def fetch(sql: str, **params: Any) -> list[Row]:
        await never.wait()
        raise AssertionError(sql, params)

    monkeypatch.setattr(desk.shop.database, "fetch", fetch)
    slow = WORDS.database_slow()
    async with asyncio.timeout(10):
        for press in PRESSES.values():
            assert says(await press(desk, desk.pressed())) == slow
        for answer in (desk.actions.confirm, desk.actions.discard):
            assert says(await answer(desk.pressed())) == slow
        assert says(await desk.actions.history(ME, page=1)) == slow
        assert await desk.actions.prompts(ME, "", limit=9) == []
        assert says(await desk.commands.imagine(desk.asked("{a,b}"))) == slow


async def test_all_that_is_read_for_a_press_shares_one_patience(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two slow reads are as late as one that is twice as slow, and nothing is charged."""
    await desk.drawn()
    draft = await desk.draft()
    before = await desk.rows()
    fetch = desk.shop.database.fetch

    async def slowly(sql: str, **params: Any) -> list[Row]:
        await asyncio.sleep(0.15)
        return await fetch(sql, **params)

    with monkeypatch.context() as slow:
        slow.setattr("adapters.commands.PATIENCE_S", 0.25)
        slow.setattr(desk.shop.database, "fetch", slowly)
        assert says(await desk.actions.again(desk.pressed())) == WORDS.database_slow()
        assert says(await desk.actions.confirm(desk.pressed(draft))) == WORDS.database_slow()
        assert says(await desk.actions.submit(desk.asked("a fox"), ONE)) == WORDS.database_slow()
    assert await desk.rows() == before
