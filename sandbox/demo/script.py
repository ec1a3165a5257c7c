"""What the demo types, and what has to come of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sandbox.demo.theatre import Theatre
from sandbox.stage import Ending, SlackStage, Stage, Typed, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command or gesture: who does what where, and what they have to read and see."""

    title: str
    platform: Literal["discord", "slack"]
    who: str
    line: str = ""
    command: Literal["/imagine", "/quota", "/quota-admin", "/imagine-history", "opens the App Home", "presses"] = (
        "/imagine"
    )
    """What is pressed is `line`, below the last message that says `of`."""
    of: str = ""
    fills: Mapping[str, str] = field(default_factory=dict)
    """What is changed, by label, in the form that opens."""
    options: Mapping[str, object] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    """Of an admin command, whose word is the first of `line`."""
    says: tuple[str, ...] = ()
    pictures: int | None = 0
    private: bool = False
    stand_in_only: bool = False
    card: bool = False
    """Whether README shows what came of it."""
    minutes_later: int = 0

    async def type(self, theatre: Theatre) -> Typed:
        """Type it; with `minutes_later` the clock is moved by so much between the answer and the picture."""
        if not self.minutes_later or theatre.dashscope is None:
            return await self._type(theatre)
        with theatre.dashscope.hold():
            typed = await self._type(theatre)
            await typed.answer()
            self.stage(theatre).advance(self.minutes_later * 60)
        return typed

    async def gesture(self, theatre: Theatre, seen: Sequence[Ending]) -> Watch:
        """Do what is not typed, or is a list to look at; `seen` is what was read before."""
        stage = self.stage(theatre)
        if self.command == "presses":
            below = [one for one in seen if self.of in one.text and self.line in one.buttons]
            return await stage.press(below[-1], self.line, who=self.who)
        if isinstance(stage, SlackStage) and self.command == "opens the App Home":
            watching = stage.watch(self.who)
            await stage.home(who=self.who)
            return watching
        return await stage.command(self.command.removeprefix("/"), who=self.who)

    @property
    def is_typed(self) -> bool:
        """Whether the platform has a first answer to it, then an ending."""
        return self.command in ("/imagine", "/quota", "/quota-admin")

    def stage(self, theatre: Theatre) -> Stage:
        """Where it is typed."""
        return theatre.discord if self.platform == "discord" else theatre.slack

    async def _type(self, theatre: Theatre) -> Typed:
        stage = self.stage(theatre)
        if self.command == "/quota":
            return await stage.quota(who=self.who)
        if self.command == "/quota-admin":
            return await stage.quota_admin(self.line.split()[0], who=self.who, **self.arguments)
        return await stage.imagine(self.line, options=self.options, who=self.who)

    def faults(self, ending: Ending) -> list[str]:
        """What is not as the script says; empty if all is well."""
        faults = [f"it does not say “{words}”" for words in self.says if words not in ending.text]
        if self.pictures is not None and len(ending.pictures) != self.pictures:
            faults.append(f"it shows {len(ending.pictures)} pictures, not {self.pictures}")
        if self.pictures and ending.private != self.private:
            faults.append("others can see it" if self.private else "only one person can see it")
        return faults


QUOTA_CREDITS = 8
"""Few enough for the script to spend."""

