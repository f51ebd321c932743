"""Owns the folder and every process of one host, and ends them when the harness is gone.

    python3 -I -S supervisor.py [keep]        keep: leave the folder for somebody to look at

Its standard input is one end of a socket pair that keeps message boundaries. It sends the
folder's path, or ends with a line on standard error. A message that it receives is
a command in JSON (`command`, `environment`) with three open files: it starts that in the folder,
on those files, and answers with the process id, or with why it could not. The first command is
the Wine server.

The end of its input, which comes however the harness ends, is the end of everything: of the
commands, of whatever they have started, and of the folder. A command that ends before takes the
others along, since a host without a server or an agent is of no use.

Being a "child subreaper", it becomes the parent of all that its commands leave behind, so that
nothing escapes it. Nor does a zombie wait for an init that is slow or, as in many containers,
missing: the Wine server would wait half a second for such a one at its end.
"""
from __future__ import annotations

import array
import ctypes
import os
import resource
import select
import signal
import socket
import sys
import time
from typing import Dict, List, Tuple

PR_SET_CHILD_SUBREAPER = 36
#: Seconds that the Wine server has for its own end; without clients it takes no notice of SIGINT.
GRACE = 0.3
#: As many as Wine may open at once.
FILES = 4096
OURS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGXFSZ,
        signal.SIGCHLD)


def make_folder() -> str:
    """A new folder in the temporary directory. Raises OSError."""
    parent = os.path.abspath(os.environ.get("TMPDIR") or "/tmp")
    while True:
        folder = os.path.join(parent, f"named-shared-memory-{os.urandom(4).hex()}")
        try:
            os.mkdir(folder, 0o700)
            return folder
        except FileExistsError:
            pass


def receive(line: socket.socket) -> Tuple[bytes, List[int]]:
    """The next message and the open files that came with it; empty at the end of input."""
    files = array.array("i")
    room = socket.CMSG_SPACE(3 * files.itemsize)
    message, extra, _, _ = line.recvmsg(1 << 18, room, socket.MSG_CMSG_CLOEXEC)
    for _, _, data in extra:
        files.frombytes(data)
    return message, list(files)


def allow_files() -> None:
    """Let Wine open many files. Who means a low limit seriously has set the hard one."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


class Family:
    """The commands, by process id, each with a copy of its standard output; and their heirs.
    `whole` is whether none of the commands has ended."""

    def __init__(self, wake: int) -> None:
        self.wake = wake
        self.outputs: Dict[int, int] = {}
        self.server = 0
        self.whole = True
        self.childless = False

    def start(self, command: List[str], environment: Dict[str, str], files: List[int]) -> int:
        """Start a command on three open files, which it gets: its process id. The first one is
        the Wine server. Raises OSError."""
        # In a session of its own, since the server may not change the mode of this one's terminal.
        actions = [(os.POSIX_SPAWN_DUP2, file, number) for number, file in enumerate(files)]
        pid = os.posix_spawnp(command[0], command, environment, file_actions=actions,
                              setsigdef=OURS, setsid=True)
        self.outputs[pid] = files[1]
        self.server = self.server or pid
        for file in (files[0], files[2]):
            os.close(file)
        return pid

    def reap(self) -> Dict[int, int]:
        """Reap exited children, whoever started them: the wait status of each."""
        dead: Dict[int, int] = {}
        self.childless = False
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return dead
                dead[pid] = status
                if pid == self.server:
                    self.server = 0
                if pid in self.outputs:
                    self.whole = False
                    self._tell(self.outputs.pop(pid))
        except ChildProcessError:
            self.childless = True
            return dead

    @staticmethod
    def _tell(output: int) -> None:
        """An empty line, which is no answer, ends whoever waits for one: the end of the stream
        may never come, since Wine's services inherit it."""
        try:
            os.write(output, b"\n")
        except OSError:
            pass  # Nobody listens any more.
        os.close(output)

    def end(self, grace: float = GRACE) -> None:
        """Kill until nobody is left. Only the server may end by itself, in `grace` seconds: at
        SIGINT it ends those of its clients, too, that somebody else has started."""
        late = time.monotonic() + grace
        asked = False
        while True:
            self.reap()
            if self.childless:
                return
            for child in children():
                if child != self.server or time.monotonic() > late:
                    os.kill(child, signal.SIGKILL)
                elif not asked:
                    asked = True
                    os.kill(child, signal.SIGINT)
            # The next death wakes this up; a look each 10 ms sees to those that were adopted.
            if select.select([self.wake], [], [], 0.01)[0]:
                os.read(self.wake, 4096)


