"""The rules every message has to pass, new or edited, whichever way it was sent.

Source: https://docs.discord.com/developers/resources/message#create-message
"""

from dataclasses import replace
from typing import Any

from sandbox.discord.components import check_components
from sandbox.discord.embeds import check_embeds, resolve
from sandbox.discord.errors import ApiError, FormErrors
from sandbox.discord.mentions import check_allowed_mentions, pings
from sandbox.discord.uploads import Post, attached
from sandbox.discord.world import Message, MessageFlag, World

MAX_CONTENT = 2000
MAX_EMBEDS = 10


def posted(world: World, message: Message, post: Post, *, limit_bytes: int) -> Message:
    """`message` (new and empty) with what `post` puts into it.

    Raises ApiError: 50035 with every broken rule, 50006 if nothing is in it, 40005 for a file over the limit.
    """
    return _apply(world, message, post, before=None, limit_bytes=limit_bytes)


def edited(world: World, message: Message, post: Post, *, limit_bytes: int) -> Message:
    """`message` with what `post` changes; what it does not mention stays. Raises as `posted`."""
    changed = _apply(world, message, post, before=message, limit_bytes=limit_bytes)
    # The flags that an edit cannot touch, ephemeral above all, stay as they were; Components V2 never leaves.
    touched = int(post.payload.get("flags") or 0)
    kept = message.flags & ~MessageFlag.LOADING & ~MessageFlag.SUPPRESS_EMBEDS
    flags = kept | touched & (MessageFlag.SUPPRESS_EMBEDS | MessageFlag.IS_COMPONENTS_V2)
    return replace(changed, flags=flags, edited_at_s=world.clock.now_s())


def _apply(world: World, message: Message, post: Post, *, before: Message | None, limit_bytes: int) -> Message:
    errors = FormErrors()
    payload = post.payload
    attachments = attached(errors, world, post, before=before, channel_id=message.channel_id, limit_bytes=limit_bytes)
    content, embeds, components = message.content, message.embeds, message.components
    if "content" in payload:
        content = errors.text(("content",), payload["content"], maximum=MAX_CONTENT)
    urls = {attachment.filename: attachment.url for attachment in attachments}
    if "embeds" in payload:
        embeds = errors.items(("embeds",), payload["embeds"], maximum=MAX_EMBEDS)
        check_embeds(errors, embeds)
        embeds = resolve(errors, "embeds", [embed for embed in embeds if embed], urls)
    flags = message.flags | int(payload.get("flags") or 0)
    v2 = bool(flags & MessageFlag.IS_COMPONENTS_V2)
    if "components" in payload:
        components = errors.items(("components",), payload["components"], maximum=40)
        check_components(errors, components, v2=v2)
        components = resolve(errors, "components", components, urls)
    if v2:
        _refuse_legacy(errors, content=content, embeds=embeds)
    allowed = check_allowed_mentions(errors, payload.get("allowed_mentions"))
    errors.raise_if_any()
    if not (content.strip() or embeds or components or attachments):
        raise ApiError(400, 50006, "Cannot send an empty message")
    pinged = pings(world, content, allowed)
    return replace(
        message,
        content=content,
        embeds=embeds,
        components=components,
        attachments=attachments,
        allowed_mentions=allowed,
        mentions=pinged.users,
        mention_everyone=pinged.everyone,
    )


def _refuse_legacy(errors: FormErrors, *, content: str, embeds: list[dict[str, Any]]) -> None:
    for key, value in (("content", content), ("embeds", embeds)):
        if value:
            message = "The 'content' and 'embeds' fields cannot be used with MessageFlags.IS_COMPONENTS_V2"
            errors.add((key,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message)
