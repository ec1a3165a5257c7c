"""Settings: read from the environment, refused in words for the operator, and written down where people look."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bot.errors import ConfigurationError
from bot.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
SECRETS = [name for name, field in Settings.model_fields.items() if field.annotation == SecretStr | None]


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no `.env` of the machine that the tests run on."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def given(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def message() -> str:
    """What the operator reads instead of a start."""
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    return str(caught.value)


def test_everything_has_a_default_but_what_only_the_operator_has() -> None:
    """An empty environment is readable; what is still missing is said by `missing`, not by a crash."""
    settings = load_settings()
    assert (settings.quota_credits, settings.quota_space_credits, settings.quota_global_credits) == (20, None, None)
    assert (settings.credits_per_image, settings.credits_per_extended_image) == (1, 2)
    assert (settings.images_per_minute, settings.generation_deadline_s) == (120, 1800)
    assert settings.image_hosts == ("*.aliyuncs.com",)
    assert (settings.window.name, settings.window.zone.key) == ("day", "UTC")
    assert settings.discord_token is None
    assert settings.slack_bot_token is None


@pytest.mark.parametrize(
    ("value", "hosts"),
    [
        ("*.aliyuncs.com", ("*.aliyuncs.com",)),
        ("a.example,b.example", ("a.example", "b.example")),
        (" A.example , 127.0.0.1:8080 ,", ("a.example", "127.0.0.1:8080")),
    ],
)
def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch, value: str, hosts: tuple[str, ...]) -> None:
    """Blanks round the parts and commas at the end do no harm; hosts are compared in lower case."""
    given(monkeypatch, IMAGE_HOSTS=value)
    assert load_settings().image_hosts == hosts


@pytest.mark.parametrize("name", ["quota_credits", "quota_space_credits", "quota_global_credits"])
@pytest.mark.parametrize(
    ("value", "credits"), [("unlimited", None), ("Unlimited", None), ("none", None), ("off", None), ("0", 0), ("7", 7)]
)
def test_a_quota_can_be_unlimited_or_nothing(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, credits: int | None
) -> None:
    """`unlimited` takes a limit away; 0 is a limit like any other, not the absence of one."""
    given(monkeypatch, **{name.upper(): value})
    assert getattr(load_settings(), name) == credits


@pytest.mark.parametrize("blank", ["", " ", " \t "], ids=repr)
@pytest.mark.parametrize("source", ["environment", "file"])
def test_blank_values_count_as_unset(monkeypatch: pytest.MonkeyPatch, source: str, blank: str) -> None:
    """A copy of `.env.example` with blanks left in it, or a compose file's empty variable, means the default."""
    names = [name.upper() for name in Settings.model_fields]
    if source == "file":
        Path(".env").write_text("".join(f'{name}="{blank}"\n' if blank else f"{name}=\n" for name in names))
    else:
        given(monkeypatch, **dict.fromkeys(names, blank))
    assert load_settings() == Settings.model_construct()
    assert load_settings().discord_token is None


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_read_without_the_blanks_round_it(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Copied with a line's end it still works; blanks alone are no secret."""
    given(monkeypatch, **{name.upper(): " abc-123_x.y\n"})
    assert getattr(load_settings(), name) == SecretStr("abc-123_x.y")
    given(monkeypatch, **{name.upper(): "  "})
    assert getattr(load_settings(), name) is None


@pytest.mark.parametrize("value", ["xoxb-abc…", "two hush", "hush\u200b", "hush\nhush"])
def test_a_secret_that_cannot_be_one_is_refused_unseen(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """A shortened or torn copy is found at the start, not by a client library's crash; it is not repeated."""
    given(monkeypatch, DISCORD_TOKEN=value)
    assert message().count("\n  DISCORD_TOKEN: ") == 1
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert "hush" not in f"{caught.value} {caught.value.__cause__} {caught.value.__cause__!r}"
    assert "xoxb" not in message()


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("QUOTA_WINDOW", " week ", "week"),
        ("QUOTA_TIMEZONE", "Europe/Berlin ", "Europe/Berlin"),
        ("LOG_LEVEL", " info", "INFO"),
    ],
)
def test_blanks_round_a_value_do_no_harm(monkeypatch: pytest.MonkeyPatch, name: str, value: str, read: str) -> None:
    """They come with copying, and nobody sees them."""
    given(monkeypatch, **{name: value})
    assert getattr(load_settings(), name.lower()) == read


