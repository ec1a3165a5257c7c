"""The routes that need only an interaction's token: callback, @original and followups; and their deadlines.

Source: https://docs.discord.com/developers/interactions/receiving-and-responding
"""

from dataclasses import replace
from typing import Any

from aiohttp import web

from sandbox.discord.answers import answer, no_content
from sandbox.discord.errors import ApiError, FormErrors, invalid
from sandbox.discord.interaction import ANSWER_WITHIN_S, TOKEN_LIVES_S, Answer, Interaction
from sandbox.discord.limits import edited, posted
from sandbox.discord.modals import Modal
from sandbox.discord.payloads import message_payload
from sandbox.discord.uploads import Post, read_post
from sandbox.discord.world import Message, MessageFlag, User, World

REPLY, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
MESSAGE_COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 3, 4, 5
REPLY_FLAGS = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.EPHEMERAL
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.IS_COMPONENTS_V2
)
MAX_FOLLOWUPS_BY_USER_INSTALL = 5


class Interactions:
    """Every interaction that was sent, and what the bot may still do with each."""

    def __init__(self, *, world: World, bot: User) -> None:
        self._world = world
        self._bot = bot
        self._by_token: dict[str, Interaction] = {}

    @property
    def tokens(self) -> list[str]:
        """The token of every interaction, dead ones too."""
        return list(self._by_token)

    def add(self, interaction: Interaction) -> None:
        """Let the bot answer an interaction from now on."""
        self._by_token[interaction.token] = interaction

    def forget(self) -> None:
        """Drop every interaction: their tokens open nothing from now on."""
        self._by_token.clear()

    def routes(self, base: str) -> list[web.RouteDef]:
        """The routes under the API's base path."""
        hook = f"{base}/webhooks/{{application}}/{{token}}"
        return [
            web.post(f"{base}/interactions/{{interaction}}/{{token}}/callback", self._callback),
            web.post(hook, self._follow_up),
            web.get(f"{hook}/messages/{{message}}", self._get),
            web.patch(f"{hook}/messages/{{message}}", self._edit),
            web.delete(f"{hook}/messages/{{message}}", self._delete),
        ]

    async def _callback(self, request: web.Request) -> web.Response:
        post = await read_post(request)
        interaction = self._by_token.get(request.match_info["token"])
        if interaction is None or str(interaction.id) != request.match_info["interaction"]:
            raise ApiError(404, 10062, "Unknown interaction")
        if interaction.answer is not None:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        if self._world.clock.now_s() - interaction.sent_at_s > ANSWER_WITHIN_S:
            raise ApiError(404, 10062, "Unknown interaction")
        kind = post.payload.get("type")
        if interaction.payload["type"] == AUTOCOMPLETE:
            return self._offer(interaction, kind, post.payload.get("data") or {})
        allowed = _callbacks(interaction)
        if not isinstance(kind, int) or kind not in allowed:
            raise invalid(("type",), "BASE_TYPE_CHOICES", f"Value must be one of {allowed}.")
        if kind == MODAL:
            interaction.modal = Modal.from_payload(post.payload.get("data") or {})
        if kind == MODAL or (kind == DEFER_UPDATE and interaction.clicked is None):
            return self._acknowledge(interaction, kind, request)
        message = self._respond(interaction, kind, Post(payload=post.payload.get("data") or {}, files=post.files))
        interaction.original_id = message.id
        interaction.answer = Answer(
            type=kind,
            ephemeral=message.ephemeral,
            message=message if kind == REPLY else None,
            after_s=interaction.real_age_s(),
        )
        self._world.changes.notify()
        if request.query.get("with_response", "").lower() not in ("1", "true"):
            return no_content()
        resource = None if kind == DEFER_UPDATE else {"type": kind, "message": self._payload(message)}
        callback: dict[str, Any] = {
            "id": str(interaction.id),
            "type": interaction.payload["type"],
            "response_message_id": str(message.id),
            "response_message_loading": message.loading,
            "response_message_ephemeral": message.ephemeral,
        }
        return answer({"interaction": callback, "resource": resource})

    def _acknowledge(self, interaction: Interaction, kind: int, request: web.Request) -> web.Response:
        """A callback that leaves no message: a modal, or that of a command was taken without a word."""
        interaction.answer = Answer(type=kind, ephemeral=False, message=None, after_s=interaction.real_age_s())
        self._world.changes.notify()
        if request.query.get("with_response", "").lower() not in ("1", "true"):
            return no_content()
        callback = {"id": str(interaction.id), "type": interaction.payload["type"]}
        return answer({"interaction": callback, "resource": {"type": kind} if kind == MODAL else None})

    def _offer(self, interaction: Interaction, kind: object, data: dict[str, Any]) -> web.Response:
        """Choices below an option: 25 at most, each with a name and a value of 1 to 100 characters."""
        if kind != CHOICES:
            raise invalid(("type",), "BASE_TYPE_CHOICES", f"Value must be one of ({CHOICES},).")
        errors = FormErrors()
        choices = errors.items(("data", "choices"), data.get("choices"), maximum=25)
        for index, choice in enumerate(choices):
            for key in ("name", "value"):
                errors.text(("data", "choices", index, key), choice.get(key), minimum=1, maximum=100, required=True)
        errors.raise_if_any()
        values = [choice["value"] for choice in choices]
        interaction.answer = Answer(
            type=CHOICES, ephemeral=True, message=None, after_s=interaction.real_age_s(), choices=values
        )
        self._world.changes.notify()
        return answer({"interaction": {"id": str(interaction.id), "type": AUTOCOMPLETE}, "resource": {"type": CHOICES}})

    def _respond(self, interaction: Interaction, kind: int, post: Post) -> Message:
        """What the first callback does to the messages; the message that @original names from now on."""
        limit_bytes = interaction.file_limit_bytes
        if interaction.clicked is not None and kind in (DEFER_UPDATE, UPDATE):
            message = self._world.messages.get(interaction.clicked.id)
            if message is None:
                raise ApiError(404, 10008, "Unknown Message")
            if kind == UPDATE:
                message = edited(self._world, message, post, limit_bytes=limit_bytes)
                self._world.put(message)
                interaction.finish(message)
            return message
        flags = int(post.payload.get("flags") or 0)
        if kind == DEFER:
            message = self._new(interaction, flags & MessageFlag.EPHEMERAL | MessageFlag.LOADING)
        else:
            message = self._new(interaction, flags & REPLY_FLAGS)
            message = posted(self._world, message, post, limit_bytes=limit_bytes)
            interaction.finish(message)
        self._world.put(message)
        return message

    async def _follow_up(self, request: web.Request) -> web.Response:
        post = await read_post(request)
        interaction = self._authorised(request)
        if interaction.thinking and interaction.original_id is not None:
            # Deprecated, but it works: the first followup fills the deferred answer, its flags ignored.
            return self._edit_message(interaction, self._world.messages[interaction.original_id], post)
        if interaction.by_user_install and len(interaction.followup_ids) >= MAX_FOLLOWUPS_BY_USER_INSTALL:
            message = "This interaction has reached the maximum number of follow-up messages"
            raise ApiError(400, 40094, message)
        flags = int(post.payload.get("flags") or 0) & REPLY_FLAGS
        new = self._new(interaction, flags)
        made = posted(self._world, new, post, limit_bytes=interaction.file_limit_bytes)
        interaction.followup_ids.append(made.id)
        interaction.finish(made)
        self._world.put(made)
        return answer(self._payload(made))

    async def _get(self, request: web.Request) -> web.Response:
        return answer(self._payload(self._named(request)[1]))

    async def _edit(self, request: web.Request) -> web.Response:
        post = await read_post(request)
        interaction, message = self._named(request)
        return self._edit_message(interaction, message, post)

    async def _delete(self, request: web.Request) -> web.Response:
        self._world.remove(self._named(request)[1])
        return no_content()

    def _edit_message(self, interaction: Interaction, message: Message, post: Post) -> web.Response:
        changed = edited(self._world, message, post, limit_bytes=interaction.file_limit_bytes)
        if changed.id == interaction.original_id:
            interaction.edits += 1
        interaction.finish(changed)
        self._world.put(changed)
        return answer(self._payload(changed))

    def _named(self, request: web.Request) -> tuple[Interaction, Message]:
        interaction = self._authorised(request)
        name = request.match_info["message"]
        message_id = interaction.original_id if name == "@original" else int(name) if name.isdecimal() else 0
        known = message_id == interaction.original_id or message_id in interaction.followup_ids
        message = self._world.messages.get(message_id or 0)
        if message is None or not known:
            raise ApiError(404, 10008, "Unknown Message")
        return interaction, message

    def _authorised(self, request: web.Request) -> Interaction:
        interaction = self._by_token.get(request.match_info["token"])
        if interaction is None:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        if request.match_info["application"] != str(self._bot.id) or interaction.answer is None:
            raise ApiError(404, 10015, "Unknown Webhook")
        if self._world.clock.now_s() - interaction.sent_at_s > TOKEN_LIVES_S:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        return interaction

    def _new(self, interaction: Interaction, flags: int) -> Message:
        message = Message(
            id=self._world.snowflake(),
            channel_id=interaction.channel.id,
            author=self._bot,
            interaction_id=interaction.id,
            interaction_type=interaction.payload["type"],
            invoked_by=interaction.user,
            created_at_s=self._world.clock.now_s(),
        )
        return replace(message, flags=flags)

    def _payload(self, message: Message) -> dict[str, Any]:
        return message_payload(self._world, message)


def _callbacks(interaction: Interaction) -> tuple[int, ...]:
    """The types that the first callback may have; a form is never answered with another form."""
    kinds = [REPLY, DEFER]
    if interaction.clicked is not None:
        kinds += [DEFER_UPDATE, UPDATE]
    elif interaction.payload["type"] == MODAL_SUBMIT:
        kinds.append(DEFER_UPDATE)
    if interaction.payload["type"] != MODAL_SUBMIT:
        kinds.append(MODAL)
    return tuple(kinds)
