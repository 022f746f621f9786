"""The names that JupyterLite's `piplite` imports from here."""


class CompatibilityLayer:
    """Is nothing: there is no index."""


class ProjectInfo(CompatibilityLayer):
    """Is nothing: there is no project to ask for."""


async def query_package(name, *_arguments, **_options):
    raise ValueError(f"There is no index of packages to ask for {name}.")
