"""Starts a learner's API in its folder: with a fresh database, credentials and a free port."""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from course.building import settings, tls
from course.building.issuer import Issuer
from course.building.promise import Absent, do_nothing
from course.building.settings import NothingToCheck
from course.building.traces import learners_part
from course.building.wire import Api, Broken
from course.serving.child import apart_from_ctrl_c, server_environment
from course.serving.ports import HOST, free_ports
from course.serving.ready import Waiting
from course.setup import environment
from course.spine import ROOT

PATIENCE = 30  # seconds until something answers, on a busy machine; whoever ends is told at once
APP = [str(environment.PYTHON), "-m", "course.building.app"]
COMPANIONS = ("authorization_server", "auth_service")  # apps that belong beside the API
LISTENERS = ("cinema", "plain HTTP", "issuer", *COMPANIONS)
OF_COMPANIONS = {  # what is another for them: they are asked by plain HTTP, on this machine
    "authorization_server": {"HTTPS": "0"},
    "auth_service": {},
}
OTHER_PORT = re.compile(r"https?://[\w.\[\]:-]*?:(\d+)")
APART = ("FLASK_", "WERKZEUG_", "PIP_", "SQLALCHEMY_")


class Server:
    """The learner's API as a process of ours, and the apps beside it, each started when needed."""

    def __init__(self, folder, ready=None, **variables):
        """`ready`, of `get_ready_for`, lets it start quicker; `variables` are added to its own."""
        self.folder, self.settings = Path(folder).resolve(), settings.read(Path(folder))
        self.own = Path(tempfile.mkdtemp(prefix="check-"))
        self.log, self.heard, self.process, self.ready = self.own / "log", 0, None, ready
        self.beside = {}  # a companion's name -> its process
        self.others = {}  # a name of our choice -> another server of the same folder
        self.answering = set()  # the names of those that have answered
        self.more_variables = variables
        self.ports = dict(zip(LISTENERS, free_ports(len(LISTENERS)), strict=True))
        self.port = self.ports["cinema"]
        self.new_secrets()

    # -- what it is told -----------------------------------------------------------------

    def new_secrets(self):
        made = {name: secrets.token_urlsafe(24) for name in ("key", "password", "robot", "service")}
        self.key = self.settings.key or made["key"]
        self.robot_secret, password = made["robot"], made["password"]
        self.service_secret = made["service"]
        self.own_secrets = [secrets.token_urlsafe(32) for _ in range(2)]  # stay, if it is restarted
        self.credentials = {
            "key": self.key,
            "editor": ("alice", self.settings.alice or password),
            "member": ("bob", self.settings.bob or password),
        }
        self.password = password

    @property
    def database(self):
        return self.own / "cinema.db"

    def variables(self):
        """Return what the API finds in its environment, as the chapters' own APIs do."""
        url = {name: f"http://{HOST}:{port}" for name, port in self.ports.items()}
        told = {
            "DATABASE_URL": f"sqlite:///{self.database.as_posix()}",
            "CREDENTIALS_DATABASE_URL": f"sqlite:///{(self.own / 'credentials.db').as_posix()}",
            "AUTH_SERVICE_DATABASE_URL": f"sqlite:///{(self.own / 'auth_service.db').as_posix()}",
            "API_KEY": self.key,
            "CINEMA_PASSWORD": self.password,
            "ROBOT_SECRET": self.robot_secret,
            "AUTH_SERVICE_SECRET": self.service_secret,
            "SECRET_KEY": self.own_secrets[0],
            "AUTHORIZATION_SERVER_SECRET": self.own_secrets[1],
            "AUTHORIZATION_SERVER_URL": url["issuer"],
            "PASSWORD_METHOD": "pbkdf2:sha256:1000",  # quick: some hundred requests carry one
            "ARGON2_MEMORY_COST": "64",
            "ARGON2_TIME_COST": "1",
            "PORT": str(self.port),
            "HTTPS_PORT": str(self.port),
        }
        added = self.more_variables | self.settings.env
        return around() | told | {name: str(value) for name, value in added.items()}

    def command(self):
        words = settings.words_of(self.settings.start)
        if not words:
            raise NothingToCheck(f"start in {settings.FILE} is empty. {settings.EXAMPLE}")
        if words[0] in ("python", "python3", "py"):
            words[0] = str(environment.PYTHON)  # the environment with Flask
        words[0] = shutil.which(words[0]) or words[0]  # on Windows, npm is npm.cmd
        return [word.replace("{port}", str(self.port)) for word in words]

    @property
    def arguments(self):
        """Return what course.building.app wants to know."""
        plain = [str(self.ports["plain HTTP"])] if self.may_have_tls else []
        return [settings.flask_app(self.folder), str(self.port), *plain]

    @property
    def may_have_tls(self):
        return (self.folder / tls.MAKER).exists() and self.settings.start is None

    @property
    def has_tls(self):
        """Tell whether it speaks TLS: from the moment when it has made its certificate."""
        return self.may_have_tls and (self.folder / tls.CERTIFICATE).exists()

    @property
    def authority(self):
        """Return the file of the certificate authority to trust; None: those of this machine."""
        return str(self.folder / tls.AUTHORITY) if self.has_tls else None

    @property
    def url(self):
        return f"{'https' if self.has_tls else 'http'}://{HOST}:{self.port}"

    @property
    def plain_url(self):
        """Return where it listens to plain HTTP beside HTTPS; None: nowhere."""
        return f"http://{HOST}:{self.ports['plain HTTP']}" if self.has_tls else None

    # -- its life ------------------------------------------------------------------------

    def start(self, begin_beside=do_nothing):
        """Start it, and return its URL; `begin_beside` begins what is needed beside it."""
        self.begin()
        if self.has_tls == self.may_have_tls:  # one process makes the certificate, not three
            begin_beside(self)
        self.wait_until_it_answers(self.process, self.port, self.log)
        return self.url

    def begin(self):
        self.settings = settings.read(self.folder)
        if self.settings.start is None:
            self.process = self.start_app(self.arguments, self.log)
        else:
            self.process = self.spawn(self.command(), self.log)

    def start_app(self, arguments, log, **variables):
        """Start course.building.app, in a process that finds the libraries loaded, if it can be."""
        if self.ready:
            environment = self.variables() | variables
            process = self.ready.start(self.folder, log, arguments, environment)
            if process and process.poll() is None:
                return process
            end(process)
        return self.spawn([*APP, *arguments], log, **variables)

    def spawn(self, command, log, **variables):
        with log.open("ab") as output:
            try:
                return subprocess.Popen(
                    command,
                    cwd=self.folder,
                    env=self.variables() | variables,
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=output,
                    **apart_from_ctrl_c(),
                )
            except OSError as error:
                raise NothingToCheck(f"The command {command[0]} does not run: {error}.") from None

    def wait_until_it_answers(self, process, port, log):
        deadline = time.monotonic() + PATIENCE
        while not listens(port):
            words = log.read_text(encoding="utf-8", errors="replace")
            if process.poll() is not None:
                said = learners_part(words, self.folder) or "(It printed nothing.)"
                raise NothingToCheck(
                    f"Your API did not start (exit code {process.returncode}):\n\n{indented(said)}"
                )
            if (other := OTHER_PORT.findall(words)) and str(port) not in other:
                raise NothingToCheck(
                    f"Your API listens on port {other[-1]}, and was asked to listen on {port}: "
                    f"take the port from {{port}} in {settings.FILE}, or from the variable PORT."
                )
            if time.monotonic() > deadline:
                said = learners_part(words, self.folder)
                where = f" It listens on [::1]: let it listen on {HOST}." * listens(port, "::1")
                raise NothingToCheck(
                    f"Your API was started, and nothing answers on port {port} of {HOST} after "
                    f"{PATIENCE} seconds.{where} It printed:\n\n{indented(said or '(nothing)')}"
                )
            time.sleep(0.01)

    def companion(self, name):
        """Start the app of this name that belongs beside the API; return its URL."""
        if name in self.answering:
            return self.url_of(name)
        if not (self.folder / name).is_dir():
            if self.settings.start is not None:
                raise Absent(f"there is no {name}/ beside an API that starts in its own way")
            raise Broken(f"an app {name} beside your API, in {self.folder / name}")
        self.begin_companion(name)
        try:
            self.wait_until_it_answers(self.beside[name], self.ports[name], self.log_of(name))
        except NothingToCheck as nothing:
            self.stop_companion(name)
            raise Broken(f"an app {name} that starts. {nothing}") from None
        self.answering.add(name)
        return self.url_of(name)

    def begin_companion(self, name):
        """Begin to start it, and tell whether it is there; `companion` waits until it answers."""
        is_there = (self.folder / name).is_dir()
        if is_there and name not in self.beside:
            arguments = [name, str(self.ports[name])]
            app = self.start_app(arguments, self.log_of(name), **OF_COMPANIONS[name])
            self.beside[name] = app
        return is_there

    def log_of(self, name):
        return self.own / f"{name}.log"

    def url_of(self, name):
        return f"http://{HOST}:{self.ports[name]}"

    def stop_companion(self, name):
        self.answering.discard(name)
        end(self.beside.pop(name, None))

    @cached_property
    def issuer(self):
        """Issue tokens to the API, in the name of the authorization server that it believes."""
        return Issuer(self.ports["issuer"])

    def another(self, name, **variables):
        """Start the same API once more, with other settings; return an Api to ask it."""
        self.begin_another(name, **variables)
        other = self.others[name]
        if name not in self.answering:
            try:
                other.wait_until_it_answers(other.process, other.port, other.log)
            except NothingToCheck as nothing:
                raise Broken(f"an API that starts with {', '.join(variables)}. {nothing}") from None
            self.answering.add(name)
        return Api(other.url, other.credentials, control=other, authority=other.authority)

    def begin_another(self, name, **variables):
        """Begin to start it; `another` waits until it answers."""
        if name not in self.others:
            self.others[name] = other = Server(self.folder, self.ready, **variables)
            other.credentials, other.password = self.credentials, self.password
            other.own_secrets, other.service_secret = self.own_secrets, self.service_secret
            other.begin()

    def kept(self, pattern="*.db*"):
        """Return all bytes of its databases; "cinema.db*" is the main one, with its journal."""
        return b"\0".join(path.read_bytes() for path in sorted(self.own.glob(pattern)))

    def printed(self):
        """Return all that it and the apps beside it have printed."""
        return b"\n".join(path.read_bytes() for path in sorted(self.own.glob("*log")))

    def new_words(self):
        """Return what it has printed since the last call."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(self.heard)
            words = log.read()
        self.heard += len(words)
        return words.decode(errors="replace")

    def explain(self, broken):
        """Return the learner's part of what it printed while a promise broke."""
        if not broken.answered and not broken.hung:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.3)  # one that dies needs a moment to do so
        ended = self.process.poll()
        words = learners_part(self.new_words(), self.folder)
        return words if ended is None else f"{words}\n(Your API ended, with exit code {ended}.)"

    def revive(self, hung):
        """Start it again if it has ended, or hangs: with one thread, all others would hang too."""
        if hung or self.process.poll() is not None:
            self.restart()

    def restart(self):
        """End it as a crash would, and start it again on the same database."""
        end(self.process)
        self.start()

    def stop(self):
        for other in self.others.values():
            other.stop()
        for process in (self.process, *self.beside.values()):
            end(process)
        if "issuer" in self.__dict__:
            self.issuer.stop()
        shutil.rmtree(self.own, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def get_ready_for(folder, processes=1, kind=Waiting):
    """Load what the apps in a folder import; return what lets so many processes start quicker."""
    command = [*APP, "--wait", *settings.NAMES, *COMPANIONS]
    return kind(command, processes, cwd=folder, env=around(), **apart_from_ctrl_c())


def around():
    """Return what an API finds of this environment in its own."""
    found = server_environment().items()
    return {name: value for name, value in found if not name.startswith(APART)}


def end(process):
    """End a process with all that it has started, such as a reloader's child."""
    if process is None:
        return
    if os.name == "nt":
        kill = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
        subprocess.run(kill, capture_output=True, check=False)
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin:
        process.stdin.close()


def listens(port, host=HOST):
    try:
        socket.create_connection((host, port), timeout=0.5).close()
    except OSError:
        return False
    return True


def indented(text):
    return "\n".join(f"    {line}" for line in text.splitlines())


def label(folder):
    path = Path(folder)
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
