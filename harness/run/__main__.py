"""The command harness.run, by its name or, from anywhere, by its path: python3 …/harness/run"""
import os
import signal
import sys

if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # No traceback while modules are loaded.
if not __package__:
    ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    sys.path[0] = ROOT
    # Use make's cache folder. Without a cache, each run would compile all modules again.
    sys.pycache_prefix = sys.pycache_prefix or os.path.join(ROOT, "build", "pycache")
    sys.dont_write_bytecode = False

while (spare := os.open(os.devnull, os.O_RDWR)) < 3:
    pass  # A standard stream was closed; a new file would take its number.
os.close(spare)

# Python caches compiled modules, but not this file.
from harness.driver.errors import HarnessError  # noqa: E402 # They need the path set above.
from harness.driver.wine.connection import fork_supervisor  # noqa: E402

try:
    # It is small yet, and loads its modules while this one loads others; few, to join a Wine.
    supervisor = fork_supervisor(not any(word.startswith("--share") for word in sys.argv))
    from harness.run.command import main
    status = main(sys.argv[1:], supervisor)
except HarnessError as problem:
    print(f"harness.run: {problem}", file=sys.stderr)
    status = 125
# Nothing is left to clean up; Python's own shutdown would take a tenth of the run's time.
os._exit(status)
