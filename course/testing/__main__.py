"""`python -m course.testing`, in the course's environment: pytest; Ctrl-C ends it in one line."""

import signal
import sys

from course.setup.foreground import let_ctrl_c_through
from course.terminal import INTERRUPTED, say_interrupted


class CtrlC:
    """A pytest plugin: keeps what pytest itself says about Ctrl-C off the screen."""

    typed = False

    def pytest_configure(self, config):
        self.plugins = config.pluginmanager

    def pytest_keyboard_interrupt(self, excinfo):
        if excinfo.type is KeyboardInterrupt:  # and none of its kind, by which `-x` ends a run
            self.typed = True
            if reporter := self.plugins.get_plugin("terminalreporter"):
                reporter._report_keyboardinterrupt = lambda: None


def main(words):
    ctrl_c = CtrlC()
    try:
        let_ctrl_c_through()
        import pytest  # noqa: PLC0415 (takes a while, in which Ctrl-C may come)

        code = pytest.main(["-p", "course.testing.report", *words], [ctrl_c])
    except KeyboardInterrupt:
        ctrl_c.typed = True
    if not ctrl_c.typed:
        return code
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends now, and nobody wants a traceback
    say_interrupted()
    return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
