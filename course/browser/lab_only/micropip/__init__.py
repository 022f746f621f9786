"""Stands in for Pyodide's installer in JupyterLite: all packages are there, none is fetched."""


async def install(requirements, *_arguments, **_options):
    """Refuse to install: the course's notebooks ask nothing of another host."""
    raise ValueError(f"No package can be installed in this browser edition: {requirements}")
