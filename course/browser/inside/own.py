"""What an application that runs here has for itself: a folder with a database, and its secrets."""

import secrets
import shutil
import tempfile
from pathlib import Path

QUICK = (
    "pbkdf2:sha256:1000"  # nobody but the visitor knows these hashes, and a browser has no scrypt
)


class Own:
    """A new folder, key and password; `remove` them at the end."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="course-"))
        self.database = self.folder / "cinema.db"
        self.key, self.password, self.secret = (secrets.token_urlsafe() for _ in range(3))

    @property
    def variables(self):
        """Return them as an application finds them in its environment."""
        return {
            "DATABASE_URL": f"sqlite:///{self.database}",
            "API_KEY": self.key,
            "CINEMA_PASSWORD": self.password,
            "SECRET_KEY": self.secret,
            "PASSWORD_METHOD": QUICK,
        }

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
