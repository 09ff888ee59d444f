"""
Many customers: a file of them, a run of `onboard` for each, and a summary.

    customers   the file, and what is wrong with it
    manager     which run starts when, what stops the cohort, and how each ended
    executors   who runs them: worker processes on this machine, or Dask
    worker      a worker process, as whoever uses it sees it
    host        the worker process itself: it imports once, and forks for every customer
    namespace   the notebook's cells without a kernel, in the process of one customer
    summary     `summary.csv` and `summary.html`
"""
