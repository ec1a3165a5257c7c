"""auth.test, users.info, usergroups.list, conversations.open and conversations.info: who and where."""

from typing import Any

from sandbox.slack.errors import ApiError, missing_field
from sandbox.slack.methods import Arguments, Method, scope_for
from sandbox.slack.web_api import WebApi
from sandbox.slack.world import TEAM_DOMAIN, Channel, User, World


class PeopleMethods:
    """The methods that tell an app about itself, people and conversations."""

    def __init__(self, *, world: World, api: WebApi) -> None:
        self._world = world
        self._api = api

    def methods(self) -> dict[str, Method]:
        """The table for the dispatcher."""
        return {
            "auth.test": Method(run=self._auth_test),
            "users.info": Method(run=self._users_info, scope="users:read"),
            "usergroups.list": Method(run=self._groups, scope="usergroups:read"),
            "conversations.open": Method(run=self._open, scope="im:write"),
            "conversations.info": Method(run=self._info),
        }

    def _auth_test(self, _: Arguments) -> dict[str, Any]:
        world = self._world
        return {
            "url": f"https://{TEAM_DOMAIN}.slack.com/",
            "team": TEAM_DOMAIN.title(),
            "user": world.bot.name,
            "team_id": world.team_id,
            "user_id": world.bot.id,
            "bot_id": world.bot_id,
            "is_enterprise_install": False,
        }

    def _users_info(self, arguments: Arguments) -> dict[str, Any]:
        user = self._world.users.get(arguments.required("user"))
        if user is None:
            raise ApiError("user_not_found")
        return {"user": self._user(user, with_locale=arguments.flag("include_locale"))}

    def _user(self, user: User, *, with_locale: bool) -> dict[str, Any]:
        payload = {
            "id": user.id,
            "team_id": self._world.team_id,
            "name": user.name,
            "real_name": user.name.title(),
            "deleted": False,
            "tz": user.tz,
            "is_admin": user.is_admin or user.is_owner,
            "is_owner": user.is_owner,
            "is_primary_owner": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_bot": user.is_bot,
            "is_app_user": False,
            "profile": {"real_name": user.name.title(), "display_name": user.name},
        }
        return payload | ({"locale": user.locale} if with_locale else {})

    def _groups(self, arguments: Arguments) -> dict[str, Any]:
        with_users = arguments.flag("include_users")
        groups = [
            {
                "id": group.id,
                "team_id": self._world.team_id,
                "is_usergroup": True,
                "name": group.name.title(),
                "handle": group.name,
                "date_delete": 0,
            }
            | ({"users": sorted(group.members)} if with_users else {})
            for group in self._world.groups.values()
        ]
        return {"usergroups": groups}

    def _open(self, arguments: Arguments) -> dict[str, Any]:
        channel_id, users = arguments.text("channel"), arguments.text("users")
        if channel_id is not None:
            channel = self._world.channels.get(channel_id)
            if channel is None or channel.kind != "im" or self._world.bot.id not in channel.members:
                raise ApiError("channel_not_found")
        elif users is None:
            raise missing_field("users")
        elif "," in users:
            self._api.require_scope("mpim:write")
            raise ApiError("method_not_supported_for_channel_type")
        elif users not in self._world.users:
            raise ApiError("user_not_found")
        else:
            channel = self._world.im(self._world.bot.id, users)
        full = arguments.flag("return_im")
        return {"channel": self._channel(channel) if full else {"id": channel.id}}

    def _info(self, arguments: Arguments) -> dict[str, Any]:
        channel = self._world.channels.get(arguments.required("channel"))
        is_member = channel is not None and self._world.bot.id in channel.members
        if channel is None or (channel.kind != "public" and not is_member):
            raise ApiError("channel_not_found")
        self._api.require_scope(scope_for(channel, "read"))
        return {"channel": self._channel(channel)}

    def _channel(self, channel: Channel) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "id": channel.id,
            "is_channel": channel.kind != "im",
            "is_group": False,
            "is_im": channel.kind == "im",
            "is_mpim": False,
            "is_private": channel.kind != "public",
            "is_archived": channel.is_archived,
        }
        if channel.kind == "im":
            return facts | {"user": next(iter(channel.members - {self._world.bot.id}), self._world.bot.id)}
        return facts | {
            "name": channel.name,
            "is_general": False,
            "is_member": self._world.bot.id in channel.members,
        }
