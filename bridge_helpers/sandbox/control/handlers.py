"""What each control does; the catalogue says it in words, with an example for each."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from ..http.answers import Answer, ok
from ..world import inbound as outside
from ..world.clock import LAST, rfc3339
from ..world.faults import Fault, check_pattern
from ..world.memory import stores
from ..world.seeds import seeding
from ..world.state import Account
from . import dump
from .assumptions import ASSUMPTIONS
from .bodies import (
    CustomerWrites,
    InboundRequest,
    NewAccount,
    NewClock,
    NewSettings,
    Plant,
    Reset,
    Seed,
    Switches,
)
from .catalogue import CONTROLS, FAULTS
from .endpoint import Control, ControlRequest, InvalidControl
from .memory import add_alerts, change_store


def describe(request: ControlRequest) -> Answer:
    return ok(
        {
            "controls": CONTROLS,
            "faults": {n: {"does": d, "options": o} for n, (d, o) in FAULTS.items()},
            "assumptions": [msgspec.structs.asdict(a) for a in ASSUMPTIONS],
        }
    )


def health(request: ControlRequest) -> Answer:
    world = request.world
    body = {
        "ready": True,
        "now": rfc3339(request.now),
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


def add_account(request: ControlRequest) -> Answer:
    asked = request.read(NewAccount)
    account = seeding.add_account(
        request.world, asked.name, services=asked.services, conversations=asked.conversations
    )
    return ok(identity_of(account), 201)


def list_accounts(request: ControlRequest) -> Answer:
    accounts = request.world.accounts.values()
    return ok([identity_of(account, secrets=False) for account in accounts])


def switch_account(request: ControlRequest) -> Answer:
    account = request.account(request.names["sid"])
    asked = request.read(Switches)
    for switch in Switches.__struct_fields__:
        value = getattr(asked, switch)
        if value is not UNSET:
            setattr(account, switch, value)
    return ok({s: getattr(account, s) for s in ("sid", *Switches.__struct_fields__)})


def seed(request: ControlRequest) -> Answer:
    asked = request.read(Seed)
    world, account = request.world, request.account(asked.account_sid)
    if len(account.stores) + asked.stores > stores.MOST:
        raise InvalidControl(f"stores: an account has at most {stores.MOST}")
    if asked.service_sid is not None:
        request.service(account, asked.service_sid)  # refused before anything is added
    added: dict[str, Any] = {
        "account_sid": account.sid,
        "services": _ends(seeding.more_services(account, asked.services, request.now)),
        "stores": _ends(seeding.more_stores(account, asked.stores)),
        "numbers": _ends(seeding.more_numbers(account, asked.numbers, request.now)),
    }
    if asked.conversations:
        target = request.service(account, asked.service_sid)
        ends = seeding.classic_history(world, account, target, asked.conversations, asked.messages)
        added["conversations"] = {"count": asked.conversations, **ends}
    if asked.orchestrator_conversations:
        count = asked.orchestrator_conversations
        ends = seeding.orchestrator_history(world, account, count, asked.messages)
        added["orchestrator_conversations"] = {"count": count, **ends}
    return ok(added, 201)


def _ends(ids: list[str]) -> dict[str, Any]:
    return {"count": len(ids), "first": ids[0] if ids else None, "last": ids[-1] if ids else None}


def plant(request: ControlRequest) -> Answer:
    asked, account = request.read(Plant), request.account(request.read(Plant).account_sid)
    service = request.service(account, asked.service_sid)
    among = sum(count for kind, count in asked.kinds.items() if kind != "captured")
    if among > asked.conversations:
        raise InvalidControl(f"kinds: {among} of {asked.conversations} conversations")
    planted = seeding.plant(
        request.world,
        account,
        service,
        count=asked.conversations,
        messages=asked.messages,
        seed=asked.seed,
        kinds=asked.kinds,
    )
    return ok({"account_sid": account.sid, "service_sid": service.sid, **planted}, 201)


def customer_writes(request: ControlRequest) -> Answer:
    asked = request.read(CustomerWrites)
    account = request.account(asked.account_sid)
    conversation = None
    if asked.conversation_sid:
        candidates = [request.service(account, asked.service_sid)] if asked.service_sid else []
        for service in candidates or account.services:
            conversation = service.conversations.get(asked.conversation_sid)
            if conversation is not None:
                break
        else:
            raise InvalidControl(
                f"conversation_sid: no classic conversation {asked.conversation_sid}"
            )
    else:
        service = request.service(account, asked.service_sid)
    wrote = seeding.customer_writes(
        request.world,
        account,
        service,
        request.now,
        conversation=conversation,
        identity=asked.identity,
        body=asked.body,
        times=asked.times,
    )
    return ok(wrote, 201)


def inbound(request: ControlRequest) -> Answer:
    asked = request.read(InboundRequest)
    account = request.account(asked.account_sid)
    traffic = outside.Inbound(
        channel=asked.channel,
        from_=asked.from_,
        to=asked.to,
        text=asked.text,
        call_type=asked.call_type,
    )
    return ok(outside.receive(request.world, account, traffic, request.now), 201)


def change_settings(request: ControlRequest) -> Answer:
    asked, settings = request.read(NewSettings), request.world.settings
    for setting in NewSettings.__struct_fields__:
        value = getattr(asked, setting)
        if value is not UNSET:
            setattr(settings, setting, value)
    return ok(settings)


def show_settings(request: ControlRequest) -> Answer:
    return ok(request.world.settings)


def change_clock(request: ControlRequest) -> Answer:
    asked, clock = request.read(NewClock), request.world.clock
    goal = asked.now.timestamp() if asked.now is not UNSET else request.now
    if not 0 <= goal + (asked.advance or 0) <= LAST:
        raise InvalidControl("advance, now: the clock goes from 1970 to 3000")
    if asked.freeze is True:
        clock.freeze()
    if asked.now is not UNSET:
        clock.set(round(asked.now.timestamp(), 3))
    if asked.advance is not UNSET:
        clock.advance(asked.advance)
    if asked.freeze is False:
        clock.release()
    return ok({"now": rfc3339(request.world.run_due()), "frozen": clock.frozen})


def add_faults(request: ControlRequest) -> Answer:
    asked = request.read(list[Fault] | Fault)  # type: ignore[arg-type]
    faults = asked if isinstance(asked, list) else [asked]
    ids = []
    for fault in faults:
        if fault.path is not None:
            try:
                check_pattern(fault.path)
            except ValueError as problem:
                raise InvalidControl(f"path: is not a regular expression: {problem}") from None
        ids.append(request.world.faults.add(fault))
    return ok({"id": ids[0]} if isinstance(asked, Fault) else {"ids": ids}, 201)


def list_faults(request: ControlRequest) -> Answer:
    return ok({"faults": request.world.faults.pending})


def clear_faults(request: ControlRequest) -> Answer:
    cleared = len(request.world.faults.pending)
    request.world.faults.pending.clear()
    return ok({"cleared": cleared})


def show_requests(request: ControlRequest) -> Answer:
    return ok(request.world.log.view())


def clear_requests(request: ControlRequest) -> Answer:
    request.world.log.clear()
    return ok({"cleared": True})


def show_state(request: ControlRequest) -> Answer:
    sid = request.query.get("account_sid")
    chosen = [request.account(sid)] if sid else list(request.world.accounts.values())
    return ok(dump.state(request.world, chosen))


def reset(request: ControlRequest) -> Answer:
    asked, world = request.read(Reset), request.world
    world.reset(world.seed if asked.seed is None else asked.seed)
    return ok(identity_of(seeding.start(world)))


ROUTES: dict[str, dict[str, Control]] = {
    "/_sandbox": {"GET": describe},
    "/_sandbox/": {"GET": describe},
    "/_sandbox/health": {"GET": health},
    "/_sandbox/accounts": {"GET": list_accounts, "POST": add_account},
    "/_sandbox/accounts/{sid}": {"POST": switch_account},
    "/_sandbox/seed": {"POST": seed},
    "/_sandbox/plant": {"POST": plant},
    "/_sandbox/customer-writes": {"POST": customer_writes},
    "/_sandbox/inbound": {"POST": inbound},
    "/_sandbox/memory": {"POST": change_store},
    "/_sandbox/alerts": {"POST": add_alerts},
    "/_sandbox/settings": {"GET": show_settings, "POST": change_settings},
    "/_sandbox/clock": {"POST": change_clock},
    "/_sandbox/faults": {"GET": list_faults, "POST": add_faults, "DELETE": clear_faults},
    "/_sandbox/requests": {"GET": show_requests, "DELETE": clear_requests},
    "/_sandbox/state": {"GET": show_state},
    "/_sandbox/reset": {"POST": reset},
}
