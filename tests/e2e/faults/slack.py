"""Slack at fault: its sockets, the picture's way to the channel, and what only the operator can mend."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from e2e.faults.registry import Scenario, keeper
from e2e.faults.scene import Scene
from e2e.ledger import until

from sandbox.discord import DiscordSandbox
from sandbox.slack import SlackSandbox
from sandbox.stage import DiscordStage, Ending

SCENARIOS: dict[str, Scenario] = {}
fault = keeper(SCENARIOS)

# Slack: the connection.


@fault("a refresh")
async def _(scene: Scene) -> Ending:
    await scene.start()
    await scene.slack.refresh()
    # The new connection is there before the old one goes: nobody meets a closed door.
    assert scene.slack.num_connections == 1
    return await scene.imagine()


@fault("a ticket that was used up")
async def _(scene: Scene) -> Ending:
    await scene.start()
    scene.slack.refuse_handshakes(3)
    await scene.slack.refresh()
    await until(lambda: opened(scene.slack) == 5)
    await scene.slack.wait_until_ready()
    return await scene.imagine()


@fault("a connection that is cut")
async def _(scene: Scene) -> Ending:
    await scene.start()
    await scene.slack.drop_connections()
    await scene.slack.wait_until_ready()
    return await scene.imagine()


@fault("a half-open connection")
async def _(scene: Scene) -> Ending:
    scene.shorten("adapters.slack.connection._PING_S", to_s=1.0)
    await scene.start()
    scene.slack.go_deaf()
    await scene.slack.wait_until_ready()
    return await scene.imagine()


@fault("`too_many_websockets`")
async def _(scene: Scene) -> Ending:
    await scene.start()
    began_s = scene.clock.now_s()
    scene.slack.turn_away(8)
    await scene.slack.drop_connections()
    await scene.slack.wait_until_ready()
    # The library's own client asks some 4,000 times in 10 s.
    assert opened(scene.slack) == 1 + 8 + 1
    assert scene.clock.now_s() - began_s > 60
    return await scene.imagine()


def opened(slack: SlackSandbox) -> int:
    """How many tickets were asked for."""
    return [call.method for call in slack.requests].count("apps.connections.open")


@fault("429 on a new ticket")
async def _(scene: Scene) -> Ending:
    await scene.start()
    scene.slack.rate_limit("apps.connections.open", retry_after_s=30)
    await scene.slack.drop_connections()
    await scene.slack.wait_until_ready()
    return await scene.imagine()


@fault("Slack down at the start")
async def _(scene: Scene) -> Ending:
    scene.slack.faults.inject("POST /api/auth.test", times=5, status=503, text="down")
    await scene.start(in_trouble=True)
    return await scene.imagine()


# Slack: the picture.

METHODS = ("files.getUploadURLExternal", "files.completeUploadExternal", "files.info", "chat.postMessage")


@fault("429 on every method")
async def _(scene: Scene) -> list[Ending]:
    endings = []
    for method in METHODS:
        scene.slack.rate_limit(method, retry_after_s=20)
        began_s = scene.clock.now_s()
        endings.append(await scene.imagine())
        assert scene.clock.now_s() - began_s >= 20
    assert scene.stage.results() == len(METHODS)
    return endings


def proxied(status: int) -> Scenario:
    async def scenario(scene: Scene) -> list[Ending]:
        endings = []
        for path in (*(f"/api/{method}" for method in METHODS), "/upload/v1/*"):
            page = scene.slack.faults.inject(f"* {path}", status=status, text="<html>proxy</html>")
            endings.append(await scene.imagine())
            assert page.hits == 1
        assert scene.stage.results() == len(endings)
        return endings

    return scenario


fault("502 on every method")(proxied(502))
fault("504 on every method")(proxied(504))


@fault("429 on the word that nothing came of it")
async def _(scene: Scene) -> Ending:
    scene.dashscope.fail("DataInspectionFailed")
    scene.slack.faults.inject("POST /commands/*", status=429, text="slow down")
    ending = await scene.imagine()
    assert ending.place == "#general"
    return ending


@fault("a post whose answer is lost, where the app may read the channel")
async def _(scene: Scene) -> Ending:
    scene.slack.grant("channels:history")
    scene.slack.faults.inject("POST /api/chat.postMessage", drop="answer")
    ending = await scene.imagine()
    assert scene.stage.results() == 1
    return ending


@fault("a post whose answer is lost, where it may not")
async def _(scene: Scene) -> Ending:
    scene.slack.faults.inject("POST /api/chat.postMessage", drop="answer")
    ending = await scene.imagine()
    # The one place where exactly-once is not to be had: in doubt, the person gets their picture.
    assert (scene.stage.results(), len(scene.slack.files)) == (2, 1)
    return ending


@fault("429 on looking for a post whose answer is lost")
async def _(scene: Scene) -> Ending:
    scene.slack.grant("channels:history")
    scene.slack.faults.inject("POST /api/chat.postMessage", drop="answer")
    scene.slack.rate_limit("conversations.history", retry_after_s=20)
    ending = await scene.imagine()
    assert scene.stage.results() == 1
    return ending


@fault("a file that is ready after a minute")
async def _(scene: Scene) -> Ending:
    scene.slack.delay_files(60)
    return await scene.imagine()


@fault("a file that is never ready")
async def _(scene: Scene) -> Ending:
    scene.slack.delay_files(86_400)
    return await scene.imagine()


def closed(code: str, times: int = 1) -> Scenario:
    async def scenario(scene: Scene) -> Ending:
        scene.slack.fail("chat.postMessage", code, times=times)
        return await scene.imagine()

    return scenario


fault("`not_in_channel`")(closed("not_in_channel"))
fault("`channel_not_found`")(closed("channel_not_found"))
fault("`channel_not_found`, for the person as well")(closed("channel_not_found", 2))


@fault("`is_archived`")
async def _(scene: Scene) -> Ending:
    def archive() -> None:
        scene.slack.channel.is_archived = True

    return await scene.imagine(meanwhile=archive)


@fault("a file that the workspace's rules refuse")
async def _(scene: Scene) -> Ending:
    scene.slack.fail("files.completeUploadExternal", "file_upload_size_restricted")
    return await scene.imagine()


# Slack: the operator.


@asynccontextmanager
async def beside(scene: Scene) -> AsyncIterator[None]:
    """Run the bot on Discord as well: a platform that is given up does not end it then."""
    async with DiscordSandbox(clock=scene.clock) as discord:
        await scene.start(DiscordStage(discord))
        yield
        await scene.stack.aclose()


@fault("`invalid_auth`, `token_revoked` while a picture is drawn")
async def _(scene: Scene) -> list[Ending]:
    return [await scene.imagine(meanwhile=partial(scene.slack.revoke_token, code)) for code in scene.codes]


@fault("`token_revoked` while nothing happens")
async def _(scene: Scene) -> None:
    async with beside(scene):
        scene.slack.revoke_token()
        await scene.slack.send_event({"type": "tokens_revoked", "tokens": {"bot": [scene.slack.bot_user_id]}})
        await scene.logged("platform given up")


@fault("the app uninstalled while a picture is drawn")
async def _(scene: Scene) -> None:
    async with beside(scene):

        async def uninstall() -> None:
            scene.slack.uninstall()
            await scene.slack.send_event({"type": "app_uninstalled"})

        await scene.lost(meanwhile=uninstall)
        await scene.logged("platform given up")
