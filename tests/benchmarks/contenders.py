"""
What is compared: the same work done by us, by others' tools, and by as little as is possible.

Each runs in a process of its own, `python -m tests.benchmarks.contenders NAME URL [FILE]`, and
prints one JSON object: the seconds of the work (imports and connecting left out), and what the
result adds up to, which is worked out after the peak of memory was taken.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from . import account

if TYPE_CHECKING:
    import pandas as pd

    Table = Callable[[], pd.DataFrame]


def frame_ours(url: str) -> Table:
    """`bridge_helpers`, as in a notebook."""
    import pandas as pd  # noqa: F401 - a notebook has it

    from bridge_helpers.onboarding.explore import explore
    from bridge_helpers.target import connect

    session = connect("twilio", env=account.environment(url))

    def work() -> pd.DataFrame:
        found = explore(session)
        if not found.complete:
            raise SystemExit(f"not all was read: {found.error}")
        return found.table

    return work


def frame_sdk(url: str) -> Table:
    """The official SDK, `list()` with the largest pages, and a row for each record."""
    import pandas as pd  # noqa: F401 - a script has it

    conversations = sdk_conversations(url)
    return lambda: sdk_frame(conversations.list(page_size=account.PAGE))


def frame_sdk_stream(url: str) -> Table:
    """The same by `stream()`, which keeps no records."""
    import pandas as pd  # noqa: F401 - a script has it

    conversations = sdk_conversations(url)
    return lambda: sdk_frame(conversations.stream(page_size=account.PAGE))


def frame_httpx(url: str) -> Table:
    """Plain httpx and `pandas.json_normalize`."""
    import httpx
    import pandas as pd

    client = httpx.Client(auth=(account.API_KEY, account.API_SECRET))

    def work() -> pd.DataFrame:
        records: list[dict[str, Any]] = []
        query: dict[str, Any] = {"pageSize": account.PAGE}
        while True:
            page = client.get(f"{url}/v2/Conversations", params=query).json()
            records += page["conversations"]
            if not (token := page["meta"].get("nextToken")):
                break
            query["pageToken"] = token
        table = pd.json_normalize(records)
        for name in ("createdAt", "updatedAt"):
            table[name] = pd.to_datetime(table[name], format="ISO8601")
        return table

    return work


def read_only(url: str) -> Callable[[], int]:
    """As little as is possible: the bytes are read by httpx and thrown away."""
    pages = bodies(url)
    return lambda: sum(1 for _ in pages)


def decode_only(url: str) -> Callable[[], int]:
    """The bytes are read, and decoded into the slim records that rows are made of."""
    from bridge_helpers.data.rows import ConversationRow

    page: Any = msgspec.defstruct("page", [("conversations", list[ConversationRow])])
    decoder = msgspec.json.Decoder(page)
    pages = bodies(url)
    return lambda: sum(len(decoder.decode(body).conversations) for body in pages)


def file_sdk(url: str, path: Path) -> Callable[[], None]:
    """A script with the official SDK that writes a Parquet file."""
    table = frame_sdk(url)
    return lambda: table().to_parquet(path, index=False)


def file_httpx(url: str, path: Path) -> Callable[[], None]:
    """A script with httpx and `pandas.json_normalize` that writes a Parquet file."""
    table = frame_httpx(url)
    return lambda: table().drop(columns=["participants"]).to_parquet(path, index=False)


def xlsx_ours(url: str, path: Path) -> Callable[[], object]:
    """A frame of ours to a workbook."""
    from bridge_helpers.data import export

    table = frame_ours(url)()
    return lambda: export.write(table, path)


def xlsx_pandas(url: str, path: Path) -> Callable[[], None]:
    """The same frame by `DataFrame.to_excel`, with openpyxl."""
    table = frame_ours(url)()
    for name in ("created_at", "updated_at"):
        table[name] = table[name].dt.tz_localize(None)
    return lambda: table.to_excel(path, index=False)


def fan_out_ours(url: str) -> Callable[[], int]:
    """Many small lists through `fan_out`."""
    from bridge_helpers.api.fan_out import fan_out
    from bridge_helpers.target import connect

    session = connect("twilio", env=account.environment(url))

    def participants(number: int) -> int:
        return len(list(session.orchestrator.participants(f"conv_conversation_{number:026d}")))

    return lambda: sum(1 for outcome in fan_out(participants, range(4000)) if outcome.result == 0)


def reconcile_ours(url: str) -> Callable[[], dict[str, Any]]:
    """Every message of every conversation on both sides, through `bh.reconcile`."""
    import bridge_helpers as bh
    from bridge_helpers.target import connect

    session = connect("twilio", env=account.environment(url))

    def work() -> dict[str, Any]:
        result = bh.reconcile(session, account.SERVICE_SID, fresh=True)
        return {"matched": result.matched, "gaps": len(result.gaps), "requests": result.requests}

    return work


def reconcile_sdk(url: str) -> Callable[[], dict[str, Any]]:
    """The same requests for the first hundred conversations, with the SDK, one after another."""
    client = sdk_client(url)

    def work() -> dict[str, Any]:
        service = client.conversations.v1.services(account.SERVICE_SID)
        v2 = client.conversations.v2
        matched = 0
        for one in service.conversations.list(limit=100, page_size=100):
            written = {message.sid for message in service.conversations(one.sid).messages.list()}
            block, within = one.sid[2:8], int(one.sid[8:], 16)
            told = v2.communications(f"conv_conversation_{block}{within:020d}")
            matched += written <= {one.resource_id for one in told.list()}
        return {"matched": matched}

    return work


def polling(url: str = "") -> Callable[[], dict[str, float]]:
    """Operations of many durations, with a clock that is not waited for."""
    from bridge_helpers.api.models import Operation
    from bridge_helpers.api.operations import follow
    from bridge_helpers.progress import step_context

    def noticed(duration: float, hint: float | None) -> tuple[float, int]:
        """Seconds until the end was noticed, and the looks that it took."""
        now, looks = 0.0, 0

        def fetch(_: str) -> tuple[Operation, float | None]:
            nonlocal looks
            looks += 1
            done = now >= duration
            return Operation(status="COMPLETED" if done else "PENDING"), None if done else hint

        def sleep(seconds: float) -> None:
            nonlocal now
            now += seconds

        with step_context(clock=lambda: now, sleep=sleep):
            follow(fetch, "proc_job_1", first_look=hint, deadline=600)
        return now, looks

    def work() -> dict[str, float]:
        late, looks = [], []
        for tenths in range(5, 601):
            duration = tenths / 10
            for hint in (None, 1.0, 5.0):
                end, asked = noticed(duration, hint)
                allowed = hint or max(1.0, duration / 10)
                late.append((end - duration) / allowed)
                if hint == 5 and duration > 6:
                    looks.append(asked / -(-duration // 2))
        return {"late": max(late), "looks": max(looks)}

    return work


def digest(url: str, path: Path) -> Callable[[], pd.DataFrame]:
    """Reads a Parquet file, for what it adds up to."""
    import pandas as pd

    return lambda: pd.read_parquet(path)


def bodies(url: str) -> Iterator[bytes]:
    """The pages as bytes, one after another; nothing but the next token is looked for."""
    import httpx

    client = httpx.Client(auth=(account.API_KEY, account.API_SECRET))

    def walk() -> Iterator[bytes]:
        address = f"{url}/v2/Conversations?pageSize={account.PAGE}"
        following = address
        while True:
            body = client.get(following).content
            yield body
            _, _, token = body[-100:].partition(b'"nextToken":"')
            if not token:
                return
            following = f"{address}&pageToken={token.partition(b'}')[0][:-1].decode()}"

    return walk()


def sdk_conversations(url: str) -> Any:
    """The SDK's list of conversations."""
    return sdk_client(url).conversations.v2.conversations


