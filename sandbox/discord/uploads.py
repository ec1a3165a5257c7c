"""The body of a call that carries a message: JSON, or `payload_json` with `files[n]`, and what a file becomes.

Source: https://docs.discord.com/developers/reference#uploading-files
"""

import io
import json
import mimetypes
import re
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web
from PIL import Image, UnidentifiedImageError

from sandbox.discord.answers import read_json
from sandbox.discord.errors import ApiError, FormErrors
from sandbox.discord.world import Attachment, Message, World

MAX_FILES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What was sent: the JSON part, and the files by the number in their field's name."""

    payload: dict[str, Any]
    files: dict[int, tuple[str, bytes]] = field(default_factory=dict)


async def read_post(request: web.Request) -> Post:
    """Read the body; 400 code 50109 for no JSON, 413 code 40005 for a body beyond all limits."""
    if request.content_type != "multipart/form-data":
        payload = await read_json(request)
        return Post(payload=_as_object(payload))
    try:
        form = await request.post()
    except web.HTTPRequestEntityTooLarge:
        raise too_large() from None
    payload, files = {}, {}
    for name, part in form.items():
        if isinstance(part, web.FileField):
            if (number := re.fullmatch(r"files\[(\d+)\]", name)) is not None:
                files[int(number[1])] = (part.filename, part.file.read())
        elif name == "payload_json":
            try:
                payload = json.loads(part)
            except ValueError:
                raise ApiError(400, 50109, "The request body contains invalid JSON.") from None
    return Post(payload=_as_object(payload), files=files)


def _as_object(payload: object) -> dict[str, Any]:
    if isinstance(payload, dict):
        return payload
    raise ApiError(400, 50035, "Invalid Form Body")


def too_large() -> ApiError:
    """The answer to a file over the limit."""
    return ApiError(413, 40005, "Request entity too large")


def attached(
    errors: FormErrors, world: World, post: Post, *, before: Message | None, channel_id: int, limit_bytes: int
) -> list[Attachment]:
    """The files a message has after `post`: those kept of `before`, then the new ones.

    Without an `attachments` array everything old and new is there; with one, only what it lists.
    """
    if any(len(data) > limit_bytes for _, data in post.files.values()):
        raise too_large()
    old = {} if before is None else {attachment.id: attachment for attachment in before.attachments}
    listed = post.payload.get("attachments")
    if listed is None:
        wanted: list[dict[str, Any]] = [{"id": file_id} for file_id in (*old, *sorted(post.files))]
    else:
        wanted = errors.items(("attachments",), listed, maximum=MAX_FILES)
        if before is None:
            named = {str(item.get("id")) for item in wanted}
            wanted += [{"id": number} for number in sorted(post.files) if str(number) not in named]
    if listed is None and len(wanted) > MAX_FILES:
        errors.add(("attachments",), "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_FILES} or fewer in length.")
    result = []
    for index, item in enumerate(wanted):
        at = ("attachments", index)
        description = errors.text((*at, "description"), item.get("description"), maximum=1024) or None
        number = int(item["id"]) if str(item.get("id")).isdecimal() else -1
        if number in post.files:
            sent_name, data = post.files[number]
            name = str(item.get("filename") or sent_name)
            result.append(_attachment(world, channel_id, name, data, description))
        elif number in old:
            kept = old[number]
            result.append(replace(kept, description=description) if "description" in item else kept)
        else:
            errors.add(at, "ATTACHMENT_NOT_FOUND", "Attachment data not found")
    return result


def _attachment(world: World, channel_id: int, name: str, data: bytes, description: str | None) -> Attachment:
    filename = re.sub(r"[^A-Za-z0-9._-]+", "_", name) or "unknown"
    attachment_id = world.snowflake()
    content_type = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    width, height = None, None
    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
            content_type = Image.MIME.get(image.format or "", content_type)
    except (UnidentifiedImageError, OSError):
        pass  # not a picture: it has no measures
    return Attachment(
        id=attachment_id,
        filename=filename,
        description=description,
        content_type=content_type,
        data=data,
        url=f"http://{world.origin}/attachments/{channel_id}/{attachment_id}/{filename}",
        width=width,
        height=height,
    )
