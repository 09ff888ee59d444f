"""The ASGI application: every path of Twilio's APIs, and the controls."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from .control.endpoint import Endpoint as ControlEndpoint
from .control.handlers import ROUTES as CONTROLS
from .http.endpoint import Endpoint
from .http.loopback import LoopbackOnly
from .http.recording import Recorder
from .routes import ROUTES
from .world.state import World


def application(world: World) -> ASGIApp:
    """The sandbox's application around a world."""
    recorder = Recorder()
    routes = [Route(path, Endpoint(world, recorder, handlers)) for path, handlers in ROUTES.items()]
    routes += [Route(path, ControlEndpoint(world, controls)) for path, controls in CONTROLS.items()]
    routes.append(Route("/_sandbox/{path:path}", ControlEndpoint(world, {})))
    routes.append(Route("/{path:path}", Endpoint(world, recorder, {})))
    return LoopbackOnly(Starlette(routes=routes), world)
