"""One source for credentials, addresses and region; hosts and regions that are said aloud."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from bridge_helpers.api.session import Session
from bridge_helpers.errors import (
    ConnectionFailed,
    InvalidInput,
    MissingCredentials,
    UnsafeAddress,
)
from bridge_helpers.onboarding.journal import Scope
from bridge_helpers.onboarding.plan import Wanted
from bridge_helpers.onboarding.preflight import preflight
from bridge_helpers.sandbox_process import SandboxRecord
from bridge_helpers.settings import Credentials, Secret, origins_for
from bridge_helpers.sources import Source, chosen, sources
from bridge_helpers.target import connect, describe

from .children import ACCOUNT_SID, account
from .conftest import QUICK
from .server import Server
from .world import SERVICE_SID, STORE_ID

OTHER = "AC" + "b" * 32
OWN = {
    "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
    "TWILIO_API_KEY": "SK" + "0" * 32,
    "TWILIO_API_SECRET": "s" * 32,
}
HASTY = replace(QUICK, attempts=2, connection_attempts=2, first_wait=0.01)


def export(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def write(folder: Path, **values: str) -> None:
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    (folder / ".env").write_text(text)


@pytest.fixture
def below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory two levels below the folder that may hold a `.env`."""
    folder = tmp_path / "customer" / "notebooks"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    return tmp_path


def typed() -> Credentials:
    return Credentials(ACCOUNT_SID, "SK" + "0" * 32, Secret("s" * 32))


# one source


