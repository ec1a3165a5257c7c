"""The composition root: opens everything, hands it over, runs the platforms, closes everything.

The only file of the core that imports adapters.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import structlog

from adapters.actions import Actions
from adapters.admin import AdminCommands
from adapters.charts import Charts
from adapters.commands import Commands
from adapters.console import Printed, help_page, run_words
from adapters.data import DataCommands
from adapters.platform import Platform, Services
from adapters.reporting import Money
from adapters.settings import SettingsCommands
from bot import doctor
from bot.admin import Admin
from bot.backoff import Backoff
from bot.clients import picture_client, service_client
from bot.clock import SystemClock
from bot.doctor import Finding, Verdict
from bot.errors import ConfigurationError
from bot.forecast import LEARNT_FROM_MS, REMEMBERED, Forecast
from bot.house import HouseRules
from bot.intake import Intake
from bot.model import Account, Space
from bot.personal import DAY_MS, Erased, PersonalData
from bot.policy import Policy, Prices
from bot.ports import Clock
from bot.progress import Progress
from bot.quotas import Quotas
from bot.runners.local import LocalRunner
from bot.settings import Settings
from bot.store import Store, open_store, sqlite_path
from bot.studio import Studio
from bot.vocabulary import Word
from bot.zimage import DashScopeModel, Patience

if TYPE_CHECKING:
    from adapters.slack import HttpMode, SocketMode

log = structlog.get_logger()

Opening = AbstractAsyncContextManager[Platform]


async def run(
    settings: Settings,
    *,
    stop: asyncio.Event,
    hurry: asyncio.Event | None = None,
    clock: Clock | None = None,
    patience: Patience | None = None,
) -> None:
    """Run the platforms whose tokens are set until `stop` is; `hurry` then cuts running pictures short.

    Raises `ConfigurationError`, which says what keeps it from running.
    """
    hurry = hurry or asyncio.Event()
    if missing := settings.missing():
        raise ConfigurationError(
            "The bot cannot run yet. Set in the environment or in .env (see .env.example):\n"
            + "".join(f"  {line}\n" for line in missing)
            + "To see it work without any account: make demo"
        )
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(
            open_store(settings.database_url, images_per_minute=settings.images_per_minute)
        )
        http = await stack.enter_async_context(service_client())
        pictures = await stack.enter_async_context(picture_client(listed=settings.image_hosts))
        platforms = [await stack.enter_async_context(open_it()) for open_it in _platforms(settings, store, clock)]
        quotas = _quotas(settings, store, clock)
        couriers = {platform.name: platform.courier for platform in platforms}
        forecast = Forecast(throttle=store.throttle, clock=clock)
        progress = Progress(generations=store.generations, forecast=forecast, couriers=couriers, clock=clock)
        house = HouseRules(book=store.house, clock=clock)
        studio = Studio(
            generations=store.generations,
            throttle=store.throttle,
            quotas=quotas,
            house=house,
            model=_model(settings, http, pictures, patience),
            couriers=couriers,
            forecast=forecast,
            progress=progress,
            clock=clock,
            backoff=Backoff(),
            hands=settings.max_concurrent_images,
        )
        intake = Intake(
            generations=store.generations,
            quotas=quotas,
            studio=studio,
            clock=clock,
            deadline_s=settings.generation_deadline_s,
        )
        runner = await stack.enter_async_context(
            LocalRunner(studio=studio, generations=store.generations, clock=clock, lock=store.lock)
        )
        commands = Commands(
            intake=intake,
            quotas=quotas,
            drafts=store.drafts,
            forecast=forecast,
            house=house,
            runner=runner,
            clock=clock,
            extend=settings.prompt_extend,
        )
        admin = _admin(settings, store, quotas, clock)
        personal = _personal(settings, store, clock)
        services = Services(
            commands=commands,
            actions=Actions(
                commands=commands,
                generations=store.generations,
                history=store.history,
                drafts=store.drafts,
                studio=studio,
                runner=runner,
                clock=clock,
            ),
            settings=SettingsCommands(house=house, admin=admin),
            data=DataCommands(personal=personal),
            admin=_admin_commands(settings, admin),
        )
        forecast.learn(await store.history.recent(limit=REMEMBERED, since_ms=clock.now_ms() - LEARNT_FROM_MS))
        # Before any command is taken: whatever is open now was left by an earlier process.
        await runner.recover()
        async with asyncio.TaskGroup() as group:
            alive = {platform.name for platform in platforms}
            serving = [group.create_task(_serve(platform, services, alive)) for platform in platforms]
            watching = group.create_task(progress.watch(runner.waiting))
            tidying = group.create_task(personal.keep_tidy())
            await stop.wait()
            log.info("stopping")
            finishing = asyncio.create_task(_finish(intake, runner, grace_s=settings.shutdown_grace_s))
            hurrying = asyncio.create_task(hurry.wait())
            await asyncio.wait({finishing, hurrying}, return_when=asyncio.FIRST_COMPLETED)
            for task in (finishing, hurrying, watching, tidying, *serving):
                task.cancel()
            if finishing.done():
                finishing.result()
    log.info("stopped")


async def _finish(intake: Intake, runner: LocalRunner, *, grace_s: float) -> None:
    await intake.close()
    await runner.drain(grace_s=grace_s)


async def _serve(platform: Platform, services: Services, alive: set[str]) -> None:
    """A platform that refuses its token must not take the other one down; the last one ends the bot."""
    try:
        await platform.serve(services)
    except ConfigurationError as error:
        alive.discard(platform.name)
        if not alive:
            raise
        log.error("platform given up", platform=platform.name, detail=str(error))  # noqa: TRY400 - said in full


async def administer(settings: Settings, words: Sequence[str], *, space: Space | None) -> Printed:
    """One admin command from the command line, also while the bot runs.

    Without `space`, the only one that the database knows is meant. `ConfigurationError` if there is no database: made
    here, in the wrong folder, it would bind nobody.
    """
    if [*words] in ([], [Word.HELP]):
        return help_page()
    clock = SystemClock()
    async with _beside_the_bot(settings) as store:
        admin = _admin(settings, store, _quotas(settings, store, clock), clock)
        return await run_words(
            _admin_commands(settings, admin), words, space=space, known=await store.rule_book.spaces()
        )


async def export(settings: Settings, person: Account) -> dict[str, Any]:
    """All that is kept about a person, for the operator to hand on; errors as of `administer`."""
    async with _beside_the_bot(settings) as store:
        return await _personal(settings, store, SystemClock()).export(person)


async def erase(settings: Settings, person: Account) -> Erased:
    """Wipe a person's data on their behalf; errors as of `administer`."""
    async with _beside_the_bot(settings) as store:
        return await _personal(settings, store, SystemClock()).erase(person)


