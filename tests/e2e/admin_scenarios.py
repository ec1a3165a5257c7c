"""The table of `/quota-admin`: what admins and members say in turn, on every surface, and what they read."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that somebody does, and what they then read and see."""

    who: str
    reads: tuple[str, ...] = ()
    reads_not: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Admin(Act):
    """`/quota-admin word arguments`; `refused` says that Discord's client does not even send it."""

    word: str
    with_: dict[str, str] = field(default_factory=dict)
    pictures: int = 0
    files: int = 0
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Imagine(Act):
    """`/imagine line`."""

    line: str = "a red fox --raw"
    pictures: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota(Act):
    """`/quota`."""


Surface = Literal["discord", "slack", "command line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminScenario:
    """`rules` is how many rows the audit has afterwards, refused attempts among them."""

    name: str
    acts: tuple[Act, ...]
    rules: int
    only: tuple[Surface, ...] = ("discord", "slack", "command line")
    settings: dict[str, object] = field(default_factory=dict)


CHAT: tuple[Surface, ...] = ("discord", "slack")


def admin(word: str, *reads: str, who: str = "admin", pictures: int = 0, files: int = 0, **arguments: str) -> Admin:
    """An admin command, and what is read."""
    return Admin(who=who, word=word, with_=arguments, reads=reads, pictures=pictures, files=files)


def imagine(who: str, *reads: str, line: str = "a red fox --raw", pictures: int = 1) -> Imagine:
    """A picture, or a refusal with `pictures=0`."""
    return Imagine(who=who, line=line, reads=reads, pictures=pictures)


def quota(who: str, *reads: str) -> Quota:
    """A person's own quota."""
    return Quota(who=who, reads=reads)


UNCHANGED = "Nothing was changed"

ADMIN_SCENARIOS = [
    AdminScenario(
        name="a person's limit is raised and taken back",
        settings={"quota_credits": 1},
        acts=(
            imagine("member", "0 credits left"),
            imagine("member", "you have 0 of 1 left", pictures=0),
            admin("set", "3 credits a day", "before: default", "can spend 2 credits", person="member", amount="3"),
            imagine("member", "1 credit left"),
            quota("member", "You have 1 of 3 credits left"),
            quota("other", "You have 1 of 1 credit left"),
            admin("show", "3 credits a day, from a rule of their own", person="member"),
            admin("set", "default", "before: 3 credits a day", person="member", amount="default"),
            imagine("member", "you have 0 of 1 left", pictures=0),
        ),
        rules=2,
    ),
    AdminScenario(
        name="unlimited, and none at all",
        settings={"quota_credits": 1},
        acts=(
            admin(
                "set",
                ": unlimited (before: default). They can spend as much as they like",
                person="member",
                amount="unlimited",
            ),
            imagine("member"),
            imagine("member"),
            quota("member", "You have used 2 credits. You have no limit of your own"),
            admin("set", "0 credits a day", "before: unlimited", person="member", amount="0"),
            imagine("member", "you have 0 of 0 left", pictures=0),
        ),
        rules=2,
    ),
    AdminScenario(
        name="a role's limit, the higher of two, and a person's own before it",
        settings={"quota_credits": 1},
        only=CHAT,
        acts=(
            admin("role", "3 credits a day", role="artists", amount="3"),
            admin("role", "2 credits a day", role="guests", amount="2"),
            quota("artist", "You have 3 of 3"),
            quota("guest", "You have 2 of 2"),
            quota("member", "You have 1 of 1"),
            imagine("artist", "2 credits left"),
            admin("show", "3 credits a day, from their role", person="artist"),
            admin("set", "1 credit a day", person="artist", amount="1"),
            quota("artist", "You have 0 of 1"),
            admin("role", "default", "before: 2 credits a day", role="guests", amount="default"),
            quota("guest", "You have 1 of 1"),
        ),
        rules=4,
    ),
    AdminScenario(
        name="a role's limit from the command line",
        only=("command line",),
        acts=(
            admin("role", "3 credits a day", role="artists", amount="3"),
            quota("artist", "You have 3 of 3"),
            quota("member", "You have 20 of 20"),
        ),
        rules=1,
    ),
    AdminScenario(
        name="everybody's limit here",
        acts=(
            admin("default", "Everybody here: 2 credits a day", "before: default", amount="2"),
            quota("member", "You have 2 of 2"),
            admin("show", "2 credits a day, from everybody's limit here", person="member"),
            admin("default", "Everybody here: default", "before: 2 credits a day", amount="default"),
            quota("member", "You have 20 of 20"),
        ),
        rules=2,
    ),
    AdminScenario(
        name="the pool of a place",
        acts=(
            admin("pool", "Everyone here combined: 1 credit a day", amount="1"),
            quota("member", "Everyone here combined has 1 of 1 left"),
            imagine("other", "0 credits left"),
            imagine("member", "everyone here combined has 0 of 1 left", "The next credits return", pictures=0),
            admin("pool", "default", "before: 1 credit a day", amount="default"),
            imagine("member"),
        ),
        rules=2,
    ),
    AdminScenario(
        name="no pool above what the operator allows",
        settings={"quota_space_credits": 5},
        acts=(
            admin("pool", "allows 5 credits here at most", UNCHANGED, amount="6"),
            admin("pool", "allows 5 credits here at most", UNCHANGED, amount="unlimited"),
            admin("pool", "5 credits a day", amount="5"),
            admin("ceiling", "at most 2 credits a day", who="owner", amount="2"),
            quota("member", "Everyone here combined has 2 of 2 left"),
            admin("ceiling", "combined: unlimited", "before: at most 2 credits", who="owner", amount="unlimited"),
            admin("pool", "9 credits a day", "before: 5 credits a day", amount="9"),
            quota("member", "Everyone here combined has 9 of 9 left"),
        ),
        rules=4,
    ),
    AdminScenario(
        name="the budget of the whole deployment",
        acts=(
            admin("budget", "The whole deployment: 1 credit a day", who="owner", amount="1"),
            imagine("member"),
            imagine("other", "this bot has 0 of 1 left", pictures=0),
            quota("member", "The bot as a whole has 0 credits left"),
            admin("list", "The whole deployment: 1 credit a day", who="owner"),
            admin("budget", "default", "before: 1 credit a day", who="owner", amount="default"),
            imagine("other"),
        ),
        rules=2,
    ),
    AdminScenario(
        name="bonus credits, spent after the window's own",
        settings={"quota_credits": 1},
        acts=(
            admin(
                "grant",
                "gets 2 bonus credits. Their bonus pot holds 2 credits now, expiring",
                person="member",
                credits="2",
                expires="30d",
            ),
            admin(
                "grant",
                "holds 3 credits",
                "never expires. Reason: thanks",
                person="member",
                credits="1",
                reason="thanks a lot",
            ),
            quota("member", "You have 1 of 1", "Bonus: 3 credits"),
            imagine("member", "3 credits left"),
            imagine("member", "2 credits left"),
            imagine("member", "fits: add --raw", line="a red fox --n 2", pictures=0),
            imagine("member", "0 credits left", line="a red fox --raw --n 2", pictures=2),
            imagine("member", "you have 0 of 1 left", pictures=0),
            admin("show", "They can spend 0 credits now", person="member"),
        ),
        rules=2,
    ),
    AdminScenario(
        name="a fresh window",
        settings={"quota_credits": 1},
        acts=(
            imagine("member"),
            imagine("member", "Nothing was charged", pictures=0),
            admin("reset", "starts a fresh window. They can spend 1 credit", person="member"),
            imagine("member", "0 credits left"),
            imagine("member", "Nothing was charged", pictures=0),
        ),
        rules=1,
    ),
    AdminScenario(
        name="blocked and back",
        acts=(
            admin("block", "is blocked from drawing", person="member", reason="spam, see channel rules"),
            imagine("member", "An admin has switched pictures off for you", "spam, see channel rules", pictures=0),
            quota("member", "An admin has switched pictures off for you"),
            admin("show", "Blocked", "spam, see channel rules", person="member"),
            imagine("other"),
            admin("unblock", "can draw again", person="member"),
            admin("unblock", "was not blocked", person="other"),
            imagine("member"),
        ),
        rules=3,
    ),
    AdminScenario(
        name="every rule in force, and every change",
        acts=(
            admin("list", "Nothing here differs from the default"),
            admin("audit", "Nobody has changed anything yet"),
            admin("set", person="member", amount="5"),
            admin("set", person="member", amount="7"),
            admin("pool", amount="100"),
            admin("pool", amount="default"),
            admin("grant", person="other", credits="4", expires="2w", reason="bug report"),
            admin("list", "7 credits a day", "+4 credits of bonus", "bug report"),
            admin("audit", "7 credits a day (before: 5 credits a day)", "default (before: 100 credits a day)"),
            admin("audit", "+4 credits of bonus", person="other"),
        ),
        rules=5,
    ),
    AdminScenario(
        name="lists have pages",
        acts=(
            *(admin("grant", person="member", credits=str(n)) for n in range(1, 10)),
            admin("list", "+1 credit of bonus", "+8 credits of bonus", "Page 1", "page=2"),
            admin("list", "+9 credits of bonus", "Page 2", page="2"),
            admin("audit", "+9 credits", "page=2"),
            admin("audit", "+1 credit", page="2"),
            admin("audit", "There is no page 3", page="3"),
        ),
        rules=9,
    ),
    AdminScenario(
        name="a report with a picture and the rows",
        settings={"price_per_credit": "0.015"},
        acts=(
            admin("report", "Nobody has asked for a picture"),
            imagine("member", line="a red fox --n 2", pictures=2),
            imagine("other"),
            admin("report", "the last 30 days", "5 credits delivered (0.08 USD)", "4 credits", pictures=1, files=1),
            admin("report", "the last day", days="1", pictures=1, files=1),
            admin("report", "Whole deployment", who="owner", everything="yes", pictures=1, files=1),
        ),
        rules=0,
    ),
    AdminScenario(
        name="a member who tries is refused, and that is noted",
        only=CHAT,
        acts=(
            admin("help", "After /quota-admin", who="member"),
            admin("set", "Only people who manage this place", UNCHANGED, who="member", person="member", amount="999"),
            admin("report", "Only people who manage this place", who="member"),
            quota("member", "You have 20 of 20"),
            admin("audit", "was refused: set", "was refused: report"),
        ),
        rules=2,
    ),
    AdminScenario(
        name="an admin is no operator",
        only=CHAT,
        acts=(
            admin("ceiling", "Only the bot's operator", amount="9"),
            admin("budget", "Only the bot's operator", amount="9"),
            admin("report", "Only the bot's operator", everything="yes"),
            admin("list", "Only the bot's operator", everything="yes"),
        ),
        rules=4,
    ),
    AdminScenario(
        name="those whom the operator has named",
        only=CHAT,
        acts=(
            admin("default", "4 credits a day", who="deputy", amount="4"),
            quota("member", "You have 4 of 4"),
        ),
        rules=1,
    ),
    AdminScenario(
        name="numbers that are none",
        acts=(
            admin("set", "amount cannot be “-1”", UNCHANGED, person="member", amount="-1"),
            admin("set", "amount cannot be “many”", UNCHANGED, person="member", amount="many"),
            admin("set", "amount cannot be “1.5”", UNCHANGED, person="member", amount="1.5"),
            admin("pool", "amount cannot be “99999999999”", UNCHANGED, amount="99999999999"),
            admin("grant", "credits cannot be “0”", "from 1 to", person="member", credits="0"),
            admin("grant", "credits cannot be “-5”", UNCHANGED, person="member", credits="-5"),
            admin("grant", "in the past", UNCHANGED, person="member", credits="5", expires="2020-01-01"),
            admin("grant", "expires cannot be “soon”", UNCHANGED, person="member", credits="5", expires="soon"),
        ),
        rules=0,
    ),
    AdminScenario(
        name="days and pages that are none",
        acts=(
            Admin(who="admin", word="report", with_={"days": "0"}, reads=("days cannot be “0”",), refused=True),
            Admin(who="admin", word="report", with_={"days": "10000"}, reads=("from 1 to 366",), refused=True),
            Admin(who="admin", word="list", with_={"page": "0"}, reads=("page cannot be “0”",), refused=True),
        ),
        rules=0,
    ),
    AdminScenario(
        name="a bot as the person",
        only=CHAT,
        acts=(admin("grant", "is a bot", UNCHANGED, person="imagine", credits="5"),),
        rules=0,
    ),
    AdminScenario(
        name="people and groups that are none",
        only=("slack", "command line"),
        acts=(
            admin("set", "There is nobody here called", UNCHANGED, person="stranger", amount="5"),
            admin("role", "There is no role or group", UNCHANGED, role="strangers", amount="5"),
            admin("sett", "There is no command “sett”", "Did you mean “set”?", person="member", amount="5"),
            admin("set", "“amount” is missing", "set person amount", person="member"),
            admin("grant", "There is no “expire=”", "“expires=”", UNCHANGED, person="member", credits="5", expire="3d"),
            admin("reset", "is one word too many", person="member", amount="5"),
        ),
        rules=0,
    ),
    AdminScenario(
        name="the words there are",
        acts=(admin("help", "grant person credits [expires=…] [reason=…]", "Who spends what"),),
        rules=0,
    ),
]
