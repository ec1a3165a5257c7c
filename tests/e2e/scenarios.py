"""The table: what a person types, what happens meanwhile, and what they read, see and pay."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.dashscope import DashScopeSandbox
from sandbox.stage import DiscordStage, Place, SlackStage, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What a person types, what happens to the service meanwhile, and what they read and have left."""

    name: str
    line: str = "a red fox in the snow"
    where: Place = Place.CHANNEL
    later_s: float = 0
    only: str | None = None
    settings: dict[str, object] = field(default_factory=dict)
    arrange: Callable[[DashScopeSandbox], object] = lambda _: None
    prepare: Callable[[Stage], object] = lambda _: None
    says: tuple[str, ...] = ()
    says_not: tuple[str, ...] = ()
    sizes: tuple[tuple[int, int], ...] = ()
    kind: str = "PNG"
    private: bool | None = None
    place: str | None = None
    calls: int = 1
    charged: int = 0


SCENARIOS = [
    Scenario(
        name="a picture with its revised prompt",
        line="a red fox in the snow --ar 16:9 --seed 7",
        says=("Revised prompt", "[sandbox rewrite] a red fox in the snow", "1280×720", "seed 7", "18 credits left"),
        says_not=("--ar",),
        sizes=((1280, 720),),
        charged=2,
    ),
    Scenario(
        name="a plain picture costs less and shows no revised prompt",
        line="a red fox in the snow --raw",
        says=("1024×1024", "19 credits left"),
        says_not=("Revised prompt", "[sandbox rewrite]"),
        sizes=((1024, 1024),),
        charged=1,
    ),
    Scenario(
        name="extension switched off for the deployment",
        settings={"prompt_extend": False},
        says=("19 credits left",),
        says_not=("Revised prompt",),
        sizes=((1024, 1024),),
        charged=1,
    ),
    Scenario(
        name="extension asked for where it is off",
        line="a red fox in the snow --extend",
        settings={"prompt_extend": False},
        says=("Revised prompt", "18 credits left"),
        sizes=((1024, 1024),),
        charged=2,
    ),
    Scenario(
        name="quota spent",
        settings={"quota_credits": 1},
        says=("would cost 2 credits", "you have 1 of 1 left", "Nothing was charged", "fits: add --raw"),
        calls=0,
    ),
    Scenario(
        name="the server's pool spent",
        settings={"quota_space_credits": 1},
        says=("would cost 2 credits", "everyone here combined has 1 of 1 left"),
        calls=0,
    ),
    Scenario(
        name="the deployment's budget spent",
        settings={"quota_global_credits": 1},
        says=("would cost 2 credits", "this bot has 1 of 1 left"),
        calls=0,
    ),
    Scenario(
        name="refused by moderation",
        arrange=lambda service: service.fail("DataInspectionFailed"),
        says=("moderation refused this prompt", "Your 2 credits are back"),
    ),
    Scenario(
        name="a picture that is none",
        arrange=lambda service: service.serve("not-a-picture", times=99),
        says=("cannot be shown", "Your 2 credits are back"),
    ),
    Scenario(
        name="a picture inside the operator's network",
        settings={"image_hosts": ("127.0.0.*",)},
        says=("cannot be shown", "Your 2 credits are back"),
    ),
    Scenario(
        name="an unknown flag",
        line="a red fox --sede 7",
        says=("no flag --sede", "/imagine a red fox --seed 7"),
        calls=0,
    ),
    Scenario(
        name="a size that does not exist",
        line="a red fox --size enormous",
        says=("--size cannot be “enormous”", "small, medium, large"),
        calls=0,
    ),
    Scenario(
        name="a prompt that is too long",
        line="x" * 801,
        says=("801 characters", "at most 800"),
        calls=0,
    ),
    Scenario(
        name="nothing to draw",
        line="--ar 16:9",
        says=("nothing to draw",),
        calls=0,
    ),
]

SQUARE = (1024, 1024)


def _small_files(stage: Stage) -> None:
    if isinstance(stage, DiscordStage):
        stage.discord.guild.file_limit_bytes = 60_000


def _files_refused_once(stage: Stage) -> None:
    if isinstance(stage, DiscordStage):
        too_large = {"message": "Request entity too large", "code": 40005}
        stage.discord.faults.inject("PATCH */messages/@original", status=413, json=too_large)
    elif isinstance(stage, SlackStage):
        stage.slack.fail("files.completeUploadExternal", "file_upload_size_restricted")