def sdk_client(url: str) -> Any:
    """The SDK, sent to the loopback server."""
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    class Redirected(TwilioHttpClient):  # type: ignore[misc]
        def request(self, method: str, address: str, *args: Any, **more: Any) -> Any:
            return super().request(method, url + address.partition(".com")[2], *args, **more)

    sent = Redirected()
    return Client(account.API_KEY, account.API_SECRET, account.ACCOUNT_SID, http_client=sent)


def sdk_frame(records: Any) -> pd.DataFrame:
    """What a script makes of the SDK's records: the columns of our table."""
    import pandas as pd

    rows = []
    for one in records:
        addresses = [address for who in one.participants for address in who["addresses"]]
        rows.append(
            {
                "conversation_id": one.id,
                "status": one.status,
                "name": one.name,
                "channels": ", ".join(sorted({address["channel"] for address in addresses})),
                "participants": len(one.participants),
                "addresses": ", ".join(address["address"] for address in addresses),
                "channel_ids": ", ".join(dict.fromkeys(each["channelId"] for each in addresses)),
                "service_sid": one.configuration["conversationsV1Bridge"]["serviceId"],
                "configuration_id": one.configuration_id,
                "created_at": one.created_at,
                "updated_at": one.updated_at,
            }
        )
    table = pd.DataFrame(rows)
    for name in ("status", "channels", "service_sid", "configuration_id"):
        table[name] = table[name].astype("category")
    for name in ("created_at", "updated_at"):
        # The SDK reads times without a fraction only, and leaves the others as text.
        table[name] = pd.to_datetime(table[name], format="ISO8601", utc=True)
    return table


def adds_up(table: pd.DataFrame) -> str:
    """The digest of a table's rows, to compare with `account.expected`."""
    plain = table.astype(dict.fromkeys(table.columns, object))
    for name in ("created_at", "updated_at"):
        plain[name] = table[name].dt.strftime("%Y-%m-%dT%H:%M:%S")
    plain = plain.where(plain.notna(), None)
    return account.digest(plain.itertuples(index=False, name=None))


WORK: Final[dict[str, Callable[..., Callable[[], Any]]]] = {
    made.__name__: made
    for made in (
        frame_ours,
        frame_sdk,
        frame_sdk_stream,
        frame_httpx,
        read_only,
        decode_only,
        file_sdk,
        file_httpx,
        xlsx_ours,
        xlsx_pandas,
        digest,
        fan_out_ours,
        reconcile_ours,
        reconcile_sdk,
        polling,
    )
}


def main() -> None:
    """Do one piece of work and print what it took."""
    name, url, *rest = sys.argv[1:]
    os.environ["BRIDGE_HOME"] = str(Path(os.environ.get("BENCH_FOLDER", ".")) / "home")
    work = WORK[name](url, *map(Path, rest))
    begun, started = time.perf_counter(), time.process_time()
    result = work()
    seconds = time.perf_counter() - begun
    processor = time.process_time() - started
    told: dict[str, Any] = {"seconds": seconds, "processor": processor, "bytes": peak()}
    if hasattr(result, "dtypes"):
        told["rows"] = len(result)
        if "conversation_id" in result:
            told["ids"] = int(result["conversation_id"].nunique())
            told["digest"] = adds_up(result) if len(result) <= account.BLOCK else ""
            told["types"] = {column: str(kind) for column, kind in result.dtypes.items()}
    elif isinstance(result, dict):
        told.update(result)
    elif isinstance(result, int):
        told["rows"] = result
    print(json.dumps(told))  # noqa: T201 - what the program is for


def peak() -> int:
    """The most memory that this process had at once, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(each for each in status.read_text().splitlines() if each.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