SCRIPT = (
    Step(
        title="A picture, its prompt enriched by the model",
        platform="discord",
        who="member",
        line="a red fox in the snow --ar 16:9",
        says=("Revised prompt", "6 credits left"),
        pictures=1,
    ),
    Step(
        title="The same bot on Slack, with the same rules",
        platform="slack",
        who="colleague",
        line="a lighthouse at night, storm, oil on canvas --ar 3:2 --seed 7",
        says=("Revised prompt", "seed 7", "6 credits left"),
        pictures=1,
    ),
    Step(
        title="Three pictures in one message, drawn as written",
        platform="discord",
        who="member",
        line="paper boats on a green river",
        options={"n": 3, "extend": False},
        says=("seeds", "3 credits left"),
        pictures=3,
    ),
    Step(
        title="A private one: on Slack it comes as a direct message",
        platform="slack",
        who="colleague",
        line="a birthday cake, sunset colours --private --raw",
        says=("5 credits left",),
        pictures=1,
        private=True,
    ),
    Step(
        title="A typing error",
        platform="slack",
        who="colleague",
        line="a lighthouse at night --sede 8",
        says=("no flag --sede", "/imagine a lighthouse at night --seed 8"),
    ),
    Step(
        title="A prompt that moderation refuses",
        platform="discord",
        who="member",
        line="gore",
        says=("moderation refused", "Your 2 credits are back"),
        stand_in_only=True,
    ),
    Step(
        title="Those credits really are back",
        platform="discord",
        who="member",
        command="/quota",
        line="",
        says=("3 of 8 credits left",),
    ),
    Step(
        title="Clock moved 16 minutes ahead: Discord takes no more answers, so the bot posts by itself",
        platform="discord",
        who="member",
        line="a forest in autumn fog --ar 21:9",
        says=("1 credit left",),
        pictures=1,
        minutes_later=16,
        stand_in_only=True,
    ),
    Step(
        title="The quota is spent",
        platform="slack",
        who="colleague",
        line="a forest in winter fog --n 3",
        says=("would cost 6 credits", "you have 5 of 8 left", "Nothing was charged"),
    ),
    Step(
        title="An admin raises the limit",
        platform="slack",
        who="admin",
        command="/quota-admin",
        line="set @colleague 20",
        arguments={"person": "colleague", "amount": "20"},
        says=("20 credits a day (before: default)", "They can spend 17 credits now"),
    ),
    Step(
        title="And the same command is taken",
        platform="slack",
        who="colleague",
        line="a forest in winter fog --n 3",
        says=("11 credits left",),
        pictures=3,
    ),
    Step(
        title="On Discord, bonus credits, spent after the day's own",
        platform="discord",
        who="admin",
        command="/quota-admin",
        line="grant  person: @member  credits: 5  expires: 30d",
        arguments={"person": "member", "credits": "5", "expires": "30d"},
        says=("gets 5 bonus credits", "pot holds 5 credits"),
    ),
    Step(
        title="A press on Again: the same with a new seed",
        card=True,
        platform="discord",
        who="member",
        command="presses",
        line="Again",
        of="red fox",
        says=("Again of", "credits left"),
        pictures=1,
    ),
    Step(
        title="A press on Edit: a form that holds what was asked for",
        card=True,
        platform="slack",
        who="colleague",
        command="presses",
        line="Edit",
        of="lighthouse",
        fills={"Prompt": "a lighthouse on a calm morning, watercolour"},
        says=("Edited from", "seed 7", "credits left"),
        pictures=1,
    ),
    Step(
        title="What somebody has had drawn, with a way back to each",
        card=True,
        platform="discord",
        who="member",
        command="/imagine-history",
        says=("Your pictures, page 1", "a red fox"),
    ),
    Step(
        title="The same on Slack's App Home, with quota and settings",
        card=True,
        platform="slack",
        who="colleague",
        command="opens the App Home",
        says=("9 of 20 credits left", "Your pictures, page 1", "watercolour", "Your settings"),
    ),
    Step(
        title="Who spends what: a picture, the figures, and the rows as CSV",
        platform="discord",
        who="admin",
        command="/quota-admin",
        line="report  days: 7",
        arguments={"days": "7"},
        says=("the last 7 days", "delivered", "given back"),
        pictures=1,
        private=True,
    ),
)


def own(prompt: str) -> tuple[Step, ...]:
    """A prompt of the reader's, on both platforms."""
    private = "--private" in prompt
    return (
        Step(title="Yours, on Discord", platform="discord", who="you", line=prompt, pictures=None, private=private),
        Step(title="Yours, on Slack", platform="slack", who="you", line=prompt, pictures=None, private=private),
    )
