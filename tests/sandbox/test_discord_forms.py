"""Modals, selects and message menus in the stand-in of Discord, through discord.py."""

from typing import Any

import aiohttp
import discord
import pytest
from callers import DiscordBot, deferred
from discord import app_commands

from sandbox.discord import DiscordSandbox, InputRefusedError, Interaction

BotInteraction = discord.Interaction[DiscordBot]
TEXT_INPUT = {"type": 4, "custom_id": "prompt", "style": 1, "label": "Prompt"}
ROW = {"type": 1, "components": [TEXT_INPUT]}
OPTION = {"label": "wide", "value": "16:9"}
SELECT = {"type": 3, "custom_id": "ratio", "options": [OPTION, {"label": "square", "value": "1:1"}]}


class EditForm(discord.ui.Modal, title="Edit"):
    """A prompt and a select, as labels; what is submitted goes to the bot's inbox."""

    prompt = discord.ui.Label(
        text="Prompt",
        component=discord.ui.TextInput["EditForm"](
            custom_id="prompt", default="a red fox", min_length=3, max_length=20
        ),
    )
    ratio = discord.ui.Label(
        text="Aspect",
        description="How wide",
        component=discord.ui.Select["EditForm"](
            custom_id="ratio",
            required=False,
            options=[
                discord.SelectOption(label="wide", value="16:9"),
                discord.SelectOption(label="square", value="1:1"),
            ],
        ),
    )

    async def on_submit(self, interaction: BotInteraction) -> None:  # type: ignore[override] # our own client
        """Leave it to the test."""
        interaction.client.inbox.put_nowait(interaction)


class OldForm(discord.ui.Modal, title="Edit"):
    """A text to read, and a text input in an action row, as forms were before labels."""

    words = discord.ui.TextDisplay[Any]("What shall be drawn?")
    prompt = discord.ui.TextInput["OldForm"](label="Prompt", custom_id="prompt")

    async def on_submit(self, interaction: BotInteraction) -> None:  # type: ignore[override] # our own client
        """Leave it to the test."""
        interaction.client.inbox.put_nowait(interaction)


@app_commands.context_menu(name="Imagine this")
@app_commands.allowed_installs(guilds=True, users=True)
async def imagine_this(interaction: BotInteraction, message: discord.Message) -> None:
    """Leave it to the test."""
    interaction.extras["message"] = message
    interaction.client.inbox.put_nowait(interaction)


@pytest.fixture
async def menu_bot(bot: DiscordBot) -> DiscordBot:
    """A bot with a message command."""
    bot.tree.add_command(imagine_this)
    await bot.tree.sync()
    return bot


async def opened(sandbox: DiscordSandbox, bot: DiscordBot, form: discord.ui.Modal) -> Interaction:
    """A command that was answered with a modal."""
    command = await sandbox.slash("imagine", {"prompt": "a red fox"})
    await (await bot.received()).response.send_modal(form)
    return command


async def drawn(
    sandbox: DiscordSandbox, bot: DiscordBot, *, ephemeral: bool = False
) -> discord.Interaction[DiscordBot]:
    """A command that was answered with a message that has a button."""
    await sandbox.slash("imagine", {"prompt": "a red fox"})
    interaction = await bot.received()
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Edit", custom_id="edit:1"))
    await interaction.response.send_message("drawn", view=view, ephemeral=ephemeral)
    return interaction