@pytest.mark.parametrize("how", ["exported", "typed"])
def test_a_file_in_a_parent_folder_redirects_nothing(
    below: Path, server: Server, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Credentials from elsewhere never go where a `.env` points; what it names is told."""
    write(below, TWILIO_CONVERSATIONS_URL=server.url, TWILIO_REGION="ie1")
    if how == "exported":
        export(monkeypatch, **OWN)
    with connect("twilio", credentials=typed() if how == "typed" else None) as session:
        assert session.account.origins == origins_for("", {})
        assert session.account.region == ""
        told = describe(session)
        checks = preflight_without_network(session)
    assert server.calls == []
    source = "the environment" if how == "exported" else "what was typed"
    for name in ("TWILIO_CONVERSATIONS_URL", "TWILIO_REGION"):
        sentence = f"{name} of ../../.env is not used: the credentials come from {source}"
        assert sentence in told
        assert ("warning", f"{sentence}.") in checks


def preflight_without_network(session: Session) -> list[tuple[str, str]]:
    """What preflight says before it asks anything; nothing leaves this machine."""

    def unreachable(*args: object, **options: object) -> None:
        raise ConnectionFailed("This test has no network.")

    session.http._once = unreachable  # type: ignore[method-assign, assignment]
    session.http.limits = replace(session.http.limits, connection_attempts=1)
    checks = preflight(session, Wanted(service_sid=SERVICE_SID, memory_store_id=STORE_ID))
    return [(one.level, one.found) for one in checks.findings]


def test_one_file_may_say_everything(below: Path, server: Server) -> None:
    """Credentials, address and region of the same `.env` belong together."""
    write(below, **OWN, TWILIO_CONVERSATIONS_URL=server.url, TWILIO_REGION="ie1")
    with connect("twilio") as session:
        assert session.account.region == "ie1"
        assert session.account.unused == ()
        assert [one.sid for one in session.classic.services()] == [SERVICE_SID]


def test_the_environment_does_not_redirect_a_files_credentials(
    below: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule holds in both directions; an address beside other credentials is named."""
    write(below, **OWN)
    export(monkeypatch, TWILIO_MEMORY_URL=server.url, TWILIO_REGION="au1")
    with connect("twilio") as session:
        assert session.account.origins == origins_for("", {})
        assert "TWILIO_MEMORY_URL of the environment is not used" in describe(session)
    assert server.calls == []


def test_credentials_are_not_put_together_from_two_sources(
    below: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key of one with the sid of the other may be anybody's: what is missing is named."""
    write(below, **OWN)
    export(monkeypatch, TWILIO_ACCOUNT_SID=OTHER)
    with pytest.raises(MissingCredentials) as missing:
        connect("twilio")
    assert "TWILIO_API_KEY and TWILIO_API_SECRET not set" in missing.value.what
    assert "the environment" in missing.value.why


def test_each_customers_prefix_has_its_own_source(
    below: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exported credentials of one customer do not stand before another one's in a file."""
    export(monkeypatch, **OWN)
    theirs = {f"ACME_{name}": value for name, value in OWN.items()}
    write(below, **{**theirs, "ACME_TWILIO_ACCOUNT_SID": OTHER, "ACME_TWILIO_REGION": "ie1"})
    with connect("twilio", prefix="ACME") as session:
        assert (session.account.sid, session.account.region) == (OTHER, "ie1")
    with connect("twilio") as session:
        assert (session.account.sid, session.account.region) == (ACCOUNT_SID, "")


def test_typed_credentials_take_a_region_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not the environment's, which is named."""
    export(monkeypatch, TWILIO_REGION="au1")
    with connect("twilio", credentials=typed(), region="ie1") as session:
        assert session.account.origins.memory == "https://memory.dublin.ie1.twilio.com"
        assert "TWILIO_REGION of the environment is not used" in describe(session)
    with pytest.raises(InvalidInput, match="us1, ie1 or au1"):
        connect("twilio", credentials=typed(), region="ie2")


def test_typed_credentials_go_to_a_stand_in_of_the_environment(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exception: what is typed has no place for an address, and nothing leaves the machine."""
    export(monkeypatch, TWILIO_CONVERSATIONS_URL=server.url)
    with connect("twilio", credentials=typed()) as session:
        assert "at addresses on this machine" in describe(session)
        assert [one.sid for one in session.classic.services()] == [SERVICE_SID]
    export(monkeypatch, TWILIO_MEMORY_URL="https://proxy.example.com")
    with connect("twilio", credentials=typed()) as session:
        assert session.account.origins == origins_for("", {})
        assert "TWILIO_MEMORY_URL of the environment is not used" in describe(session)


def test_a_source_shows_nothing_and_is_not_pickled(below: Path) -> None:
    """Its values may be secrets."""
    write(below, **OWN)
    for one in sources():
        assert OWN["TWILIO_API_SECRET"] not in repr(one)
        with pytest.raises(TypeError):
            pickle.dumps(one)
    assert chosen(sources()).name == "../../.env"


# where credentials go


def test_a_stand_in_behind_one_address_is_enough() -> None:
    """What is not given is there too; messaging is not, as its paths are classic's."""
    origins = origins_for("ie1", {"conversations": "http://127.0.0.1:1"})
    assert set(origins.by_service.values()) == {"http://127.0.0.1:1"}
    assert origins.messaging == ""
    assert origins.loopback
    given = {"conversations": "http://127.0.0.1:1", "messaging": "http://127.0.0.1:1/messaging"}
    assert origins_for("", given).messaging == "http://127.0.0.1:1/messaging"
    with pytest.raises(UnsafeAddress, match="TWILIO_MESSAGING_URL"):
        origins_for("", {"messaging": "http://127.0.0.1:1"})


def test_an_address_elsewhere_takes_the_rest_to_twilio() -> None:
    """Only a stand-in stands in for everything."""
    origins = origins_for("au1", {"memory": "https://proxy.example.com/twilio"})
    assert origins.conversations == "https://conversations.sydney.au1.twilio.com"
    assert origins.messaging == "https://messaging.sydney.au1.twilio.com"
    assert origins.memory == "https://proxy.example.com/twilio"
    assert not origins.loopback


@pytest.mark.parametrize(
    ("url", "foreign"),
    [
        ("https://conversations.twilio.com", ()),
        ("https://conversations.dublin.ie1.twilio.com:443", ()),
        ("http://127.0.0.1:9", ()),
        ("https://localhost:9", ()),
        ("https://proxy.example.com:8443/twilio", ("proxy.example.com",)),
        ("https://eviltwilio.com", ("eviltwilio.com",)),
        ("https://twilio.com.example.com", ("twilio.com.example.com",)),
    ],
)
def test_a_host_that_is_not_twilios_is_named(url: str, foreign: tuple[str, ...]) -> None:
    """In the banner and by preflight, before anything is sent to it."""
    where = replace(account(url), target="twilio")
    with Session(where, HASTY) as session:
        assert session.account.origins.foreign_hosts == foreign
        told = describe(session)
        levels = preflight_without_network(session)
    assert all(host in told for host in foreign)
    assert [text for level, text in levels if level == "warning"] == [
        f"Credentials and requests go to {host}: not Twilio, and not this machine."
        for host in foreign
    ]


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("", "conversations.twilio.com"),
        ("us1", "conversations.twilio.com"),
        ("ie1", "conversations.dublin.ie1.twilio.com"),
        ("au1", "conversations.sydney.au1.twilio.com"),
    ],
)
def test_a_region_is_product_edge_region(region: str, host: str) -> None:
    """The form without the edge was retired (Twilio docs: api-domain-migration-guide)."""
    assert origins_for(region, {}).conversations == f"https://{host}"


@pytest.mark.parametrize("region", ["ie1", "au1"])
def test_a_region_without_the_products_is_said_before_any_request(
    server: Server, region: str
) -> None:
    """An error, with the region to use; the rest is looked at all the same."""
    asked: list[int] = []
    where = replace(account(server.url), region=region)
    with Session(where, HASTY) as session:
        wanted = Wanted(service_sid=SERVICE_SID, memory_store_id=STORE_ID)
        checks = preflight(
            session, wanted, on_progress=lambda progress: asked.append(len(server.calls))
        )
    [finding] = [one for one in checks.findings if one.check == "region"]
    assert checks.findings[0] is finding
    assert asked[:2] == [0, 0]
    assert finding.level == "error"
    assert region in finding.found
    assert "us1" in finding.action
    assert not checks.ok
    assert len(checks.findings) > 5


def test_a_journal_knows_a_region_by_its_name_and_not_by_its_host() -> None:
    """Both names of the default region are one scope; another region is another one."""

    def scope(region: str) -> Scope:
        where = replace(account("http://127.0.0.1:9"), origins=origins_for(region, {}))
        with Session(replace(where, region=region)) as session:
            return Scope.of(session, SERVICE_SID)

    assert scope("") == scope("us1")
    assert scope("").origin == "https://conversations.twilio.com"
    assert scope("ie1") == replace(scope("us1"), region="ie1")


# the sandbox


def test_a_sandbox_at_a_given_address_says_what_is_missing(
    below: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not "use the target sandbox", which is what was used."""
    export(monkeypatch, TWILIO_CONVERSATIONS_URL=server.url)
    with pytest.raises(MissingCredentials) as missing:
        connect("sandbox")
    assert server.url in missing.value.what
    assert "TWILIO_API_SECRET" in missing.value.action
    assert "target sandbox" not in str(missing.value)
    assert server.calls == []


def test_a_record_is_the_source_of_its_sandbox(
    below: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its credentials go to its own addresses, whatever else the environment names."""
    record = SandboxRecord(
        server.url, ACCOUNT_SID, "SK" + "0" * 32, "s" * 32, messaging_url=f"{server.url}/messaging"
    )
    monkeypatch.setattr("bridge_helpers.target.sandbox_record", lambda: record)
    with Server() as other:
        export(monkeypatch, TWILIO_CONVERSATIONS_URL=server.url, TWILIO_MEMORY_URL=other.url)
        with connect("sandbox") as session:
            assert set(session.account.origins.by_service.values()) == {
                server.url,
                f"{server.url}/messaging",
            }
            list(session.memory.store_ids())
            assert "TWILIO_MEMORY_URL" in describe(session)
        assert other.calls == []


def test_a_record_that_points_elsewhere_is_not_followed() -> None:
    """It is a file: an address in it that is not on this machine is refused."""
    record = SandboxRecord("https://example.com", ACCOUNT_SID, "SK" + "0" * 32, "s")
    with pytest.raises(UnsafeAddress, match="not on this machine"):
        _ = record.origins


def test_a_source_names_what_is_wrong_with_its_prefix() -> None:
    """A region of one customer among many."""
    with pytest.raises(InvalidInput) as wrong:
        Source("x", {"ACME_TWILIO_REGION": "eu1"}).region("ACME")
    assert wrong.value.field == "ACME_TWILIO_REGION"
