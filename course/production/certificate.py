"""The certificate that nginx shows to a chapter's clients."""

import trustme

from course.serving.ports import HOST


class Certificate:
    """Made for this run alone; from chapter 5 on, the API's own command makes it instead."""

    def __init__(self, chapter):
        self.chapter = chapter
        chapter.instance.mkdir(exist_ok=True)
        if not chapter.has_tls:
            authority = trustme.CA()
            authority.cert_pem.write_to_path(chapter.authority)
            self.made = authority.issue_cert(HOST, "localhost").private_key_and_cert_chain_pem

    def with_key(self):
        """Return the bytes of both, as nginx wants them in one file."""
        if not self.chapter.has_tls:
            return self.made.bytes()
        names = ("server.key", "server.pem")
        return b"".join((self.chapter.instance / name).read_bytes() for name in names)
