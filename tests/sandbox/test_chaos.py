"""The kill tests can fail: doctored facts are found out, and the plan leaves nothing out."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from sandbox.chaos.evidence import Evidence, Finding, Payment, Row, Window, Wrong, judge
from sandbox.chaos.grounds import GROUNDS
from sandbox.chaos.plan import plan
from sandbox.chaos.report import Report

DELIVERED = Row(state="delivered", charged=3, settled=True)
REFUNDED = Row(state="refunded", charged=0, settled=True)
PAID = tuple(Payment(seed=seed, at_s=1, fetched=True) for seed in (7, 8, 9))
GOOD = Evidence(command="a fox", wanted=3, promised=True, row=DELIVERED, shown=[3], payments=PAID)
TOLD = Evidence(command="gore", wanted=3, promised=True, row=REFUNDED, told=1)
NEVER_TAKEN = Evidence(command="a fox", wanted=3, promised=False, row=None)
REFUSED_AT_ONCE = replace(NEVER_TAKEN, told=1)


@pytest.mark.parametrize("evidence", [GOOD, TOLD, NEVER_TAKEN, REFUSED_AT_ONCE, replace(GOOD, promised=False)])
def test_a_command_that_ended_well_breaks_no_rule(evidence: Evidence) -> None:
    """Delivered, refunded and told, never taken, refused; a lost first answer is no fault of the bot's."""
    assert judge(evidence, Window()) == []


@pytest.mark.parametrize(
    ("doctored", "wrong"),
    [
        (replace(GOOD, row=replace(DELIVERED, settled=False)), [Wrong.LOST]),
        (replace(GOOD, shown=[2]), [Wrong.LOST, Wrong.WRONGLY_CHARGED]),
        (replace(GOOD, shown=[]), [Wrong.LOST, Wrong.WRONGLY_CHARGED]),
        (replace(GOOD, shown=[], row=None), [Wrong.LOST]),
        (replace(NEVER_TAKEN, shown=[3]), [Wrong.LOST, Wrong.WRONGLY_CHARGED]),
        (replace(TOLD, told=0), [Wrong.LOST]),
        (replace(TOLD, row=replace(REFUNDED, settled=False)), [Wrong.LOST]),
        (replace(TOLD, row=replace(REFUNDED, charged=3)), [Wrong.WRONGLY_CHARGED]),
        (replace(GOOD, row=replace(DELIVERED, charged=2)), [Wrong.WRONGLY_CHARGED]),
        (replace(GOOD, row=replace(DELIVERED, charged=4)), [Wrong.WRONGLY_CHARGED]),
        (replace(GOOD, row=REFUNDED, told=1), [Wrong.DUPLICATED, Wrong.WRONGLY_CHARGED]),
        (replace(GOOD, shown=[3, 3]), [Wrong.DUPLICATED]),
        (replace(GOOD, shown=[3, 3], doubts=1), [Wrong.DUPLICATED]),
        (replace(TOLD, told=3), [Wrong.DUPLICATED] * 2),
    ],
)
def test_a_broken_rule_is_named(doctored: Evidence, wrong: list[Wrong]) -> None:
    """Each change to a good ending is a rule broken."""
    assert [finding.wrong for finding in judge(doctored, Window())] == wrong


def test_a_message_may_repeat_only_where_nobody_could_know() -> None:
    """One repeat a kill in doubt, and only of what the platform lets nobody look up."""
    twice = replace(GOOD, shown=[3, 3], doubts=1)
    assert [finding.wrong for finding in judge(twice, Window(shown=True))] == [Wrong.REPEATED]
    assert [finding.wrong for finding in judge(twice, Window(told=True))] == [Wrong.DUPLICATED]
    thrice = replace(GOOD, shown=[3, 3, 3], doubts=1)
    assert [finding.wrong for finding in judge(thrice, Window(shown=True))] == [Wrong.REPEATED, Wrong.DUPLICATED]
    told_twice = replace(TOLD, told=2, doubts=1)
    assert [finding.wrong for finding in judge(told_twice, Window(told=True))] == [Wrong.REPEATED]


