"""Journey: another channel beside the bridge, a change, the way back, and the bridge taken away."""

from __future__ import annotations

from collections.abc import Callable

from .changing import change_go_back_and_disconnect
from .combining import combine_voice_and_see_an_sms_conflict
from .lab import Lab, Notebook


def test_combine_change_go_back_and_disconnect(
    notebook: Callable[[str], Notebook], lab: Lab
) -> None:
    """Nothing is written before its button is pressed, and everything has a way back."""
    lab.bridge()
    page = notebook("04_combine_channels")
    combine_voice_and_see_an_sms_conflict(page, lab)
    page.open("07_change_or_roll_back")
    change_go_back_and_disconnect(page, lab)
