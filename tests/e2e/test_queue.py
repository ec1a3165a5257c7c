"""Waiting in line, as people see it."""

from e2e.conftest import Running

from sandbox.dashscope import DashScopeSandbox
from sandbox.stage import Stage


async def test_whoever_has_too_many_open_is_refused_politely(
    stage: Stage, running: Running, dashscope: DashScopeSandbox
) -> None:
    """Nothing is charged for it, others are taken, and once a picture is there the next command is, too."""
    async with running(max_queued_per_user=2, quota_credits=100):
        with dashscope.hold():
            first = [await stage.imagine("a red fox") for _ in range(2)]
            for typed in first:
                await typed.answer()
            refused = await (await stage.imagine("one fox more")).ending()
            assert "2 commands of yours are still being drawn. Nothing was charged" in refused.text
            other = await stage.imagine("a blue fox", who="ann")
            await other.answer()
        for typed in (*first, other):
            assert len((await typed.ending()).pictures) == 1
        assert len((await (await stage.imagine("one fox more")).ending()).pictures) == 1


async def test_one_with_many_commands_does_not_keep_the_others_waiting(
    stage: Stage, running: Running, dashscope: DashScopeSandbox
) -> None:
    """Their pictures come in turns: whoever types after somebody's twelve commands is drawn among the first."""
    async with running(max_queued_per_user=20, quota_credits=100, images_per_minute=241):
        many = [await stage.imagine("a heavy fox --raw") for _ in range(12)]
        for typed in many:
            await typed.answer()
        light = [await stage.imagine("a light fox --raw", who=name) for name in ("ann", "ben")]
        for typed in (*light, *many):
            await typed.ending(within_s=20)
        prompts = [call.prompt for call in dashscope.calls]
    assert len(prompts) == 14
    assert max(at for at, prompt in enumerate(prompts) if "light" in prompt) <= 8
