"""The stand-in itself: its routes, its state, and the levers that tests pull."""

import asyncio
import zlib
from collections import deque
from contextlib import ExitStack
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp import web

from sandbox.clock import VirtualClock
from sandbox.dashscope.answers import ODD, Odd, error_answer, odd_answer, picture_answer
from sandbox.dashscope.calls import Call, RateWindow
from sandbox.dashscope.drawing import draw
from sandbox.dashscope.errors import RefusedError
from sandbox.dashscope.results import Broken, Results
from sandbox.dashscope.rewrite import rewrite
from sandbox.dashscope.rules import Wish, check_headers, hear, read_wish
from sandbox.server import LoopbackServer


class Painter(Protocol):
    """Makes the PNG of a wish."""

    def __call__(self, prompt: str, *, seed: int, width: int, height: int) -> bytes: ...


GENERATION_PATH = "/api/v1/services/aigc/multimodal-generation/generation"


class DashScopeSandbox(LoopbackServer):
    """DashScope with the one model `z-image-turbo`, on 127.0.0.1.

    A call is judged in this order: key and headers (401, 403), calls per minute (429), the request (400, 404), the
    answers on order (`fail`, `answer`), and then it is drawn and billed. A call that a fault of `faults` answers
    never reaches the service: it is in neither `calls` nor `wait_for_calls`. As with the service, a caller that
    hangs up does not stop the drawing, nor the bill.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        api_key: str = "sk-sandbox",
        calls_per_minute: int = 120,
        calls_per_second: int | None = None,
        delay_s: float = 0.0,
        extend_delay_s: float = 0.0,
        clock: VirtualClock | None = None,
        painter: Painter = draw,
    ) -> None:
        """`calls_per_second` is the protection against bursts, None for none; `painter` makes the pictures."""
        super().__init__(port=port)
        self._painter = painter
        self._bursts = None if calls_per_second is None else RateWindow(limit=calls_per_second, window_s=1.0)
        self.api_key = api_key
        self.clock = clock or VirtualClock()
        self.calls: list[Call] = []
        """Every generation call that was answered, in the order of the answers."""
        self.drawn = 0
        """Pictures drawn and billed."""
        self._delay_s = delay_s
        self._extend_delay_s = extend_delay_s
        self._window = RateWindow(limit=calls_per_minute)
        self._results = Results(clock=self.clock, origin=lambda: self.origin)
        self._orders: deque[RefusedError | Odd] = deque()
        self._arrived = 0
        self._arrival = asyncio.Condition()
        self._open = asyncio.Event()
        self._open.set()

    @property
    def base_url(self) -> str:
        """What the service's clients call its base: `http://127.0.0.1:<port>/api/v1`."""
        return f"http://{self.origin}/api/v1"

    def settings(self) -> dict[str, str]:
        """The environment that points a bot here."""
        return {
            "DASHSCOPE_API_KEY": self.api_key,
            "DASHSCOPE_BASE_URL": self.base_url,
            "IMAGE_HOSTS": self.origin,
        }

    @property
    def secrets(self) -> list[str]:
        """Whatever opens something: the key, and the signature of every link that was given out."""
        return [self.api_key, *(link.rpartition("Signature=")[2] for link in self.links)]

    @property
    def links(self) -> list[str]:
        """The signed link of every picture, in the order of drawing."""
        return self._results.links

    @property
    def downloads(self) -> list[str]:
        """The path of every download that was tried, served or not."""
        return self._results.downloads

    @property
    def downloads_refused(self) -> int:
        """Downloads answered with an error of the bucket."""
        return self._results.refused

    @property
    def leaked_keys(self) -> int:
        """Downloads that carried an Authorization header, which belongs to the service alone."""
        return self._results.leaked_keys

    def fail(self, code: str, *, times: int = 1, retry_after_s: float | None = None) -> None:
        """Answer the next `times` well-formed calls with the error `code`, its real status and body.

        `retry_after_s` is sent as `retry-after`, or as `retry-after-ms` if it is no whole number of seconds.
        Orders are used up first come, first served. ValueError for a code that the service does not know.
        """
        headers: dict[str, str] = {}
        if retry_after_s is not None and float(retry_after_s).is_integer():
            headers["retry-after"] = str(int(retry_after_s))
        elif retry_after_s is not None:
            headers["retry-after-ms"] = str(round(retry_after_s * 1000))
        self._orders.extend(RefusedError(code, headers=headers) for _ in range(times))

    def answer(self, kind: Odd, *, times: int = 1) -> None:
        """Answer the next `times` well-formed calls oddly, and bill nothing.

        `error-in-200`: an error body without output under status 200. `html-in-200`, `html-in-502`, `html-in-504`:
        a proxy's page instead of JSON. `empty-body`: nothing under status 200. `no-picture`: the usual JSON without
        an image. `link-elsewhere`: with a link to a host that is not the bucket's.
        """
        if kind not in ODD:
            raise ValueError(f"no odd answer: {kind!r}; known are {', '.join(ODD)}")
        self._orders.extend([kind] * times)

    def serve(self, kind: Broken, *, times: int = 1) -> None:
        """Break the next `times` downloads that would have succeeded.

        `truncated`: half a PNG, as if it were all. `cut-off`: the connection ends half way. `not-a-picture`: a page.
        `another-type`: a JPEG. `wrong-size`: a PNG of 320 by 240. `too-large`: 30 MiB, chunked. `redirect`: 302 to
        the metadata address of a cloud. `expired`: the bucket's word that the link's 24 hours are over.
        """
        self._results.order(kind, times=times)

    async def wait_for_calls(self, n: int, *, timeout_s: float = 10.0) -> None:
        """Return once `n` generation calls have arrived in all, answered or not; TimeoutError if they do not."""
        async with asyncio.timeout(timeout_s), self._arrival:
            await self._arrival.wait_for(lambda: self._arrived >= n)

    def hold(self) -> ExitStack:
        """Let well-formed calls wait inside from now on, until `release()` or the end of `with sandbox.hold():`."""
        self._open.clear()
        stack = ExitStack()
        stack.callback(self.release)
        return stack

    def release(self) -> None:
        """Let the calls that wait inside go on, and hold no more."""
        self._open.set()

    def forget(self) -> None:
        """Drop the record of calls, and every picture; only between commands, for a long run."""
        self.calls.clear()
        self._results.forget()

    def routes(self) -> list[web.RouteDef]:
        """Generation and download."""
        return [
            web.post(GENERATION_PATH, self._generate),
            web.get("/results/{name}", self._results.serve, allow_head=False),
        ]

    async def _generate(self, request: web.Request) -> web.Response:
        at_s = self.clock.now_s()
        body = await request.read()
        async with self._arrival:
            self._arrived += 1
            self._arrival.notify_all()
        picture = None
        try:
            check_headers(request.headers, api_key=self.api_key)
            if not self._window.admit(at_s):
                raise RefusedError("Throttling.RateQuota")  # noqa: TRY301 - one way out for every refusal
            if self._bursts is not None and not self._bursts.admit(at_s):
                raise RefusedError("Throttling.BurstRate")  # noqa: TRY301 - the same
            response, code, picture = await self._answer(read_wish(body))
        except RefusedError as refused:
            response, code = error_answer(refused), refused.code
        heard = hear(body)
        self.calls.append(
            Call(
                prompt=heard.prompt,
                size=heard.size,
                seed=heard.seed,
                extend=heard.extend,
                status=response.status,
                code=code,
                at_s=at_s,
                picture=picture,
            )
        )
        return response

    async def _answer(self, wish: Wish) -> tuple[web.Response, str | None, str | None]:
        """The answer, the error code in it, and the path of the picture behind it."""
        order = self._orders.popleft() if self._orders else None
        await self._open.wait()
        if isinstance(order, RefusedError):
            raise order
        if order is not None:
            return *odd_answer(order, wish), None
        delay_s = self._delay_s + (self._extend_delay_s if wish.extend else 0.0)
        if delay_s:
            await asyncio.sleep(delay_s)
        response, picture = await self._draw(wish)
        return response, None, picture

    async def _draw(self, wish: Wish) -> tuple[web.Response, str]:
        self.drawn += 1
        # Without a seed the service chooses one; here two equal wishes still give two pictures.
        seed = wish.seed if wish.seed is not None else zlib.crc32(f"{wish.text}\n{self.drawn}".encode()) >> 1
        png = await asyncio.to_thread(self._painter, wish.text, seed=seed, width=wish.width, height=wish.height)
        text = rewrite(wish.text, seed=seed) if wish.extend else wish.text
        url = self._results.keep(png)
        return picture_answer(wish, image=url, text=text), urlsplit(url).path
