"""Stand-ins that forget what is over, so that a long run does not fill their memory."""

from e2e.conftest import Running

from sandbox.stage import DiscordStage, SlackStage, Stage


async def test_a_platform_forgets_what_is_over_and_goes_on(stage: Stage, running: Running) -> None:
    """Nothing of the first command is left, and the second is drawn as if it was the first."""
    async with running():
        assert (await (await stage.imagine("a red fox")).ending()).pictures
        if isinstance(stage, DiscordStage):
            stage.discord.forget()
            assert (stage.discord.messages, stage.discord.requests) == ([], [])
        elif isinstance(stage, SlackStage):
            stage.slack.forget()
            assert (stage.slack.messages, stage.slack.files, stage.slack.requests) == ([], [], [])
        assert stage.results() == 0
        assert (await (await stage.imagine("a blue fox")).ending()).pictures
        assert stage.results() == 1
