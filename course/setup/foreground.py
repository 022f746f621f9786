"""Gives the terminal, and with it Ctrl-C, to another program."""

import os
import signal
import subprocess
import sys


def hand_over(command, cwd, env=None, *, holding_ctrl_c=False):
    """Become another program; on Windows, where none can, stand behind it until it ends.

    Ctrl-C can wait, past all imports of the program, until it calls `let_ctrl_c_through`.
    """
    command = [str(word) for word in command]
    env = os.environ if env is None else env
    sys.stdout.flush()
    if os.name == "nt":
        program = subprocess.Popen(command, cwd=cwd, env=env)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program alone
        sys.exit(program.wait())
    os.chdir(cwd)
    if holding_ctrl_c:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    os.execve(command[0], command, env)  # noqa: S606 (no shell is wanted)


def let_ctrl_c_through():
    if hasattr(signal, "pthread_sigmask"):  # not on Windows
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
