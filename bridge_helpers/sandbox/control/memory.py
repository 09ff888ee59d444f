"""Controls of memory and monitor: worlds in which memory works for nobody, for some, for all."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from ..http.answers import Answer, ok
from ..world import alerts
from ..world.memory import stores
from ..world.seeds import seeding
from .bodies import NewAlert, StoreChange
from .endpoint import ControlRequest, InvalidControl

_EVERY = {"none": 0, "half": 2, "all": 1}


def change_store(request: ControlRequest) -> Answer:
    """Change a store's status, kinds of identifiers and profiles."""
    asked = request.read(StoreChange)
    account = request.account(asked.account_sid)
    store_id = asked.store_id or next((store.record.id for store in account.stores), "")
    store = account.stores.get(store_id)
    if store is None:
        raise InvalidControl(f"store_id: there is no memory store {store_id or 'in this account'}")
    if asked.id_types is not UNSET and len(set(asked.id_types)) < len(asked.id_types):
        raise InvalidControl("id_types: one is given twice")
    if asked.id_types is not UNSET:
        stores.identify_by(store, asked.id_types)
    if asked.known is not UNSET:
        seeding.know_users(account, store_id, _EVERY[asked.known], request.now)
    if asked.status is not UNSET:
        store.record.status = asked.status
    shown: dict[str, Any] = {
        "store_id": store_id,
        "status": store.record.status,
        "id_types": [config["idType"] for config in store.resolution["configs"]],
        "profiles": len(store.profiles),
    }
    return ok(shown)


def add_alerts(request: ControlRequest) -> Answer:
    """Add alerts, as something that went wrong would."""
    asked = request.read(NewAlert)
    account = request.account(asked.account_sid)
    sids = [
        alerts.add(
            account,
            request.now,
            error_code=asked.error_code,
            log_level=asked.log_level,
            text=asked.alert_text,
            resource_sid=asked.resource_sid,
        ).sid
        for _ in range(asked.times)
    ]
    return ok({"sids": sids}, 201)
