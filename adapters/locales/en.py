"""Every sentence in English. A refusal says what happened, what it means for the quota, and what to do next."""

from collections.abc import Mapping, Sequence
from typing import Final

from adapters.locales.data import DataWords
from adapters.locales.en_admin import EnglishAdmin
from adapters.sentences import Code, Moment, Sentence
from bot.model import MAX_SEED, Balance, Bound, Reason
from bot.prompt import FLAGS, MAX_COUNT, MAX_PROMPT
from bot.sizes import MAX_SIDE, MIN_SIDE, RATIOS, Tier

_BAR: Final = 10
"""Characters of the bar that shows how much is used."""


class English(DataWords, EnglishAdmin):
    """A translation subclasses this and overrides what it has words for."""

    imagine = "Draw a picture of what you describe"
    quota = "See how many credits you have left"
    quota_admin = "Limits, bonus credits and reports, for admins"
    imagine_options: Final[Mapping[str, str]] = {
        "prompt": f"What to draw, at most {MAX_PROMPT} characters; flags like --ar 16:9 work here too",
        "aspect": "Shape of the picture, width to height",
        "size": "How large the picture is; the price is the same",
        "seed": "Draw the same prompt the same way again",
        "n": f"How many pictures, 1 to {MAX_COUNT}",
        "private": "For your eyes only",
        "extend": "Let the model enrich the prompt, or draw it as written for less",
    }

    revised_prompt = "Revised prompt"
    asked_for = "Asked for"
    prompt = "Prompt"

    def drawing(self, *, price: int, balance: Balance) -> Sentence:
        left = "" if balance.left is None else f", {balance.left} left"
        return (f"Drawing … ({self.credits(price)}{left})",)

    def drawing_for_you_alone(self, *, price: int, balance: Balance) -> Sentence:
        return (*self.drawing(price=price, balance=balance), " It comes to you as a direct message.")

    def invite(self, *, command: str | None) -> Sentence:
        start = "The bot may not post here, so the picture came to you as a direct message."
        return (start,) if command is None else (f"{start} To have it here, type ", Code(command))

    def credits_left(self, balance: Balance) -> str | None:
        return None if balance.left is None else f"{self.credits(balance.left)} left"

    def seconds(self, took_ms: int) -> str:
        return f"{took_ms / 1000:.1f} s"

    def seeds(self, seeds: Sequence[int]) -> str:
        return f"seed{'' if len(seeds) == 1 else 's'} {', '.join(map(str, seeds))}"

    def partly(self, *, failed: int, count: int, credits: int) -> str:
        lost = f"{failed} of {count} pictures could not be drawn."
        return f"{lost} {self.credits_back(credits)}".strip()

    def shrunk(self) -> str:
        return "This place takes no larger files, so the picture was compressed."

    def elsewhere(self) -> str:
        return "This could not be posted where you asked for it, so it comes to you."

    def credits_back(self, credits: int) -> str:
        return f"Your {self.credits(credits)} {'is' if credits == 1 else 'are'} back." if credits else ""

    def notification(self, prompt: str) -> str:
        return f"Picture: {prompt}"

    def balance(self, balance: Balance) -> Sentence:
        return (*self._own(balance), *self._bonus(balance), *self._together(balance), *self._queued(balance))

    def _own(self, balance: Balance) -> Sentence:
        if balance.limit is None:
            return (f"You have used {self.credits(balance.used)}. You have no limit of your own.",)
        left = balance.own_left or 0
        filled = round(_BAR * left / balance.limit) if balance.limit else 0
        bar = "█" * filled + "░" * (_BAR - filled)
        start = f"{bar} You have {left:,} of {self.credits(balance.limit)} left."
        if balance.returns_ms is None or not balance.used:
            return (start,)
        return (f"{start} The next credits return ", Moment(balance.returns_ms), ".")

    def _bonus(self, balance: Balance) -> Sentence:
        if not balance.bonus:
            return ()
        start = f"\nBonus: {self.credits(balance.bonus)}, used once your regular credits are gone"
        if balance.bonus_expires_ms is None:
            return (f"{start}.",)
        return (f"{start}; expiring ", Moment(balance.bonus_expires_ms), ".")

    def _together(self, balance: Balance) -> Sentence:
        lines: Sentence = ()
        if balance.space_limit is not None:
            lines += (f"\nEveryone here combined has {balance.space_left:,} of {balance.space_limit:,} left.",)
        if balance.total_left is not None:
            lines += (f"\nThe bot as a whole has {self.credits(balance.total_left)} left.",)
        return lines

    def _queued(self, balance: Balance) -> Sentence:
        if not balance.queued:
            return ()
        commands = "1 of your commands is" if balance.queued == 1 else f"{balance.queued} of your commands are"
        return (f"\n{commands} in progress.",)

    def quota_spent(
        self, *, bound: Bound, price: int, limit: int, left: int, bonus: int, returns_ms: int | None, raw_fits: bool
    ) -> Sentence:
        whose = {
            Bound.OWN: "you have",
            Bound.SPACE: "everyone here combined has",
            Bound.TOTAL: "this bot has",
        }[bound]
        extra = f", and {self.bonus_credits(bonus)}" if bonus else ""
        start = f"This would cost {self.credits(price)}, and {whose} {left:,} of {limit:,} left{extra}. "
        start += "Nothing was charged. "
        cheaper = "Drawn as written it fits: add --raw. " if raw_fits else ""
        if returns_ms is None or price > limit + bonus:
            return (f"{start}{cheaper}".strip(),)
        return (f"{start}{cheaper}The next credits return ", Moment(returns_ms), ".")

    def blocked(self, *, reason: str | None) -> Sentence:
        return (f"{self._switched_off(reason)} Nothing was charged.",)

    def balance_blocked(self, balance: Balance, *, reason: str | None) -> Sentence:
        return (f"{self._switched_off(reason)}\n", *self.balance(balance))

    def _switched_off(self, reason: str | None) -> str:
        why = f" They wrote: “{reason}”." if reason else ""
        return f"An admin has switched pictures off for you.{why}"

    def bonus_credits(self, amount: int) -> str:
        return "1 bonus credit" if amount == 1 else f"{amount} bonus credits"

    def too_many_queued(self, *, limit: int) -> Sentence:
        yours = "A command of yours is" if limit == 1 else f"{limit} commands of yours are"
        return (f"{yours} still being drawn. Nothing was charged; please try again when one is done.",)

    def database_down(self) -> Sentence:
        start = "The bot cannot save anything right now and did not take your command."
        return (f"{start} Nothing was charged; please try again later.",)

    def database_slow(self) -> Sentence:
        return ("The bot is slow right now and did not take your command. Nothing was charged; please try again.",)

    def closing(self) -> Sentence:
        return ("The bot is restarting. Nothing was charged; please try again in a minute.",)

    def failed(self, *, reference: str) -> Sentence:
        start = "Something went wrong inside the bot, and nothing was drawn. Please try again; if it happens again, "
        return (f"{start}give its operator this reference: ", Code(reference))

    def prompt_empty(self) -> Sentence:
        start = "There is nothing to draw yet, and nothing was charged. Describe a picture, for example "
        return (start, Code("a red fox in the snow"))

    def prompt_too_long(self, *, length: int) -> Sentence:
        start = f"The prompt has {length} characters; at most {MAX_PROMPT} can be drawn. "
        return (f"{start}Nothing was charged; please try a shorter one.",)

    def unknown_flag(self, *, flag: str, suggestion: str | None, corrected: str | None) -> Sentence:
        start = f"There is no flag --{flag}. Nothing was charged. "
        if suggestion is not None and corrected is None:
            return (f"{start}Did you mean --{suggestion}? {self._takes(suggestion)}",)
        if suggestion is None or corrected is None:
            known = ", ".join(f"--{name}" for name in FLAGS)
            return (f"{start}These exist: {known}. Put text in double quotes to draw it as it is.",)
        return (f"{start}Did you mean --{suggestion}? Ready to copy: ", Code(corrected))

    def bad_value(self, *, flag: str, value: str | None) -> Sentence:
        wrong = f"--{flag} needs a value. " if value is None else f"--{flag} cannot be “{value}”. "
        return (f"{wrong}Nothing was charged. {self._takes(flag)}",)

    def _takes(self, flag: str) -> str:
        match flag:
            case "ar":
                return f"It takes an aspect ratio: {', '.join(RATIOS)}."
            case "size":
                tiers = ", ".join(Tier)
                return f"It takes {tiers}, or pixels like 1280x720 with each side from {MIN_SIDE} to {MAX_SIDE}."
            case "seed":
                return f"It takes a whole number from 0 to {MAX_SEED}."
            case "n":
                return f"It takes a number of pictures from 1 to {MAX_COUNT}."
            case _:
                return "It takes no value."

    def size_and_ratio(self) -> Sentence:
        start = "Pixels already say the shape, so nothing was drawn and nothing was charged. "
        return (f"{start}Use either --size with pixels or --ar, not both.",)

    def ended(self, reason: Reason, *, credits: int) -> Sentence:
        return (f"{self._reason(reason)} {self.credits_back(credits)}".strip(),)

    def _reason(self, reason: Reason) -> str:
        return {
            Reason.PROMPT_REFUSED: "The image service's moderation refused this prompt. Try it in other words.",
            Reason.SERVICE_BUSY: "The image service is too busy to draw this now. Please try again later.",
            Reason.SERVICE_BROKEN: "The image service failed several times. Please try again later.",
            Reason.OPERATOR_NEEDED: "Nothing can be drawn right now: the bot's account needs its operator.",
            Reason.REQUEST_REJECTED: "The image service did not accept this request; the bot's log says why.",
            Reason.PICTURE_UNUSABLE: "The image service drew something that cannot be shown. Please try again.",
            Reason.PICTURE_TOO_LARGE: "The picture is too large to be posted. Please try a smaller --size.",
            Reason.DEADLINE_PASSED: "This took too long, so it was not drawn. Please try again.",
            Reason.UNREACHABLE: "The picture could not be posted here.",
            Reason.DATABASE_SLOW: "The bot was too slow to take this command. Please try again.",
            Reason.INTERNAL: "Something went wrong inside the bot; its log says more. Please try again.",
        }[reason]

    def help(self, *, command: str) -> Sentence:
        lines = (
            f"{command} a red fox in the snow --ar 16:9",
            f"  --ar 16:9          aspect ratio: {', '.join(RATIOS)}",
            f"  --size large       {', '.join(Tier)}, or pixels like 1280x720",
            "  --seed 7           draw the same prompt the same way again",
            f"  --n 2              how many pictures, 1 to {MAX_COUNT}",
            "  --raw              draw the prompt as written, for less",
            "  --extend           let the model enrich the prompt",
            "  --private          for your eyes only",
        )
        return ("Describe a picture, and say how to draw it:\n", Code("\n".join(lines)))
