"""What people do with messages and forms: write, open a message's menu, pick from selects, submit modals."""

from collections.abc import Sequence

from sandbox.discord.driver import APPLICATION_COMMAND, Driver, check_offered
from sandbox.discord.interaction import Interaction
from sandbox.discord.interactions import MODAL_SUBMIT
from sandbox.discord.limits import MAX_CONTENT
from sandbox.discord.mentions import pings
from sandbox.discord.modals import Values
from sandbox.discord.options import InputRefusedError
from sandbox.discord.payloads import message_payload
from sandbox.discord.schema import MESSAGE_COMMAND
from sandbox.discord.selects import STRING_SELECT, picked
from sandbox.discord.world import Channel, Message, User


class Gestures(Driver):
    """Mixed into the sandbox like the driver, whose commands and clicks it completes."""

    def say(self, text: str, *, user: User | None = None, channel: Channel | None = None) -> Message:
        """Write a message. The bot hears nothing of it (no MESSAGE_CREATE), until someone opens its menu."""
        user, channel = user or self.user, channel or self.channel
        if not text.strip() or len(text) > MAX_CONTENT:
            raise InputRefusedError(f"a message has 1 to {MAX_CONTENT} characters")
        if channel.kind == "forum":
            raise InputRefusedError("nobody writes in a forum itself, only in its posts")
        pinged = pings(self._world, text, None)
        message = Message(
            id=self._world.snowflake(),
            channel_id=channel.id,
            author=user,
            content=text,
            mentions=pinged.users,
            mention_everyone=pinged.everyone,
            created_at_s=self._world.clock.now_s(),
        )
        self._world.put(message)
        return message

    async def message_menu(
        self, name: str, message: Message, *, user: User | None = None, user_install: bool = False
    ) -> Interaction:
        """Choose `name` under Apps in the menu of a message. Raises as `slash`; nothing ephemeral has that menu."""
        shown = self._shown(message)
        if shown.ephemeral or shown.loading:
            raise InputRefusedError("the menu of this message offers no apps")
        channel = self._world.channels[shown.channel_id]
        command = self._registry.find(
            name, guild_id=None if channel.guild is None else channel.guild.id, kind=MESSAGE_COMMAND
        )
        if command is None:
            raise InputRefusedError(f"there is no message command {name!r}")
        check_offered(command, channel, user_install=user_install)
        interaction = self._new(user=user or self.user, channel=channel, user_install=user_install)
        data = {
            "id": command["id"],
            "name": name,
            "type": MESSAGE_COMMAND,
            "target_id": str(shown.id),
            "resolved": {"messages": {str(shown.id): message_payload(self._world, shown)}},
        }
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        interaction.payload |= {"type": APPLICATION_COMMAND, "data": data}
        return self._send(interaction)

    async def select(
        self,
        message: Message,
        choice: str | Sequence[str],
        custom_id: str | None = None,
        *,
        user: User | None = None,
    ) -> Interaction:
        """Pick one or more options, by value or label, in a string select (the only one, without a custom id)."""
        shown, component = self._component(message, STRING_SELECT, custom_id=custom_id, user=user or self.user)
        return self._operate(shown, component, user=user or self.user, values=picked(component, choice))

    async def submit(self, interaction: Interaction, values: Values | None = None) -> Interaction:
        """Fill in the modal that `interaction` was answered with, and submit it.

        What is not in `values` stays as the bot filled it in. Raises InputRefusedError if no modal is open (one
        closes when its submission is answered), and for what the form does not take.
        """
        modal, before = interaction.modal, interaction.submission
        if modal is None or (before is not None and before.answer is not None):
            raise InputRefusedError("no modal is open")
        submission = self._new(
            user=interaction.user, channel=interaction.channel, user_install=interaction.by_user_install
        )
        submission.clicked = interaction.clicked
        submission.payload |= {
            "type": MODAL_SUBMIT,
            "data": {"custom_id": modal.custom_id, "components": modal.filled(values or {}), "resolved": {}},
        }
        if interaction.clicked is not None:
            # The message may be gone or changed since; the form carries it as it is now, or as it last was.
            now = self._world.messages.get(interaction.clicked.id, interaction.clicked)
            submission.payload["message"] = message_payload(self._world, now)
        interaction.submission = submission
        return self._send(submission)
