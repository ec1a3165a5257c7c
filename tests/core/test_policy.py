"""Which rule binds whom: precedence, pools under ceilings, resets, blocks and the bonus pot, as pure figures."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count, permutations
from typing import Final

import pytest
from fakes import ACCOUNT, MEMBER, SPACE, START_MS
from hypothesis import given
from hypothesis import strategies as st
from stores import HOUR_MS

from bot.model import Account, Limits, Pot, Source, Space
from bot.policy import Member, Policy, pot
from bot.rules import DEPLOYMENT, Kind, Rule, Subject, role_of
from bot.windows import Window

ME: Final = Subject(ACCOUNT)
HERE: Final = Subject(SPACE)
ARTISTS: Final = role_of(SPACE, "11")
FRIENDS: Final = role_of(SPACE, "22")
GUESTS: Final = role_of(SPACE, "33")
ARTIST: Final = replace(MEMBER, roles=(ARTISTS,))
NOW_MS: Final = START_MS + 12 * HOUR_MS

POLICY: Final = Policy(window=Window.parse("day", "UTC"), own=20, space=100, total=1000)
_ids = count()


def rule(
    subject: str,
    kind: Kind,
    value: int | None = None,
    *,
    at_ms: int = START_MS,
    expires_ms: int | None = None,
    reason: str | None = None,
) -> Rule:
    """A rule in force, as the store hands it over."""
    return Rule(
        id=f"rule:{next(_ids)}",
        space=SPACE,
        subject=Subject(subject),
        kind=kind,
        value=value,
        at_ms=at_ms,
        expires_ms=expires_ms,
        reason=reason,
        by="discord:9",
    )


def grant(amount: int, *, at_ms: int = START_MS, expires_ms: int | None = None) -> Rule:
    """Bonus credits for the person."""
    return rule(ME, Kind.GRANT, amount, at_ms=at_ms, expires_ms=expires_ms)


def judged(rules: Sequence[Rule] = (), *, member: Member = MEMBER, policy: Policy = POLICY) -> Limits:
    """What binds `member` at noon."""
    return policy.judge(member, rules, NOW_MS).limits


LADDER: Final = (
    (Source.PERSON, rule(ME, Kind.LIMIT, 3)),
    (Source.ROLE, rule(ARTISTS, Kind.LIMIT, 5)),
    (Source.SPACE, rule(HERE, Kind.LIMIT, 7)),
)


@pytest.mark.parametrize("step", range(4))
@pytest.mark.parametrize("backwards", [False, True])
def test_the_nearest_rule_gives_the_limit(step: int, *, backwards: bool) -> None:
    """Person before role before space before deployment, in whatever order the rules are read."""
    rungs = LADDER[step:]
    rules = [rule for _, rule in rungs]
    limits = judged(rules[::-1] if backwards else rules, member=ARTIST)
    source, value = (rungs[0][0], rungs[0][1].value) if rungs else (Source.DEPLOYMENT, POLICY.own)
    assert (limits.own, limits.source) == (value, source)


@pytest.mark.parametrize("value", [0, 1, 500, None])
@pytest.mark.parametrize("step", range(3))
def test_the_nearest_rule_counts_whether_it_gives_more_or_less(step: int, value: int | None) -> None:
    """A rule is no floor and no ceiling for those behind it; unlimited and nothing are limits like any other."""
    source, nearest = LADDER[step]
    limits = judged([replace(nearest, value=value), *(rule for _, rule in LADDER[step + 1 :])], member=ARTIST)
    assert (limits.own, limits.source) == (value, source)


@pytest.mark.parametrize(
    ("values", "best"),
    [((5, 9, 7), 9), ((0, 0, 1), 1), ((5, None, 9), None), ((None, None, None), None), ((0, 0, 0), 0)],
)
def test_of_several_roles_the_one_that_gives_the_most_counts(values: tuple[int | None, ...], best: int | None) -> None:
    """In whatever order they are held or read; the answer names that one first."""
    subjects = (ARTISTS, FRIENDS, GUESTS)
    rules = [rule(subject, Kind.LIMIT, value) for subject, value in zip(subjects, values, strict=True)]
    given_by = {subject for subject, value in zip(subjects, values, strict=True) if value == best}
    for held in permutations(subjects):
        for read in permutations(rules):
            limits = judged(read, member=replace(MEMBER, roles=held))
            assert (limits.own, limits.source) == (best, Source.ROLE)
            assert limits.roles[0] in given_by
            assert set(limits.roles) == set(subjects)


def test_roles_without_a_rule_and_rules_of_other_roles_say_nothing() -> None:
    """The roles that are kept with a picture are those that had a rule."""
    limits = judged([rule(FRIENDS, Kind.LIMIT, 9)], member=ARTIST)
    assert (limits.own, limits.source, limits.roles) == (POLICY.own, Source.DEPLOYMENT, ())
    limits = judged([rule(FRIENDS, Kind.LIMIT, 9)], member=replace(MEMBER, roles=(ARTISTS, FRIENDS)))
    assert (limits.own, limits.source, limits.roles) == (9, Source.ROLE, (FRIENDS,))


def test_roles_with_a_rule_are_kept_although_the_person_has_one_of_their_own() -> None:
    """Once that one is taken back, the picture under way is answered with the role's limit."""
    limits = judged([rule(ME, Kind.LIMIT, 1), rule(ARTISTS, Kind.LIMIT, 9)], member=ARTIST)
    assert (limits.own, limits.source, limits.roles) == (1, Source.PERSON, (ARTISTS,))


