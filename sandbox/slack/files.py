"""Uploads in three steps, files.info, files.delete, and the bytes behind `url_private`.

https://docs.slack.dev/messaging/working-with-files/#upload
"""

import secrets
from typing import Any

from aiohttp import web

from sandbox.slack.content import Content, parse_list
from sandbox.slack.errors import ApiError, invalid_arguments
from sandbox.slack.methods import Arguments, Method
from sandbox.slack.world import Channel, File, World

MAX_ALT_TXT = 1_000


class FileMethods:
    """The methods and addresses that take and give files; `ready_after_s` is how long the scan takes."""

    def __init__(self, *, world: World, bot_token: str, ready_after_s: float) -> None:
        self._world = world
        self._bot_token = bot_token
        self.ready_after_s = ready_after_s
        self._pending: dict[str, File] = {}
        self._uploads: dict[str, File] = {}
        self.given_out: list[str] = []
        """The secret part of every upload address."""
        self.origin = ""

    def methods(self) -> dict[str, Method]:
        """The table for the dispatcher."""
        return {
            "files.getUploadURLExternal": Method(run=self._get_upload_url, scope="files:write"),
            "files.completeUploadExternal": Method(run=self._complete, scope="files:write"),
            "files.info": Method(run=self._info, scope="files:read"),
            "files.delete": Method(run=self._delete, scope="files:write"),
        }

    def routes(self) -> list[web.RouteDef]:
        """The addresses for bytes, in and out."""
        return [
            web.post("/upload/v1/{ticket}", self._receive),
            web.get("/files-pri/{file_id}/{name}", self._serve),
        ]

    def forget(self) -> None:
        """Drop the uploads that nobody completed."""
        self._pending.clear()
        self._uploads.clear()

    def new_file(self, name: str, *, size: int, user: str) -> File:
        """A file that has an id but is not in the workspace yet."""
        file_id = self._world.new_id("F")
        return File(
            id=file_id,
            name=name,
            title=name,
            size=size,
            user=user,
            url_private=f"{self.origin}/files-pri/{file_id}/{name}",
            clock=self._world.clock,
        )

    def _get_upload_url(self, arguments: Arguments) -> dict[str, Any]:
        name, length = arguments.required("filename"), arguments.required("length")
        if not length.isdecimal() or int(length) == 0:
            raise invalid_arguments("[ERROR] must be greater than 0 [json-pointer:/length]")
        file = self.new_file(name, size=int(length), user=self._world.bot.id)
        file.alt_txt = arguments.text("alt_txt")
        if file.alt_txt is not None and len(file.alt_txt) > MAX_ALT_TXT:
            raise ApiError("alt_txt_too_large")
        ticket = secrets.token_urlsafe(24)
        self._uploads[ticket] = self._pending[file.id] = file
        self.given_out.append(ticket)
        return {"upload_url": f"{self.origin}/upload/v1/{ticket}", "file_id": file.id}

    async def _receive(self, request: web.Request) -> web.Response:
        file = self._uploads.get(request.match_info["ticket"])
        data = await request.read()
        if file is None:
            return web.Response(status=404, text="not found")
        if len(data) != file.size:
            return web.Response(status=400, text=f"expected {file.size} bytes, got {len(data)}")
        del self._uploads[request.match_info["ticket"]]
        file.data = data
        return web.Response(text=f"OK - {len(data)}")

    def _complete(self, arguments: Arguments) -> dict[str, Any]:
        wanted = parse_list(arguments.required("files"), error="invalid_arguments")
        files = [self._uploaded(item) for item in wanted]
        if not files:
            raise invalid_arguments("[ERROR] no less than 1 items allowed [json-pointer:/files]")
        channel_ids = arguments.text("channel_id") or arguments.text("channels")
        channels = [self._joined(channel_id) for channel_id in (channel_ids or "").split(",") if channel_id]
        content = self._share_content(arguments) if channels else None
        for file, item in zip(files, wanted, strict=True):
            file.title = item.get("title") or file.name
            file.ready_at_s = self._world.clock.now_s() + self.ready_after_s
            self._world.files[file.id] = self._pending.pop(file.id)
        if content is not None:
            self._share(files, channels, content, thread_ts=arguments.text("thread_ts"))
        self._world.changes.notify()
        return {"files": [self._file(file) for file in files]}

    def _uploaded(self, item: object) -> File:
        file = self._pending.get(str(item.get("id"))) if isinstance(item, dict) else None
        if file is None or not file.data:
            raise ApiError("file_not_found")
        return file

    def _joined(self, channel_id: str) -> Channel:
        """Files are shared only where the bot is a member; `chat:write.public` does not help."""
        world = self._world
        if channel_id in world.users:
            return world.im(world.bot.id, channel_id)
        channel = world.channels.get(channel_id)
        is_member = channel is not None and world.bot.id in channel.members
        if channel is None or (channel.kind != "public" and not is_member):
            raise ApiError("channel_not_found")
        if channel.is_archived:
            raise ApiError("is_archived")
        if not is_member:
            raise ApiError("not_in_channel")
        return channel

    def _share_content(self, arguments: Arguments) -> Content:
        comment = arguments.text("initial_comment")
        blocks = parse_list(arguments.values.get("blocks"), error="invalid_blocks_format")
        if comment is None and any(isinstance(block, dict) and block.get("type") == "markdown" for block in blocks):
            raise ApiError("internal_error")
        if comment is None and not blocks:
            return Content(text="", blocks=[], file_ids=(), pings=[])
        payload = {"text": comment} if comment is not None else {"blocks": blocks}
        return Content.from_payload(payload, showable=self._world.showable)

    def _share(self, files: list[File], channels: list[Channel], content: Content, *, thread_ts: str | None) -> None:
        # Slack's own fault, kept: a file with an alt_txt is taken, but never reaches the channel.
        shown = [file for file in files if file.alt_txt is None]
        for channel in channels if shown else []:
            message = self._world.post(content, channel_id=channel.id, user=self._world.bot.id, thread_ts=thread_ts)
            message.files.extend(shown)
            for file in shown:
                file.shares.setdefault(channel.id, []).append(message.ts)

    def _info(self, arguments: Arguments) -> dict[str, Any]:
        return {"file": self._file(self._known(arguments)), "comments": [], "response_metadata": {}}

    def _delete(self, arguments: Arguments) -> dict[str, Any]:
        file = self._known(arguments)
        if file.user != self._world.bot.id:
            raise ApiError("cant_delete_file")
        self._world.delete_file(file)
        return {}

    def _known(self, arguments: Arguments) -> File:
        file = self._world.files.get(arguments.required("file"))
        if file is None:
            raise ApiError("file_not_found")
        return file

    def _file(self, file: File) -> dict[str, Any]:
        payload: dict[str, Any] = {
            "id": file.id,
            "name": file.name,
            "title": file.title,
            "mimetype": file.mimetype,
            "filetype": file.mimetype.partition("/")[2],
            "size": file.size,
            "user": file.user,
            "is_public": False,
            "url_private": file.url_private,
            "url_private_download": file.url_private,
            "shares": {},
        }
        # Until the scan is over nothing tells where the file went, so the ts of its message has to be polled for.
        if file.is_ready and file.shares:
            shares: dict[str, dict[str, Any]] = {}
            for channel_id, stamps in file.shares.items():
                is_public = self._world.channels[channel_id].kind == "public"
                place = shares.setdefault("public" if is_public else "private", {})
                place[channel_id] = [{"ts": ts} for ts in stamps]
            payload |= {"shares": shares, "is_public": "public" in shares}
        return payload

    async def _serve(self, request: web.Request) -> web.Response:
        file = self._world.files.get(request.match_info["file_id"])
        if request.headers.get("Authorization") != f"Bearer {self._bot_token}":
            # Slack shows strangers its sign-in page rather than an error.
            return web.Response(status=302, headers={"Location": "/"})
        if file is None:
            return web.Response(status=404)
        return web.Response(body=file.data, content_type=file.mimetype or "application/octet-stream")
