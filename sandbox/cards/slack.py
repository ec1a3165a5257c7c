"""Messages, forms and the App Home of Slack as HTML."""

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.cards import markup
from sandbox.slack import File, Message, View

Block = Mapping[str, Any]


def message(message: Message, names: Mapping[str, str]) -> str:
    """What a person sees of it."""
    author = "<p class=author>imagine <small>APP</small></p>"
    return author + blocks(message.blocks, message.files, names)


def view(view: View, names: Mapping[str, str]) -> str:
    """A form, or the home tab."""
    title = f"<h2>{html.escape(view.title)}</h2>" if view.title else ""
    styles = {"close": "", "submit": "primary"}
    buttons = {style: view.content[key]["text"] for key, style in styles.items() if view.content.get(key)}
    below = "".join(f"<span class='button {style}'>{html.escape(text)}</span>" for style, text in buttons.items())
    return f"{title}{blocks(view.blocks, view.files, names)}<p class=below>{below}</p>"


def blocks(given: Sequence[Block], files: Sequence[File], names: Mapping[str, str]) -> str:
    """What a person sees of them; `files` are those that really show."""
    by_id = {file.id: file for file in files}
    return "".join(_block(block, by_id, names) for block in given)


def _block(block: Block, files: Mapping[str, File], names: Mapping[str, str]) -> str:
    if block["type"] == "image":
        title = f"<p>{_text(block['title'], names)}</p>" if "title" in block else ""
        file = files.get(block.get("slack_file", {}).get("id", ""))
        return title + ("" if file is None else markup.picture(file.data, block["alt_text"]))
    draw: dict[str, Callable[[], str]] = {
        "header": lambda: f"<h2>{html.escape(block['text']['text'])}</h2>",
        "section": lambda: (
            f"<div class=section><p>{_text(block['text'], names)}</p>{_element(block.get('accessory'))}</div>"
        ),
        "context": lambda: f"<p><small>{'<br>'.join(_text(part, names) for part in block['elements'])}</small></p>",
        "actions": lambda: f"<p>{''.join(_element(part) for part in block['elements'])}</p>",
        "divider": lambda: "<hr>",
        "input": lambda: f"<p class=input>{html.escape(block['label']['text'])}<br>{_element(block['element'])}</p>",
    }
    return draw[block["type"]]()


def _text(text: Mapping[str, Any], names: Mapping[str, str]) -> str:
    if text["type"] == "mrkdwn":
        return markup.slack(text["text"], names)
    return html.escape(text["text"]).replace("\n", "<br>")


def _element(element: Mapping[str, Any] | None) -> str:
    match element:
        case None:
            return ""
        case {"type": "button", "text": {"text": label}}:
            return f"<span class='button {element.get('style', '')}'>{html.escape(label)}</span>"
        case {"type": "static_select"}:
            chosen = element.get("initial_option", {"text": {"text": ""}})["text"]["text"]
            return f"<span class=select>{html.escape(chosen)} ▾</span>"
        case {"type": "checkboxes", "options": options}:
            ticked = element.get("initial_options", [])
            return "<br>".join(
                f"{'☑' if option in ticked else '☐'} {html.escape(option['text']['text'])}" for option in options
            )
        case {"type": "plain_text_input"}:
            return f"<span class=field>{html.escape(element.get('initial_value', ''))}&nbsp;</span>"
        case _:
            return ""
