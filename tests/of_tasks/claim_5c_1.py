"""5c.1: without SESSION_COOKIE_SECURE, what comes by plain HTTP gets a cookie without `Secure`."""

from unittest.mock import patch

from cinema.users.authentication.cookie import HOST_ONLY

from tests import ApiTestCase


class NotSecureTest(ApiTestCase):
    def is_secure(self, url, setting):
        setting = patch.dict(self.app.config, SESSION_COOKIE_SECURE=setting)
        with setting, self.app.test_request_context(base_url=url):
            return self.app.session_interface.get_cookie_secure(self.app)

    def test_secure_is_missing_by_plain_http_only(self):
        self.assertTrue(HOST_ONLY["SESSION_COOKIE_NAME"].startswith("__Host-"))
        self.assertTrue(self.is_secure("https://127.0.0.1", setting=False))
        self.assertFalse(self.is_secure("http://127.0.0.1", setting=False))
        self.assertTrue(self.is_secure("http://127.0.0.1", setting=True))