async def test_a_modal_comes_back_filled_in(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """Type 9 shows no message; the submission carries every input, and is answered like a command."""
    form = EditForm(custom_id="edit:1")
    command = await opened(sandbox, bot, form)
    modal = await command.wait_for_modal()
    assert (modal.title, modal.custom_id, list(modal.inputs)) == ("Edit", "edit:1", ["prompt", "ratio"])
    assert (await command.wait_for_answer()).type == 9
    assert sandbox.messages == []
    submission = await sandbox.submit(command, {"ratio": "square"})
    submitted = await bot.received()
    assert (submitted.type, submitted.message) == (discord.InteractionType.modal_submit, None)
    prompt, ratio = form.prompt.component, form.ratio.component
    assert isinstance(prompt, discord.ui.TextInput)
    assert isinstance(ratio, discord.ui.Select)
    assert (prompt.value, ratio.values) == ("a red fox", ["1:1"])
    await submitted.response.defer(ephemeral=True, thinking=True)
    assert submission.thinking
    answered = await submitted.edit_original_response(content="drawing")
    assert answered.interaction_metadata is not None
    assert answered.interaction_metadata.type is discord.InteractionType.modal_submit
    assert [(message.content, message.ephemeral) for message in sandbox.messages] == [("drawing", True)]
    with pytest.raises(InputRefusedError, match="no modal is open"):
        await sandbox.submit(command)


async def test_a_modal_of_a_button_edits_the_message_of_the_button(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """The submission carries that message; type 7 edits it, and after type 6 @original is it."""
    await drawn(sandbox, bot, ephemeral=True)
    for number in (1, 2):
        click = await sandbox.click(sandbox.messages[0], label="Edit")
        await (await bot.received()).response.send_modal(OldForm(custom_id=f"edit:{number}"))
        await sandbox.submit(click, {"prompt": "a blue fox"})
        submitted = await bot.received()
        assert submitted.message is not None
        assert submitted.message.id == sandbox.messages[0].id
        if number == 1:
            await submitted.response.edit_message(content="edited")
        else:
            await submitted.response.defer()
            await submitted.edit_original_response(content="edited again")
        assert len(sandbox.messages) == 1
    assert (sandbox.messages[0].content, sandbox.messages[0].ephemeral) == ("edited again", True)


async def test_a_modal_outlives_its_message(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """Submitted after the message is gone, it cannot edit that any more, but it can still be answered."""
    first = await drawn(sandbox, bot)
    click = await sandbox.click(sandbox.messages[0])
    await (await bot.received()).response.send_modal(OldForm())
    message = sandbox.messages[0]
    await first.delete_original_response()
    with pytest.raises(InputRefusedError, match="gone"):
        await sandbox.click(message)
    await sandbox.submit(click, {"prompt": "a blue fox"})
    submitted = await bot.received()
    with pytest.raises(discord.NotFound) as caught:
        await submitted.response.edit_message(content="edited")
    assert caught.value.code == 10008
    await submitted.response.send_message("it is gone", ephemeral=True)
    assert [message.content for message in sandbox.messages] == ["it is gone"]


async def test_the_modal_of_a_command_may_be_taken_without_a_word(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """Type 6 leaves no @original; a followup is a message of its own. Another modal is refused."""
    command = await opened(sandbox, bot, OldForm())
    submission = await sandbox.submit(command, {"prompt": "x"})
    submitted = await bot.received()
    with pytest.raises(discord.HTTPException) as caught:
        # discord.py itself would not open a modal here.
        await bot.http.request(
            discord.http.Route("POST", f"/interactions/{submitted.id}/{submitted.token}/callback"),
            json={"type": 9, "data": {"title": "x", "custom_id": "x", "components": [ROW]}},
        )
    assert (caught.value.code, submission.answer) == (50035, None)
    await submitted.response.defer()
    assert (submission.original, sandbox.messages) == (None, [])
    with pytest.raises(discord.NotFound):
        await submitted.edit_original_response(content="x")
    await submitted.followup.send("done", ephemeral=True)
    assert [(message.content, message.ephemeral) for message in submission.followups] == [("done", True)]


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"prompt": ""}, "'prompt' is required"),
        ({"prompt": "x"}, "takes 3 to 20 characters"),
        ({"prompt": "x" * 21}, "takes 3 to 20 characters"),
        ({"ratio": "21:9"}, "no option '21:9'"),
        ({"ratio": ["1:1", "16:9"]}, "takes 1 to 1 options"),
        ({"size": "1024"}, "unknown input"),
        ({"prompt": ["a red fox"]}, "does not take"),
    ],
)
async def test_the_client_keeps_a_form_that_does_not_fit(
    sandbox: DiscordSandbox, bot: DiscordBot, values: dict[str, Any], complaint: str
) -> None:
    """Nothing is sent, and the modal stays open."""
    command = await opened(sandbox, bot, EditForm())
    with pytest.raises(InputRefusedError, match=complaint):
        await sandbox.submit(command, values)
    assert bot.inbox.empty()
    await sandbox.submit(command)
    assert (await bot.received()).type is discord.InteractionType.modal_submit


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"title": ""}, "title", "BASE_TYPE_REQUIRED"),
        ({"title": "x" * 46}, "title", "BASE_TYPE_BAD_LENGTH"),
        ({"custom_id": "x" * 101}, "custom_id", "BASE_TYPE_BAD_LENGTH"),
        ({"components": []}, "components", "BASE_TYPE_REQUIRED"),
        ({"components": [ROW] * 6}, "components", "BASE_TYPE_MAX_LENGTH"),
        ({"components": [ROW, ROW]}, "components.1.components.0.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
        ({"components": [TEXT_INPUT]}, "components.0.type", "BASE_TYPE_CHOICES"),
        ({"components": [{"type": 10}]}, "components.0.content", "BASE_TYPE_REQUIRED"),
        ({"components": [{"type": 1, "components": []}]}, "components.0.components", "BASE_TYPE_BAD_LENGTH"),
        ({"components": [{"type": 1, "components": [SELECT]}]}, "components.0.components.0.type", "BASE_TYPE_CHOICES"),
        ({"components": [{"type": 18, "component": SELECT}]}, "components.0.label", "BASE_TYPE_REQUIRED"),
        ({"components": [{"type": 18, "label": "x"}]}, "components.0.component", "BASE_TYPE_REQUIRED"),
        (
            {"components": [{"type": 18, "label": "x", "component": {**TEXT_INPUT, "label": ""}}]},
            "components.0.component.label",
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            {"components": [{"type": 18, "label": "x", "component": {**SELECT, "min_values": 0}}]},
            "components.0.component.min_values",
            "NUMBER_TYPE_RANGE",
        ),
        (
            {"components": [{"type": 18, "label": "x", "component": {**SELECT, "disabled": True}}]},
            "components.0.component.disabled",
            "COMPONENT_DISABLED_IN_MODAL",
        ),
        (
            {"components": [{"type": 18, "label": "x", "component": {**SELECT, "options": []}}]},
            "components.0.component.options",
            "BASE_TYPE_REQUIRED",
        ),
    ],
)
async def test_a_modal_against_the_rules_is_refused(
    sandbox: DiscordSandbox,
    bot: DiscordBot,
    rest: aiohttp.ClientSession,
    changes: dict[str, Any],
    place: str,
    code: str,
) -> None:
    """400 code 50035 names the place; the command can still be answered."""
    command = await sandbox.slash("imagine", {"prompt": "x"})
    interaction = await bot.received()
    modal = {"title": "Edit", "custom_id": "edit", "components": [ROW]} | changes
    callback = f"interactions/{command.id}/{command.token}/callback"
    async with rest.post(callback, json={"type": 9, "data": modal}) as response:
        body = await response.json()
        assert (response.status, body["code"]) == (400, 50035)
    node = body["errors"]["data"]
    for key in place.split("."):
        node = node[key]
    assert [error["code"] for error in node["_errors"]] == [code]
    await interaction.response.send_modal(OldForm())
    assert command.modal is not None