def test_rules_about_others_bind_nobody_else() -> None:
    """Another person, another server, and another kind of rule about the same subject."""
    others = [
        rule("discord:1:3", Kind.LIMIT, 1),
        rule("discord:1:3", Kind.RESET),
        rule("discord:1:3", Kind.BLOCK),
        rule("discord:2", Kind.LIMIT, 1),
        rule("discord:2", Kind.POOL, 1),
        rule("discord:2", Kind.CEILING, 1),
        rule(role_of(Space("discord:2"), "11"), Kind.LIMIT, 1),
    ]
    standing = POLICY.judge(ARTIST, others, NOW_MS)
    assert standing == POLICY.judge(ARTIST, [], NOW_MS)
    assert judged([rule(HERE, Kind.POOL, 1)]).own == POLICY.own
    assert judged([rule(HERE, Kind.LIMIT, 1)]).space == POLICY.space


@pytest.mark.parametrize(
    ("deployment", "ceiling", "pool", "binds"),
    [
        (100, "no rule", "no rule", 100),
        (100, "no rule", 60, 60),
        (100, "no rule", 100, 100),
        (100, "no rule", 101, 100),
        (100, "no rule", None, 100),
        (100, "no rule", 0, 0),
        (100, 40, "no rule", 40),
        (100, 40, 60, 40),
        (100, 40, 30, 30),
        (100, 40, None, 40),
        (100, 0, 60, 0),
        (100, 150, "no rule", 150),
        (100, 150, 120, 120),
        (100, None, "no rule", None),
        (100, None, 120, 120),
        (100, None, None, None),
        (None, "no rule", "no rule", None),
        (None, "no rule", 60, 60),
        (None, "no rule", None, None),
        (None, 40, 60, 40),
        (None, 40, "no rule", 40),
    ],
)
def test_a_pool_is_what_the_admins_allow_but_never_more_than_the_operator(
    deployment: int | None, ceiling: int | str | None, pool: int | str | None, binds: int | None
) -> None:
    """The operator's word about this space goes before the deployment's; None is unlimited."""
    rules = [
        rule(HERE, kind, value)
        for kind, value in ((Kind.CEILING, ceiling), (Kind.POOL, pool))
        if not isinstance(value, str)
    ]
    assert judged(rules, policy=replace(POLICY, space=deployment)).space == binds


@pytest.mark.parametrize(("budget", "binds"), [(5, 5), (0, 0), (5000, 5000), (None, None)])
def test_the_operators_budget_goes_before_the_deployments(budget: int | None, binds: int | None) -> None:
    """More, less, nothing, or unlimited; without a rule the deployment's own stands."""
    assert judged().total == POLICY.total
    assert judged([rule(DEPLOYMENT, Kind.BUDGET, budget)]).total == binds


