"""Discord at fault: its gateway, the first answer, and the picture's way to the person."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from e2e.faults.registry import Scenario, keeper
from e2e.faults.scene import LINE, TOKEN_DEAD_S, Scene

from sandbox.slack import SlackSandbox
from sandbox.stage import Ending, Place, SlackStage

SCENARIOS: dict[str, Scenario] = {}
fault = keeper(SCENARIOS)

CALLBACK = "POST */callback"
ORIGINAL = "PATCH */messages/@original"
CHANNEL = "POST */messages"
UNKNOWN_INTERACTION = {"message": "Unknown interaction", "code": 10062}
TOO_LARGE = {"message": "Request entity too large", "code": 40005}


# Discord: the gateway.


@fault("the gateway cut, and resumed")
async def _(scene: Scene) -> Ending:
    await scene.start()
    await scene.discord.disconnect_gateway(resumable=True)
    return await scene.imagine()


@fault("the gateway cut, and the session lost")
async def _(scene: Scene) -> Ending:
    await scene.start()
    await scene.discord.disconnect_gateway(resumable=False)
    await scene.logged("discord ready")
    return await scene.imagine()


@fault("a request to reconnect (op 7)")
async def _(scene: Scene) -> Ending:
    await scene.start()
    scene.discord.ask_to_reconnect()
    await scene.discord.wait_until_disconnected()
    return await scene.imagine()


@fault("an invalid session (op 9)")
async def _(scene: Scene) -> Ending:
    await scene.start()
    scene.discord.invalidate_sessions()
    await scene.logged("discord ready")
    return await scene.imagine()


@fault("a first handshake that fails")
async def _(scene: Scene) -> Ending:
    scene.discord.faults.inject("GET /gateway", status=503, text="down")
    await scene.start(in_trouble=True)
    await scene.logged("discord ready")
    return await scene.imagine()


@fault("Discord down at the start")
async def _(scene: Scene) -> Ending:
    scene.discord.faults.inject("GET */users/@me", times=5, status=503, text="down")
    await scene.start(in_trouble=True)
    return await scene.imagine()


@fault("an event that the library cannot read")
async def _(scene: Scene) -> Ending:
    await scene.start()
    scene.discord.send_event("INTERACTION_CREATE", {"id": "1", "type": 2})
    await scene.discord.wait_until_disconnected()
    await scene.discord.wait_until_ready()
    return await scene.imagine()


# Discord: the first answer.


@fault("500 on the defer")
async def _(scene: Scene) -> Ending:
    scene.discord.faults.inject(CALLBACK, status=500, json={"message": "500", "code": 0})
    return await scene.imagine()


@fault("500 on the defer until its 3 s are over")
async def _(scene: Scene) -> None:
    await scene.start()
    scene.discord.faults.inject(CALLBACK, status=500, json={"message": "500", "code": 0})
    await scene.stage.imagine("a red fox")
    scene.clock.advance(3)
    await scene.logged("abandoned")
    assert scene.dashscope.calls == []


@fault("a defer that is lost")
async def _(scene: Scene) -> Ending:
    scene.discord.faults.inject(CALLBACK, drop="request")
    return await scene.imagine()


@fault("a defer whose answer is lost")
async def _(scene: Scene) -> Ending:
    scene.discord.faults.inject(CALLBACK, drop="answer")
    return await scene.imagine()


@fault("a defer that is never answered")
async def _(scene: Scene) -> Ending:
    scene.shorten("adapters.discord.answers._TRY_S", to_s=0.5)
    scene.discord.faults.inject(CALLBACK, delay_s=2, status=500, json={})
    return await scene.imagine()


@fault("10062 after a defer that was accepted")
async def _(scene: Scene) -> Ending:
    scene.discord.faults.inject(CALLBACK, late=True, status=404, json=UNKNOWN_INTERACTION)
    return await scene.imagine()


@fault("10062 on defer and edit")
async def _(scene: Scene) -> None:
    scene.discord.faults.inject(CALLBACK, times=9, status=404, json=UNKNOWN_INTERACTION)
    scene.discord.faults.inject(ORIGINAL, times=9, status=404, json=UNKNOWN_INTERACTION)
    await scene.lost()
    assert scene.dashscope.calls == []


# Discord: the picture.


def token_dead(where: Place, line: str = LINE) -> Scenario:
    async def scenario(scene: Scene) -> Ending:
        return await scene.imagine(line, where=where, meanwhile=lambda: scene.clock.advance(TOKEN_DEAD_S))

    return scenario


fault("the token dead when the picture is ready")(token_dead(Place.CHANNEL))
fault("the token dead, and no right to post")(token_dead(Place.CLOSED))
fault("the token of a private picture dead")(token_dead(Place.CHANNEL, f"{LINE} --private"))


@fault("the token dead, no right to post, and direct messages closed")
async def _(scene: Scene) -> None:
    scene.discord.channel.bot_may_post = False
    scene.discord.user.dms_closed = True
    await scene.lost(meanwhile=lambda: scene.clock.advance(TOKEN_DEAD_S))


@fault("413")
async def _(scene: Scene) -> Ending:
    scene.discord.faults.inject(ORIGINAL, status=413, json=TOO_LARGE)
    return await scene.imagine()


@fault("413 for the smaller picture, too")
async def _(scene: Scene) -> Ending:
    scene.discord.faults.inject(ORIGINAL, times=2, status=413, json=TOO_LARGE)
    return await scene.imagine()


def limited(*matches: str, scope: str, dead: bool = False) -> Scenario:
    async def scenario(scene: Scene) -> Ending:
        await scene.start()
        for match in matches:
            scene.discord.rate_limit(match, retry_after_s=0.05, scope=scope)
        return await scene.imagine(meanwhile=lambda: scene.clock.advance(TOKEN_DEAD_S * dead))

    return scenario


fault("429 on defer and edit, without `global`")(limited(CALLBACK, ORIGINAL, scope="user"))
fault("429 on defer and edit, with `global`")(limited(CALLBACK, ORIGINAL, scope="global"))
fault("429 on posting as the bot, without `global`")(limited(CHANNEL, scope="user", dead=True))
fault("429 on posting as the bot, with `global`")(limited(CHANNEL, scope="global", dead=True))


@fault("429 with a pause of an hour")
async def _(scene: Scene) -> Ending:
    scene.shorten("adapters.discord.courier._TRY_S", to_s=0.5)
    scene.discord.rate_limit(ORIGINAL, retry_after_s=3600)
    return await scene.imagine()


@fault("429 with a pause of a minute on posting as the bot")
async def _(scene: Scene) -> Ending:
    scene.discord.rate_limit(CHANNEL, retry_after_s=60)
    return await scene.imagine(meanwhile=lambda: scene.clock.advance(TOKEN_DEAD_S))


@fault("429 from the proxy before Discord")
async def _(scene: Scene) -> Ending:
    scene.discord.faults.inject(ORIGINAL, status=429, text="error code: 1015", headers={"Retry-After": "120"})
    return await scene.imagine()


@fault("503 on the edit")
async def _(scene: Scene) -> Ending:
    scene.discord.faults.inject(ORIGINAL, status=503, text="down")
    return await scene.imagine()


@fault("an edit whose answer is lost")
async def _(scene: Scene) -> Ending:
    scene.discord.faults.inject(ORIGINAL, drop="answer")
    ending = await scene.imagine()
    assert scene.stage.results() == 1
    return ending


@fault("a post as the bot whose answer is lost")
async def _(scene: Scene) -> Ending:
    scene.discord.faults.inject(CHANNEL, drop="answer")
    ending = await scene.imagine(meanwhile=lambda: scene.clock.advance(TOKEN_DEAD_S))
    assert scene.stage.results() == 1
    return ending


@fault("the answer deleted meanwhile")
async def _(scene: Scene) -> Ending:
    return await scene.imagine(meanwhile=scene.discord.delete_answers)


@fault("the channel deleted meanwhile")
async def _(scene: Scene) -> Ending:
    return await scene.imagine(meanwhile=lambda: scene.discord.delete_channel(scene.discord.channel))


@fault("the bot removed from the server meanwhile")
async def _(scene: Scene) -> Ending:
    return await scene.imagine(meanwhile=lambda: scene.discord.remove_bot(scene.discord.guild))


@fault("the bot removed from its only server, and the token dead")
async def _(scene: Scene) -> None:
    def meanwhile() -> None:
        scene.discord.remove_bot(scene.discord.guild)
        scene.clock.advance(TOKEN_DEAD_S)

    await scene.lost(meanwhile=meanwhile)


@asynccontextmanager
async def beside(scene: Scene) -> AsyncIterator[None]:
    """Run the bot on Slack as well: a platform that is given up does not end it then."""
    async with SlackSandbox(clock=scene.clock) as slack:
        await scene.start(SlackStage(slack))
        yield
        await scene.stack.aclose()


@fault("the bot's token reset while nothing happens")
async def _(scene: Scene) -> None:
    async with beside(scene):
        scene.discord.reset_token()
        await scene.discord.disconnect_gateway(4004)
        await scene.logged("platform given up")
