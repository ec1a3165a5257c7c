"""Discord's part of `zimage-bot doctor`."""

from typing import Final

import aiohttp
import discord
from discord.http import Route
from pydantic import SecretStr

from bot.doctor import Finding, Verdict

POSTING: Final = discord.Permissions(view_channel=True, send_messages=True, embed_links=True, attach_files=True)
"""What posting as the bot takes, once an interaction's own way back is gone."""

PERMISSIONS: Final = POSTING | discord.Permissions(send_messages_in_threads=True)
"""What the bot asks for where it is installed."""


async def check_discord(*, token: SecretStr, api_url: str, bounded: bool) -> list[Finding]:
    """Whether the token is taken, who may add the bot, and how to invite it.

    `bounded` says whether there is a limit that a server's own admins cannot raise.
    """
    Route.BASE = api_url
    client = discord.Client(intents=discord.Intents.none())
    try:
        await client.login(token.get_secret_value())
        application = await client.application_info()
    except discord.LoginFailure:
        remedy = "Reset the token in the developer portal (Bot > Reset Token) and set DISCORD_TOKEN."
        return [Finding("discord token", Verdict.WRONG, "refused", remedy)]
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        remedy = "Check this machine's way to the internet, or try again later."
        return [Finding("discord", Verdict.DOUBTFUL, f"no verdict: {type(error).__name__}", remedy)]
    finally:
        await client.close()
    link = discord.utils.oauth_url(application.id, permissions=PERMISSIONS, scopes=("bot", "applications.commands"))
    return [
        Finding("discord token", Verdict.FINE, f"signed in as {application.name}"),
        _reach(public=application.bot_public, bounded=bounded),
        Finding("discord intents", Verdict.FINE, "none is needed, privileged or not"),
        Finding("discord invite", Verdict.FINE, "the link is below", link=link),
    ]


def _reach(*, public: bool, bounded: bool) -> Finding:
    if not public:
        return Finding("discord reach", Verdict.FINE, "the bot is private: nobody else can add it")
    if bounded:
        return Finding("discord reach", Verdict.FINE, "anybody can add the bot, within the operator's limits")
    remedy = (
        "Switch Public Bot off in the developer portal (Bot; first Installation > Install Link: None),"
        " or set QUOTA_GLOBAL_CREDITS or QUOTA_SPACE_CREDITS."
    )
    detail = "anybody can add the bot to a server of their own, raise every limit there, and draw on your account"
    return Finding("discord reach", Verdict.DOUBTFUL, detail, remedy)
