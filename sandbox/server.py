"""One aiohttp server on loopback: what every stand-in is built on."""

from typing import Self

from aiohttp import web

from sandbox.faults import Faults


class LoopbackServer:
    """Serves `routes()` on 127.0.0.1 between `async with` and its end; port 0 takes a free one."""

    def __init__(self, *, port: int = 0) -> None:
        self._wanted_port = port
        self._port: int | None = None
        self._runner: web.AppRunner | None = None
        self.faults = Faults()

    def routes(self) -> list[web.RouteDef]:
        """The routes that the stand-in answers."""
        raise NotImplementedError

    @property
    def port(self) -> int:
        """The port it listens on; an error before it has started."""
        if self._port is None:
            raise RuntimeError(f"{type(self).__name__} has not been started")
        return self._port

    @property
    def origin(self) -> str:
        """`127.0.0.1:<port>`, without a scheme."""
        return f"127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self.faults.middleware], client_max_size=64 * 2**20)
        app.add_routes(self.routes())
        # A stand-in that is going away does not wait for its clients: they are what is being tested.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._wanted_port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
