"""Where a learner's API keeps what HTTPS needs, in its folder: chapter 5's http/tls makes it."""

MAKER = "cinema/http/tls/certificates.py"
AUTHORITY, CERTIFICATE, KEY = "instance/ca.pem", "instance/server.pem", "instance/server.key"
