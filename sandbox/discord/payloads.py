"""The JSON that Discord makes of the things in the world."""

from datetime import UTC, datetime
from typing import Any

from sandbox.discord.world import (
    MEMBER,
    Attachment,
    Channel,
    Guild,
    Message,
    Permission,
    Role,
    User,
    World,
)

JOINED_AT = "2024-01-01T00:00:00+00:00"
# What each kind of channel has beyond that of all of them.
_KINDS: dict[str, dict[str, Any]] = {
    "text": {"type": 0},
    "voice": {"type": 2, "bitrate": 64_000, "user_limit": 0, "rtc_region": None},
    "forum": {"type": 15, "available_tags": [], "default_reaction_emoji": None, "default_sort_order": None},
}


def timestamp(moment_s: float) -> str:
    """ISO 8601 as Discord writes it."""
    return datetime.fromtimestamp(moment_s, tz=UTC).isoformat()


def user_payload(user: User) -> dict[str, Any]:
    """A user object."""
    return {
        "id": str(user.id),
        "username": user.name,
        "global_name": None if user.bot else user.name,
        "discriminator": "0",
        "avatar": None,
        "bot": user.bot,
        "public_flags": 0,
    }


def permissions_in(guild: Guild, user: User) -> int:
    """What a person may do in a guild: their own permissions and those of their roles there."""
    held = user.permissions
    for role in user.roles:
        if role.guild_id == guild.id:
            held |= role.permissions
    return held


def member_payload(guild: Guild, user: User) -> dict[str, Any]:
    """A member object with its user, and with the permissions that only interactions carry."""
    return {
        "user": user_payload(user),
        "nick": None,
        "avatar": None,
        "roles": [str(role.id) for role in user.roles if role.guild_id == guild.id],
        "joined_at": JOINED_AT,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        "communication_disabled_until": None,
        "permissions": str(permissions_in(guild, user)),
    }


def role_payload(role: Role) -> dict[str, Any]:
    """A role object."""
    return {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def channel_payload(channel: Channel) -> dict[str, Any]:
    """A channel object: a text or voice channel, a forum, a public thread, or a DM."""
    common = {"id": str(channel.id), "last_message_id": None, "flags": 0}
    if channel.guild is None:
        if channel.people:
            people = [user_payload(person) for person in channel.people]
            owner = str(channel.people[0].id)
            return {**common, "type": 3, "recipients": people, "name": channel.name, "icon": None, "owner_id": owner}
        recipients = [] if channel.recipient is None else [user_payload(channel.recipient)]
        return {**common, "type": 1, "recipients": recipients}
    if channel.parent is not None:
        return {
            **common,
            "type": 11,
            "guild_id": str(channel.guild.id),
            "name": channel.name,
            "parent_id": str(channel.parent.id),
            "owner_id": str(channel.guild.id),
            "rate_limit_per_user": 0,
            "message_count": 0,
            "member_count": 1,
            "total_message_sent": 0,
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 1440,
                "archive_timestamp": "2026-01-01T00:00:00+00:00",
                "locked": False,
            },
        }
    return {
        **common,
        **_KINDS[channel.kind],
        "guild_id": str(channel.guild.id),
        "name": channel.name,
        "position": 0,
        "permission_overwrites": [],
        "nsfw": channel.nsfw,
        "topic": None,
        "rate_limit_per_user": 0,
        "parent_id": None,
    }


def guild_payload(world: World, guild: Guild) -> dict[str, Any]:
    """What GUILD_CREATE carries to a bot without privileged intents: itself as the only member."""
    everyone = Role(id=guild.id, name="@everyone", guild_id=guild.id, position=0, permissions=MEMBER)
    roles = [everyone, *(role for role in world.roles.values() if role.guild_id == guild.id)]
    bot = next(user for user in world.users.values() if user.bot)
    absent = ("emojis", "stickers", "features", "voice_states", "threads", "presences", "stage_instances")
    return {
        **{key: [] for key in absent},
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "owner_id": str(next(user.id for user in world.users.values() if not user.bot)),
        "preferred_locale": guild.locale,
        "premium_tier": 0,
        "nsfw_level": 0,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "afk_timeout": 300,
        "system_channel_flags": 0,
        "joined_at": JOINED_AT,
        "large": False,
        "unavailable": False,
        "member_count": len(world.users),
        "roles": [role_payload(role) for role in roles],
        "channels": [channel_payload(c) for c in world.channels.values() if c.guild is guild and not c.parent],
        "members": [member_payload(guild, bot)],
    }


def partial_guild_payload(guild: Guild) -> dict[str, Any]:
    """The guild inside an interaction."""
    return {"id": str(guild.id), "locale": guild.locale, "features": []}


def app_permissions(channel: Channel) -> int:
    """What the bot may do in a channel by itself."""
    if channel.guild is None or (channel.guild.installed and channel.bot_may_post):
        return MEMBER | (Permission.MANAGE_MESSAGES if channel.bot_may_moderate else 0)
    return MEMBER & ~Permission.SEND_MESSAGES


def attachment_payload(attachment: Attachment) -> dict[str, Any]:
    """An attachment object."""
    payload: dict[str, Any] = {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": attachment.size,
        "url": attachment.url,
        "proxy_url": attachment.url,
        "content_type": attachment.content_type,
    }
    if attachment.description is not None:
        payload["description"] = attachment.description
    if attachment.width is not None:
        payload |= {"width": attachment.width, "height": attachment.height}
    return payload


def message_payload(world: World, message: Message) -> dict[str, Any]:
    """A message object. A file that an embed or component shows is not listed among the attachments."""
    # str() finds a URL at whatever depth an embed or component keeps it.
    shown = str(message.embeds) + str(message.components)
    payload: dict[str, Any] = {
        "id": str(message.id),
        "channel_id": str(message.channel_id),
        "author": user_payload(message.author),
        "content": message.content,
        "timestamp": timestamp(message.created_at_s),
        "edited_timestamp": None if message.edited_at_s is None else timestamp(message.edited_at_s),
        "tts": False,
        "pinned": False,
        "type": 0 if message.interaction_id is None else 20,
        "flags": int(message.flags),
        "mention_everyone": message.mention_everyone,
        "mentions": [user_payload(world.users[user_id]) for user_id in message.mentions],
        "mention_roles": [],
        "embeds": [{"type": "rich", **embed} for embed in message.embeds],
        "components": message.components,
        "attachments": [attachment_payload(a) for a in message.attachments if a.url not in shown],
    }
    if message.interaction_id is not None and message.invoked_by is not None:
        payload |= {
            "application_id": str(message.author.id),
            "webhook_id": str(message.author.id),
            "interaction_metadata": {
                "id": str(message.interaction_id),
                "type": message.interaction_type,
                "user": user_payload(message.invoked_by),
                "authorizing_integration_owners": {},
            },
        }
    return payload
