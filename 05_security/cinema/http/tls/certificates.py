"""Makes a certificate for HTTPS on this machine, and an authority that signs it (RFC 5280).

The authority signs this one certificate, and its private key is not stored: so nobody can make
another certificate that clients of this authority would trust.
"""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import trustme
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from flask import current_app
from flask.cli import with_appcontext

NAMES = ("localhost", "127.0.0.1", "::1")
LIFE = timedelta(days=90)
RENEWED_BEFORE_THE_END = timedelta(days=7)
AUTHORITY, CERTIFICATE, KEY = "ca.pem", "server.pem", "server.key"


def init_app(app):
    app.cli.add_command(make_certificate)


@click.command()
@with_appcontext
def make_certificate():
    """Make a certificate for this machine, unless there is one that is still good."""
    folder = Path(current_app.instance_path)
    if is_good(folder):
        click.echo(f"{folder / CERTIFICATE} is still good.")
        return
    make_anew(folder)
    click.echo(f"New: {folder / CERTIFICATE}. Trust it by {folder / AUTHORITY}.")


def is_good(folder):
    """Tell whether the three files exist, match, are for our names, and are valid for a while."""
    try:
        authority = x509.load_pem_x509_certificate((folder / AUTHORITY).read_bytes())
        certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
        key = load_pem_private_key((folder / KEY).read_bytes(), password=None)
        certificate.verify_directly_issued_by(authority)
    except (OSError, ValueError, TypeError, InvalidSignature):
        return False
    lasts = certificate.not_valid_after_utc - now() > RENEWED_BEFORE_THE_END
    return lasts and key.public_key() == certificate.public_key() and names(certificate) == NAMES


def names(certificate):
    """Return a certificate's names (RFC 9525: only subjectAltName counts)."""
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return tuple(str(name.value) for name in found)


def make_anew(folder):
    """Create all three files, each completely or not at all; only their owner can read them."""
    authority = trustme.CA(organization_name="The cinema on this machine")
    certificate = authority.issue_cert(*NAMES, not_before=now(), not_after=now() + LIFE)
    folder.mkdir(parents=True, exist_ok=True)
    chain = b"".join(part.bytes() for part in certificate.cert_chain_pems)
    replace(folder / KEY, certificate.private_key_pem.bytes())
    replace(folder / CERTIFICATE, chain)
    replace(folder / AUTHORITY, authority.cert_pem.bytes())


def replace(path, content):
    """Write a temporary file, and then rename it to `path`."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)  # before it has any content
    draft.write_bytes(content)
    draft.replace(path)


def now():
    return datetime.now(UTC)