@pytest.mark.parametrize(
    ("changes", "key", "code"),
    [
        ({"type": 4, "custom_id": None}, "custom_id", "BASE_TYPE_REQUIRED"),
        ({"style": 3}, "style", "BASE_TYPE_CHOICES"),
        ({"label": "x" * 46}, "label", "BASE_TYPE_BAD_LENGTH"),
        ({"placeholder": "x" * 101}, "placeholder", "BASE_TYPE_MAX_LENGTH"),
        ({"max_length": 4001}, "max_length", "NUMBER_TYPE_RANGE"),
        ({"min_length": -1}, "min_length", "NUMBER_TYPE_RANGE"),
        ({"max_length": 5, "value": "x" * 6}, "value", "BASE_TYPE_MAX_LENGTH"),
        ({"min_length": 6, "max_length": 5}, "min_length", "BASE_TYPE_BAD_LENGTH"),
    ],
)
async def test_a_text_input_has_bounds(
    sandbox: DiscordSandbox,
    bot: DiscordBot,
    rest: aiohttp.ClientSession,
    changes: dict[str, Any],
    key: str,
    code: str,
) -> None:
    """Those of its own making, and those of Discord."""
    command = await sandbox.slash("imagine", {"prompt": "x"})
    await bot.received()
    row = {"type": 1, "components": [TEXT_INPUT | changes]}
    modal = {"title": "Edit", "custom_id": "edit", "components": [row]}
    callback = f"interactions/{command.id}/{command.token}/callback"
    async with rest.post(callback, json={"type": 9, "data": modal}) as response:
        errors = (await response.json())["errors"]["data"]["components"]["0"]["components"]["0"]
    assert [error["code"] for error in errors[key]["_errors"]] == [code]


