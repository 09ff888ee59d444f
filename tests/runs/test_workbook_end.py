"""The end of the workbook: Ctrl-C in the middle of a request leaves nothing waiting."""

from __future__ import annotations

import asyncio

import pytest

from bridge_helpers.runs.workbook import _end_tasks


def test_ctrl_c_in_the_middle_of_a_request_ends_everything_else() -> None:
    """A request that Ctrl-C met raises it again when it is looked at; the others are ended."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)

    async def waiting() -> None:
        await asyncio.sleep(60)

    async def met() -> None:
        raise KeyboardInterrupt

    left = loop.create_task(waiting())
    request = loop.create_task(met())
    request.add_done_callback(lambda done: done.result())
    with pytest.raises(KeyboardInterrupt):
        loop.run_forever()
    _end_tasks(loop)
    assert left.cancelled()
    asyncio.set_event_loop(None)
    loop.close()
