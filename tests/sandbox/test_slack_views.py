"""Modals and home tabs in the stand-in of Slack, through slack-bolt and slack-sdk."""

import json
from typing import Any

import pytest
from callers import Payload, SlackBot, picture_blocks, refusal, running, uploaded
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Delivery, SlackSandbox, View


def plain(text: str) -> Payload:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def option(text: str, value: str) -> Payload:
    """An option of a select, a menu or boxes."""
    return {"text": plain(text), "value": value}


RATIOS = [option("wide", "16:9"), option("square", "1:1")]


def field(block_id: str, element: Payload, **facts: Any) -> Payload:
    """An input block around `element`, whose action_id is that of the block."""
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(block_id),
        "element": {"action_id": block_id, **element},
        **facts,
    }


PROMPT = field("prompt", {"type": "plain_text_input", "min_length": 3, "max_length": 20, "initial_value": "a red fox"})
FORM = [
    PROMPT,
    field("ratio", {"type": "static_select", "options": RATIOS, "initial_option": RATIOS[1]}),
    field("count", {"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "max_value": "4"}),
    field("extras", {"type": "checkboxes", "options": RATIOS}, optional=True),
    field("size", {"type": "radio_buttons", "options": [option("large", "2k"), option("small", "1k")]}, optional=True),
]


def modal(*blocks: Payload, **facts: Any) -> Payload:
    """A modal of `blocks`, or of one prompt."""
    title, submit = plain("Edit"), plain("Draw")
    view = {"type": "modal", "callback_id": "edit", "title": title, "submit": submit, "blocks": blocks or [PROMPT]}
    return {key: value for key, value in (view | facts).items() if value is not None}


async def triggered(slack: SlackSandbox) -> str:
    """The trigger_id of a command that was just acknowledged."""
    command = await slack.slash("/imagine", "x")
    await command.wait_for_ack()
    return str(command.payload["trigger_id"])


async def opened(slack: SlackSandbox, bot: SlackBot, view: Payload) -> View:
    """A modal on the person's screen."""
    await bot.client.views_open(trigger_id=await triggered(slack), view=view)
    return await slack.wait_for_modal()


async def submitted(slack: SlackSandbox, view: View, **values: Any) -> Delivery:
    """A submission whose ack has arrived."""
    delivery = await slack.submit(view, values)
    await delivery.wait_for_ack()
    return delivery


async def test_a_modal_is_opened_filled_in_and_closed_by_its_ack(slack: SlackSandbox) -> None:
    """The submission carries what was typed, chosen and left; an empty ack closes the modal."""
    async with running(slack) as bot:
        view = await opened(slack, bot, modal(*FORM, private_metadata="row 1"))
        assert (view.title, view.callback_id, slack.modal_of()) == ("Edit", "edit", view)
        delivery = await submitted(slack, view, prompt="a blue fox", count=2, extras=["wide", "square"])
    assert (delivery.ack and delivery.ack.error, slack.modal_of()) == (None, None)
    body = bot.seen[-1]
    assert (body["type"], body["view"]["private_metadata"]) == ("view_submission", "row 1")
    assert body["view"]["state"]["values"] == {
        "prompt": {"prompt": {"type": "plain_text_input", "value": "a blue fox"}},
        "ratio": {"ratio": {"type": "static_select", "selected_option": RATIOS[1]}},
        "count": {"count": {"type": "number_input", "value": "2"}},
        "extras": {"extras": {"type": "checkboxes", "selected_options": RATIOS}},
        "size": {"size": {"type": "radio_buttons", "selected_option": None}},
    }
    with pytest.raises(LookupError, match="gone"):
        await slack.submit(view)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({}, "count is required"),
        ({"prompt": "", "count": 1}, "prompt is required"),
        ({"prompt": "x", "count": 1}, "at least 3 characters"),
        ({"prompt": "x" * 21}, "at most 20 characters"),
        ({"count": 5}, "takes 1 to 4"),
        ({"count": "1.5"}, "does not take"),
        ({"ratio": "21:9"}, "no option 21:9"),
        ({"ratio": ["wide", "square"]}, "takes one option"),
        ({"colour": "red"}, "no input colour"),
    ],
)
async def test_the_client_keeps_a_form_that_does_not_fit(
    slack: SlackSandbox, values: dict[str, Any], fault: str
) -> None:
    """The app hears nothing, and the modal stays."""
    async with running(slack) as bot:
        view = await opened(slack, bot, modal(*FORM))
        heard = len(bot.seen)
        with pytest.raises((ValueError, LookupError), match=fault):
            await slack.submit(view, values)
    assert (len(bot.seen), slack.modal_of()) == (heard, view)