@asynccontextmanager
async def _beside_the_bot(settings: Settings) -> AsyncIterator[Store]:
    """The database for one command of the operator's, also while the bot runs on it."""
    path = sqlite_path(settings.database_url)
    if not path.exists():
        raise ConfigurationError(
            f"There is no database at {path.absolute()}. Run this in the bot's folder, or set DATABASE_URL."
        )
    async with open_store(
        settings.database_url, images_per_minute=settings.images_per_minute, inspected=False
    ) as store:
        yield store


async def diagnose(settings: Settings) -> list[Finding]:
    """Look at everything that `run` needs, without taking a command: what is fine, and what to do about what is not."""
    findings = [
        Finding("settings", Verdict.WRONG, f"not set: {line}", "See .env.example.") for line in settings.missing()
    ] or [Finding("settings", Verdict.FINE, "everything needed is set")]
    findings += await doctor.check_database(settings.database_url)
    async with service_client() as http, picture_client(listed=settings.image_hosts) as pictures:
        if settings.dashscope_api_key is not None:
            model = _model(settings, http, pictures)
            findings += await doctor.check_dashscope(model, settings.dashscope_base_url, SystemClock())
    if settings.discord_token is not None:
        from adapters.discord.doctor import check_discord  # noqa: PLC0415

        findings += await check_discord(
            token=settings.discord_token,
            api_url=settings.discord_api_url,
            bounded=settings.quota_space_credits is not None or settings.quota_global_credits is not None,
        )
    if settings.slack_bot_token is not None and (mode := _slack_mode(settings)) is not None:
        from adapters.slack.doctor import check_slack  # noqa: PLC0415

        findings += await check_slack(bot_token=settings.slack_bot_token, mode=mode, api_url=settings.slack_api_url)
    return findings


