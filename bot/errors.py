"""Every exception of ours, in one tree.

::

    BotError
    ├── ConfigurationError        the operator has to change a setting; the message says which
    │   ├── DatabaseNewer         made by a newer version of the bot
    │   └── DatabaseInUse         another bot process runs on the same file
    ├── DatabaseFailed            a statement did not go through; nothing of it took effect, or nobody can know
    └── Fault                     something outside failed; `reason` is how the generation ends if it stays so
        ├── TemporaryFault        worth another try, `tries` at most (None: until the row's deadline)
        │   ├── ServiceBusy
        │   ├── ServiceBroken
        │   ├── AllocationSpent   429 that may be a spent account: one slow retry, then the operator
        │   ├── DownloadFailed
        │   └── PlatformBusy      Discord or Slack answered 429 or 5xx, or not at all
        └── PermanentFault
            ├── PromptRefused
            ├── RequestRejected
            ├── OperatorNeeded
            ├── PictureUnusable
            ├── PictureTooLarge
            └── Unreachable       the person cannot be reached at the stored address
"""

from typing import ClassVar

from bot.model import Reason


class BotError(Exception):
    """Root of the tree."""


class ConfigurationError(BotError):
    """The operator has to change something; the message is written for them."""


class DatabaseNewer(ConfigurationError):
    """The database holds migrations that this version does not know."""


class DatabaseInUse(ConfigurationError):
    """Another process holds the database's lock file."""


class DatabaseFailed(BotError):
    """The database could not run a statement: locked for too long, disk full, file gone."""


class Fault(BotError):
    """Something outside failed.

    `code`, `status` and `request_id` are the service's own, for the log; `retry_after_s` is the pause it asks for,
    and `final` says that it asks for no further try at all.
    """

    reason: ClassVar[Reason] = Reason.SERVICE_BROKEN

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
        retry_after_s: float | None = None,
        final: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.request_id = request_id
        self.retry_after_s = retry_after_s
        self.final = final


class TemporaryFault(Fault):
    """Worth another try after `retry_after_s`, or after the usual back-off; never before `pause_s`."""

    tries: ClassVar[int | None] = 4
    pause_s: ClassVar[float] = 0.0


class ServiceBusy(TemporaryFault):
    """The image service limits us: wait as long as the row may live."""

    reason = Reason.SERVICE_BUSY
    tries = None


class ServiceBroken(TemporaryFault):
    """The image service failed, did not answer, or answered nonsense."""


class AllocationSpent(TemporaryFault):
    """Either a burst limit or an account without credit: the next answer tells."""

    reason = Reason.OPERATOR_NEEDED
    tries = 2
    pause_s = 30.0


class DownloadFailed(TemporaryFault):
    """The picture is drawn and paid, but could not be fetched yet."""

    tries = 6


class PlatformBusy(TemporaryFault):
    """The chat platform did not take the message yet."""

    reason = Reason.UNREACHABLE
    tries = None


class PermanentFault(Fault):
    """Another try would end the same."""


class PromptRefused(PermanentFault):
    """The service's moderation refused the prompt or the picture."""

    reason = Reason.PROMPT_REFUSED


class RequestRejected(PermanentFault):
    """The service did not understand the request: a defect of ours."""

    reason = Reason.REQUEST_REJECTED


class OperatorNeeded(PermanentFault):
    """Key, account, plan or model: only the operator can mend it."""

    reason = Reason.OPERATOR_NEEDED


class PictureUnusable(PermanentFault):
    """What the link delivers is no PNG of the asked size, or the link may not be followed."""

    reason = Reason.PICTURE_UNUSABLE


class PictureTooLarge(PermanentFault):
    """The picture is larger than anything we may hold or upload."""

    reason = Reason.PICTURE_TOO_LARGE


class Unreachable(PermanentFault):
    """Neither the place of the command nor the person can be written to."""

    reason = Reason.UNREACHABLE