def test_where_there_is_no_space_no_rule_of_one_is_asked_for() -> None:
    """A direct message has no pool, no default of a server, and the person's own rules all the same."""
    alone = Member(account=Account("discord:user:2"), space=None)
    assert all(kind not in {Kind.POOL, Kind.CEILING} for _, kind in POLICY.wanted(alone))
    limits = judged([rule("discord:user:2", Kind.LIMIT, 4)], member=alone)
    assert (limits.own, limits.source, limits.space, limits.total) == (4, Source.PERSON, None, POLICY.total)
    assert judged(member=alone).own == POLICY.own


def test_every_rule_that_could_bind_is_asked_for_once() -> None:
    """What is not asked for cannot count, and what is asked for twice would be read twice."""
    wanted = POLICY.wanted(replace(MEMBER, roles=(ARTISTS, FRIENDS)))
    assert len(wanted) == len(set(wanted))
    assert set(wanted) == {
        (ME, Kind.LIMIT),
        (ME, Kind.RESET),
        (ME, Kind.BLOCK),
        (ARTISTS, Kind.LIMIT),
        (FRIENDS, Kind.LIMIT),
        (HERE, Kind.LIMIT),
        (HERE, Kind.POOL),
        (HERE, Kind.CEILING),
        (DEPLOYMENT, Kind.BUDGET),
    }


@pytest.mark.parametrize("window", ["day", "week", "month", "24h"])
def test_a_reset_moves_the_start_of_the_persons_own_window_alone(window: str) -> None:
    """The pool and the budget go on counting from where they did; the end of the window stays."""
    policy = replace(POLICY, window=Window.parse(window, "UTC"))
    before = judged(policy=policy)
    after = judged([rule(ME, Kind.RESET, at_ms=NOW_MS - 5)], policy=policy)
    assert before.own_since_ms == before.since_ms < after.own_since_ms == NOW_MS - 5
    assert (after.since_ms, after.returns_ms) == (before.since_ms, before.returns_ms)


def test_a_reset_of_an_earlier_window_moves_nothing() -> None:
    """It never makes a window longer."""
    assert judged([rule(ME, Kind.RESET, at_ms=NOW_MS - 30 * HOUR_MS)]).own_since_ms == judged().since_ms


def test_what_begins_later_by_the_clock_has_not_begun() -> None:
    """A clock that was set back: what is charged until it has caught up counts, rather than lying before the start."""
    later = [rule(ME, Kind.RESET, at_ms=NOW_MS + 1), grant(10, at_ms=NOW_MS + 1)]
    assert judged(later) == judged()
    caught_up = POLICY.judge(MEMBER, later, NOW_MS + 1).limits
    assert (caught_up.own_since_ms, caught_up.pot) == (
        NOW_MS + 1,
        Pot(credits=10, since_ms=NOW_MS + 1, expires_ms=None),
    )


def test_a_block_is_told_with_its_rule_and_changes_no_figure() -> None:
    """Whoever is let in again has what they had."""
    block = rule(ME, Kind.BLOCK, reason="spam")
    standing = POLICY.judge(MEMBER, [block], NOW_MS)
    assert standing.block == block
    assert standing.limits == judged()
    assert POLICY.judge(MEMBER, [rule(HERE, Kind.BLOCK)], NOW_MS).block is None


@pytest.mark.parametrize("own", [0, 5, None])
def test_bonus_comes_beside_the_limit_whatever_that_is(own: int | None) -> None:
    """0 is bonus only; what a person without a limit was given waits for the day they have one."""
    limits = judged([rule(ME, Kind.LIMIT, own), grant(10)])
    assert (limits.own, limits.pot) == (own, Pot(credits=10, since_ms=START_MS, expires_ms=None))


def test_nobody_has_a_pot_without_a_grant() -> None:
    """And a grant to somebody else is handed over by nobody."""
    assert judged().pot is None
    assert pot([], NOW_MS) is None