@pytest.mark.parametrize(
    ("fetched", "starts_s", "wrong"),
    [
        (False, (2.0,), []),
        (False, (), [Wrong.PAID_AGAIN]),
        (False, (0.5, 4.0), [Wrong.PAID_AGAIN]),
        (True, (2.0,), [Wrong.PAID_AGAIN]),
    ],
)
def test_a_picture_is_paid_again_only_for_a_call_that_a_kill_cut_off(
    *, fetched: bool, starts_s: tuple[float, ...], wrong: list[Wrong]
) -> None:
    """Not before, not after, and not once the bot knew of the picture."""
    again = (replace(PAID[0], at_s=3), replace(PAID[0], fetched=fetched), *PAID[1:])
    found = judge(replace(GOOD, payments=again, starts_s=starts_s), Window())
    assert [finding.wrong for finding in found] == wrong


def test_the_same_seed_is_the_same_plan() -> None:
    """And another seed another one."""
    assert plan(kills=300, loads=100, seed=7) == plan(kills=300, loads=100, seed=7)
    assert plan(kills=300, loads=100, seed=7) != plan(kills=300, loads=100, seed=8)


def test_every_moment_is_chosen_with_one_picture_and_with_three() -> None:
    """And every kill that was asked for is planned, on each platform."""
    batches = plan(kills=300, loads=100, seed=7)
    assert sum(len(batch.kills) for batch in batches) == 300
    assert sum(len(batch.loads) for batch in batches) == 100
    for ground in GROUNDS:
        ours = [batch for batch in batches if batch.ground is ground]
        assert any(batch.loads for batch in ours)
        chosen = {(kill.moment, kill.pictures) for batch in ours for kill in batch.kills}
        assert chosen == {(moment, pictures) for moment in ground.moments for pictures in (1, 3)}


def test_the_report_fails_on_everything_but_the_window() -> None:
    """The window is counted, and is no failure; the table shows both."""
    out = StringIO()
    report = Report(planned=2, console=Console(file=out, width=110))
    moment = GROUNDS[1].moments[0].name
    report.add(moment, "Slack", [Finding(wrong=Wrong.REPEATED, about="")])
    assert (report.kills, report.failures) == (1, 0)
    report.add(moment, "Slack", [Finding(wrong=Wrong.LOST, about="")])
    assert (report.kills, report.failures) == (2, 1)
    report.table()
    [row] = [line.split() for line in out.getvalue().splitlines() if line.split()[:1] == ["all"]]
    assert row == ["all", "2", "1", "0", "1", "0", "0"]


@pytest.mark.parametrize("width", [20, 80, 110, 200])
def test_the_table_is_whole_however_narrow_the_console(width: int) -> None:
    """A pipe or a log has no width that could be trusted, and a column less hides a rule broken."""
    out = StringIO()
    report = Report(planned=1, console=Console(file=out, width=width))
    for ground in GROUNDS:
        for moment in ground.moments:
            report.add(moment.name, ground.name, [Finding(wrong=Wrong.PAID_AGAIN, about="")])
    out.truncate(out.seek(0))
    report.table()
    lines = out.getvalue().splitlines()
    for ground in GROUNDS:
        for moment in ground.moments:
            rows = [
                line.removeprefix(f"  {ground.name}").strip() for line in lines if line.startswith(f"  {ground.name}  ")
            ]
            [row] = [row for row in rows if row.startswith(f"{moment.name}  ")]
            assert row.removeprefix(moment.name).split() == ["1", "0", "0", "0", "0", "1"]
    [head] = [line.split() for line in lines if "platform" in line]
    assert head == ["platform", "killed", "at", "kills", "lost", "duplicated", "window", "charged", "again"]
