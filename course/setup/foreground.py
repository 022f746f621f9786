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
