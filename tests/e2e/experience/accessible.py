"""Point 9: for those who do not see the picture. What holds for every control of every row is in `access.py`."""

from e2e.experience.acts import Play, ask, press, then
from e2e.experience.row import FOX, Experience

from sandbox.slack import Message


def _text_on_top(play: Play) -> None:
    """Of what notifications and screen readers tell: the prompt."""
    message = play.seen[-1].at
    assert isinstance(message, Message)
    assert "a red fox" in message.text


ACCESSIBLE = [
    Experience(
        name="a picture is described in the model's words",
        point=9,
        acts=(ask("a red fox", pictures=1, alt="[sandbox rewrite] a red fox"),),
        charged=2,
        calls=1,
    ),
    Experience(
        name="each of several prompts describes its picture",
        point=9,
        acts=(
            ask("{red,blue} fox --raw", "Draw them?", pictures=0),
            press("Draw", "red fox", "blue fox", pictures=2, alt=" fox"),
        ),
        charged=2,
    ),
    Experience(
        name="a shared picture is described, too",
        point=9,
        acts=(ask(f"{FOX} --private"), press("Share", "hared by", pictures=1, private=False, alt="a red fox")),
        charged=1,
    ),
    Experience(
        name="what a screen reader tells of a message",
        point=9,
        only="slack",
        acts=(ask(FOX), then(_text_on_top)),
        charged=1,
    ),
]