HOURS: Final = tuple(START_MS + hours * HOUR_MS for hours in range(100))


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        ([grant(3, at_ms=HOURS[0])], (3, 0, None)),
        ([grant(3, at_ms=HOURS[0]), grant(4, at_ms=HOURS[1])], (7, 0, None)),
        ([grant(3, at_ms=HOURS[0], expires_ms=HOURS[40]), grant(4, at_ms=HOURS[1], expires_ms=HOURS[50])], (7, 0, 50)),
        ([grant(3, at_ms=HOURS[0], expires_ms=HOURS[50]), grant(4, at_ms=HOURS[1], expires_ms=HOURS[40])], (7, 0, 50)),
        ([grant(3, at_ms=HOURS[0], expires_ms=HOURS[50]), grant(4, at_ms=HOURS[1])], (7, 0, None)),
        ([grant(3, at_ms=HOURS[0]), grant(4, at_ms=HOURS[1], expires_ms=HOURS[20])], (7, 0, None)),
        # The first one ended before the second came.
        ([grant(3, at_ms=HOURS[0], expires_ms=HOURS[5]), grant(4, at_ms=HOURS[6], expires_ms=HOURS[40])], (4, 6, 40)),
        ([grant(3, at_ms=HOURS[0], expires_ms=HOURS[5]), grant(4, at_ms=HOURS[6])], (4, 6, None)),
        # In the very millisecond in which the first one ended, and in the last one before.
        ([grant(3, at_ms=HOURS[0], expires_ms=HOURS[5]), grant(4, at_ms=HOURS[5])], (4, 5, None)),
        ([grant(3, at_ms=HOURS[0], expires_ms=HOURS[5] + 1), grant(4, at_ms=HOURS[5])], (7, 0, None)),
        # Kept alive by the second, so the third adds to both.
        (
            [
                grant(3, at_ms=HOURS[0], expires_ms=HOURS[5]),
                grant(4, at_ms=HOURS[1], expires_ms=HOURS[9]),
                grant(5, at_ms=HOURS[8], expires_ms=HOURS[30]),
            ],
            (12, 0, 30),
        ),
        # Two pots that are over.
        (
            [
                grant(3, at_ms=HOURS[0], expires_ms=HOURS[2]),
                grant(4, at_ms=HOURS[3], expires_ms=HOURS[5]),
                grant(5, at_ms=HOURS[6], expires_ms=HOURS[30]),
            ],
            (5, 6, 30),
        ),
    ],
)
def test_all_grants_to_a_live_pot_make_one(grants: list[Rule], expected: tuple[int, int, int | None]) -> None:
    """It starts with its first grant and keeps the later expiry; after its end a grant starts a new one."""
    amount, since, expires = expected
    assert judged(grants).pot == Pot(
        credits=amount, since_ms=HOURS[since], expires_ms=None if expires is None else HOURS[expires]
    )


def test_a_pot_ends_in_the_millisecond_that_was_announced() -> None:
    """Until then it can be spent."""
    grants = [grant(3, expires_ms=NOW_MS)]
    assert pot(grants, NOW_MS - 1) == Pot(credits=3, since_ms=START_MS, expires_ms=NOW_MS)
    assert pot(grants, NOW_MS) is None
    assert judged(grants).pot is None


def test_a_second_grant_does_not_move_the_start_of_a_live_pot() -> None:
    """What was spent before it and is given back after it lies inside, so it returns to the pot."""
    before = pot([grant(3)], NOW_MS)
    after = pot([grant(3), grant(4, at_ms=NOW_MS)], NOW_MS)
    assert before is not None
    assert after is not None
    assert after.since_ms == before.since_ms


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9), st.none() | st.integers(1, 9)), max_size=8),
    st.integers(0, 99),
)
def test_a_pot_holds_what_the_hours_of_its_life_put_in(steps: list[tuple[int, int, int | None]], now: int) -> None:
    """Against a clock that ticks through every hour, puts in what is given and empties what has ended."""
    grants, at = [], 0
    for added, pause, hours in steps:
        at += pause
        grants.append((at, added, None if hours is None else at + hours))
    held, ends = 0, None
    for hour in range(now + 1):
        if ends is not None and hour >= ends:
            held, ends = 0, None
        for _, added, expires in [one for one in grants if one[0] == hour]:
            endless = held > 0 and ends is None
            ends = None if endless or expires is None else max(expires, ends or 0)
            held += added
    rules = [
        grant(added, at_ms=at * HOUR_MS, expires_ms=None if expires is None else expires * HOUR_MS)
        for at, added, expires in grants
        if at <= now
    ]
    live = pot(rules, now * HOUR_MS)
    assert (0 if live is None else live.credits) == held
    if live is not None:
        assert live.expires_ms == (None if ends is None else ends * HOUR_MS)
