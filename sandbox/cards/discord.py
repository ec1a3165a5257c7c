"""A message or a form of Discord as HTML."""

import html
from collections.abc import Mapping
from typing import Any

from sandbox.cards import markup
from sandbox.discord import Message

_STYLES = {1: "primary", 3: "success", 4: "danger", 5: "link"}


def message(message: Message, names: Mapping[str, str]) -> str:
    """What a person sees of it."""
    parts = [f"<p class=author>{html.escape(message.author.name)} <small>APP</small></p>"]
    if message.content:
        parts.append(f"<p>{markup.discord(message.content, names)}</p>")
    # Discord shows attachments above embeds; no embed of the bot's names one of them as its own.
    pictures = [file for file in message.attachments if file.width is not None]
    parts += [markup.picture(file.data, file.description or "") for file in pictures]
    for embed in message.embeds:
        body = [f"<p>{markup.discord(embed['description'], names)}</p>"] if embed.get("description") else []
        foot = embed.get("footer", {}).get("text")
        body += [f"<p><small>{html.escape(foot)}</small></p>"] if foot else []
        edge = f"border-color: #{embed['color']:06x}" if embed.get("color") else ""
        parts.append(f"<div class=embed style='{edge}'>{''.join(body)}</div>")
    parts += [_row(row) for row in message.components]
    if message.ephemeral:
        parts.append("<p><small>Only you can see this</small></p>")
    return "".join(parts)


def _row(row: Mapping[str, Any]) -> str:
    buttons = [
        f"<span class='button {_STYLES.get(part.get('style', 2), '')}'>{html.escape(part.get('label') or '')}</span>"
        for part in row["components"]
    ]
    return f"<p>{''.join(buttons)}</p>"
