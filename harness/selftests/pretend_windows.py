"""Makes Python look as on Windows while tests are collected: `-p
harness.selftests.pretend_windows`.

Before pytest reads the first conftest.py, this removes what only Unix has of Python. pytest itself
is already imported, and keeps what it needs. Tests cannot run in this state."""
from __future__ import annotations

import os
import platform
import select
import shutil
import signal
import socket
import sys
from types import SimpleNamespace

import pytest

MODULES = """_ctypes _curses ctypes curses crypt fcntl grp nis ossaudiodev posix pty pwd readline
    resource spwd syslog termios tty xdist pexpect ptyprocess pyvirtualdisplay jinja2 psutil PIL
    Xlib"""
NAMES = {
    os: """WIFEXITED WIFSIGNALED WNOHANG O_CLOEXEC O_NONBLOCK chown chroot fchmod fork forkpty
        getegid geteuid getgid getgroups getpgid getpgrp getpriority getresuid getsid getuid
        initgroups killpg lchown mkfifo mknod nice openpty pidfd_open posix_spawn sched_getaffinity
        sched_setaffinity setgid setsid setuid statvfs sysconf tcgetpgrp ttyname uname wait wait3
        wait4""",
    signal: """SIGALRM SIGBUS SIGCHLD SIGCONT SIGHUP SIGIO SIGKILL SIGPIPE SIGPROF SIGQUIT SIGSTOP
        SIGTSTP SIGTTIN SIGTTOU SIGUSR1 SIGUSR2 SIGWINCH alarm getitimer pause pthread_kill
        pthread_sigmask setitimer sigpending sigtimedwait sigwait""",
    socket: "AF_UNIX",
    select: "epoll poll",
}


@pytest.hookimpl(tryfirst=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_load_initial_conftests() -> None:
    """Remove the names; import what a Windows run needs besides the tests."""
    platform.uname()  # Asks Unix once, and caches the answer.
    import pdb  # noqa: F401 # pytest imports it later, which needs asyncio since Python 3.14.
    for name in MODULES.split():
        sys.modules[name] = None  # type: ignore[assignment] # So its import fails.
    for module, names in NAMES.items():
        for name in names.split():
            vars(module).pop(name, None)
    # Windows cannot open a folder to remove its content either.
    vars(shutil)["_use_fd_functions"] = False
    vars(shutil)["_rmtree_impl"] = getattr(shutil, "_rmtree_unsafe")  # From Python 3.14 on.
    # shutil.which calls this on Windows, from Python 3.12 on.
    vars(shutil)["_winapi"] = SimpleNamespace(NeedCurrentDirectoryForExePath=bool)
    sys.platform = "win32"
    import harness.lessons.demo  # noqa: F401
    import harness.driver.windows
    vars(harness.driver.windows)["wine_version"] = lambda: None  # There is no agent to ask.


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Print a line for each test file that was imported, or refused to be."""
    if os.path.basename(report.nodeid).startswith("test_"):
        print(f"collected: {report.nodeid} {report.outcome}")
