"""``/_sandbox/``: the sandbox's own controls. JSON in and out, no credentials, loopback only.

`CONTROLS` says what each does, with an example that works as it stands; ``GET /_sandbox/``
answers with it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from starlette.requests import Request

from ..http.answers import Answer, ok
from ..http.bodies import explain
from ..http.wire import Delivery, deliver
from ..memory import stores as memory
from ..world import inbound as capture
from ..world import seeding
from ..world.clock import LAST, rfc3339
from ..world.faults import FAULTS, Fault, check_pattern
from ..world.inbound import CaptureChannel, Inbound
from . import dump
from .assumptions import ASSUMPTIONS
from .catalogue import CONTROLS

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from ..world import classic_records as classic
    from ..world.state import Account, World

T = TypeVar("T")
Count = Annotated[int, Meta(ge=0, le=1_000_000)]


class Mistake(Exception):
    """A control that was used wrongly: 400, naming the field and the rule."""


class Command(Struct):
    """One use of a control."""

    world: World
    now: float
    names: dict[str, str]
    query: dict[str, str]
    body: bytes

    def read(self, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(self.body or b"{}", type=kind)
        except msgspec.ValidationError as problem:
            raise Mistake(explain(problem)) from None
        except msgspec.DecodeError:
            raise Mistake("body: is not valid JSON") from None

    def account(self, sid: str | None) -> Account:
        if sid is None:
            return self.world.first_account
        account = self.world.accounts.get(sid)
        if account is None:
            raise Mistake(f"account_sid: there is no account {sid}")
        return account

    def service(self, account: Account, sid: str | None) -> classic.Service:
        found = account.services.get(sid) if sid else next(iter(account.services), None)
        if found is None:
            raise Mistake(f"service_sid: there is no service {sid or 'in this account'}")
        return found


Control: TypeAlias = Callable[[Command], Answer]


class Endpoint:
    """One control path with its methods, as an ASGI application."""

    def __init__(self, world: World, handlers: dict[str, Control]) -> None:
        self.world = world
        self.handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        control = self.handlers.get(request.method)
        if not self.handlers:
            answer = ok({"error": "path: no such control; GET /_sandbox/ describes them"}, 404)
        elif control is None:
            answer = ok({"error": f"method: use {' or '.join(self.handlers)}"}, 405)
        else:
            now = self.world.settle()
            names, query = dict(request.path_params), dict(request.query_params)
            try:
                answer = control(Command(self.world, now, names, query, body))
            except Mistake as mistake:
                answer = ok({"error": str(mistake)}, 400)
        await deliver(scope, send, answer, Delivery(), {"Content-Type": answer.content_type})


class NewAccount(Struct, forbid_unknown_fields=True):
    name: str = ""
    services: Annotated[int, Meta(ge=0, le=100)] = 1
    conversations: Count = 12


class Switches(Struct, forbid_unknown_fields=True):
    terms_accepted: bool | UnsetType = UNSET
    orchestrator_enabled: bool | UnsetType = UNSET
    status: Literal["active", "suspended"] | UnsetType = UNSET


class Seed(Struct, forbid_unknown_fields=True):
    account_sid: str | None = None
    service_sid: str | None = None
    services: Annotated[int, Meta(ge=0, le=1000)] = 0
    conversations: Count = 0
    messages: Annotated[int, Meta(ge=0, le=10_000)] = 3
    orchestrator_conversations: Count = 0
    stores: Annotated[int, Meta(ge=0, le=memory.MOST)] = 0
    numbers: Annotated[int, Meta(ge=0, le=1000)] = 0


class CustomerWrites(Struct, forbid_unknown_fields=True):
    account_sid: str | None = None
    service_sid: str | None = None
    conversation_sid: str | None = None
    identity: Annotated[str, Meta(min_length=1)] | None = None
    body: str = "Hello, is anybody there?"
    times: Annotated[int, Meta(ge=1, le=10_000)] = 1


class InboundRequest(Struct, forbid_unknown_fields=True):
    channel: CaptureChannel
    from_: str = msgspec.field(name="from")
    to: str
    account_sid: str | None = None
    text: str = "Hello"
    call_type: Literal["PSTN", "CLIENT", "PUBLIC_SIP"] = "PSTN"


class NewSettings(Struct, forbid_unknown_fields=True):
    lag: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    jitter: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    operation_seconds: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    retry_after: Annotated[int, Meta(ge=0)] | UnsetType | None = UNSET
    rate_limit: Annotated[int, Meta(ge=1)] | UnsetType | None = UNSET
    configuration_limit: Annotated[int, Meta(ge=0)] | UnsetType | None = UNSET
    traffic: Count | UnsetType = UNSET


class NewClock(Struct, forbid_unknown_fields=True):
    advance: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    freeze: bool | UnsetType = UNSET
    now: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET


class Reset(Struct, forbid_unknown_fields=True):
    seed: int | None = None


def describe(command: Command) -> Answer:
    return ok(
        {
            "controls": CONTROLS,
            "faults": {n: {"does": d, "options": o} for n, (d, o) in FAULTS.items()},
            "assumptions": [msgspec.structs.asdict(a) for a in ASSUMPTIONS],
        }
    )


def health(command: Command) -> Answer:
    world = command.world
    body = {
        "ready": True,
        "now": rfc3339(command.now),
        "frozen": world.clock.frozen,
        "seed": world.seed,
        "accounts": len(world.accounts),
    }
    return ok(body)


def identity_of(account: Account, *, secrets: bool = True) -> dict[str, Any]:
    """What somebody needs in order to use an account; members are the sandbox's first line."""
    voice = next((n.phone_number for n in account.numbers), None)
    known: dict[str, Any] = {
        "account_sid": account.sid,
        "name": account.name,
        "service_sid": next((s.sid for s in account.services), None),
        "memory_store_id": next((s.record.id for s in account.stores), None),
        "phone_number": voice,
        "api_key": account.api_key,
    }
    if secrets:
        known.update(api_secret=account.api_secret, auth_token=account.auth_token)
    return known


