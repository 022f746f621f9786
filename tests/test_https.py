"""Chapter 5 over TLS: started for a notebook and by `run`, and with somebody on the line."""

import re
import signal
import ssl
import warnings
from base64 import b64encode
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from course_copy import CourseCopy, RunningCourse, is_gone, wait_until

from course import start
from course.serving import ports
from course.serving.wiretap import eavesdropper, man_in_the_middle, tamperer
from course.spine import find_chapter

pytestmark = pytest.mark.slow

REBECCA = "/v1/movies/3"


@pytest.fixture(scope="module")
def api():
    with start("5") as api:
        yield api


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    copy = CourseCopy(tmp_path_factory.mktemp("course"))
    copy.borrow_packages()
    return copy


@pytest.fixture
def port():
    return ports.free_port()


def alice(api):
    return "alice", api.password


def encoded(user):
    """Return what Basic makes of a name and a password: anybody can turn it back."""
    return b64encode(":".join(user).encode()).decode()


# start


def test_the_api_answers_by_https_to_those_who_trust_its_authority(api):
    answer = requests.get(f"{api}{REBECCA}", verify=api.ca)

    assert api.startswith("https://")
    assert answer.json()["title"] == "Rebecca"
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{api}{REBECCA}")


def test_plain_http_leads_to_https(api):
    led = requests.get(f"{api.plain}{REBECCA}", verify=api.ca)

    assert [step.status_code for step in led.history] == [308]
    assert led.url == f"{api}{REBECCA}"
    assert led.json()["title"] == "Rebecca"


def test_plain_http_with_a_password_is_refused(api):
    refused = requests.get(f"{api.plain}{REBECCA}", auth=alice(api))

    assert (refused.status_code, refused.json()["code"]) == (403, 32)


def test_older_tls_is_refused_by_each_server(api):
    for url in (api, api.authorization_server):
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            context = ssl.create_default_context(cafile=api.ca)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")  # else we would not even try

        with pytest.raises(ssl.SSLError, match=r"(?i)alert"):  # in words of each OpenSSL's own
            version(url, context)
        assert version(url, ssl.create_default_context(cafile=api.ca)) == "TLSv1.3"


def version(url, context):
    """Return the version of TLS that is spoken with a server."""
    at = urlsplit(url)
    with context.wrap_socket(connect(at), server_hostname=at.hostname) as connection:
        return connection.version()


