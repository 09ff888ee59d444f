"""What the trials came to, told at the end of the run."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Everything that a test recorded as `faults`: a line of figures, or a table."""
    ended = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    for report in ended:
        for name, value in report.user_properties:
            if name == "faults":
                terminalreporter.section(report.nodeid.split("::")[-1])
                terminalreporter.write_line(str(value))
