"""Runs nginx before a server, as a chapter's nginx.conf says."""

import os
import shutil
import string
import subprocess

from course.errors import CourseError
from course.serving.child import WATCH, Child
from course.serving.ports import HOST, free_port
from course.serving.server import Server, url
from course.setup.programs import NGINX

if os.name != "nt":
    import grp

CERTIFICATE = "ssl_certificate server.pem; ssl_certificate_key server.pem;"
COMMENT = "# "


class Configuration(string.Template):
    """The text of nginx.conf; what begins with $ in it is nginx's own."""

    delimiter = "%"


def gateway(api):
    """Start nginx on a free port before the API of a chapter, as `start` returns it; return a URL.

    The URL has `.log` and `.stop()`, and is a context manager. It stays when the API is stopped.
    """
    api.insist()
    port = free_port()
    front = Server(url(port))
    return front.run_by(start_nginx(api.chapter, api.child.port, port, front.own_folder()))


def start_nginx(chapter, api_port, port, folder, certificate=None, plain_port=None):
    """Start nginx with this folder to itself; with TLS, if there is a certificate with its key.

    With `plain_port` it hands on plain HTTP from there too, which the API leads to TLS or refuses.
    """
    if not chapter.has_gateway:
        raise CourseError(f"Chapter {chapter.number} has no gateway. The first is in chapter 4.")
    nginx = NGINX.insist()
    settings = {
        "api": f"{HOST}:{api_port}",
        "listen": listen(port, certificate, plain_port),
        "inside": f"{HOST}:{free_port()}",
        "certificate": CERTIFICATE if certificate else "",
        "njs": "" if has_javascript(nginx) else COMMENT,
        "no_njs": COMMENT if has_javascript(nginx) else "",
    }
    template = (chapter.folder / "nginx.conf").read_text(encoding="utf-8")
    configuration = folder / "nginx.conf"
    configuration.write_text(Configuration(template).substitute(settings), encoding="utf-8")
    shutil.copy(chapter.folder / "age.js", folder)
    if certificate:
        (folder / "server.pem").touch(mode=0o600)
        (folder / "server.pem").write_bytes(certificate)
    command = [nginx, "-p", folder, "-c", configuration, "-g", in_the_foreground()]
    return Child([*WATCH, *command], port, log=folder / "log")


def listen(port, certificate, plain_port):
    place = f"{HOST}:{port} ssl" if certificate else f"{HOST}:{port}"
    return f"{place}; listen {HOST}:{plain_port}" if plain_port else place


def has_javascript(nginx):
    asked = subprocess.run([nginx, "-V"], capture_output=True, text=True, check=False)
    return "njs" in asked.stderr


def in_the_foreground():
    """Return the settings with which ending the process that we start ends all of nginx."""
    if os.name == "nt":
        return "daemon off; master_process off;"
    if os.geteuid() == 0:  # in a container, where `nobody` may not get through to our folder
        return f"daemon off; user root {grp.getgrgid(0).gr_name};"
    return "daemon off;"