def test_a_client_that_stays_silent_keeps_nobody_waiting(api):
    """Werkzeug's own server would wait for its TLS handshake, and hear nobody else."""
    for url in (api, api.authorization_server):
        for said in (b"", b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.0\r\n\r\n"):
            with connect(urlsplit(url)) as silent:
                silent.sendall(said)

                assert requests.get(url, verify=api.ca, timeout=5).status_code in (200, 404)
    assert "Traceback" not in api.log


def connect(at):
    return ports.socket.create_connection((at.hostname, at.port), timeout=5)


def test_the_api_trusts_the_authorization_server_beside_it(api):
    asked = requests.post(
        f"{api.authorization_server}/token",
        data={"grant_type": "client_credentials"},
        auth=("cinema-robot", api.robot_secret),
        verify=api.ca,
    )
    bearer = {"Authorization": f"Bearer {asked.json()['access_token']}"}

    answer = requests.post(f"{api}/v1/movies", json={}, headers=bearer, verify=api.ca)

    assert answer.status_code == 400  # and neither 401 nor 503: the token was checked


def test_a_service_is_started_before_the_api_that_asks_it(api):
    chapter = find_chapter("5")

    assert chapter.apps_as_started == ["auth_service", "cinema", "authorization_server"]
    assert api.auth_service.startswith("http://127.0.0.1:")
    assert requests.get(f"{api}{REBECCA}", auth=alice(api), verify=api.ca).ok


def test_every_database_is_apart_from_the_chapters_own(api):
    made = {file.name for file in api.database.parent.glob("*.db")}

    assert made == {"auth_service.db", "cinema.db"}


def test_starting_and_a_client_that_hangs_up_leave_nothing_in_the_log(api):
    requests.get(api, verify=api.ca)  # the server has come to what follows it

    assert ports.answers(api.child.port)

    requests.get(api, verify=api.ca)
    assert "Traceback" not in api.log
    assert "Traceback" not in api.authorization_server.log


# run


def test_run_says_where_https_is_and_whom_to_trust(course, port):
    authority = course.folder / "05_security" / "instance" / "ca.pem"
    with RunningCourse(course, "5", "--port", str(port)) as running:
        answer = requests.get(f"{running.url}{REBECCA}", verify=authority)
        led = requests.get(f"http://127.0.0.1:{port + 300}/", allow_redirects=False)
        code = running.send(signal.SIGINT)
        output = running.output

    assert running.url == f"https://127.0.0.1:{port}"
    assert running.urls_beside == [
        f"http://127.0.0.1:{port + 100}",
        f"https://127.0.0.1:{port + 200}",
    ]
    assert "  to trust    05_security/instance/ca.pem" in output
    assert f"  plain HTTP  http://127.0.0.1:{port + 300} (" in output
    assert answer.ok
    assert led.headers["Location"] == f"{running.url}/"
    assert "Traceback" not in output
    assert code == 0
    assert is_gone(f"http://127.0.0.1:{port + 300}", seconds=0)


def test_saved_file_is_loaded_again_over_tls_and_plain_http(course, port):
    config = course.folder / "05_security" / "cinema" / "config.py"
    plain = f"http://127.0.0.1:{port + 300}/"
    with RunningCourse(course, "5", "--port", str(port)) as running:
        config.touch()
        assert wait_until(lambda: running.output.count("cinema/config.py', reloading") == 3)
        assert wait_until(lambda: leads_to(plain) == f"{running.url}/")
        code = running.send(signal.SIGINT)

        assert code == 0
        assert is_gone(plain, seconds=0)


def leads_to(url):
    try:
        return requests.get(url, allow_redirects=False, timeout=1).headers.get("Location")
    except requests.RequestException:  # while it starts again
        return None


def test_fresh_removes_all_databases_of_the_chapter(course, port):
    instance = course.folder / "05_security" / "instance"
    said = []
    for options in (["--fresh"], [], ["--fresh"]):
        with RunningCourse(course, "5", "--port", str(port), *options) as running:
            said.append(re.search(r"database +\S+ \((\w+)", running.output)[1])
            running.send(signal.SIGINT)
        (instance / "another.db").touch()

    assert said == ["new", "kept", "new"]
    assert not list(instance.glob("another.db-*"))


@pytest.mark.parametrize("name", ["CREDENTIALS_DATABASE_URL", "AUTH_SERVICE_DATABASE_URL"])
def test_fresh_leaves_a_database_that_a_variable_names_alone(course, name):
    code, output = course.call("run", "5", "--fresh", **{name: "sqlite:///precious.db"})

    assert code == 1
    assert f"Unset {name}" in output


# Somebody on the line


def test_attack_by_listening_finds_the_password_in_plain_http(api):
    """The API refuses; but by then the password has been heard."""
    with eavesdropper(api.plain) as line:
        refused = requests.get(f"{line}{REBECCA}", auth=alice(api))

        assert refused.status_code == 403
        assert encoded(alice(api)) in line.heard


def test_attack_by_listening_finds_nothing_in_https(api):
    with eavesdropper(api) as line:
        answer = requests.get(f"{line}{REBECCA}", auth=alice(api), verify=api.ca)

        assert answer.json()["title"] == "Rebecca"
        assert line.sent[:2] == b"\x16\x03"  # a handshake of TLS
        for secret in (encoded(alice(api)), "Authorization", REBECCA, "Rebecca"):
            assert secret not in line.heard


def test_attack_by_another_answer_works_on_plain_http(api):
    with tamperer(api.plain, lambda data: data.replace(b"//127.0.0.1", b"//127.0.0.2")) as line:
        led = requests.get(f"{line}/v1/movies", allow_redirects=False)

    assert led.headers["Location"].startswith("https://127.0.0.2:")


def test_attack_by_another_answer_is_noticed_in_https(api):
    """Every piece has a tag that only the two can make; one bit is enough."""
    with (
        tamperer(api, lambda data: data[:-1] + bytes([data[-1] ^ 1])) as line,
        pytest.raises(requests.exceptions.SSLError, match="BAD_RECORD_MAC"),
    ):
        requests.get(f"{line}{REBECCA}", verify=api.ca)


def test_attack_from_the_middle_is_noticed_before_anything_is_said(api):
    with man_in_the_middle(api, api.ca) as line:
        with pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
            requests.get(f"{line}{REBECCA}", auth=alice(api), verify=api.ca)

        assert line.heard == ""


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_attack_from_the_middle_works_on_a_client_that_does_not_look(api):
    with man_in_the_middle(api, api.ca) as line:
        answer = requests.get(f"{line}{REBECCA}", auth=alice(api), verify=False)  # noqa: S501

        assert answer.json()["title"] == "Rebecca"  # all seems well
        assert encoded(alice(api)) in line.heard


def test_attack_by_not_leading_to_https_is_what_strict_transport_security_is_for(api):
    """Who sits on the line of plain HTTP could answer in our place; a browser that knows us by
    HTTPS never asks there.
    """
    answer = requests.get(api, verify=api.ca)

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


# start, once more


def test_the_certificate_is_kept_and_stopping_ends_plain_http_too(api):
    authority = Path(api.ca).read_bytes()
    again = start("5")  # takes the place of the one before

    again.stop()

    assert Path(again.ca).read_bytes() == authority
    assert is_gone(again.plain)