def parents() -> Dict[int, int]:
    """The parent of each process of this machine, by process ids."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", "rb") as stat:
                # The name before it may have spaces and brackets.
                found[int(name)] = int(stat.read().rpartition(b")")[2].split()[1])
        except OSError:
            pass  # It has gone in between.
    return found


def children() -> List[int]:
    """The living and the dead that are this process's children now; perhaps not all of them if some
    end meanwhile."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            return [int(child) for child in file.read().split()]
    except FileNotFoundError:
        pass  # Not every kernel is built with it.
    return [child for child, parent in parents().items() if parent == os.getpid()]


def server_folders(folder: str) -> List[str]:
    """Where the Wine server of the prefix in the folder may have its socket: Debian's in the user's
    run-time folder if there is one, and else in a folder that it notes in the prefix, of TMPDIR or
    of /tmp; others derive it from the prefix alone. Raises OSError where there is no prefix."""
    prefix = os.stat(os.path.join(folder, "prefix"))
    homes = [f"/run/user/{os.getuid()}/wine", f"/tmp/.wine-{os.getuid()}"]
    try:
        with open(os.path.join(folder, "prefix", "wineserver"), encoding="ascii") as note:
            name = note.read()
        homes += [os.path.join(folder, "tmp", name), os.path.join("/tmp", name)]
    except OSError:
        pass
    return [f"{home}/server-{prefix.st_dev:x}-{prefix.st_ino:x}" for home in homes]


def server_listens(folder: str) -> bool:
    """Whether the Wine server of the prefix in the folder has its socket."""
    return any(os.path.exists(f"{server}/socket") for server in server_folders(folder))


def remove(folder: str) -> None:
    """Remove the folder, and the server's own one wherever Wine keeps that."""
    from shutil import rmtree  # It takes as long to load as all the rest together.
    try:
        for server in server_folders(folder):
            rmtree(server, True)
            try:
                os.rmdir(os.path.dirname(server))
            except OSError:
                pass  # It does not exist, or other servers are in it.
    except OSError:
        pass  # There was no prefix yet.
    # Somebody else's process may still be writing into it.
    late = time.monotonic() + GRACE
    while os.path.lexists(folder) and time.monotonic() < late:
        rmtree(folder, True)


def take_charge() -> Tuple[int, ctypes.CDLL]:
    """Make this process a supervisor: a file that can be read when a child has ended, and libc."""
    for number in OURS:
        signal.signal(number, signal.SIG_IGN)
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    allow_files()
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    return wake, libc


def main() -> None:
    """Serve until the end of input."""
    import json  # Here, since not everybody who starts a command needs it.
    wake, _ = take_charge()
    line = socket.socket(fileno=0)
    folder = make_folder()
    family = Family(wake)
    try:
        os.chdir(folder)
        line.send(os.fsencode(folder))
        while True:
            ready = select.select([line, wake], [], [])[0]
            if wake in ready:
                os.read(wake, 4096)
                family.reap()
                if not family.whole:
                    family.end()
                    family.whole = True  # What is started from now on is another one.
            if line in ready:
                message, files = receive(line)
                if not message:
                    break
                wanted = json.loads(message)
                try:
                    line.send(b"%d" % family.start(wanted["command"], wanted["environment"],
                                                   files))
                except OSError as problem:
                    line.send(str(problem).encode())
    finally:
        family.end()
        if "keep" not in sys.argv:
            os.chdir("/")
            remove(folder)


if __name__ == "__main__":
    try:
        main()
    except OSError as problem:
        sys.exit(str(problem))
