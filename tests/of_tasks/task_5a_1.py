"""5a.1: the certificate is for the name of this machine, too."""

import socket
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import TestCase
from unittest.mock import patch

from cinema.http.tls import certificates


class HostNameTest(TestCase):
    def test_new_files_are_needed_and_have_the_name(self):
        with TemporaryDirectory() as folder:
            with patch.object(certificates, "NAMES", ("localhost", "127.0.0.1", "::1")):
                certificates.make_anew(Path(folder))
            self.assertFalse(certificates.is_good(Path(folder)), "the old ones will not do")
            certificates.make_anew(Path(folder))
            self.assertTrue(certificates.is_good(Path(folder)))
        self.assertIn(socket.gethostname(), certificates.NAMES)
