"""Discord's part of `zimage-bot doctor`."""

from typing import Final

import aiohttp
import discord
from discord.http import Route
from pydantic import SecretStr

from bot.doctor import Finding, Verdict

# What posting as the bot takes, once an interaction's own way back is gone.
PERMISSIONS: Final = discord.Permissions(view_channel=True, send_messages=True, embed_links=True, attach_files=True)


async def check_discord(*, token: SecretStr, api_url: str) -> list[Finding]:
    """Whether the token is taken, and how to invite the bot."""
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
        Finding("discord intents", Verdict.FINE, "none is needed, privileged or not"),
        Finding("discord invite", Verdict.FINE, "the link is below", link=link),
    ]