SCENARIOS += [
    Scenario(
        name="flags anywhere and as phones spoil them",
        line="—seed=7 a “stop --n 4” sign --ar=16:9 in the snow –raw",
        says=("a “stop --n 4” sign in the snow", "seed 7", "19 credits left"),
        sizes=((1280, 720),),
        charged=1,
    ),
    Scenario(name="pixels", line="a fox --size 1000x600 --raw", sizes=((1000, 600),), charged=1),
    Scenario(
        name="pixels outside the limits",
        line="a fox --size 1000x60",
        says=("--size cannot be “1000x60”", "from 512 to 2048"),
        calls=0,
    ),
    Scenario(
        name="three pictures in one message",
        line="a red fox --n 3 --seed 7",
        says=("seeds 7, 8, 9", "14 credits left"),
        sizes=(SQUARE,) * 3,
        calls=3,
        charged=6,
    ),
    Scenario(
        name="one of three fails for good",
        line="a red fox --n 3",
        arrange=lambda service: service.fail("DataInspectionFailed"),
        says=("1 of 3 pictures could not be drawn. Your 2 credits are back.", "16 credits left"),
        sizes=(SQUARE,) * 2,
        calls=3,
        charged=4,
    ),
    Scenario(
        name="all of two fail for good",
        line="a red fox --n 2",
        arrange=lambda service: service.fail("DataInspectionFailed", times=2),
        says=("moderation refused this prompt", "Your 4 credits are back"),
        calls=2,
    ),
    Scenario(name="too many pictures", line="a fox --n 5", says=("--n cannot be “5”", "from 1 to 4"), calls=0),
    Scenario(name="a private picture", line="a red fox --private", sizes=(SQUARE,), private=True, charged=2),
    Scenario(
        name="a private picture after 16 minutes",
        line="a red fox --private",
        later_s=960,
        sizes=(SQUARE,),
        private=True,
        place="a direct message",
        charged=2,
    ),
    Scenario(
        name="a private picture where the bot may not post",
        line="a red fox --private",
        where=Place.CLOSED,
        sizes=(SQUARE,),
        private=True,
        charged=2,
    ),
    Scenario(
        name="a picture after 16 minutes",
        later_s=960,
        says=("18 credits left",),
        sizes=(SQUARE,),
        private=False,
        place="#general",
        charged=2,
    ),
    Scenario(name="in a direct message", where=Place.DM, sizes=(SQUARE,), place="a direct message", charged=2),
    Scenario(name="in a thread", only="discord", where=Place.THREAD, sizes=(SQUARE,), place="#aside", charged=2),
    Scenario(
        name="in a thread after 16 minutes",
        only="discord",
        where=Place.THREAD,
        later_s=960,
        sizes=(SQUARE,),
        place="#aside",
        charged=2,
    ),
    Scenario(
        name="in a private channel",
        where=Place.PRIVATE_CHANNEL,
        sizes=(SQUARE,),
        private=False,
        place="#back-room",
        charged=2,
    ),
    Scenario(
        name="in a direct message after 16 minutes",
        where=Place.DM,
        later_s=960,
        sizes=(SQUARE,),
        place="a direct message",
        charged=2,
    ),
    Scenario(
        name="brought along to a foreign server, without its pool",
        only="discord",
        where=Place.FOREIGN,
        settings={"quota_space_credits": 1},
        sizes=(SQUARE,),
        private=False,
        charged=2,
    ),
    Scenario(
        name="brought along to a foreign server, after 16 minutes",
        only="discord",
        where=Place.FOREIGN,
        later_s=960,
        says=("could not be posted where you asked for it",),
        sizes=(SQUARE,),
        place="a direct message",
        charged=2,
    ),
    Scenario(
        name="where the bot may not post by itself, after 16 minutes",
        where=Place.CLOSED,
        later_s=960,
        says=("could not be posted where you asked for it",),
        sizes=(SQUARE,),
        place="a direct message",
        charged=2,
    ),
    Scenario(
        name="larger than the place takes",
        only="discord",
        prepare=_small_files,
        says=("the picture was compressed",),
        sizes=(SQUARE,),
        kind="WEBP",
        charged=2,
    ),
    Scenario(
        name="larger than the place said",
        only="discord",
        prepare=_files_refused_once,
        says=("the picture was compressed",),
        sizes=(SQUARE,),
        kind="WEBP",
        charged=2,
    ),
    Scenario(
        name="larger than the workspace takes",
        only="slack",
        prepare=_files_refused_once,
        says=("the picture was compressed",),
        sizes=(SQUARE,),
        kind="JPEG",
        charged=2,
    ),
    Scenario(
        name="refused after 31 minutes",
        arrange=lambda service: service.fail("DataInspectionFailed"),
        later_s=31 * 60,
        says=("moderation refused this prompt", "Your 2 credits are back"),
        place="a direct message",
    ),
]
