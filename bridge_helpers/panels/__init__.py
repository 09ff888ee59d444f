"""
What the notebooks show: one panel for each step, nothing else.

    connection = connect(target)         every notebook, first
    start_map(connection)                00_start_here
    check_prerequisites(connection)      01_preflight
    create_bridge(connection)            02_create_bridge
    prove_bridge(connection)              03_test_bridge
    combine_channels(connection)         04_combine_channels
    explore(connection)                  05_explore_conversations
    compare(connection)                  06_reconcile
    change_or_roll_back(connection)      07_change_or_roll_back
    what_it_gives(connection)            08_memory_and_intelligence
    know_customers(connection)           08_memory_and_intelligence
    show_it_work(connection)             08_memory_and_intelligence

Each answers its panel after waiting a few seconds for the first contents. Values that
are passed in are a notebook's parameters: they come before whatever was typed or is
in the journal. Nothing is written to the account before somebody presses a button.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from .benefits.customers import KnowCustomers
    from .benefits.demonstration import ShowItWork
    from .benefits.panel import WhatItGives
    from .changing.panel import ChangeOrRollBack
    from .combining.panel import CombineChannels
    from .comparing.panel import Compare
    from .creating.panel import CreateBridge
    from .exploring.panel import Explore
    from .preflight import CheckPrerequisites
    from .proving.panel import ProveBridge
    from .start import StartMap
    from .toolkit.connection import Connection
    from .toolkit.panel import Panel

    P = TypeVar("P", bound=Panel)

__all__ = [
    "change_or_roll_back",
    "check_prerequisites",
    "combine_channels",
    "compare",
    "connect",
    "create_bridge",
    "explore",
    "know_customers",
    "prove_bridge",
    "show_it_work",
    "start_map",
    "what_it_gives",
]


def connect(target: str = "") -> Connection:
    """The panel that every notebook begins with; empty: the target that was chosen last."""
    from .toolkit.connection import Connection

    return _settled(Connection(target))


def start_map(connection: Connection) -> StartMap:
    """The steps with their states."""
    from .start import StartMap

    return _settled(StartMap(connection))


def check_prerequisites(
    connection: Connection, service_sid: str = "", memory_store_id: str = ""
) -> CheckPrerequisites:
    """Pickers and checks."""
    from .preflight import CheckPrerequisites

    return _settled(
        CheckPrerequisites(connection, service_sid=service_sid, memory_store_id=memory_store_id)
    )


def create_bridge(
    connection: Connection,
    service_sid: str = "",
    memory_store_id: str = "",
    display_name: str = "",
    description: str = "",
    grouping: str = "",
    voice_number: str = "",
) -> CreateBridge:
    """The form, the request, the write and its poll."""
    from .creating.panel import CreateBridge

    return _settled(
        CreateBridge(
            connection,
            service_sid=service_sid,
            memory_store_id=memory_store_id,
            display_name=display_name,
            description=description,
            grouping=grouping,
            voice_number=voice_number,
        )
    )


def prove_bridge(
    connection: Connection, service_sid: str = "", sync_timeout: float = 30.0
) -> ProveBridge:
    """A test message in both directions."""
    from .proving.panel import ProveBridge

    return _settled(ProveBridge(connection, service_sid=service_sid, sync_timeout=sync_timeout))


def combine_channels(
    connection: Connection, service_sid: str = "", voice_number: str = ""
) -> CombineChannels:
    """What is captured beside the bridge, and what may go wrong."""
    from .combining.panel import CombineChannels

    return _settled(CombineChannels(connection, service_sid=service_sid, voice_number=voice_number))


def explore(connection: Connection, service_sid: str = "") -> Explore:
    """Conversations, participants and communications."""
    from .exploring.panel import Explore

    return _settled(Explore(connection, service_sid=service_sid))


def compare(connection: Connection, service_sid: str = "", depth: str = "full") -> Compare:
    """Every classic conversation against its twin."""
    from .comparing.panel import Compare

    return _settled(Compare(connection, service_sid=service_sid, depth=depth))


def change_or_roll_back(connection: Connection, service_sid: str = "") -> ChangeOrRollBack:
    """What is configured, and every way to change it or to go back."""
    from .changing.panel import ChangeOrRollBack

    return _settled(ChangeOrRollBack(connection, service_sid))


def what_it_gives(connection: Connection, service_sid: str = "", sample: int = 50) -> WhatItGives:
    """Whether memory and intelligence work, and switching them on."""
    from .benefits.panel import WhatItGives

    return _settled(WhatItGives(connection, service_sid=service_sid, sample=sample))


def know_customers(connection: Connection, service_sid: str = "") -> KnowCustomers:
    """Classic Users as memory profiles."""
    from .benefits.customers import KnowCustomers

    return _settled(KnowCustomers(connection, service_sid=service_sid))


def show_it_work(
    connection: Connection, service_sid: str = "", timeout: float = 60.0
) -> ShowItWork:
    """Memory at work on a test conversation that is removed again."""
    from .benefits.demonstration import ShowItWork

    return _settled(ShowItWork(connection, service_sid=service_sid, timeout=timeout))


def _settled(panel: P) -> P:
    panel.settle()
    return panel
