"""The sentences of `/quota-admin` in English. An answer says what is so now, and what it was before."""

from collections.abc import Mapping
from typing import Final

from adapters.locales.house import HouseWords
from adapters.sentences import ChannelMention, Code, Mention, Moment, RoleMention, Sentence
from bot.model import Account, Balance, Source
from bot.rules import DEPLOYMENT, HOUSE, Change, Kind, Noted, Page, Rule, Subject
from bot.vocabulary import MOST_CREDITS, MOST_DAYS, MOST_PAGES, Argument, Word

_WINDOWS: Final = {"day": "a day", "week": "a week", "month": "a month"}


class EnglishAdmin(HouseWords):
    """What admins read; part of the English catalogue."""

    admin_words: Final[Mapping[Word, str]] = {
        Word.SHOW: "A person's quota, and which rule gives it to them",
        Word.SET: "The limit of a person",
        Word.ROLE: "The limit of everybody who has a role",
        Word.DEFAULT: "The limit of everybody here",
        Word.POOL: "The limit of everyone here combined",
        Word.GRANT: "Bonus credits for a person, spent after their own",
        Word.RESET: "A fresh window for a person",
        Word.BLOCK: "No more pictures for a person",
        Word.UNBLOCK: "Let a blocked person draw again",
        Word.LIST: "Every rule that differs from the default",
        Word.REPORT: "Who spends what: a picture, figures and the rows as CSV",
        Word.AUDIT: "Who changed what, when, from what to what",
        Word.CEILING: "For the operator: the most that this place's pool can be",
        Word.BUDGET: "For the operator: the limit of the whole deployment",
        Word.HELP: "This list",
    }
    admin_arguments: Final[Mapping[Argument, str]] = {
        Argument.PERSON: "The person",
        Argument.ROLE: "The role",
        Argument.AMOUNT: "Credits per window: a number, unlimited, or default to remove this rule",
        Argument.CREDITS: f"How many credits, 1 to {MOST_CREDITS}",
        Argument.EXPIRES: "When they end: 12h, 30d, 2w or a date like 2027-01-31; leave empty for never",
        Argument.REASON: "Why; it stands in the audit, and a blocked person reads it",
        Argument.DAYS: f"How many days, 1 to {MOST_DAYS}; 30 if left empty",
        Argument.PAGE: "Which page",
        Argument.EVERYTHING: "For the operator: the whole deployment",
    }

    def credits(self, amount: int) -> str:
        return "1 credit" if amount == 1 else f"{amount:,} credits"

    def limit(self, amount: int | None) -> str:
        return "unlimited" if amount is None else self.credits(amount)

    def limit_per(self, amount: int | None, window: str) -> str:
        """`5 credits a day`, or `per 24h` for a rolling window."""
        per = _WINDOWS.get(window, f"per {window}")
        return self.limit(amount) if amount is None else f"{self.limit(amount)} {per}"

    def spendable(self, balance: Balance, *, blocked: bool = False) -> str:
        if blocked:
            return "They are blocked and can spend nothing."
        left = "as much as they like" if balance.left is None else self.credits(balance.left)
        return f"They can spend {left} now."

    def not_allowed(self) -> Sentence:
        start = "Only people who manage this place may do that, or those whom the bot's operator has named. "
        return (f"{start}Nothing was changed, and the attempt was noted.",)

    def operators_only(self, *, word: Word) -> Sentence:
        return (f"Only the bot's operator may use “{word}”. Nothing was changed, and the attempt was noted.",)

    def everything_only(self) -> Sentence:
        return ("Only the bot's operator may look at the whole deployment. The attempt was noted.",)

    def changed(self, *, subject: Sentence, rule: Sentence, before: Sentence, balance: Balance | None) -> Sentence:
        now = () if balance is None else (f" {self.spendable(balance)}",)
        return (*subject, ": ", *rule, " (before: ", *before, ").", *now)

    def granted(self, *, person: str, rule: Change, balance: Balance) -> Sentence:
        amount = rule.value or 0
        bonus = "1 bonus credit" if amount == 1 else f"{amount:,} bonus credits"
        # Of the pot, which may end later than what was granted now.
        ends: Sentence = (
            (" and never expires",)
            if balance.bonus_expires_ms is None
            else (", expiring ", Moment(balance.bonus_expires_ms))
        )
        why = f" Reason: {rule.reason}" if rule.reason else ""
        pot = f" gets {bonus}. Their bonus pot holds {self.credits(balance.bonus)} now"
        return (Mention(person), pot, *ends, ".", why)

    def reset_done(self, *, person: str, balance: Balance) -> Sentence:
        return (Mention(person), f" starts a fresh window. {self.spendable(balance)}")

    def blocked_now(self, *, person: str) -> Sentence:
        return (Mention(person), " is blocked from drawing. What is under way is still delivered.")

    def unblocked_now(self, *, person: str, was: bool) -> Sentence:
        return (Mention(person), " can draw again." if was else " was not blocked.")

    def above_ceiling(self, *, ceiling: int) -> Sentence:
        return (f"The bot's operator allows {self.credits(ceiling)} here at most. Nothing was changed.",)

    def shown(
        self, *, person: str, balance: Balance, source: Source, role: str | None, block: Rule | None, window: str
    ) -> Sentence:
        given: Sentence = {
            Source.PERSON: ("a rule of their own",),
            Source.ROLE: ("their role ", RoleMention(role or "")),
            Source.SPACE: ("everybody's limit here",),
            Source.DEPLOYMENT: ("the bot's default",),
        }[source]
        lines: Sentence = (
            Mention(person),
            f": {self.limit_per(balance.limit, window)}, from ",
            *given,
            f".\nUsed: {balance.used:,}. {self.spendable(balance, blocked=block is not None)}",
        )
        if balance.returns_ms is not None and balance.used:
            lines += (" The next credits return ", Moment(balance.returns_ms), ".")
        if balance.bonus:
            lines += (f"\nBonus: {self.credits(balance.bonus)}",)
            lines += (
                (".",) if balance.bonus_expires_ms is None else (", expiring ", Moment(balance.bonus_expires_ms), ".")
            )
        if balance.space_limit is not None:
            lines += (f"\nEveryone here combined has {balance.space_left:,} of {balance.space_limit:,} left.",)
        if balance.total_left is not None:
            lines += (f"\nThe bot as a whole has {self.credits(balance.total_left)} left.",)
        if balance.queued:
            lines += (f"\nUnder way: {balance.queued}.",)
        if block is not None:
            lines += ("\nBlocked ", Moment(block.at_ms), f": {block.reason}" if block.reason else "", ".")
        return lines

    def subject(self, subject: Subject, *, kind: Kind) -> Sentence:
        if subject == DEPLOYMENT:
            return ("The whole deployment",)
        if ":channel:" in subject:
            return (ChannelMention(subject),)
        if ":role:" in subject:
            return (RoleMention(subject),)
        if kind is Kind.POOL:
            return ("Everyone here combined",)
        if kind is Kind.CEILING:
            return ("The ceiling for everyone here combined",)
        return (Mention(subject),)

    def everybody(self) -> Sentence:
        return ("Everybody here",)

    def somewhere(self, space: str) -> Sentence:
        return (f"[{space}] ",)

    def rule(self, rule: Change | None, *, window: str) -> Sentence:
        """What a rule says, without whom it is about."""
        if rule is None or not rule.applies:
            return self.no_rule(None if rule is None else rule.kind)
        if rule.kind in HOUSE:
            return self.house_rule(rule)
        until: Sentence = () if rule.expires_ms is None else (", expiring ", Moment(rule.expires_ms))
        limit = self.limit_per(rule.value, window)
        said = {
            Kind.GRANT: f"+{self.credits(rule.value or 0)} of bonus",
            Kind.RESET: "a fresh window",
            Kind.BLOCK: "blocked",
            Kind.CEILING: limit if rule.value is None else f"at most {limit}",
        }
        return (said.get(rule.kind, limit), *until)

    def no_rule(self, kind: Kind | None) -> Sentence:
        """What is so where no rule of this kind is in force."""
        return ("not blocked",) if kind is Kind.BLOCK else ("default",)

    def rules(self, page: Page, *, lines: Sentence) -> Sentence:
        if not page.entries:
            return ("Nothing here differs from the default.",) if page.number == 1 else self._no_page(page)
        return ("Rules that differ from the default:", *lines, *self._turn(page, Word.LIST))

    def audit(self, page: Page, *, lines: Sentence) -> Sentence:
        if not page.entries:
            return ("Nobody has changed anything yet.",) if page.number == 1 else self._no_page(page)
        return ("Changes, newest first:", *lines, *self._turn(page, Word.AUDIT))

    def _no_page(self, page: Page) -> Sentence:
        return (f"There is no page {page.number}.",)

    def _turn(self, page: Page, word: Word) -> Sentence:
        if page.number == 1 and not page.more:
            return ()
        more = f" Next: {word} page={page.number + 1}" if page.more else ""
        return (f"\nPage {page.number}.{more}",)

    def noted(self, noted: Noted, *, by: Sentence, subject: Sentence, window: str) -> Sentence:
        """One line of the audit."""
        rule = noted.rule
        why = f" — {rule.reason}" if rule.reason else ""
        if rule.kind is Kind.REFUSED:
            tried = f": {rule.reason}" if rule.reason else ""
            return ("\n• ", Moment(rule.at_ms), " ", *by, f" was refused{tried}")
        before: Sentence = ()
        if rule.kind not in (Kind.GRANT, Kind.RESET):
            was = self.no_rule(rule.kind) if noted.before is None else self.rule(noted.before, window=window)
            before = (" (before: ", *was, ")")
        return (
            "\n• ",
            Moment(rule.at_ms),
            " ",
            *by,
            " → ",
            *subject,
            ": ",
            *self.rule(rule, window=window),
            *before,
            why,
        )

    def command_line(self) -> str:
        return "the command line"

    def report_title(self, *, everything: bool, days: int) -> str:
        where = "Whole deployment" if everything else "Credits spent here"
        return f"{where}, the last {'day' if days == 1 else f'{days} days'}"

    def report_empty(self) -> Sentence:
        return ("Nobody has asked for a picture in that time.",)

    def report_totals(self, *, delivered: int, given_back: int, under_way: int, money: str | None) -> str:
        paid = f" ({money})" if money else ""
        parts = [f"{self.credits(delivered)} delivered{paid}", f"{given_back:,} given back"]
        if under_way:
            parts.append(f"{under_way:,} under way")
        return ", ".join(parts) + "."

    def report_people(self, *, shown: int, num_people: int) -> str:
        return "By person:" if shown == num_people else f"The top {shown} of {num_people} people:"

    def report_person(self, *, account: Account, credits: int, delivered: int, money: str | None) -> Sentence:
        paid = f", {money}" if money else ""
        pictures = "1 command" if delivered == 1 else f"{delivered:,} commands"
        return ("\n• ", Mention(account), f": {self.credits(credits)} for {pictures}{paid}")

    def report_cut(self, *, shown: int, of: int) -> str:
        return f"The CSV holds the newest {shown:,} of {of:,} rows."

    def report_undrawn(self) -> str:
        return "The picture could not be drawn this time; the figures are complete."

    def report_sent(self) -> Sentence:
        return ("The report comes to you as a direct message.",)

    report_axis = "credits"
    report_delivered = "delivered"
    report_given_back = "given back"
    report_under_way = "under way"
    report_top = "Top ten people"

    def report_alt(self, *, title: str, totals: str) -> str:
        return f"Chart. {title}. {totals}"

    def unknown_word(self, *, word: str, suggestion: Word | None) -> Sentence:
        start = f"There is no command “{word}”. Nothing was changed. "
        if suggestion is not None:
            return (f"{start}Did you mean “{suggestion}”?",)
        return (f"{start}These exist: {', '.join(Word)}.",)

    def missing(self, *, form: str, argument: Argument) -> Sentence:
        return (f"“{argument}” is missing. Nothing was changed. Usage: ", Code(form))

    def unknown_name(self, *, form: str, name: str, suggestion: Argument) -> Sentence:
        start = f"There is no “{name}=”. Did you mean “{suggestion}=”? Nothing was changed. Usage: "
        return (start, Code(form))

    def too_much(self, *, form: str, text: str) -> Sentence:
        return (f"“{text}” is one word too many. Nothing was changed. Usage: ", Code(form))

    def bad_argument(self, *, argument: Argument, value: str) -> Sentence:
        takes = {
            Argument.AMOUNT: f"It takes a whole number from 0 to {MOST_CREDITS:,}, unlimited, or default.",
            Argument.CREDITS: f"It takes a whole number from 1 to {MOST_CREDITS:,}.",
            Argument.EXPIRES: "It takes 12h, 30d, 2w or a date like 2027-01-31, within ten years.",
            Argument.DAYS: f"It takes a whole number from 1 to {MOST_DAYS}.",
            Argument.PAGE: f"It takes a whole number from 1 to {MOST_PAGES}.",
            Argument.EVERYTHING: "It takes yes or no.",
        }.get(argument, "")
        return (f"{argument} cannot be “{value}”. Nothing was changed. {takes}".strip(),)

    def expiry_past(self) -> Sentence:
        return ("That moment is in the past. Nothing was changed.",)

    def no_such_person(self, *, text: str) -> Sentence:
        start = f"There is nobody here called “{text}”. Nothing was changed. "
        return (f"{start}Pick a name that is suggested when you type @; on the command line give the person's id.",)

    def is_a_bot(self, *, person: str) -> Sentence:
        return (Mention(person), " is a bot: bots have no quota. Nothing was changed.")

    def no_such_role(self, *, text: str) -> Sentence:
        return (f"There is no role or group “{text}” here. Nothing was changed.",)

    def role_is_everybody(self) -> Sentence:
        return ("That role is everybody: say default rather than role. Nothing was changed.",)

    def cannot_look_up(self) -> Sentence:
        return ("People and groups cannot be looked up right now. Nothing was changed; please try again in a minute.",)

    def may_not_look_up(self) -> Sentence:
        start = "The app may not look up people and groups: the scopes users:read and usergroups:read are missing. "
        return (f"{start}Nothing was changed.",)

    def in_doubt(self) -> Sentence:
        start = "The bot's database does not answer right now, and it is not certain whether that was done. "
        return (f"{start}“audit” shows it later: look there before you try again.",)

    def admin_failed(self, *, reference: str) -> Sentence:
        start = (
            "Something went wrong inside the bot, and it is not certain whether that was done. “audit” shows it: look "
        )
        return (
            f"{start}there before you try again. If it happens again, give its operator this reference: ",
            Code(reference),
        )

    def nowhere(self) -> Sentence:
        return ("People outside servers have no limit or pool in common. Nothing was changed.",)

    def no_space(self) -> Sentence:
        return ("That is about one server or workspace: name it with --space, like discord:123. Nothing was changed.",)

    def admin_help(self, *, command: str, forms: Mapping[Word, str]) -> Sentence:
        width = max(map(len, forms.values())) + 2
        lines = [f"{form:<{width}}{self.admin_words[word]}" for word, form in forms.items()]
        return (f"After {command}:\n", Code("\n".join(lines)))
