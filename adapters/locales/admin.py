"""The sentences of `/quota-admin`. An answer says what is so now, and what it was before."""

from collections.abc import Mapping
from decimal import Decimal

from adapters.locales.house import HouseWords
from adapters.sentences import ChannelMention, Code, Mention, Moment, RoleMention, Sentence
from bot.model import Account, Balance, Source
from bot.rules import DEPLOYMENT, HOUSE, Change, Kind, Noted, Page, Rule, Subject
from bot.vocabulary import MOST_CREDITS, MOST_DAYS, MOST_PAGES, Argument, Word


class AdminWords(HouseWords):
    """What admins read, and what both kinds of readers are told in the same words."""

    @property
    def admin_words(self) -> Mapping[Word, str]:
        return {
            Word.SHOW: self._text("A person's quota, and which rule gives it to them"),
            Word.SET: self._text("The limit of a person"),
            Word.ROLE: self._text("The limit of everybody who has a role"),
            Word.DEFAULT: self._text("The limit of everybody here"),
            Word.POOL: self._text("The limit of everyone here combined"),
            Word.GRANT: self._text("Bonus credits for a person, spent after their own"),
            Word.RESET: self._text("A fresh window for a person"),
            Word.BLOCK: self._text("No more pictures for a person"),
            Word.UNBLOCK: self._text("Let a blocked person draw again"),
            Word.LIST: self._text("Every rule that differs from the default"),
            Word.REPORT: self._text("Who spends what: a chart, figures and the rows as CSV"),
            Word.AUDIT: self._text("Who changed what, when, from what to what"),
            Word.CEILING: self._text("For the operator: the most that this place's pool can be"),
            Word.BUDGET: self._text("For the operator: the limit of the whole deployment"),
            Word.HELP: self._text("This list"),
        }

    @property
    def admin_arguments(self) -> Mapping[Argument, str]:
        return {
            Argument.PERSON: self._text("The person"),
            Argument.ROLE: self._text("The role"),
            Argument.AMOUNT: self._text("Credits per window: a number, unlimited, or default to remove this rule"),
            Argument.CREDITS: self._text("How many credits, 1 to {most}", most=MOST_CREDITS),
            Argument.EXPIRES: self._text(
                "When they end: 12h, 30d, 2w or a date like 2027-01-31; leave empty for never"
            ),
            Argument.REASON: self._text("Why; the audit shows it, and a blocked person reads it"),
            Argument.DAYS: self._text("How many days, 1 to {most}; 30 if left empty", most=MOST_DAYS),
            Argument.PAGE: self._text("Which page"),
            Argument.EVERYTHING: self._text("For the operator: the whole deployment"),
        }

    def credits(self, amount: int) -> str:
        return self._count("{n} credit", "{n} credits", amount)

    def bonus_credits(self, amount: int) -> str:
        return self._count("{n} bonus credit", "{n} bonus credits", amount)

    def limit(self, amount: int | None) -> str:
        return self._text("unlimited") if amount is None else self.credits(amount)

    def limit_per(self, amount: int | None, window: str) -> str:
        """`5 credits a day`, or `per 24h` for a rolling window."""
        limit = self.limit(amount)
        if amount is None:
            return limit
        match window:
            case "day":
                return self._text("{limit} a day", limit=limit)
            case "week":
                return self._text("{limit} a week", limit=limit)
            case "month":
                return self._text("{limit} a month", limit=limit)
            case _:
                return self._text("{limit} per {window}", limit=limit, window=window)

    def _next_credits(self, returns_ms: int) -> Sentence:
        return self._sentence("The next credits return {moment}.", moment=Moment(returns_ms))

    def _in_common(self, balance: Balance) -> Sentence:
        """What is left of the pool and of the budget, a line each."""
        space: Sentence = ()
        if balance.space_limit is not None:
            left, limit = self._number(balance.space_left or 0), self._number(balance.space_limit)
            space = (self._text("Everyone here combined has {left} of {limit} left.", left=left, limit=limit),)
        total: Sentence = ()
        if balance.total_left is not None:
            total = (self._text("The bot as a whole has {left} left.", left=self.credits(balance.total_left)),)
        return self._lines(space, total)

    def spendable(self, balance: Balance, *, blocked: bool = False) -> str:
        if blocked:
            return self._text("They are blocked and can spend nothing.")
        if balance.left is None:
            return self._text("They can spend as much as they like now.")
        return self._text("They can spend {credits} now.", credits=self.credits(balance.left))

    def not_allowed(self) -> Sentence:
        return self._sentence(
            "Only people who manage this place may do that, or those whom the bot's operator has named. "
            "Nothing was changed, and the attempt was noted."
        )

    def operators_only(self, *, word: Word) -> Sentence:
        said = self._text(
            "Only the bot's operator may use “{word}”. Nothing was changed, and the attempt was noted.", word=word
        )
        return (said,)

    def everything_only(self) -> Sentence:
        return self._sentence("Only the bot's operator may look at the whole deployment. The attempt was noted.")

    def changed(self, *, subject: Sentence, rule: Sentence, before: Sentence, balance: Balance | None) -> Sentence:
        said = self._sentence("{subject}: {rule} (before: {before}).", subject=subject, rule=rule, before=before)
        return self._joined(said, "" if balance is None else self.spendable(balance))

    def granted(self, *, person: str, rule: Change, balance: Balance) -> Sentence:
        bonus, pot = self.bonus_credits(rule.value or 0), self.credits(balance.bonus)
        # Of the pot, which may end later than what was granted now.
        if balance.bonus_expires_ms is None:
            said = self._sentence(
                "{person} gets {bonus}. Their bonus pot holds {pot} now and never expires.",
                person=Mention(person),
                bonus=bonus,
                pot=pot,
            )
        else:
            said = self._sentence(
                "{person} gets {bonus}. Their bonus pot holds {pot} now, expiring {moment}.",
                person=Mention(person),
                bonus=bonus,
                pot=pot,
                moment=Moment(balance.bonus_expires_ms),
            )
        return self._joined(said, self._text("Reason: {reason}", reason=rule.reason) if rule.reason else "")

    def reset_done(self, *, person: str, balance: Balance) -> Sentence:
        fresh = self._sentence("{person} starts a fresh window.", person=Mention(person))
        return self._joined(fresh, self.spendable(balance))

    def blocked_now(self, *, person: str) -> Sentence:
        return self._sentence(
            "{person} is blocked from drawing. What is under way is still delivered.", person=Mention(person)
        )

    def unblocked_now(self, *, person: str, was: bool) -> Sentence:
        if was:
            return self._sentence("{person} can draw again.", person=Mention(person))
        return self._sentence("{person} was not blocked.", person=Mention(person))

    def above_ceiling(self, *, ceiling: int) -> Sentence:
        most = self.credits(ceiling)
        return (self._text("The bot's operator allows {most} here at most. Nothing was changed.", most=most),)

    def shown(
        self, *, person: str, balance: Balance, source: Source, role: str | None, block: Rule | None, window: str
    ) -> Sentence:
        used = self._text("Used: {number}.", number=self._number(balance.used))
        spending = self._joined(used, self.spendable(balance, blocked=block is not None))
        if balance.returns_ms is not None and balance.used:
            spending = self._joined(spending, self._next_credits(balance.returns_ms))
        queued = self._text("Under way: {number}.", number=self._number(balance.queued)) if balance.queued else ""
        return self._lines(
            self._given(Mention(person), self.limit_per(balance.limit, window), source, RoleMention(role or "")),
            spending,
            self._pot(balance),
            self._in_common(balance),
            (queued,) if queued else (),
            () if block is None else self._block(block),
        )

    def _given(self, person: Mention, limit: str, source: Source, role: RoleMention) -> Sentence:
        match source:
            case Source.PERSON:
                return self._sentence("{person}: {limit}, from a rule of their own.", person=person, limit=limit)
            case Source.ROLE:
                return self._sentence(
                    "{person}: {limit}, from their role {role}.", person=person, limit=limit, role=role
                )
            case Source.SPACE:
                return self._sentence("{person}: {limit}, from everybody's limit here.", person=person, limit=limit)
            case Source.DEPLOYMENT:
                return self._sentence("{person}: {limit}, from the bot's default.", person=person, limit=limit)

    def _pot(self, balance: Balance) -> Sentence:
        if not balance.bonus:
            return ()
        bonus = self.credits(balance.bonus)
        if balance.bonus_expires_ms is None:
            return (self._text("Bonus: {bonus}.", bonus=bonus),)
        moment = Moment(balance.bonus_expires_ms)
        return self._sentence("Bonus: {bonus}, expiring {moment}.", bonus=bonus, moment=moment)

    def _block(self, block: Rule) -> Sentence:
        if block.reason:
            return self._sentence("Blocked {moment}: {reason}.", moment=Moment(block.at_ms), reason=block.reason)
        return self._sentence("Blocked {moment}.", moment=Moment(block.at_ms))

    def subject(self, subject: Subject, *, kind: Kind) -> Sentence:
        if subject == DEPLOYMENT:
            return self._sentence("The whole deployment")
        if ":channel:" in subject:
            return (ChannelMention(subject),)
        if ":role:" in subject:
            return (RoleMention(subject),)
        if kind is Kind.POOL:
            return self._sentence("Everyone here combined")
        if kind is Kind.CEILING:
            return self._sentence("The ceiling for everyone here combined")
        return (Mention(subject),)

    def everybody(self) -> Sentence:
        return self._sentence("Everybody here")

    def somewhere(self, space: str) -> Sentence:
        return (f"[{space}] ",)

    def rule(self, rule: Change | None, *, window: str) -> Sentence:
        """What a rule says, without whom it is about."""
        if rule is None or not rule.applies:
            return self.no_rule(None if rule is None else rule.kind)
        if rule.kind in HOUSE:
            return self.house_rule(rule)
        said = self._rule(rule, window=window)
        if rule.expires_ms is None:
            return (said,)
        return self._sentence("{rule}, expiring {moment}", rule=said, moment=Moment(rule.expires_ms))

    def _rule(self, rule: Change, *, window: str) -> str:
        limit = self.limit_per(rule.value, window)
        match rule.kind:
            case Kind.GRANT:
                return self._text("+{credits} of bonus", credits=self.credits(rule.value or 0))
            case Kind.RESET:
                return self._text("a fresh window")
            case Kind.BLOCK:
                return self._text("blocked")
            case Kind.CEILING if rule.value is not None:
                return self._text("at most {limit}", limit=limit)
            case _:
                return limit

    def no_rule(self, kind: Kind | None) -> Sentence:
        """What is so where no rule of this kind is in force."""
        return self._sentence("not blocked") if kind is Kind.BLOCK else self._sentence("default")

    def rules(self, page: Page, *, lines: Sentence) -> Sentence:
        if not page.entries:
            nothing = self._sentence("Nothing here differs from the default.")
            return nothing if page.number == 1 else self._no_page(page)
        return (self._text("Rules that differ from the default:"), *lines, *self._turn(page, Word.LIST))

    def audit(self, page: Page, *, lines: Sentence) -> Sentence:
        if not page.entries:
            nothing = self._sentence("Nobody has changed anything yet.")
            return nothing if page.number == 1 else self._no_page(page)
        return (self._text("Changes, newest first:"), *lines, *self._turn(page, Word.AUDIT))

    def _no_page(self, page: Page) -> Sentence:
        return (self._text("There is no page {number}.", number=page.number),)

    def _turn(self, page: Page, word: Word) -> Sentence:
        if page.number == 1 and not page.more:
            return ()
        here = self._text("Page {number}.", number=page.number)
        following = self._text("Next: {command}", command=f"{word} page={page.number + 1}") if page.more else ""
        return ("\n", *self._joined(here, following))

    def noted(self, noted: Noted, *, by: Sentence, subject: Sentence, window: str) -> Sentence:
        """One line of the audit."""
        rule, moment = noted.rule, Moment(noted.rule.at_ms)
        if rule.kind is Kind.REFUSED:
            refused = self._sentence("{moment} {by} was refused", moment=moment, by=by)
            return ("\n• ", *(self.labelled(refused, (rule.reason,)) if rule.reason else refused))
        said = self.rule(rule, window=window)
        if rule.kind not in (Kind.GRANT, Kind.RESET):
            was = self.no_rule(rule.kind) if noted.before is None else self.rule(noted.before, window=window)
            said = self._sentence("{rule} (before: {before})", rule=said, before=was)
        why = f" — {rule.reason}" if rule.reason else ""
        return ("\n• ", moment, " ", *by, " → ", *self.labelled(subject, said), why)

    def command_line(self) -> str:
        return self._text("the command line")

    def report_title(self, *, everything: bool, days: int) -> str:
        if everything:
            return self._count("Whole deployment, the last day", "Whole deployment, the last {n} days", days)
        return self._count("Credits spent here, the last day", "Credits spent here, the last {n} days", days)

    def report_empty(self) -> Sentence:
        return self._sentence("Nobody has asked for a picture in that time.")

    def report_totals(self, *, delivered: int, given_back: int, under_way: int, money: str | None) -> str:
        if money:
            drawn = self._count(
                "{n} credit delivered ({money})", "{n} credits delivered ({money})", delivered, money=money
            )
        else:
            drawn = self._count("{n} credit delivered", "{n} credits delivered", delivered)
        back = self._number(given_back)
        if not under_way:
            return self._text("{delivered}, {given_back} given back.", delivered=drawn, given_back=back)
        return self._text(
            "{delivered}, {given_back} given back, {under_way} under way.",
            delivered=drawn,
            given_back=back,
            under_way=self._number(under_way),
        )

    def report_people(self, *, shown: int, num_people: int) -> str:
        if shown == num_people:
            return self._text("By person:")
        return self._text("The top {shown} of {people} people:", shown=shown, people=self._number(num_people))

    def report_person(self, *, account: Account, credits: int, delivered: int, money: str | None) -> Sentence:
        spent, commands = self.credits(credits), self._count("{n} command", "{n} commands", delivered)
        said = self._text("{credits} for {commands}", credits=spent, commands=commands)
        return ("\n• ", *self.labelled((Mention(account),), (f"{said}, {money}" if money else said,)))

    def money(self, amount: Decimal, *, currency: str) -> str:
        """`1,012.30 USD`."""
        whole, _, cents = f"{amount:.2f}".partition(".")
        return self._text("{whole}.{cents} {currency}", whole=self._number(int(whole)), cents=cents, currency=currency)

    def report_cut(self, *, shown: int, of: int) -> str:
        newest, rows = self._number(shown), self._number(of)
        return self._text("The CSV holds the newest {shown} of {rows} rows.", shown=newest, rows=rows)

    def report_undrawn(self) -> str:
        return self._text("The chart could not be drawn this time; the figures are complete.")

    def report_sent(self) -> Sentence:
        return self._sentence("The report comes to you as a direct message.")

    @property
    def report_axis(self) -> str:
        return self._text("credits")

    @property
    def report_delivered(self) -> str:
        return self._text("delivered")

    @property
    def report_given_back(self) -> str:
        return self._text("given back")

    @property
    def report_under_way(self) -> str:
        return self._text("under way")

    @property
    def report_top(self) -> str:
        return self._text("Top ten people")

    def report_alt(self, *, title: str, totals: str) -> str:
        return self._text("Chart. {title}. {totals}", title=title, totals=totals)

    def unknown_word(self, *, word: str, suggestion: Word | None) -> Sentence:
        if suggestion is not None:
            meant = self._text(
                "There is no command “{word}”. Nothing was changed. Did you mean “{suggestion}”?",
                word=word,
                suggestion=suggestion,
            )
            return (meant,)
        known = self._text(
            "There is no command “{word}”. Nothing was changed. These exist: {known}.",
            word=word,
            known=", ".join(Word),
        )
        return (known,)

    def missing(self, *, form: str, argument: Argument) -> Sentence:
        return self._sentence(
            "“{argument}” is missing. Nothing was changed. Usage: {form}", argument=str(argument), form=Code(form)
        )

    def unknown_name(self, *, form: str, name: str, suggestion: Argument) -> Sentence:
        return self._sentence(
            "There is no “{name}=”. Did you mean “{suggestion}=”? Nothing was changed. Usage: {form}",
            name=name,
            suggestion=str(suggestion),
            form=Code(form),
        )

    def too_much(self, *, form: str, text: str) -> Sentence:
        return self._sentence(
            "“{text}” is one word too many. Nothing was changed. Usage: {form}", text=text, form=Code(form)
        )

    def bad_argument(self, *, argument: Argument, value: str) -> Sentence:
        wrong = self._text("{argument} cannot be “{value}”. Nothing was changed.", argument=argument, value=value)
        return self._joined(wrong, self._argument_takes(argument))

    def _argument_takes(self, argument: Argument) -> str:
        most = self._number(MOST_CREDITS)
        return {
            Argument.AMOUNT: self._text("It takes a whole number from 0 to {most}, unlimited, or default.", most=most),
            Argument.CREDITS: self._text("It takes a whole number from 1 to {most}.", most=most),
            Argument.EXPIRES: self._text("It takes 12h, 30d, 2w or a date like 2027-01-31, within ten years."),
            Argument.DAYS: self._text("It takes a whole number from 1 to {most}.", most=MOST_DAYS),
            Argument.PAGE: self._text("It takes a whole number from 1 to {most}.", most=MOST_PAGES),
            Argument.EVERYTHING: self._text("It takes yes or no."),
        }.get(argument, "")

    def expiry_past(self) -> Sentence:
        return self._sentence("That moment is in the past. Nothing was changed.")

    def no_such_person(self, *, text: str) -> Sentence:
        said = self._text(
            "There is nobody here called “{text}”. Nothing was changed. Pick a name that is suggested when you type @; "
            "on the command line give the person's id.",
            text=text,
        )
        return (said,)

    def is_a_bot(self, *, person: str) -> Sentence:
        return self._sentence("{person} is a bot: bots have no quota. Nothing was changed.", person=Mention(person))

    def no_such_role(self, *, text: str) -> Sentence:
        return (self._text("There is no role or group “{text}” here. Nothing was changed.", text=text),)

    def role_is_everybody(self) -> Sentence:
        return self._sentence("That role is everybody: say default rather than role. Nothing was changed.")

    def cannot_look_up(self) -> Sentence:
        return self._sentence(
            "People and groups cannot be looked up right now. Nothing was changed; please try again in a minute."
        )

    def may_not_look_up(self) -> Sentence:
        return self._sentence(
            "The app may not look up people and groups: the scopes users:read and usergroups:read are missing. "
            "Nothing was changed."
        )

    def in_doubt(self) -> Sentence:
        return self._sentence(
            "The bot's database does not answer right now, and it is not certain whether that was done. "
            "“audit” shows it later: look there before you try again."
        )

    def admin_failed(self, *, reference: str) -> Sentence:
        return self._sentence(
            "Something went wrong inside the bot, and it is not certain whether that was done. “audit” shows it: look "
            "there before you try again. If it happens again, give its operator this reference: {reference}",
            reference=Code(reference),
        )

    def nowhere(self) -> Sentence:
        return self._sentence("People outside servers have no limit or pool in common. Nothing was changed.")

    def no_space(self) -> Sentence:
        return self._sentence(
            "That is about one server or workspace: name it with --space, like discord:123. Nothing was changed."
        )

    def admin_help(self, *, command: str, forms: Mapping[Word, str]) -> Sentence:
        width = max(map(len, forms.values())) + 2
        lines = [f"{form:<{width}}{self.admin_words[word]}" for word, form in forms.items()]
        return (self._text("After {command}:", command=command) + "\n", Code("\n".join(lines)))