def add_account(command: Command) -> Answer:
    asked = command.read(NewAccount)
    account = seeding.account(
        command.world, asked.name, services=asked.services, conversations=asked.conversations
    )
    return ok(identity_of(account), 201)


def list_accounts(command: Command) -> Answer:
    accounts = command.world.accounts.values()
    return ok([identity_of(account, secrets=False) for account in accounts])


def switch_account(command: Command) -> Answer:
    account = command.account(command.names["sid"])
    asked = command.read(Switches)
    for switch in Switches.__struct_fields__:
        value = getattr(asked, switch)
        if value is not UNSET:
            setattr(account, switch, value)
    return ok({s: getattr(account, s) for s in ("sid", *Switches.__struct_fields__)})


def seed(command: Command) -> Answer:
    asked = command.read(Seed)
    world, account = command.world, command.account(asked.account_sid)
    if len(account.stores) + asked.stores > memory.MOST:
        raise Mistake(f"stores: an account has at most {memory.MOST}")
    if asked.service_sid is not None:
        command.service(account, asked.service_sid)  # refused before anything is added
    added: dict[str, Any] = {
        "account_sid": account.sid,
        "services": _ends(seeding.more_services(account, asked.services, command.now)),
        "stores": _ends(seeding.more_stores(account, asked.stores)),
        "numbers": _ends(seeding.more_numbers(account, asked.numbers, command.now)),
    }
    if asked.conversations:
        target = command.service(account, asked.service_sid)
        ends = seeding.classic_history(world, account, target, asked.conversations, asked.messages)
        added["conversations"] = {"count": asked.conversations, **ends}
    if asked.orchestrator_conversations:
        count = asked.orchestrator_conversations
        ends = seeding.orchestrator_history(world, account, count, asked.messages)
        added["orchestrator_conversations"] = {"count": count, **ends}
    return ok(added, 201)


def _ends(ids: list[str]) -> dict[str, Any]:
    return {"count": len(ids), "first": ids[0] if ids else None, "last": ids[-1] if ids else None}


