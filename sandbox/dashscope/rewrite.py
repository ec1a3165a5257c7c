"""The fake of `prompt_extend`: a rewrite that reads well and that nobody takes for the service's."""

import random
from typing import Final

_LIGHT: Final = (
    "Low morning light comes in from the side and leaves long, soft shadows.",
    "The last warm light of the day rests on every edge and fades into blue.",
    "An overcast sky spreads an even light, and colours stay quiet and true.",
    "A single bright light behind the scene draws a thin rim round each shape.",
    "Mist softens the distance, so that each plane is a little paler than the one before it.",
)
_STYLE: Final = (
    "Painted in gouache on rough paper, with visible strokes and a restrained palette.",
    "Composed like a wide film still, with much empty space and a calm horizon.",
    "In the manner of a woodblock print: flat planes, clean outlines, few colours.",
    "Fine in detail in the foreground, loose and airy towards the background.",
    "Drawn with patience: balanced masses, gentle contrast, nothing in the frame without a reason.",
)


def rewrite(prompt: str, *, seed: int) -> str:
    """`prompt` with two sentences of style after it; the same for the same prompt and seed."""
    dice = random.Random(f"{prompt}\n{seed}")  # noqa: S311 - chooses sentences, keeps no secret
    return f"[sandbox rewrite] {prompt.rstrip(' .')}. {dice.choice(_LIGHT)} {dice.choice(_STYLE)}"
