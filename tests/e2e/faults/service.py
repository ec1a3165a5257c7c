"""The image service at fault: every class of its errors, the odd answers of proxies, and a network that fails."""

from e2e.faults.registry import Scenario, keeper
from e2e.faults.scene import LINE, Scene

from bot.zimage import Patience
from sandbox.dashscope.answers import Odd
from sandbox.dashscope.results import Broken
from sandbox.stage import Ending

SCENARIOS: dict[str, Scenario] = {}
fault = keeper(SCENARIOS)

GENERATE = "POST */generation"


async def each_code(scene: Scene) -> list[Ending]:
    """One command for each code of the row; the service says it once."""
    endings = []
    for code in scene.codes:
        scene.dashscope.fail(code)
        endings.append(await scene.imagine())
    return endings


for name in ("busy", "busy or spent", "broken", "the prompt", "the request", "the account"):
    fault(name)(each_code)


@fault("busy for as long as the command may live")
async def _(scene: Scene) -> Ending:
    scene.dashscope.fail("Throttling.RateQuota", times=999)
    return await scene.imagine()


@fault("busy, with a `Retry-After` of 20 s")
async def _(scene: Scene) -> Ending:
    scene.dashscope.fail("Throttling.RateQuota", retry_after_s=20)
    ending = await scene.imagine()
    first, second = scene.dashscope.calls
    assert second.at_s - first.at_s >= 20
    return ending


@fault("busy, with a `Retry-After` beyond the command's deadline")
async def _(scene: Scene) -> Ending:
    scene.dashscope.fail("Throttling.RateQuota", retry_after_s=3600)
    return await scene.imagine()


@fault("spent after a slow second try")
async def _(scene: Scene) -> Ending:
    scene.dashscope.fail("insufficient_quota", times=2)
    return await scene.imagine()


@fault("broken for good")
async def _(scene: Scene) -> Ending:
    scene.dashscope.fail("ModelUnavailable", times=99)
    return await scene.imagine()


@fault("one of two pictures refused")
async def _(scene: Scene) -> Ending:
    scene.dashscope.fail("DataInspectionFailed")
    return await scene.imagine(f"{LINE} --n 2")


def odd(kind: Odd) -> Scenario:
    async def scenario(scene: Scene) -> Ending:
        scene.dashscope.answer(kind)
        return await scene.imagine()

    return scenario


fault("an error inside a 200")(odd("error-in-200"))
fault("a page of HTML under status 200")(odd("html-in-200"))
fault("a proxy's 502")(odd("html-in-502"))
fault("a proxy's 504")(odd("html-in-504"))
fault("an empty body")(odd("empty-body"))
fault("an answer without a picture")(odd("no-picture"))


@fault("half a body")
async def _(scene: Scene) -> Ending:
    scene.dashscope.faults.inject(GENERATE, drop="half")
    return await scene.imagine()


@fault("a reset before the request was read")
async def _(scene: Scene) -> Ending:
    scene.dashscope.faults.inject(GENERATE, drop="request")
    ending = await scene.imagine()
    assert scene.dashscope.drawn == 1
    return ending


@fault("a reset after the request was read")
async def _(scene: Scene) -> Ending:
    scene.dashscope.faults.inject(GENERATE, drop="answer")
    ending = await scene.imagine()
    # Without an idempotency key nobody can know: the account pays twice, the person once.
    assert scene.dashscope.drawn == 2
    return ending


def silent(times: int, *, silence_s: float) -> Scenario:
    async def scenario(scene: Scene) -> Ending:
        # The bot gives up sooner than it would, and the service is silent for longer than that.
        scene.patience = Patience(silence_s=silence_s)
        silence = scene.dashscope.faults.inject(GENERATE, times=times, delay_s=silence_s * 1.5, status=200)
        ending = await scene.imagine()
        scene.saved_s = silence.hits * (Patience().silence_s - silence_s)
        return ending

    return scenario


fault("130 s of silence")(silent(1, silence_s=1.0))
fault("silence at every try")(silent(99, silence_s=0.1))


def broken(kind: Broken, times: int = 1) -> Scenario:
    async def scenario(scene: Scene) -> Ending:
        scene.dashscope.serve(kind, times=times)
        ending = await scene.imagine()
        # Paid once: it is fetched again, not drawn again.
        assert scene.dashscope.drawn == 1
        return ending

    return scenario


fault("a truncated picture")(broken("truncated"))
fault("a picture cut off on the way")(broken("cut-off"))
fault("a truncated picture at every try")(broken("truncated", 99))
fault("no picture behind the link")(broken("not-a-picture"))
fault("a picture of another type")(broken("another-type"))
fault("a picture of another size")(broken("wrong-size"))
fault("a picture of 30 MB")(broken("too-large"))
fault("a redirect to a cloud's metadata address")(broken("redirect"))
fault("an expired link")(broken("expired"))


@fault("a link to another host")
async def _(scene: Scene) -> Ending:
    scene.dashscope.answer("link-elsewhere")
    ending = await scene.imagine()
    assert scene.dashscope.downloads == []
    return ending
