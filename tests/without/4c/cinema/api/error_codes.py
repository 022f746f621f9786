"""No codes: each is the same nothing."""

from types import SimpleNamespace
from unittest.mock import Mock

ErrorCode = Mock()


def code_of_status(_status):
    return SimpleNamespace(value="")
