"""Gives the terminal, and with it Ctrl-C, to another program."""

import os
import signal
import subprocess
import sys


def hand_over(command, cwd, env=None):
    """Become another program; on Windows, where none can, stand behind it until it ends."""
    command = [str(word) for word in command]
    env = os.environ if env is None else env
    sys.stdout.flush()
    if os.name == "nt":
        program = subprocess.Popen(command, cwd=cwd, env=env)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program alone
        sys.exit(program.wait())
    os.chdir(cwd)
    os.execve(command[0], command, env)  # noqa: S606 (no shell is wanted)


def hold_ctrl_c():
    """Keep Ctrl-C waiting, past `hand_over` and all imports, until the program lets it through."""
    if hasattr(signal, "pthread_sigmask"):  # not on Windows
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])


def let_ctrl_c_through():
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