def customer_writes(command: Command) -> Answer:
    asked = command.read(CustomerWrites)
    account = command.account(asked.account_sid)
    conversation = None
    if asked.conversation_sid:
        candidates = [command.service(account, asked.service_sid)] if asked.service_sid else []
        for service in candidates or account.services:
            conversation = service.conversations.get(asked.conversation_sid)
            if conversation is not None:
                break
        else:
            raise Mistake(f"conversation_sid: no classic conversation {asked.conversation_sid}")
    else:
        service = command.service(account, asked.service_sid)
    wrote = seeding.customer_writes(
        command.world,
        account,
        service,
        command.now,
        conversation=conversation,
        identity=asked.identity,
        body=asked.body,
        times=asked.times,
    )
    return ok(wrote, 201)


def inbound(command: Command) -> Answer:
    asked = command.read(InboundRequest)
    account = command.account(asked.account_sid)
    traffic = Inbound(
        channel=asked.channel,
        from_=asked.from_,
        to=asked.to,
        text=asked.text,
        call_type=asked.call_type,
    )
    return ok(capture.receive(command.world, account, traffic, command.now), 201)


def change_settings(command: Command) -> Answer:
    asked, settings = command.read(NewSettings), command.world.settings
    for knob in NewSettings.__struct_fields__:
        value = getattr(asked, knob)
        if value is not UNSET:
            setattr(settings, knob, value)
    return ok(settings)


def show_settings(command: Command) -> Answer:
    return ok(command.world.settings)


def change_clock(command: Command) -> Answer:
    asked, clock = command.read(NewClock), command.world.clock
    goal = asked.now.timestamp() if asked.now is not UNSET else command.now
    if not 0 <= goal + (asked.advance or 0) <= LAST:
        raise Mistake("advance, now: the clock goes from 1970 to 3000")
    if asked.freeze is True:
        clock.freeze()
    if asked.now is not UNSET:
        clock.set(round(asked.now.timestamp(), 3))
    if asked.advance is not UNSET:
        clock.advance(asked.advance)
    if asked.freeze is False:
        clock.release()
    return ok({"now": rfc3339(command.world.settle()), "frozen": clock.frozen})


def add_faults(command: Command) -> Answer:
    asked = command.read(list[Fault] | Fault)  # type: ignore[arg-type]
    faults = asked if isinstance(asked, list) else [asked]
    ids = []
    for fault in faults:
        if fault.path is not None:
            try:
                check_pattern(fault.path)
            except ValueError as problem:
                raise Mistake(f"path: is not a regular expression: {problem}") from None
        ids.append(command.world.faults.add(fault))
    return ok({"id": ids[0]} if isinstance(asked, Fault) else {"ids": ids}, 201)


def list_faults(command: Command) -> Answer:
    return ok({"faults": command.world.faults.waiting})


def clear_faults(command: Command) -> Answer:
    cleared = len(command.world.faults.waiting)
    command.world.faults.waiting.clear()
    return ok({"cleared": cleared})


def show_requests(command: Command) -> Answer:
    return ok(command.world.log.view())


def clear_requests(command: Command) -> Answer:
    command.world.log.clear()
    return ok({"cleared": True})


def show_state(command: Command) -> Answer:
    sid = command.query.get("account_sid")
    chosen = [command.account(sid)] if sid else list(command.world.accounts.values())
    return ok(dump.state(command.world, chosen))


def reset(command: Command) -> Answer:
    asked, world = command.read(Reset), command.world
    world.reset(world.seed if asked.seed is None else asked.seed)
    return ok(identity_of(seeding.start(world)))


ROUTES: dict[str, dict[str, Control]] = {
    "/_sandbox": {"GET": describe},
    "/_sandbox/": {"GET": describe},
    "/_sandbox/health": {"GET": health},
    "/_sandbox/accounts": {"GET": list_accounts, "POST": add_account},
    "/_sandbox/accounts/{sid}": {"POST": switch_account},
    "/_sandbox/seed": {"POST": seed},
    "/_sandbox/customer-writes": {"POST": customer_writes},
    "/_sandbox/inbound": {"POST": inbound},
    "/_sandbox/settings": {"GET": show_settings, "POST": change_settings},
    "/_sandbox/clock": {"POST": change_clock},
    "/_sandbox/faults": {"GET": list_faults, "POST": add_faults, "DELETE": clear_faults},
    "/_sandbox/requests": {"GET": show_requests, "DELETE": clear_requests},
    "/_sandbox/state": {"GET": show_state},
    "/_sandbox/reset": {"POST": reset},
}
