"""What the programs that the course starts get to see of the learner's surroundings.

Nothing that was exported, or stands in a file above the course, changes what a lesson shows. What a
program must know of it, such as the proxy and the package index, it gets to see.
"""

import os

from course.spine import ROOT

SETTINGS = (  # of the chapters' apps: `run` obeys them, and says so; a notebook starts without
    *("DATABASE_URL", "CREDENTIALS_DATABASE_URL", "AUTH_SERVICE_DATABASE_URL", "CACHE_URL"),
    *("API_KEY", "CINEMA_PASSWORD", "SECRET_KEY", "AUTH_SERVICE_SECRET"),
    *("AUTHORIZATION_SERVER_SECRET", "ROBOT_SECRET"),
    *("SERVER_NAME", "TRUSTED_HOSTS", "TRUSTED_PROXIES", "HTTPS", "HTTPS_PORT", "HSTS_MAX_AGE"),
    *("CINEMA_URL", "AUTHORIZATION_SERVER_URL", "AUTH_SERVICE_URL", "CINEMA_ENV", "FAST"),
    *("FAILED_LOGINS", "RATE_LIMIT", "REQUIRE_IF_MATCH", "PUBLIC_MAX_AGE"),
    *("PASSWORD_METHOD", "ARGON2_MEMORY_COST", "ARGON2_TIME_COST", "ARGON2_PARALLELISM"),
)
LEADS_PYTHON_ASTRAY = {
    *("PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONINSPECT", "PYTHONOPTIMIZE"),
    *("PYTHONWARNINGS", "PYTHONDEVMODE", "PYTHONVERBOSE"),
}
INSTALLERS = ("PIP_", "UV_")
WAYS_TO_PACKAGES = (
    *("INDEX", "DEFAULT_INDEX", "EXTRA_INDEX", "NO_INDEX", "FIND_LINKS", "TRUSTED_HOST"),
    *("PROXY", "CERT", "CLIENT_CERT", "CONFIG_FILE", "OFFLINE"),
)
HOW_TO_GET_PACKAGES = (  # all that an installer is told: which packages, the lock says
    *WAYS_TO_PACKAGES,
    *("INSECURE_HOST", "NATIVE_TLS", "SYSTEM_CERTS", "KEYRING_PROVIDER"),
    *("TIMEOUT", "DEFAULT_TIMEOUT", "HTTP_", "RETRIES"),
    *("CACHE_DIR", "NO_CACHE", "LINK_MODE", "USE_FEATURE", "USE_DEPRECATED"),
    *("DISABLE_PIP_VERSION_CHECK", "CONCURRENT_", "PYTHON_INSTALL_MIRROR", "NO_PROGRESS"),
)
OTHER_SERVERS = (  # and what they are made of; PG: PostgreSQL
    *("FLASK_", "WERKZEUG_", "GUNICORN_", "GRANIAN_", "PG", "AUTHLIB_"),
)
THIS_MACHINE = ("127.0.0.1", "localhost")
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
NO_DOTENV = "FLASK_SKIP_DOTENV"


def for_python():
    """Return the exported variables without what would lead .venv, or its making, astray."""
    return {name: value for name, value in os.environ.items() if not leads_astray(name)}


def leads_astray(name):
    installer = next((start for start in INSTALLERS if name.startswith(start)), None)
    if installer:
        return not name.startswith(HOW_TO_GET_PACKAGES, len(installer))
    return name in LEADS_PYTHON_ASTRAY


def ways_to_packages():
    """Return the names of the exported variables that say where packages are, and by which way."""
    starts = tuple(start + way for start in INSTALLERS for way in WAYS_TO_PACKAGES)
    return [
        name
        for name in os.environ
        if os.environ[name] and (name.startswith(starts) or name.lower() in PROXIES)
    ]


def for_servers():
    """Return them without another server's, too, and with those of `ours`."""
    kept = {n: value for n, value in for_python().items() if not n.startswith(OTHER_SERVERS)}
    return kept | ours()


def for_lessons():
    """Return them without a chapter's settings, too: as if nobody had exported any."""
    return {name: value for name, value in for_servers().items() if name not in SETTINGS}


def ours():
    """Return variables with which nothing stands between a program and our own servers.

    No proxy, which could not reach them; no .netrc, with whose password `requests` replaces the
    Authorization header that a program sends; and no .env in a folder above, which Flask reads.
    """
    named = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    past = named if named == "*" else ",".join(filter(None, (named, *THIS_MACHINE)))
    return {"no_proxy": past, "NO_PROXY": past, "NETRC": os.devnull, NO_DOTENV: "1"}


def exported_settings():
    """Return the names of a chapter's settings that are exported."""
    return [name for name in SETTINGS if os.environ.get(name)]


def proxies_in_the_way():
    """Return the names of the variables by which `curl` asks a proxy for this machine's servers."""
    exceptions = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    if any(each.strip().startswith(("*", "127.")) for each in exceptions.split(",")):
        return []
    return [name for name in os.environ if name.lower() in PROXIES and os.environ[name]]


def past_proxies():
    """Return the command with which `curl`, too, asks this machine's servers without a proxy."""
    return exporting("NO_PROXY", ",".join(THIS_MACHINE))


def exported_to_flask():
    """Return the names of the variables that Flask obeys, but for what we advise to export."""
    return sorted(name for name in os.environ if name.startswith("FLASK_") and name != NO_DOTENV)


def dotenv_that_is_read():
    """Return the file that Flask reads when it is started in a chapter's folder, if there is one.

    It looks for .env and .flaskenv in that folder, and then in each one above.
    """
    if os.environ.get(NO_DOTENV):
        return None
    folders = (*sorted(ROOT.glob("[0-9][0-9]_*/")), ROOT, *ROOT.parents)
    files = (folder / name for folder in folders for name in (".env", ".flaskenv"))
    return next((file for file in files if file.is_file()), None)


def without_dotenv():
    """Return the command with which Flask reads none."""
    return exporting(NO_DOTENV, "1")


def exporting(name, value):
    return f'$env:{name} = "{value}"' if os.name == "nt" else f"export {name}={value}"
