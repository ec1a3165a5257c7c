"""What holds for everything that anybody reads or opens, in every row: it says the same to who sees no picture."""

from sandbox.slack import Message
from sandbox.stage import Ending, Form


def check(ending: Ending) -> None:
    """Each picture is described, each control says in words what it does, and Slack's messages have a text."""
    assert len(ending.alt_texts) == len(ending.pictures), ending.text
    assert all(_in_words(text) for text in (*ending.alt_texts, *ending.buttons, *ending.fields)), ending
    if isinstance(ending.at, Message):
        # Notifications and screen readers do not look into blocks; of a file by itself they tell the name.
        assert _in_words(ending.at.text) or ending.files, ending.text


def check_form(form: Form) -> None:
    """The form has a title, and each of its fields a label."""
    assert all(_in_words(text) for text in (form.title, *form.fields))


def _in_words(text: str) -> bool:
    return any(character.isalpha() for character in text)
