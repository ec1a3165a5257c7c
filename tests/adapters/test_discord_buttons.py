"""What Discord's buttons carry, what its forms hold, and that neither is more than Discord takes."""

from dataclasses import replace

import pytest
from deliveries import generation
from hypothesis import given
from hypothesis import strategies as st

from adapters.actions import ENTRIES
from adapters.discord import buttons, forms, history, render, settings, suggestions
from adapters.discord.buttons import Control, Rows, Word
from adapters.locales import LANGUAGES
from adapters.responses import Form, Page
from adapters.settings import SettingsView
from bot.defaults import NO_DEFAULTS
from bot.model import Generation, GenerationId, ImageRequest, Receipt, Result, Size
from bot.prompt import parse
from sandbox.discord.components import check_components
from sandbox.discord.errors import FormErrors
from sandbox.discord.modals import Modal

ID = GenerationId(f"discord:{2**64 - 1}")
WORST = "*_`~|\\[<" * 100


def labels(rows: Rows) -> list[list[str]]:
    """Row by row; an AssertionError for what Discord would not take."""
    components = rows.to_components()
    errors = FormErrors()
    check_components(errors, components, v2=False)
    errors.raise_if_any()
    return [[shown.get("label") or shown["placeholder"] for shown in row["components"]] for row in components]


@pytest.mark.parametrize("word", Word)
def test_a_control_is_read_as_it_was_written(word: Word) -> None:
    """Inside Discord's 100 characters, with the longest id there is."""
    control = Control(word, buttons.NOTHING if word is Word.HISTORY else ID, 3 if word in ("larger", "history") else 0)
    assert len(control.custom_id) <= 100
    assert Control.read(control.custom_id) == control


@pytest.mark.parametrize(
    "custom_id",
    [
        *("", ":", "again", "again:", "upscale:1", "Again:discord:1"),
        *("larger:discord:1", "larger:0", "larger:-1:discord:1", "larger:²:x:1", "larger:99999:discord:1"),
        *("history:", "history:x"),
    ],
)
def test_what_another_version_wrote_is_not_guessed_at(custom_id: str) -> None:
    """It is answered as what it is."""
    assert Control.read(custom_id) is None


@given(st.text(max_size=100))
def test_nothing_that_is_read_raises(custom_id: str) -> None:
    """A custom id comes back from Discord, but it is read like anything else from outside."""
    Control.read(custom_id)


@pytest.mark.parametrize(
    ("row", "drawn", "shareable", "expected"),
    [
        (generation(), [0], True, [["Again", "Edit", "Larger", "Delete"]]),
        (generation(private=True), [0], True, [["Again", "Edit", "Larger", "Share", "Delete"]]),
        (generation(private=True), [0], False, [["Again", "Edit", "Larger", "Delete"]]),
        (replace(generation(private=True), shared_ms=1), [0], True, [["Again", "Edit", "Larger", "Delete"]]),
        (generation(count=4), [0, 2, 3], True, [["Again", "Edit", "Delete"], ["Larger 1", "Larger 2", "Larger 3"]]),
    ],
)
async def test_buttons_are_those_that_do_something(
    row: Generation,
    drawn: list[int],
    shareable: bool,  # noqa: FBT001 - a column of the table
    expected: list[list[str]],
) -> None:
    """A picture that failed cannot be larger, and nobody shares what is not private."""
    assert labels(buttons.result(row, drawn=drawn, shareable=shareable, locale="en")) == expected


async def test_the_largest_has_no_button_that_makes_it_larger() -> None:
    """Nor has a size that is none of ours."""
    for size in (Size(1536, 1536), Size(1000, 800)):
        row = replace(generation(), request=replace(generation().request, size=size))
        assert labels(buttons.result(row, drawn=[0], shareable=True, locale="en")) == [["Again", "Edit", "Delete"]]


async def test_the_library_keeps_no_buttons() -> None:
    """It would hold each message's for ever, to find presses that are found by their custom id."""
    rows = buttons.waiting(ID, locale="en")
    assert rows.is_finished()
    assert not rows.is_dispatchable()
    assert labels(rows) == [["Cancel"]]


def entry(n: int, prompt: str, link: str | None) -> Generation:
    receipt = Receipt(channel="1", message="2", link=link, origin="1")
    result = Result(pictures=1, failed=0, took_ms=1, receipt=receipt)
    return replace(generation(prompt, id=f"discord:{n}"), result=result)


