"""A stand-in of DashScope's `z-image-turbo` on a loopback socket: its rules, its errors, its links, and pictures."""

from sandbox.dashscope.calls import Call
from sandbox.dashscope.server import DashScopeSandbox

__all__ = ["Call", "DashScopeSandbox"]
