"""Runs without a click: a notebook executed by papermill, its report, and JupyterLab itself."""