@pytest.mark.parametrize("prompt", ["a red fox", WORST])
async def test_a_page_of_history_fits_a_message(prompt: str) -> None:
    """Whatever was typed: every entry is there to the end, and has its row."""
    link = f"https://discord.com/channels/{2**63}/{2**63}/{2**63}"
    entries = tuple(entry(n, prompt, link if n % 2 else None) for n in range(ENTRIES))
    page = Page(entries=entries, number=2, more=True)
    content = render.sentence(history.listed(page, first=5, locale="en"))
    assert len(content) <= 2000
    assert content.count("seed 7") == ENTRIES
    assert labels(buttons.history(page, first=5, locale="en")) == [
        ["Again 5", "Edit 5"],
        ["Again 6", "Edit 6", "Open 6"],
        ["Again 7", "Edit 7"],
        ["Again 8", "Edit 8", "Open 8"],
        ["Newer", "Older"],
    ]


@pytest.mark.parametrize("locale", ["en", *LANGUAGES])
async def test_everything_to_press_and_to_fill_in_is_taken_in_every_language(locale: str) -> None:
    """Labels, menus and forms within Discord's limits; a page of history ends as it does in English."""
    link = f"https://discord.com/channels/{2**63}/{2**63}/{2**63}"
    page = Page(entries=tuple(entry(n, WORST, link) for n in range(ENTRIES)), number=2, more=True)
    view = SettingsView(own=NO_DEFAULTS, channel=NO_DEFAULTS, sentence=())
    several = generation(count=4, private=True)
    rows = [
        buttons.result(several, drawn=range(4), shareable=True, locale=locale),
        buttons.waiting(ID, locale=locale),
        buttons.draft(ID, locale=locale),
        buttons.erasing(locale=locale),
        buttons.history(page, first=5, locale=locale),
        settings.menus(view, locale=locale),
    ]
    for shown in rows:
        assert all(map(all, labels(shown)))
    for modal in (
        forms.imagine(WORST, locale=locale),
        forms.edit(Form(parent=ID, request=several.request), locale=locale),
    ):
        assert len(Modal.from_payload(modal.to_dict()).inputs) == 5
    listed = history.listed(page, first=5, locale=locale)
    content = render.sentence(listed)
    assert len(content) <= 2000
    assert content.endswith(render.escaped(str(listed[-1])))


REQUESTS = [
    generation("a red fox").request,
    generation("a red fox", count=4, extend=False, private=True, seed=0).request,
    replace(generation("a red fox").request, size=Size(1000, 800)),
    replace(generation("a red fox").request, size=Size(1152, 2048)),
    parse("a {red,blue} fox --n 2 --seed 5", extend=True, seed=lambda: 1),
    parse('"--raw" is what 5" means', extend=True, seed=lambda: 1),
    parse("x" * 800, extend=False, seed=lambda: 1),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=range(len(REQUESTS)))
async def test_a_form_that_is_left_as_it_is_asks_for_the_same(request_: ImageRequest) -> None:
    """Its fields hold everything that the picture was drawn from."""
    modal = forms.edit(Form(parent=ID, request=request_), locale="en")
    assert modal.is_finished(), "the library would keep it"
    shown = Modal.from_payload(modal.to_dict())
    submitted = forms.read({"custom_id": shown.custom_id, "components": shown.filled({})})
    assert parse(submitted.line, typed=submitted.typed, extend=not request_.extend, seed=lambda: -1) == request_


async def test_a_form_made_of_a_message_holds_its_text() -> None:
    """As much as can be drawn, in one line; an empty one is there to be filled."""
    modal = forms.imagine("a  fox\n\nin \u202esnow " + "x" * 3000, locale="en")
    value = Modal.from_payload(modal.to_dict()).inputs["prompt"]["value"]
    assert value.startswith("a fox in snow xxx")
    assert len(value) == 800
    assert not Modal.from_payload(forms.imagine("", locale="en").to_dict()).inputs["prompt"].get("value")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"components": []},
        {"components": [{"type": 18, "component": {"type": 3, "custom_id": "n", "values": []}}]},
        {"components": [{"type": 10}]},
    ],
)
def test_a_form_of_another_version_is_read_as_far_as_it_goes(data: dict[str, object]) -> None:
    """What is missing is not filled in."""
    assert forms.read(data) == forms.Submitted(line="", typed={})


def test_suggestions_are_what_discord_takes() -> None:
    """At most 25 of at most 100 characters, each once; what is typed comes first."""
    offered = suggestions.choices(suggestions.prompts(" a fox ", ["a fox", "x" * 101, *map(str, range(40))]))
    assert [choice.value for choice in offered[:3]] == ["a fox", "0", "1"]
    assert len(offered) == 25
    assert suggestions.ratios("16/") == ["16:9"]
    assert suggestions.ratios("nonsense") == suggestions.ratios("")
    names = {"small": "klein", "medium": "mittel", "large": "groß"}
    assert suggestions.sizes("Gr", names=names) == ["large"]
    assert suggestions.sizes("1000X800", names=names) == ["1000x800"]
    assert suggestions.sizes("9x9", names=names) == ["small", "medium", "large"]
    assert [choice.name for choice in suggestions.choices(["large", "1000x800"], names=names)] == ["groß", "1000x800"]