async def test_a_submission_is_answered_with_errors_an_update_or_another_view(slack: SlackSandbox) -> None:
    """Errors stand below their inputs; a pushed view covers the first; clear closes all."""
    async with running(slack) as bot:
        view = await opened(slack, bot, modal())
        first_hash = view.hash
        bot.answer = {"response_action": "errors", "errors": {"prompt": "Not that"}}
        await submitted(slack, view, prompt="a bad fox")
        assert (view.errors, view.state["prompt"]["prompt"]["value"]) == ({"prompt": "Not that"}, "a bad fox")
        bot.answer = {"response_action": "update", "view": modal(title=plain("Sure?"))}
        await submitted(slack, view, prompt="a good fox")
        assert (view.title, view.errors, view.hash == first_hash) == ("Sure?", {}, False)
        # The input is the same one, so what was typed is still there.
        assert view.state["prompt"]["prompt"]["value"] == "a good fox"
        bot.answer = {"response_action": "push", "view": modal(title=plain("Really?"))}
        await submitted(slack, view)
        top = slack.modal_of()
        assert top is not None
        assert (top.title, top.previous_id, top.root_id) == ("Really?", view.id, view.id)
        with pytest.raises(LookupError):
            await slack.submit(view)
        bot.answer = {"response_action": "clear"}
        await submitted(slack, top)
    assert slack.modal_of() is None


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {}},
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "explode"},
        {"response_action": "update", "view": modal(title=plain("x" * 25))},
    ],
)
async def test_an_answer_that_slack_cannot_use_leaves_the_modal(slack: SlackSandbox, answer: Payload) -> None:
    """The person reads that something went wrong; the same when no ack comes in time."""
    async with running(slack) as bot:
        view = await opened(slack, bot, modal())
        bot.answer = answer
        delivery = await submitted(slack, view)
        assert delivery.ack is not None
        assert delivery.ack.error in ("invalid_response_action", "invalid_arguments")
        assert (delivery.ack.error == "invalid_arguments") == bool(delivery.ack.details)
        bot.answer = None
        bot.may_ack.clear()
        late = await slack.submit(view)
        slack.clock.advance(3.5)
        assert (await late.wait_for_ack()).timed_out
        bot.may_ack.set()
    assert slack.modal_of() is view


async def test_a_trigger_opens_one_modal_within_three_seconds(slack: SlackSandbox) -> None:
    """Then it is exchanged or expired; any other text is invalid; a refused view does not spend it."""
    async with running(slack) as bot:
        first, late = await triggered(slack), await triggered(slack)
        bad = await refusal(bot.client.views_open(trigger_id=first, view=modal(title=plain(""))))
        assert bad["error"] == "invalid_arguments"
        answer = await bot.client.views_open(trigger_id=first, view=modal())
        view = slack.modal_of()
        assert view is not None
        assert (answer["view"]["id"], answer["view"]["hash"]) == (view.id, view.hash)
        slack.clock.advance(3.1)
        errors = [
            (await refusal(bot.client.views_open(trigger_id=trigger_id, view=modal())))["error"]
            for trigger_id in (first, late, "1.2.abc")
        ]
    assert errors == ["exchanged_trigger_id", "expired_trigger_id", "invalid_trigger_id"]


