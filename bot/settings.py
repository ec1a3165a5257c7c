"""Every setting, read from the environment (and `.env`) here and nowhere else."""

import re
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import ConfigurationError
from bot.vocabulary import MOST_CREDITS
from bot.windows import Window

__all__ = ["Settings", "load_settings"]

Credits = Annotated[int | None, Field(ge=0, le=MOST_CREDITS)]
Price = Annotated[int, Field(ge=0, le=MOST_CREDITS)]
Names = Annotated[tuple[str, ...], NoDecode]

_OWNER: Final = re.compile(r"discord:\d+|slack:[ET]\w+:[UW]\w+")


class Settings(BaseSettings):
    """One frozen record; a field's description is its line in README and `.env.example`."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    dashscope_api_key: SecretStr | None = Field(None, description="Key of the DashScope account that draws and pays")
    dashscope_base_url: str = Field(
        "https://dashscope-intl.aliyuncs.com/api/v1",
        description="Region of the key: Singapore by default, Beijing is https://dashscope.aliyuncs.com/api/v1",
    )
    dashscope_model: str = Field("z-image-turbo", description="Model that draws")
    image_hosts: Names = Field(
        ("*.aliyuncs.com",),
        min_length=1,
        description="Hosts that pictures may be fetched from; only one listed without a wildcard may be in a private"
        " network",
    )

    discord_token: SecretStr | None = Field(None, description="Bot token; unset leaves Discord out")
    discord_api_url: str = Field("https://discord.com/api/v10", description="REST address")
    discord_gateway_url: str | None = Field(None, description="Gateway address; unset takes the one that Discord names")
    discord_admin_roles: Names = Field(
        (), description="Ids of roles whose holders run /quota-admin, besides those who may manage the server"
    )

    slack_bot_token: SecretStr | None = Field(None, description="Bot token (xoxb-…); unset leaves Slack out")
    slack_app_token: SecretStr | None = Field(None, description="App-level token (xapp-…) for Socket Mode")
    slack_signing_secret: SecretStr | None = Field(
        None, description="Signing secret of the app: serves Slack over HTTP, in place of Socket Mode"
    )
    slack_api_url: str = Field("https://slack.com/api/", description="Web API address")
    http_host: str = Field("127.0.0.1", description="Address to listen on over HTTP")
    http_port: int = Field(3000, ge=1, le=65_535, description="Port to listen on over HTTP")
    slack_admins: Names = Field(
        (), description="Ids of people who run /quota-admin, besides the workspace's admins and owners"
    )
    owners: Names = Field(
        (), description="Operators, who also set ceilings and the budget from chat: discord:123,slack:T1:U1"
    )

    database_url: str = Field("sqlite:///data/bot.db", description="Where everything is kept")

    quota_credits: Credits = Field(20, description="Credits a person has per window; unlimited for no limit")
    quota_space_credits: Credits = Field(None, description="Credits a server or workspace has per window, all together")
    quota_global_credits: Credits = Field(None, description="Credits the whole deployment has per window")
    quota_window: str = Field("day", description="day, week, month, or rolling like 24h or 7d")
    quota_timezone: str = Field("UTC", description="Time zone in which calendar windows start")
    credits_per_image: Price = Field(1, description="Price of a picture")
    credits_per_extended_image: Price = Field(2, description="Price of a picture whose prompt is extended")
    price_per_credit: Decimal | None = Field(
        None, ge=0, le=10_000, description="What a credit costs you, such as 0.015; reports then speak of money, too"
    )
    currency: str = Field("USD", max_length=8, description="Currency of that price")

    prompt_extend: bool = Field(
        True,
        description="Let the model rewrite prompts unless --raw is given: better pictures, twice the service's price",
    )
    images_per_minute: int = Field(120, ge=2, le=6000, description="Calls a minute, over all processes")
    max_concurrent_images: int = Field(
        24, ge=1, le=500, description="Generations whose pictures are in memory at once, per platform"
    )
    max_queued_per_user: int = Field(10, ge=1, le=10_000, description="Commands of one person that may be open at once")
    generation_deadline_s: int = Field(
        1800, ge=10, le=86_400, description="After this a command is refunded, not drawn"
    )
    prompt_retention_days: int | None = Field(
        None, ge=1, le=36_500, description="Days after which prompts, results and links are wiped; unset keeps them"
    )
    shutdown_grace_s: float = Field(20, ge=0, description="How long running pictures may take to finish on shutdown")

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_format: Literal["console", "json"] = Field("console", description="console for people, json for machines")

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unset(cls, values: dict[str, Any]) -> dict[str, Any]:
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        return {name: value for name, value in stripped.items() if value != ""}

    @field_validator("image_hosts", "discord_admin_roles", "slack_admins", "owners", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("image_hosts")
    @classmethod
    def _are_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [host for host in value if "/" in host or " " in host]:
            raise ValueError(
                f"{wrong[0]!r} is no host: write a name or a pattern like *.aliyuncs.com, without https://"
            )
        return tuple(host.lower() for host in value)

    @field_validator("discord_admin_roles")
    @classmethod
    def _are_role_ids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [role for role in value if not role.isdecimal()]:
            raise ValueError(f"{wrong[0]!r} is no id of a role: copy it in Discord, with developer mode on")
        return value

    @field_validator("slack_admins")
    @classmethod
    def _are_user_ids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [user for user in value if not re.fullmatch(r"[UW]\w+", user)]:
            raise ValueError(f"{wrong[0]!r} is no id of a person: copy the member ID from their Slack profile")
        return value

    @field_validator("owners")
    @classmethod
    def _are_owners(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [owner for owner in value if not _OWNER.fullmatch(owner)]:
            raise ValueError(f"{wrong[0]!r} names nobody: write discord:123 or slack:T1:U1")
        return value

    @field_validator("quota_credits", "quota_space_credits", "quota_global_credits", mode="before")
    @classmethod
    def _unlimited(cls, value: Any) -> Any:
        return None if isinstance(value, str) and value.strip().lower() in ("unlimited", "none", "off") else value

    @field_validator("log_format", "quota_window", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("dashscope_api_key", "discord_token", "slack_bot_token", "slack_app_token", "slack_signing_secret")
    @classmethod
    def _sendable(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        secret = value.get_secret_value()
        if not (secret.isascii() and secret.isprintable()) or " " in secret:
            raise ValueError("has characters that no key or token has (an ellipsis, a space?): copy it again")
        return value

    @field_validator("dashscope_base_url", "discord_api_url", "slack_api_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("must start with https:// (or http:// for a server on this machine)")
        return value.rstrip("/")

    @field_validator("slack_api_url")
    @classmethod
    def _ends_with_slash(cls, value: str) -> str:
        return f"{value}/"

    @field_validator("discord_gateway_url")
    @classmethod
    def _is_socket(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("wss://", "ws://")):
            raise ValueError("must start with wss:// (or ws:// for a server on this machine)")
        return value

    @model_validator(mode="after")
    def _window_is_readable(self) -> Self:
        _ = self.window
        return self

    @property
    def window(self) -> Window:
        """The quota window, in its time zone."""
        return Window.parse(self.quota_window, self.quota_timezone)

    def missing(self) -> list[str]:
        """The variables that have to be set before the bot can run, with what each is for."""
        missing = []
        slack_connects = self.slack_app_token is not None or self.slack_signing_secret is not None
        if self.discord_token is None and self.slack_bot_token is None and not slack_connects:
            missing.append("DISCORD_TOKEN for Discord, or SLACK_BOT_TOKEN and SLACK_APP_TOKEN for Slack, or all three")
        elif self.slack_bot_token is not None and not slack_connects:
            missing.append(
                "SLACK_APP_TOKEN, the app-level token (xapp-…) with connections:write, or SLACK_SIGNING_SECRET for HTTP"
            )
        elif self.slack_bot_token is None and slack_connects:
            missing.append("SLACK_BOT_TOKEN, the bot token (xoxb-…) of the installed app")
        if self.dashscope_api_key is None:
            missing.append("DASHSCOPE_API_KEY, the key of the account that draws")
        return missing


def load_settings() -> Settings:
    """Read the environment; `ConfigurationError` names every variable that cannot be read."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"  {str(fault['loc'][0]).upper() if fault['loc'] else 'QUOTA_WINDOW, QUOTA_TIMEZONE'}: "
            + fault["msg"].removeprefix("Value error, ")
            for fault in error.errors(include_url=False, include_input=False)
        ]
        raise ConfigurationError("These settings cannot be read:\n" + "\n".join(lines)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The file .env cannot be read as UTF-8 text: {error}") from error
