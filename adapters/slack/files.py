"""Getting pictures into Slack: upload once, wait until they may be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.faults import code_of, faults
from adapters.uploads import Upload
from bot.errors import Fault, PlatformBusy
from bot.model import Generation, GenerationId, Picture
from bot.ports import Clock

# A new file is scanned before it may be shown; polling is what meets Slack's rate limit first.
_READY_POLLS_S: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A picture that Slack has: its number from 0, its file's id, and the model's wording."""

    n: int
    file_id: str
    revised: str | None


class FileNotes(Protocol):
    """Where it is noted that Slack holds a picture, so that a second try does not upload it again."""

    async def pictures(self, id: GenerationId) -> Mapping[int, Picture]:
        """The generation's pictures, with what was noted."""

    async def keep_file(self, job: Generation, n: int, file_id: str) -> bool:
        """Note that picture `n` is Slack's `file_id`."""


class Files:
    """Private uploads of the bot's, shown to people by the message that names them."""

    def __init__(self, *, client: AsyncWebClient, notes: FileNotes, clock: Clock) -> None:
        self._client = client
        self._notes = notes
        self._clock = clock

    async def upload(self, generation: Generation, files: Sequence[Upload]) -> list[str]:
        """The id of each file, in order, once every one may be shown; `PictureTooLarge` if Slack takes one not."""
        noted = {n: picture.file_id for n, picture in (await self._notes.pictures(generation.id)).items()}
        with faults():
            ids = [noted.get(file.n) or await self._upload(generation, file) for file in files]
            for file_id in ids:
                await self._wait_until_ready(file_id)
        return ids

    async def held(self, id: GenerationId) -> list[Held]:
        """The pictures of a generation that Slack still holds, in order."""
        noted = await self._notes.pictures(id)
        return [
            Held(n=n, file_id=one.file_id, revised=one.revised)
            for n, one in sorted(noted.items())
            if one.file_id is not None
        ]

    async def shared(self, generation: Generation) -> bool:
        """Whether Slack says that a message shows one of the files: the bot posts them in no other way.

        It does not promise to say so of a file that only a block shows, so "no" means nothing.
        """
        for picture in (await self._notes.pictures(generation.id)).values():
            if picture.file_id is None:
                continue
            try:
                with faults():
                    answer = await self._client.files_info(file=picture.file_id)
            except PlatformBusy:
                raise
            except Fault:
                return False
            if answer["file"].get("shares"):
                return True
        return False

    async def upload_alone(self, filename: str, data: bytes) -> str:
        """The id of a file that belongs to no generation, once it may be shown."""
        with faults():
            file_id = await self._new(filename, data)
            await self._wait_until_ready(file_id)
        return file_id

    async def _upload(self, generation: Generation, file: Upload) -> str:
        file_id = await self._new(file.filename, file.data)
        await self._notes.keep_file(generation, file.n, file_id)
        return file_id

    async def _new(self, filename: str, data: bytes) -> str:
        answer = await self._client.files_upload_v2(filename=filename, title=filename, file=data)
        return str(answer["files"][0]["id"])

    async def _wait_until_ready(self, file_id: str) -> None:
        for wait_s in _READY_POLLS_S:
            try:
                answer = await self._client.files_info(file=file_id)
            except SlackApiError as error:
                if code_of(error) == "missing_scope":
                    # Without files:read the post itself tells: it is refused until the file is ready.
                    return
                raise
            if answer["file"].get("mimetype"):
                return
            await self._clock.sleep(wait_s)
        raise PlatformBusy("Slack is still scanning the picture", code="file_not_ready")
