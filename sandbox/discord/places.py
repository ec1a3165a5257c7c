"""Where people can be: text channels, threads, voice channels, forums and the conversations of people."""

from typing import Any

from sandbox.discord.gateway import GUILDS_INTENT, Gateway
from sandbox.discord.payloads import channel_payload
from sandbox.discord.world import Channel, Guild, User, World


class Places:
    """Mixed into the sandbox, which holds the parts that are named here."""

    _world: World
    _gateway: Gateway
    guild: Guild
    channel: Channel
    user: User

    def add_channel(
        self,
        name: str,
        guild: Guild | None = None,
        *,
        nsfw: bool = False,
        bot_may_post: bool = True,
        bot_may_moderate: bool = False,
    ) -> Channel:
        """Add a text channel. Without `bot_may_post` the bot's own posts are refused (403 code 50013).

        With `bot_may_moderate` it has MANAGE_MESSAGES there.
        """
        return self._add(
            name, guild or self.guild, nsfw=nsfw, bot_may_post=bot_may_post, bot_may_moderate=bot_may_moderate
        )

    def add_voice_channel(self, name: str, guild: Guild | None = None, *, nsfw: bool = False) -> Channel:
        """Add a voice channel, whose text chat is a channel like any other."""
        return self._add(name, guild or self.guild, kind="voice", nsfw=nsfw)

    def add_forum(self, name: str, guild: Guild | None = None, *, nsfw: bool = False) -> Channel:
        """Add a forum. Nobody writes in it, only in its posts: `add_thread(title, forum)`."""
        return self._add(name, guild or self.guild, kind="forum", nsfw=nsfw)

    def add_thread(self, name: str, parent: Channel | None = None) -> Channel:
        """Add a public thread below a text channel, or a post in a forum."""
        parent = parent or self.channel
        if parent.guild is None or parent.parent is not None or parent.kind == "voice":
            raise ValueError("a thread hangs below a text channel or a forum of a guild")
        return self._add(name, parent.guild, event="THREAD_CREATE", parent=parent)

    def add_group_dm(self, *people: User, name: str = "") -> Channel:
        """Add a group DM; a bot is never in one, people bring an app along (`user_install=True`)."""
        channel = Channel(id=self._world.snowflake(), name=name, people=people or (self.user,))
        self._world.channels[channel.id] = channel
        return channel

    def _add(self, name: str, guild: Guild, *, event: str = "CHANNEL_CREATE", **facts: Any) -> Channel:
        channel = Channel(id=self._world.snowflake(), name=name, guild=guild, **facts)
        self._world.channels[channel.id] = channel
        self._tell(guild, event, channel_payload(channel))
        return channel

    def _tell(self, guild: Guild | None, event: str, data: dict[str, Any]) -> None:
        if guild is not None and guild.installed:
            self._gateway.dispatch(event, data, guild_id=guild.id, intent=GUILDS_INTENT)
