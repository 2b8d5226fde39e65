"""exec and port-forward over websocket and SPDY, with a tiny shell behind them."""

from __future__ import annotations

from aiohttp import web

from k8stui.demo.errors import bad_request
from k8stui.demo.model import Obj
from k8stui.demo.world import World


async def serve_exec(world: World, pod: Obj, request: web.BaseRequest) -> web.StreamResponse:
    raise bad_request("Upgrade request required")


async def serve_portforward(world: World, pod: Obj, request: web.BaseRequest) -> web.StreamResponse:
    raise bad_request("Upgrade request required")