@pytest.mark.parametrize(
    ("view", "fault"),
    [
        (modal(title=None), "missing required field: title [json-pointer:/view]"),
        (modal(title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
        (modal(submit=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/submit/text]"),
        (modal(close=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/close/text]"),
        (modal(submit=None), "missing required field: submit [json-pointer:/view]"),
        (modal(type="home"), "must be a valid enum value [json-pointer:/view/type]"),
        (modal(callback_id="x" * 256), "must be less than 256 characters [json-pointer:/view/callback_id]"),
        (modal(private_metadata="x" * 3001), "must be less than 3001 characters [json-pointer:/view/private_metadata]"),
        (modal(submit_disabled=True), "invalid additional property: submit_disabled [json-pointer:/view]"),
        (modal(*[{"type": "divider"}] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        (modal({"type": "markdown", "text": "x"}), "unsupported type: markdown [json-pointer:/view/blocks/0/type]"),
        (modal(field("a", {"type": "button"})), "unsupported type: button [json-pointer:/view/blocks/0/element/type]"),
        (
            modal(field("a", {"type": "plain_text_input", "max_length": 3001})),
            "must be between 1 and 3000 [json-pointer:/view/blocks/0/element/max_length]",
        ),
        (
            modal(field("a", {"type": "plain_text_input", "max_length": 2, "initial_value": "abc"})),
            "must be less than 3 characters [json-pointer:/view/blocks/0/element/initial_value]",
        ),
        (
            modal(field("a", {"type": "number_input"})),
            "missing required field: is_decimal_allowed [json-pointer:/view/blocks/0/element]",
        ),
        (
            modal(field("a", {"type": "number_input", "is_decimal_allowed": False, "min_value": 1})),
            "must be a number in a string [json-pointer:/view/blocks/0/element/min_value]",
        ),
        (
            modal(field("a", {"type": "static_select", "options": [option("x" * 76, "x")]})),
            "must be less than 76 characters [json-pointer:/view/blocks/0/element/options/0/text/text]",
        ),
        (
            modal(field("a", {"type": "static_select", "options": RATIOS * 51})),
            "no more than 100 items allowed [json-pointer:/view/blocks/0/element/options]",
        ),
        (
            modal(field("a", {"type": "static_select", "options": RATIOS, "initial_option": option("x", "x")})),
            "must be one of the options [json-pointer:/view/blocks/0/element/initial_option]",
        ),
        (
            modal(field("a", {"type": "static_select"})),
            "must define exactly one of options, option_groups [json-pointer:/view/blocks/0/element]",
        ),
        (
            modal(field("a", {"type": "static_select", "option_groups": [{"label": plain("x"), "options": []}]})),
            "no less than 1 items allowed [json-pointer:/view/blocks/0/element/option_groups/0/options]",
        ),
        (
            modal(field("a", {"type": "checkboxes", "options": RATIOS, "initial_options": []})),
            "must be one of the options [json-pointer:/view/blocks/0/element/initial_options]",
        ),
        (
            modal(field("a", {"type": "checkboxes", "options": [{**RATIOS[0], "description": plain("x" * 76)}]})),
            "must be less than 76 characters [json-pointer:/view/blocks/0/element/options/0/description/text]",
        ),
        (
            modal(field("a", {"type": "plain_text_input", "min_length": 3, "max_length": 2})),
            "must be less than max_length [json-pointer:/view/blocks/0/element/min_length]",
        ),
        (
            modal(field("a", {"type": "plain_text_input", "placeholder": plain("x" * 151)})),
            "must be less than 151 characters [json-pointer:/view/blocks/0/element/placeholder/text]",
        ),
        (
            modal(field("a", {"type": "plain_text_input"}, hint=plain("x" * 2001))),
            "must be less than 2001 characters [json-pointer:/view/blocks/0/hint/text]",
        ),
        (modal({**PROMPT, "label": None}), "must provide an object [json-pointer:/view/blocks/0/label]"),
        (
            modal(field("a", {"type": "radio_buttons", "options": RATIOS * 6})),
            "no more than 10 items allowed [json-pointer:/view/blocks/0/element/options]",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_view_against_the_rules_names_the_place(slack: SlackSandbox, view: Payload, fault: str) -> None:
    """invalid_arguments, with the sentence that Slack begins all of them with, and this one."""
    async with running(slack) as bot:
        answer = await refusal(bot.client.views_open(trigger_id=await triggered(slack), view=view))
    assert answer["error"] == "invalid_arguments"
    first = "failed to match all allowed schemas [json-pointer:/view]"
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {first}", f"[ERROR] {fault}"]
    assert slack.modal_of() is None


async def test_a_view_is_updated_while_it_is_open(slack: SlackSandbox) -> None:
    """By its id or external_id, and only if nobody was faster, when a hash is given."""
    async with running(slack) as bot:
        view = await opened(slack, bot, modal(external_id="edit-1"))
        before = view.hash
        await bot.client.views_update(
            view_id=view.id, hash=before, view=modal(title=plain("Two"), external_id="edit-1")
        )
        assert view.title == "Two"
        again = await refusal(bot.client.views_update(view_id=view.id, hash=before, view=modal()))
        await bot.client.views_update(external_id="edit-1", view=modal(title=plain("Three"), external_id="edit-1"))
        assert view.title == "Three"
        twice = await refusal(
            bot.client.views_open(trigger_id=await triggered(slack), view=modal(external_id="edit-1"))
        )
        large = await refusal(bot.client.views_update(view_id=view.id, view=modal(private_metadata="x" * 250_001)))
        assert await slack.close(view) is None
        gone = await refusal(bot.client.views_update(view_id=view.id, view=modal()))
    errors = [answer["error"] for answer in (again, twice, large, gone)]
    assert errors == ["hash_conflict", "duplicate_external_id", "view_too_large", "not_found"]


async def test_a_view_may_be_a_json_string(slack: SlackSandbox) -> None:
    """Any other text is no view, and without one, or without saying which, nothing happens."""
    async with running(slack) as bot:
        trigger_id = await triggered(slack)
        calls = [
            bot.client.api_call("views.open", params={"trigger_id": trigger_id, "view": "nonsense"}),
            bot.client.api_call("views.open", params={"trigger_id": trigger_id}),
            bot.client.api_call("views.update", params={"view": json.dumps(modal())}),
        ]
        faults = [(await refusal(call))["response_metadata"]["messages"][-1] for call in calls]
        await bot.client.api_call("views.open", params={"trigger_id": trigger_id, "view": json.dumps(modal())})
    assert faults == [
        "[ERROR] must provide an object [json-pointer:/view]",
        "[ERROR] missing required field: view",
        "[ERROR] missing required field: view_id",
    ]
    assert slack.modal_of() is not None


async def test_views_are_pushed_three_deep_by_what_is_done_in_them(slack: SlackSandbox) -> None:
    """With the trigger of a click in the modal, not with that of a command."""
    blocks = [{"type": "actions", "elements": [{"type": "button", "action_id": "more", "text": plain("More")}]}]
    async with running(slack) as bot:
        view = await opened(slack, bot, modal(*blocks))
        stranger = await refusal(bot.client.views_push(trigger_id=await triggered(slack), view=modal(*blocks)))
        for number in (2, 3):
            click = await slack.click(view, "more")
            body = click.payload
            assert (body["container"], "response_url" in body) == ({"type": "view", "view_id": view.id}, False)
            await bot.client.views_push(trigger_id=body["trigger_id"], view=modal(*blocks, title=plain(str(number))))
            top = slack.modal_of()
            assert top is not None
            view = top
        click = await slack.click(view, "more")
        deep = await refusal(bot.client.views_push(trigger_id=click.payload["trigger_id"], view=modal(*blocks)))
        assert (stranger["error"], deep["error"]) == ("not_found", "push_limit_reached")
        await slack.close(view)
        below = slack.modal_of()
        assert below is not None
        assert below.title == "2"


async def test_closing_a_modal_is_told_if_asked_for(slack: SlackSandbox) -> None:
    """A view_closed payload without what was typed, and with clear_on_close nothing is left below."""
    async with running(slack) as bot:
        view = await opened(slack, bot, modal(notify_on_close=True, clear_on_close=True))
        closed = await slack.close(view)
        assert closed is not None
        await closed.wait_for_ack()
    body = bot.seen[-1]
    assert (body["type"], body["view"]["id"], body["is_cleared"]) == ("view_closed", view.id, True)
    assert body["view"]["state"] == {"values": {}}
    assert slack.modal_of() is None


async def test_a_select_in_a_modal_acts_at_once(slack: SlackSandbox) -> None:
    """Outside an input block; the view's state holds the choice, and is the same in the submission."""
    select = {"type": "static_select", "action_id": "ratio", "options": RATIOS}
    async with running(slack) as bot:
        view = await opened(slack, bot, modal(PROMPT, {"type": "actions", "block_id": "row", "elements": [select]}))
        await (await slack.choose(view, "ratio", "wide")).wait_for_ack()
        action = bot.seen[-1]["actions"][0]
        assert (action["type"], action["selected_option"], action["block_id"]) == ("static_select", RATIOS[0], "row")
        await submitted(slack, view)
    state = bot.seen[-1]["view"]["state"]["values"]
    assert state["row"] == {"ratio": {"type": "static_select", "selected_option": RATIOS[0]}}


async def test_the_home_tab_is_published_for_each_person(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """Opening it tells the app, and shows it what stands there; pictures are shown, buttons work."""
    file = await uploaded(slack, client)
    kim = slack.add_user("kim")
    home = {"type": "home", "private_metadata": "page 1", "blocks": picture_blocks(file.id)}
    async with running(slack) as bot:
        await (await slack.open_home()).wait_for_ack()
        event = bot.seen[-1]["event"]
        assert (event["type"], event["tab"], event["channel"]) == ("app_home_opened", "home", slack.im(slack.user).id)
        assert ("view" in event, slack.home_of()) == (False, None)
        await bot.client.views_publish(user_id=slack.user.id, view=home)
        shown = slack.home_of()
        assert shown is not None
        assert (shown.files, shown.private_metadata, slack.home_of(kim)) == ([file], "page 1", None)
        await (await slack.open_home()).wait_for_ack()
        assert bot.seen[-1]["event"]["view"]["id"] == shown.id
        click = await slack.click(shown, "delete")
        await click.wait_for_ack()
        body = bot.seen[-1]
        assert (body["view"]["type"], body["container"]["type"], "channel" in body) == ("home", "view", False)
        await bot.client.views_open(trigger_id=body["trigger_id"], view=modal())
        assert slack.modal_of() is not None
        stale = shown.hash
        await bot.client.views_publish(user_id=slack.user.id, hash=stale, view=home)
        assert slack.home_of() is shown
        refusals = [
            await refusal(bot.client.views_publish(user_id=slack.user.id, hash=stale, view=home)),
            await refusal(bot.client.views_publish(user_id="U0NOBODY", view=home)),
            await refusal(bot.client.views_publish(user_id=kim.id, view=modal())),
        ]
    assert [answer["error"] for answer in refusals] == ["hash_conflict", "user_not_found", "invalid_arguments"]
    with pytest.raises(LookupError, match="no close button"):
        await slack.close(shown)
    with pytest.raises(ValueError, match="nobody else sees a view"):
        await slack.click(shown, "delete", user=kim)
