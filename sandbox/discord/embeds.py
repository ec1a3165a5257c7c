"""The limits of embeds, and the files that they show.

Source: https://docs.discord.com/developers/resources/message#embed-object-embed-limits
"""

import copy
from collections.abc import Mapping
from typing import Any

from sandbox.discord.errors import FormErrors

SCHEME = "attachment://"


def check_embeds(errors: FormErrors, embeds: list[dict[str, Any]]) -> None:
    """At most 6000 characters over all embeds of a message, and each part within its own limit."""
    total = 0
    for index, embed in enumerate(embeds):
        path = ("embeds", index)
        total += len(errors.text((*path, "title"), embed.get("title"), maximum=256))
        total += len(errors.text((*path, "description"), embed.get("description"), maximum=4096))
        for part, key, maximum in (("footer", "text", 2048), ("author", "name", 256)):
            if isinstance(embed.get(part), dict):
                text = embed[part].get(key)
                total += len(errors.text((*path, part, key), text, maximum=maximum, required=True))
        for number, field in enumerate(
            errors.items((*path, "fields"), embed.get("fields"), maximum=25),
        ):
            at = (*path, "fields", number)
            total += len(errors.text((*at, "name"), field.get("name"), maximum=256, required=True))
            total += len(errors.text((*at, "value"), field.get("value"), maximum=1024, required=True))
    if total > 6000:
        errors.add(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def resolve(
    errors: FormErrors, part: str, items: list[dict[str, Any]], urls: Mapping[str, str]
) -> list[dict[str, Any]]:
    """`items` (embeds or components) with every `attachment://name` replaced by the URL of that file.

    `urls` has the URL of each file of the message by its name; naming any other file is an error, and so is
    a URL with another scheme than http and https.
    """
    resolved = copy.deepcopy(items)
    for index, item in enumerate(resolved):
        _resolve(errors, (part, index), item, urls)
    return resolved


def _resolve(errors: FormErrors, path: tuple[str | int, ...], node: object, urls: Mapping[str, str]) -> None:
    if isinstance(node, list):
        for index, item in enumerate(node):
            _resolve(errors, (*path, index), item, urls)
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key not in ("url", "icon_url") or not isinstance(value, str):
            _resolve(errors, (*path, key), value, urls)
        elif value.startswith(SCHEME):
            if value.removeprefix(SCHEME) in urls:
                node[key] = urls[value.removeprefix(SCHEME)]
            else:
                errors.add((*path, key), "ATTACHMENT_NOT_FOUND", "Attachment data not found")
        elif not value.startswith(("http://", "https://")):
            scheme = value.partition("://")[0] if "://" in value else ""
            message = f"Scheme \"{scheme}\" is not supported. Scheme must be one of ('http', 'https')."
            errors.add((*path, key), "URL_TYPE_INVALID_SCHEME", message)