def test_the_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set for one start counts more than what is written down; others' variables are nobody's business."""
    Path(".env").write_text("QUOTA_CREDITS=3\nCREDITS_PER_IMAGE=4\nSOMEBODY_ELSES=x\n")
    given(monkeypatch, QUOTA_CREDITS="5")
    settings = load_settings()
    assert (settings.quota_credits, settings.credits_per_image) == (5, 4)
    given(monkeypatch, QUOTA_CREDITS="")
    assert load_settings().quota_credits == 3


@pytest.mark.parametrize("form", ["{}", "{}/", "{}//"])
def test_addresses_may_end_in_a_slash_or_not(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """Each client library gets the form that it needs."""
    given(
        monkeypatch,
        DASHSCOPE_BASE_URL=form.format("https://dashscope.aliyuncs.com/api/v1"),
        DISCORD_API_URL=form.format("http://127.0.0.1:1/api/v10"),
        SLACK_API_URL=form.format("http://127.0.0.1:2/api"),
    )
    settings = load_settings()
    assert settings.dashscope_base_url == "https://dashscope.aliyuncs.com/api/v1"
    assert settings.discord_api_url == "http://127.0.0.1:1/api/v10"
    assert settings.slack_api_url == "http://127.0.0.1:2/api/"


def test_the_log_level_is_read_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """`debug` is what people write."""
    given(monkeypatch, LOG_LEVEL="debug")
    assert load_settings().log_level == "DEBUG"


def test_the_window_is_read_with_its_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both settings make one window."""
    given(monkeypatch, QUOTA_WINDOW="7d", QUOTA_TIMEZONE="Europe/Berlin")
    window = load_settings().window
    assert (window.rolling_ms, window.zone.key) == (7 * 24 * 3_600_000, "Europe/Berlin")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IMAGE_HOSTS", " , "),
        ("QUOTA_CREDITS", "many"),
        ("QUOTA_CREDITS", "-1"),
        ("QUOTA_CREDITS", "1.5"),
        ("QUOTA_SPACE_CREDITS", "-1"),
        ("QUOTA_GLOBAL_CREDITS", str(2**63)),
        ("CREDITS_PER_IMAGE", str(2**63)),
        ("CREDITS_PER_EXTENDED_IMAGE", "-1"),
        ("CREDITS_PER_IMAGE", "unlimited"),
        ("QUOTA_WINDOW", "fortnight"),
        ("QUOTA_TIMEZONE", "Mars/Olympus"),
        ("PROMPT_EXTEND", "maybe"),
        ("IMAGES_PER_MINUTE", "1"),
        ("IMAGES_PER_MINUTE", "6001"),
        ("MAX_CONCURRENT_IMAGES", "0"),
        ("GENERATION_DEADLINE_S", "9"),
        ("SHUTDOWN_GRACE_S", "-1"),
        ("SHUTDOWN_GRACE_S", "nan"),
        ("HTTP_PORT", "0"),
        ("HTTP_PORT", "65536"),
        ("LOG_LEVEL", "chatty"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_value_that_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """The operator reads which variable to change, by the name under which they set it."""
    given(monkeypatch, **{name: value})
    assert re.search(rf"^  ([A-Z_]+, )?{name}(, [A-Z_]+)?: \S", message(), re.MULTILINE)


def test_all_mistakes_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody mends a file one start at a time."""
    given(monkeypatch, QUOTA_CREDITS="many", LOG_FORMAT="xml", IMAGES_PER_MINUTE="0")
    text = message()
    assert all(f"  {name}: " in text for name in ("QUOTA_CREDITS", "LOG_FORMAT", "IMAGES_PER_MINUTE"))
    assert len(text.splitlines()) == 4


def test_the_largest_credits_still_fit_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is accepted here can be bound, multiplied by a request's pictures and summed in 64 bits."""
    given(monkeypatch, CREDITS_PER_IMAGE="1000000000", QUOTA_CREDITS="1000000000")
    settings = load_settings()
    assert settings.credits_per_image * 4 * 1_000_000 < 2**63


def test_there_are_secrets_to_keep() -> None:
    """Every key and token is held as a secret: a name that sounds like one is one."""
    sounding = [name for name in Settings.model_fields if re.search("key|token|secret|password", name)]
    assert sorted(SECRETS) == sorted(sounding)
    assert len(SECRETS) >= 4


def test_no_message_and_no_representation_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in what a mistake elsewhere prints, traceback included, nor when settings are logged."""
    given(monkeypatch, **{name.upper(): f"hush-{name}" for name in SECRETS})
    settings = load_settings()
    for name in SECRETS:
        assert getattr(settings, name).get_secret_value() == f"hush-{name}"
    assert "hush" not in f"{settings!r} {settings} {settings.model_dump()} {settings.missing()}"
    given(monkeypatch, QUOTA_CREDITS="many", QUOTA_WINDOW="fortnight")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert "hush" not in f"{caught.value} {caught.value.__cause__} {caught.value.__cause__!r}"
    monkeypatch.delenv("QUOTA_CREDITS")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert "hush" not in f"{caught.value} {caught.value.__cause__} {caught.value.__cause__!r}"


@pytest.mark.parametrize("content", [b"DISCORD_TOKEN=hush-\xe4\n", b"\xff\xfeD\x00"])
def test_a_file_that_is_no_text_is_named(content: bytes) -> None:
    """Saved in another encoding: the operator reads which file it is, and no part of what it holds."""
    Path(".env").write_bytes(content)
    text = message()
    assert ".env" in text
    assert "hush" not in text


def test_a_file_saved_with_a_mark_is_read() -> None:
    """Some editors begin UTF-8 with a byte order mark; the first variable is not lost for it."""
    Path(".env").write_bytes("QUOTA_CREDITS=3\n".encode("utf-8-sig"))
    assert load_settings().quota_credits == 3


def test_settings_do_not_change() -> None:
    """What was read at the start holds until the end."""
    name = "quota_credits"
    with pytest.raises(ValidationError, match="frozen"):
        setattr(load_settings(), name, 5)


DISCORD, BOT, APP, KEY = "DISCORD_TOKEN", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "DASHSCOPE_API_KEY"
SIGNING = "SLACK_SIGNING_SECRET"


@pytest.mark.parametrize(
    ("given_names", "missing"),
    [
        ([], [[DISCORD, BOT, APP], [KEY]]),
        ([KEY], [[DISCORD, BOT, APP]]),
        ([DISCORD], [[KEY]]),
        ([DISCORD, KEY], []),
        ([BOT, KEY], [[APP, SIGNING]]),
        ([APP, KEY], [[BOT]]),
        ([BOT, APP, KEY], []),
        ([DISCORD, BOT, KEY], [[APP, SIGNING]]),
        ([DISCORD, APP, KEY], [[BOT]]),
        ([DISCORD, BOT, APP, KEY], []),
        ([BOT], [[APP, SIGNING], [KEY]]),
        ([BOT, SIGNING, KEY], []),
        ([BOT, APP, SIGNING, KEY], []),
        ([SIGNING, KEY], [[BOT]]),
        ([DISCORD, SIGNING, KEY], [[BOT]]),
    ],
    ids=lambda names: "+".join(str(name) for name in names) or "none",
)
def test_what_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, given_names: list[str], missing: list[list[str]]
) -> None:
    """One platform and the key are enough; half of Slack is not, even beside Discord."""
    given(monkeypatch, **dict.fromkeys(given_names, "hush"))
    lines = load_settings().missing()
    assert [re.findall(r"[A-Z]+(?:_[A-Z]+)+", line) for line in lines] == missing
    assert "hush" not in "".join(lines)


def test_the_example_file_holds_every_setting_with_its_default() -> None:
    """`.env.example` names each variable once as `NAME=`, and copied as it is it changes nothing."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", text, re.MULTILINE)
    expected = [name.upper() for name in Settings.model_fields]
    assert sorted(named) == sorted(expected), (
        f".env.example lacks {sorted(set(expected) - set(named))}, "
        f"and names without need {sorted(name for name in named if name not in expected or named.count(name) > 1)}"
    )
    Path(".env").write_text(re.sub(r"^# ?(?=[A-Z][A-Z0-9_]*=)", "", text, flags=re.MULTILINE), encoding="utf-8")
    told, default = load_settings().model_dump(), Settings.model_construct().model_dump()
    wrong = {name: told[name] for name in told if told[name] != default[name]}
    assert not wrong, f".env.example shows values that are not the defaults: {wrong}"


def test_the_readme_names_every_setting_with_its_default() -> None:
    """README has a line with `` `NAME` `` for each, and the default stands in that line."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    lacking = []
    for name, field in Settings.model_fields.items():
        default = ",".join(field.default) if isinstance(field.default, tuple) else str(field.default)
        shown = (
            "" if field.default in (None, ()) else f"`{default.lower() if field.default in (True, False) else default}`"
        )
        if not any(line.startswith(f"| `{name.upper()}` |") and shown in line for line in lines):
            lacking.append(f"{name.upper()} (default {default})")
    assert not lacking, f"README.md has no line with the name and the default of: {', '.join(lacking)}"
