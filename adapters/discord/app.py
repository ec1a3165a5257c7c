"""Connecting to Discord, and staying connected."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, Self

import aiohttp
import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
from pydantic import SecretStr

from adapters.background import Background
from adapters.discord.courier import DiscordCourier
from adapters.discord.handlers import Tree, build_tree
from adapters.discord.presses import Presses, build_item
from adapters.discord.replies import Replies
from adapters.discord.rest import BotRest
from adapters.discord.translator import CatalogueTranslator
from adapters.platform import Services
from bot.backoff import Backoff
from bot.errors import ConfigurationError
from bot.ports import Clock, Courier
from bot.store import Notes

log = structlog.get_logger()

_BACKOFF: Final = Backoff(base_s=1, cap_s=60)
_IDENTIFY_S: Final = 5.0


class DiscordPlatform:
    """The bot on Discord. Needs no privileged intent: interactions come without any."""

    name = "discord"

    def __init__(
        self,
        *,
        token: SecretStr,
        api_url: str,
        gateway_url: str | None,
        notes: Notes,
        courier: Courier,
        rest: BotRest,
        clock: Clock,
    ) -> None:
        self.courier = courier
        self._rest = rest
        self._gateway_url = gateway_url
        self._token = token
        self._api_url = api_url
        self._notes = notes
        self._clock = clock

    @classmethod
    @asynccontextmanager
    async def open(
        cls, *, token: SecretStr, api_url: str, gateway_url: str | None, notes: Notes, clock: Clock
    ) -> AsyncIterator[Self]:
        """Hold the connections that the courier needs, from before the gateway to after it."""
        # discord.py knows no other way to be pointed at a server of one's choice.
        Route.BASE = api_url
        if gateway_url is not None:
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
        rest = BotRest(token=token)
        async with aiohttp.ClientSession() as session:
            courier = DiscordCourier(session=session, rest=rest)
            try:
                yield cls(
                    token=token,
                    api_url=api_url,
                    gateway_url=gateway_url,
                    notes=notes,
                    courier=courier,
                    rest=rest,
                    clock=clock,
                )
            finally:
                await rest.close()

    async def serve(self, services: Services) -> None:
        """Take commands until cancelled; connection failures are waited out."""
        failures = 0
        while True:
            replies, background = Replies(services.commands), Background()
            client = _Client(
                partial(build_tree, services=services, replies=replies, rest=self._rest),
                presses=Presses(services=services, replies=replies, rest=self._rest, background=background),
                sync=self._sync,
                ask_for_gateway=self._gateway_url is None,
                clock=self._clock,
            )
            running = asyncio.create_task(client.start(self._token.get_secret_value()))
            try:
                await asyncio.wait({running})
                running.result()
            except discord.LoginFailure as error:
                raise ConfigurationError("Discord refuses DISCORD_TOKEN. Reset it in the developer portal.") from error
            except ConfigurationError:
                raise
            except Exception as error:
                failures = 1 if client.was_ready else failures + 1
                wait_s = _BACKOFF.wait_s(failures)
                # The library also raises what it cannot read; one such event must not end both platforms.
                expected = isinstance(error, (discord.DiscordException, aiohttp.ClientError, OSError))
                log.warning(
                    "discord lost",
                    error=type(error).__name__,
                    detail=str(error),
                    retry_s=round(wait_s, 1),
                    exc_info=not expected,
                )
                await self._clock.sleep(wait_s)
            finally:
                # Before the connections go that it works with.
                await background.finish()
                # The library swallows a cancellation while a shard reconnects; once closed, it ends by itself.
                await client.close()
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

    async def _sync(self, tree: Tree, application_id: int) -> None:
        """Register the commands, if their definition is not the one registered last."""
        translator = CatalogueTranslator()
        await tree.set_translator(translator)
        # As it is sent: a translation that has changed is registered, too.
        payload = [await command.get_translated_payload(tree, translator) for command in tree.get_commands()]
        definition = json.dumps(payload, sort_keys=True)
        digest = hashlib.sha256(definition.encode()).hexdigest()
        note = f"discord commands {application_id} {self._api_url}"
        if await self._notes.read(note) != digest:
            await tree.sync()
            await self._notes.write(note, digest)
            log.info("commands synced", application=application_id)


class _Client(discord.AutoShardedClient):
    """discord.py's client without caches: everything a command needs comes with its interaction."""

    def __init__(
        self,
        build: Callable[[discord.Client], Tree],
        *,
        presses: Presses,
        sync: Callable[[Tree, int], Awaitable[None]],
        ask_for_gateway: bool,
        clock: Clock,
    ) -> None:
        super().__init__(
            intents=discord.Intents.none(),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
        )
        self.was_ready = False
        self._tree = build(self)
        self._presses = presses
        self.add_dynamic_items(build_item(presses))
        self._sync = sync
        self._ask_for_gateway = ask_for_gateway
        self._clock = clock

    async def setup_hook(self) -> None:
        if self.application_id is None:
            raise ConfigurationError("Discord did not say which application DISCORD_TOKEN belongs to.")
        if not self._ask_for_gateway:
            # With the number of shards known, discord.py connects to its default gateway: the one that was set.
            self.shard_count, _, _ = await self.http.get_bot_gateway()
        await self._sync(self._tree, self.application_id)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002
        if not initial:
            # As the library does by itself, but by our clock: Discord takes one new session in 5 s.
            await self._clock.sleep(_IDENTIFY_S)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        # The library knows only forms that it sent itself, since it was started; presses come through their item.
        if interaction.type is discord.InteractionType.modal_submit:
            await self._presses.take(interaction)

    async def on_ready(self) -> None:
        self.was_ready = True
        log.info("discord ready", user=str(self.user), shards=len(self.shards))

    async def on_resumed(self) -> None:
        log.info("discord resumed")