async def test_a_select_in_a_message_is_picked_from(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """By value or label; the bot gets the values, and answers as to a button."""
    _, interaction = await deferred(sandbox, bot)
    view = discord.ui.View(timeout=None)
    options = [discord.SelectOption(label="wide", value="16:9"), discord.SelectOption(label="square", value="1:1")]
    view.add_item(discord.ui.Select(custom_id="ratio", options=options, max_values=2))
    await interaction.edit_original_response(content="Which?", view=view)
    [message] = sandbox.messages
    with pytest.raises(InputRefusedError, match="no option"):
        await sandbox.select(message, "21:9")
    with pytest.raises(InputRefusedError, match="0 components fit"):
        await sandbox.select(message, "1:1", "size")
    await sandbox.select(message, ["wide", "1:1"])
    picked = await bot.received()
    data: Any = picked.data
    assert (data["component_type"], data["custom_id"], data["values"]) == (3, "ratio", ["16:9", "1:1"])
    await picked.response.edit_message(content="Thanks", view=None)
    assert [(message.content, message.components) for message in sandbox.messages] == [("Thanks", [])]


@pytest.mark.parametrize(
    ("components", "place", "code"),
    [
        ([{**SELECT, "custom_id": None}], "components.0.custom_id", "BASE_TYPE_REQUIRED"),
        ([{**SELECT, "options": [OPTION] * 26}], "components.0.options", "BASE_TYPE_MAX_LENGTH"),
        (
            [{**SELECT, "options": [OPTION, OPTION]}],
            "components.0.options.1.value",
            "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
        ),
        ([{**SELECT, "max_values": 0}], "components.0.max_values", "NUMBER_TYPE_RANGE"),
        ([{**SELECT, "placeholder": "x" * 151}], "components.0.placeholder", "BASE_TYPE_MAX_LENGTH"),
        (
            [SELECT, {"type": 2, "style": 1, "label": "x", "custom_id": "x"}],
            "components",
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
        ),
    ],
)
async def test_a_select_against_the_rules_is_refused(
    sandbox: DiscordSandbox, rest: aiohttp.ClientSession, components: list[dict[str, Any]], place: str, code: str
) -> None:
    """Its options, bounds and its row, which it has for itself."""
    payload = {"content": "x", "components": [{"type": 1, "components": components}]}
    async with rest.post(f"channels/{sandbox.channel.id}/messages", json=payload) as response:
        node = (await response.json())["errors"]["components"]["0"]
    for key in place.split("."):
        node = node[key]
    assert [error["code"] for error in node["_errors"]] == [code]


async def test_a_message_menu_brings_the_message_along(sandbox: DiscordSandbox, menu_bot: DiscordBot) -> None:
    """With its content, though the bot has no MESSAGE_CONTENT; the answer may be a modal."""
    kim = sandbox.add_user("kim", locale="fr")
    said = sandbox.say("a fox in the snow", user=kim)
    command = await sandbox.message_menu("Imagine this", said)
    interaction = await menu_bot.received()
    message = interaction.extras["message"]
    assert (message.content, message.author.id, message.id) == ("a fox in the snow", kim.id, said.id)
    assert (interaction.user.id, interaction.locale) == (sandbox.user.id, discord.Locale.american_english)
    await interaction.response.send_modal(EditForm())
    await sandbox.submit(command, {"prompt": "a fox"})
    submitted = await menu_bot.received()
    await submitted.response.send_message("drawing")
    assert [message.content for message in sandbox.messages] == ["a fox in the snow", "drawing"]


async def test_a_message_menu_is_not_everywhere(sandbox: DiscordSandbox, menu_bot: DiscordBot) -> None:
    """Not on ephemeral or deleted messages, not for unknown commands, abroad only by user install."""
    await drawn(sandbox, menu_bot, ephemeral=True)
    [hidden] = sandbox.messages
    said = sandbox.say("a fox")
    for name, message in (("Imagine this", hidden), ("Draw this", said), ("imagine", said)):
        with pytest.raises(InputRefusedError):
            await sandbox.message_menu(name, message)
    elsewhere = sandbox.add_channel("elsewhere", sandbox.add_guild("abroad", installed=False))
    foreign = sandbox.say("a fox", channel=elsewhere)
    with pytest.raises(InputRefusedError, match="user_install"):
        await sandbox.message_menu("Imagine this", foreign)
    await sandbox.message_menu("Imagine this", foreign, user_install=True)
    interaction = await menu_bot.received()
    assert interaction.is_user_integration()
    assert interaction.extras["message"].content == "a fox"


async def test_buttons_of_others(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """Anyone may press a button of a public message, nobody else sees an ephemeral one."""
    kim = sandbox.add_user("kim")
    await drawn(sandbox, bot)
    await sandbox.click(sandbox.messages[0], user=kim)
    pressed = await bot.received()
    assert pressed.user.id == kim.id
    assert pressed.message is not None
    assert pressed.message.interaction_metadata is not None
    assert pressed.message.interaction_metadata.user.id == sandbox.user.id
    await pressed.response.send_message("not yours", ephemeral=True)
    await drawn(sandbox, bot, ephemeral=True)
    with pytest.raises(InputRefusedError, match="nobody else"):
        await sandbox.click(sandbox.messages[-1], user=kim)


async def test_an_ephemeral_message_is_edited_and_deleted_by_its_button(
    sandbox: DiscordSandbox, bot: DiscordBot
) -> None:
    """It stays ephemeral; the token of the click deletes it and its followups."""
    await drawn(sandbox, bot, ephemeral=True)
    await sandbox.click(sandbox.messages[0])
    pressed = await bot.received()
    await pressed.response.edit_message(content="sure?")
    await pressed.edit_original_response(content="really?")
    more = await pressed.followup.send("more", ephemeral=True, wait=True)
    assert [(m.content, m.ephemeral) for m in sandbox.messages] == [("really?", True), ("more", True)]
    await more.delete()
    await pressed.delete_original_response()
    assert sandbox.messages == []


async def test_the_buttons_of_a_post_of_the_bot_work(sandbox: DiscordSandbox, bot: DiscordBot) -> None:
    """Also where no interaction made the message, and after it was edited the new ones."""
    channel = await bot.fetch_channel(sandbox.channel.id)
    assert isinstance(channel, discord.TextChannel)
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Again", custom_id="again:1"))
    posted = await channel.send("drawn", view=view)
    [message] = sandbox.messages
    await sandbox.click(message, label="Again")
    pressed = await bot.received()
    assert pressed.message is not None
    assert (pressed.message.id, pressed.message.interaction_metadata) == (posted.id, None)
    await pressed.response.edit_message(content="again", view=None)
    with pytest.raises(InputRefusedError, match="0 components fit"):
        await sandbox.click(message, label="Again")
    await posted.delete()
    assert sandbox.messages == []
