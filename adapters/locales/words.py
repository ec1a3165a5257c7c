"""Every sentence. A refusal says what happened, what it means for the quota, and what to do next."""

from collections.abc import Mapping, Sequence
from typing import Final

from adapters.locales.actions import ActionWords
from adapters.locales.admin import AdminWords
from adapters.locales.data import DataWords
from adapters.sentences import Code, Moment, Sentence
from bot.model import MAX_SEED, Balance, Bound, Reason
from bot.prompt import FLAGS, MAX_COUNT, MAX_PROMPT
from bot.sizes import MAX_SIDE, MIN_SIDE, RATIOS, Tier

_BAR: Final = 10
"""Characters of the bar that shows how much is used."""


class Words(ActionWords, DataWords, AdminWords):
    """All that people read, in the language of its translations."""

    @property
    def imagine(self) -> str:
        return self._text("Draw a picture of what you describe")

    @property
    def quota(self) -> str:
        return self._text("See how many credits you have left")

    @property
    def quota_admin(self) -> str:
        return self._text("Limits, bonus credits and reports, for admins")

    @property
    def imagine_options(self) -> Mapping[str, str]:
        return {
            "prompt": self._text(
                "What to draw, at most {most} characters; flags like --ar 16:9 work here too", most=MAX_PROMPT
            ),
            "aspect": self._text("Shape of the picture, width to height"),
            "size": self._text("How large the picture is; the price is the same"),
            "seed": self._text("Draw the same prompt the same way again"),
            "n": self._text("How many pictures, 1 to {most}", most=MAX_COUNT),
            "private": self._text("For your eyes only"),
            "extend": self._text("Let the model enrich the prompt, or draw it as written for less"),
        }

    @property
    def revised_prompt(self) -> str:
        return self._text("Revised prompt")

    @property
    def asked_for(self) -> str:
        return self._text("Asked for")

    @property
    def prompt(self) -> str:
        return self._text("Prompt")

    def drawing(self, *, price: int, balance: Balance) -> Sentence:
        if balance.left is None:
            return (self._text("Drawing … ({price})", price=self.credits(price)),)
        left = self._number(balance.left)
        return (self._text("Drawing … ({price}, {left} left)", price=self.credits(price), left=left),)

    def drawing_for_you_alone(self, *, price: int, balance: Balance) -> Sentence:
        alone = self._text("It comes to you as a direct message.")
        return self._joined(self.drawing(price=price, balance=balance), alone)

    def invite(self, *, command: str | None) -> Sentence:
        came = self._text("The bot may not post here, so the picture came to you as a direct message.")
        if command is None:
            return (came,)
        return self._joined(came, self._sentence("To have it here, type {command}", command=Code(command)))

    def credits_left(self, balance: Balance) -> str | None:
        if balance.left is None:
            return None
        return self._count("{n} credit left", "{n} credits left", balance.left)

    def seconds(self, took_ms: int) -> str:
        whole, _, tenths = f"{took_ms / 1000:.1f}".partition(".")
        return self._text("{whole}.{tenths} s", whole=whole, tenths=tenths)

    def seeds(self, seeds: Sequence[int]) -> str:
        return self._count("seed {seeds}", "seeds {seeds}", len(seeds), seeds=", ".join(map(str, seeds)))

    def partly(self, *, failed: int, count: int, credits: int) -> str:
        lost = self._count(
            "{n} of {count} pictures could not be drawn.",
            "{n} of {count} pictures could not be drawn.",
            failed,
            count=count,
        )
        return "".join(map(str, self._joined(lost, self.credits_back(credits))))

    def shrunk(self) -> str:
        return self._text("This place takes no larger files, so the picture was compressed.")

    def elsewhere(self) -> str:
        return self._text("This could not be posted where you asked for it, so it comes to you.")

    def credits_back(self, credits: int) -> str:
        return self._count("Your {n} credit is back.", "Your {n} credits are back.", credits) if credits else ""

    def notification(self, prompt: str) -> str:
        return self._text("Picture: {prompt}", prompt=prompt)

    def balance(self, balance: Balance) -> Sentence:
        lines = (self._own(balance), self._bonus(balance), self._in_common(balance), self._queued(balance))
        return self._lines(*lines)

    def _own(self, balance: Balance) -> Sentence:
        if balance.limit is None:
            used = self.credits(balance.used)
            return (self._text("You have used {used}. You have no limit of your own.", used=used),)
        left = balance.own_left or 0
        filled = round(_BAR * left / balance.limit) if balance.limit else 0
        bar = "█" * filled + "░" * (_BAR - filled)
        limit = self.credits(balance.limit)
        says = self._text("You have {left} of {limit} left.", left=self._number(left), limit=limit)
        start = f"{bar} {says}"
        if balance.returns_ms is None or not balance.used:
            return (start,)
        return self._joined(start, self._next_credits(balance.returns_ms))

    def _bonus(self, balance: Balance) -> Sentence:
        if not balance.bonus:
            return ()
        bonus = self.credits(balance.bonus)
        if balance.bonus_expires_ms is None:
            return (self._text("Bonus: {bonus}, used once your regular credits are gone.", bonus=bonus),)
        return self._sentence(
            "Bonus: {bonus}, used once your regular credits are gone; expiring {moment}.",
            bonus=bonus,
            moment=Moment(balance.bonus_expires_ms),
        )

    def _queued(self, balance: Balance) -> Sentence:
        if not balance.queued:
            return ()
        return (
            self._count(
                "{n} of your commands is in progress.", "{n} of your commands are in progress.", balance.queued
            ),
        )

    def quota_spent(
        self, *, bound: Bound, price: int, limit: int, left: int, bonus: int, returns_ms: int | None, raw_fits: bool
    ) -> Sentence:
        spent = self._spent(bound, price=price, limit=limit, left=left, bonus=bonus)
        return self._joined(
            spent,
            self._text("Nothing was charged."),
            self._text("Drawn as written it fits: add --raw.") if raw_fits else "",
            () if returns_ms is None or price > limit + bonus else self._next_credits(returns_ms),
        )

    def blocked(self, *, reason: str | None) -> Sentence:
        return self._joined(self._switched_off(reason), self._text("Nothing was charged."))

    def balance_blocked(self, balance: Balance, *, reason: str | None) -> Sentence:
        return self._lines(self._switched_off(reason), self.balance(balance))

    def _switched_off(self, reason: str | None) -> Sentence:
        off = self._text("An admin has switched pictures off for you.")
        return self._joined(off, self._text("They wrote: “{reason}”.", reason=reason) if reason else "")

    def too_many_queued(self, *, limit: int) -> Sentence:
        said = self._count(
            "A command of yours is still being drawn. Nothing was charged; please try again when one is done.",
            "{n} commands of yours are still being drawn. Nothing was charged; please try again when one is done.",
            limit,
        )
        return (said,)

    def database_down(self) -> Sentence:
        return self._sentence(
            "The bot cannot save anything right now and did not take your command. "
            "Nothing was charged; please try again later."
        )

    def database_slow(self) -> Sentence:
        return self._sentence(
            "The bot is slow right now and did not take your command. Nothing was charged; please try again."
        )

    def closing(self) -> Sentence:
        return self._sentence("The bot is restarting. Nothing was charged; please try again in a minute.")

    def failed(self, *, reference: str) -> Sentence:
        return self._sentence(
            "Something went wrong inside the bot, and nothing was drawn. Please try again; "
            "if it happens again, give its operator this reference: {reference}",
            reference=Code(reference),
        )

    def prompt_empty(self) -> Sentence:
        return self._sentence(
            "There is nothing to draw yet, and nothing was charged. Describe a picture, for example {example}",
            example=Code(self._example),
        )

    @property
    def _example(self) -> str:
        return self._text("a red fox in the snow")

    def prompt_too_long(self, *, length: int) -> Sentence:
        said = self._text(
            "The prompt has {length} characters; at most {most} can be drawn. "
            "Nothing was charged; please try a shorter one.",
            length=length,
            most=MAX_PROMPT,
        )
        return (said,)

    def unknown_flag(self, *, flag: str, suggestion: str | None, corrected: str | None) -> Sentence:
        if suggestion is not None and corrected is None:
            meant = self._text(
                "There is no flag --{flag}. Nothing was charged. Did you mean --{suggestion}?",
                flag=flag,
                suggestion=suggestion,
            )
            return self._joined(meant, self._takes(suggestion))
        if suggestion is None or corrected is None:
            known = self._text(
                "There is no flag --{flag}. Nothing was charged. These exist: {known}. "
                "Put text in double quotes to draw it as it is.",
                flag=flag,
                known=", ".join(f"--{name}" for name in FLAGS),
            )
            return (known,)
        return self._sentence(
            "There is no flag --{flag}. Nothing was charged. Did you mean --{suggestion}? Ready to copy: {line}",
            flag=flag,
            suggestion=suggestion,
            line=Code(corrected),
        )

    def bad_value(self, *, flag: str, value: str | None) -> Sentence:
        if value is None:
            wrong = self._text("--{flag} needs a value. Nothing was charged.", flag=flag)
        else:
            wrong = self._text("--{flag} cannot be “{value}”. Nothing was charged.", flag=flag, value=value)
        return self._joined(wrong, self._takes(flag))

    def _spent(self, bound: Bound, *, price: int, limit: int, left: int, bonus: int) -> str:
        fields = {"price": self.credits(price), "left": self._number(left), "limit": self._number(limit)}
        if bonus:
            fields["bonus"] = self.bonus_credits(bonus)
        match bound, bool(bonus):
            case Bound.OWN, False:
                return self._text("This would cost {price}, and you have {left} of {limit} left.", **fields)
            case Bound.OWN, True:
                return self._text(
                    "This would cost {price}, and you have {left} of {limit} left, and {bonus}.", **fields
                )
            case Bound.SPACE, False:
                return self._text(
                    "This would cost {price}, and everyone here combined has {left} of {limit} left.", **fields
                )
            case Bound.SPACE, True:
                return self._text(
                    "This would cost {price}, and everyone here combined has {left} of {limit} left, and {bonus}.",
                    **fields,
                )
            case _, False:
                return self._text("This would cost {price}, and this bot has {left} of {limit} left.", **fields)
            case _:
                return self._text(
                    "This would cost {price}, and this bot has {left} of {limit} left, and {bonus}.", **fields
                )

    def _takes(self, flag: str) -> str:
        match flag:
            case "ar":
                return self._text("It takes an aspect ratio: {ratios}.", ratios=", ".join(RATIOS))
            case "size":
                return self._text(
                    "It takes {tiers}, or pixels like 1280x720 with each side from {least} to {most}.",
                    tiers=", ".join(Tier),
                    least=MIN_SIDE,
                    most=MAX_SIDE,
                )
            case "seed":
                return self._text("It takes a whole number from 0 to {most}.", most=MAX_SEED)
            case "n":
                return self._text("It takes a number of pictures from 1 to {most}.", most=MAX_COUNT)
            case _:
                return self._text("It takes no value.")

    def size_and_ratio(self) -> Sentence:
        return self._sentence(
            "Pixels already say the shape, so nothing was drawn and nothing was charged. "
            "Use either --size with pixels or --ar, not both."
        )

    def ended(self, reason: Reason, *, credits: int) -> Sentence:
        return self._joined(self._reason(reason), self.credits_back(credits))

    def _reason(self, reason: Reason) -> str:
        return {
            Reason.CANCELLED: self._text("You cancelled this, and nothing was drawn."),
            Reason.PROMPT_REFUSED: self._text(
                "The image service's moderation refused this prompt. Try it in other words."
            ),
            Reason.SERVICE_BUSY: self._text("The image service is too busy to draw this now. Please try again later."),
            Reason.SERVICE_BROKEN: self._text("The image service failed several times. Please try again later."),
            Reason.OPERATOR_NEEDED: self._text("Nothing can be drawn right now: the bot's account needs its operator."),
            Reason.REQUEST_REJECTED: self._text(
                "The image service did not accept this request; the bot's log says why."
            ),
            Reason.PICTURE_UNUSABLE: self._text(
                "The image service drew something that cannot be shown. Please try again."
            ),
            Reason.PICTURE_TOO_LARGE: self._text("The picture is too large to be posted. Please try a smaller --size."),
            Reason.DEADLINE_PASSED: self._text("This took too long, so it was not drawn. Please try again."),
            Reason.UNREACHABLE: self._text("The picture could not be posted here."),
            Reason.DATABASE_SLOW: self._text("The bot was too slow to take this command. Please try again."),
            Reason.INTERNAL: self._text("Something went wrong inside the bot; its log says more. Please try again."),
        }[reason]

    def help(self, *, command: str) -> Sentence:
        # Not inside the lines: messages in there are not found by what extracts them.
        explained = {
            "--ar 16:9": self._text("aspect ratio: {ratios}", ratios=", ".join(RATIOS)),
            "--size large": self._text("{tiers}, or pixels like 1280x720", tiers=", ".join(Tier)),
            "--seed 7": self._text("draw the same prompt the same way again"),
            "--n 2": self._text("how many pictures, 1 to {most}", most=MAX_COUNT),
            "--raw": self._text("draw the prompt as written, for less"),
            "--extend": self._text("let the model enrich the prompt"),
            "--private": self._text("for your eyes only"),
            "--public": self._text("for everybody, even if your default or the channel's is private"),
            "{red,blue}": self._text("several prompts at once, shown with their price before they are drawn"),
        }
        lines = [f"{command} {self._example} --ar 16:9", *(f"  {flag:18} {text}" for flag, text in explained.items())]
        return (self._text("Describe a picture, and say how to draw it:") + "\n", Code("\n".join(lines)))
