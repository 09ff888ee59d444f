"""
The job: one plain function for each step.

`step(session, plan, …, on_progress=, cancel=) -> result`: panels, command line,
notebooks and tests call the same function. Results are frozen.
"""