def _platforms(settings: Settings, store: Store, clock: Clock) -> list[Callable[[], Opening]]:
    """How to open each platform that is set up. An SDK that is not used is not even imported: it costs memory."""
    platforms: list[Callable[[], Opening]] = []
    if settings.discord_token is not None:
        from adapters.discord import DiscordPlatform  # noqa: PLC0415

        token = settings.discord_token
        platforms.append(
            lambda: DiscordPlatform.open(
                token=token,
                api_url=settings.discord_api_url,
                gateway_url=settings.discord_gateway_url,
                notes=store.notes,
                clock=clock,
            )
        )
    if settings.slack_bot_token is not None and (mode := _slack_mode(settings)) is not None:
        from adapters.slack import SlackPlatform  # noqa: PLC0415

        bot_token = settings.slack_bot_token
        platforms.append(
            lambda: SlackPlatform.open(
                bot_token=bot_token,
                mode=mode,
                api_url=settings.slack_api_url,
                notes=store.generations,
                clock=clock,
            )
        )
    return platforms


def _slack_mode(settings: Settings) -> "SocketMode | HttpMode | None":
    """How commands come from Slack: over HTTP where there is a secret to check them by, else over a socket."""
    from adapters.slack import HttpMode, SocketMode  # noqa: PLC0415

    if settings.slack_signing_secret is not None:
        return HttpMode(host=settings.http_host, port=settings.http_port, signing_secret=settings.slack_signing_secret)
    return None if settings.slack_app_token is None else SocketMode(app_token=settings.slack_app_token)


def _model(
    settings: Settings, http: httpx.AsyncClient, pictures: httpx.AsyncClient, patience: Patience | None = None
) -> DashScopeModel:
    if settings.dashscope_api_key is None:
        raise ConfigurationError("DASHSCOPE_API_KEY is not set.")
    return DashScopeModel(
        http=http,
        pictures=pictures,
        base_url=settings.dashscope_base_url,
        api_key=settings.dashscope_api_key,
        model=settings.dashscope_model,
        image_hosts=settings.image_hosts,
        patience=patience,
    )


def _quotas(settings: Settings, store: Store, clock: Clock) -> Quotas:
    return Quotas(
        generations=store.generations,
        rules=store.rules,
        policy=_policy(settings),
        prices=Prices(plain=settings.credits_per_image, extended=settings.credits_per_extended_image),
        clock=clock,
    )


def _policy(settings: Settings) -> Policy:
    return Policy(
        window=settings.window,
        own=settings.quota_credits,
        space=settings.quota_space_credits,
        total=settings.quota_global_credits,
        queued=settings.max_queued_per_user,
    )


def _personal(settings: Settings, store: Store, clock: Clock) -> PersonalData:
    days = settings.prompt_retention_days
    return PersonalData(
        records=store.personal,
        drafts=store.drafts,
        notes=store.notes,
        clock=clock,
        keep_account_ms=settings.window.longest_ms,
        retention_ms=None if days is None else days * DAY_MS,
    )


def _admin(settings: Settings, store: Store, quotas: Quotas, clock: Clock) -> Admin:
    return Admin(
        rules=store.rules,
        rule_book=store.rule_book,
        reports=store.reports,
        quotas=quotas,
        policy=_policy(settings),
        clock=clock,
        owners=frozenset(settings.owners),
        deputies=frozenset((*settings.discord_admin_roles, *settings.slack_admins)),
    )


def _admin_commands(settings: Settings, admin: Admin) -> AdminCommands:
    price = settings.price_per_credit
    return AdminCommands(
        admin=admin,
        charts=Charts(),
        money=None if price is None else Money(price=price, currency=settings.currency),
    )
