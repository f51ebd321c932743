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

# Python caches compiled modules, but not this file.
from harness.run.command import main  # noqa: E402 # It needs the path set above.

status = main(sys.argv[1:])
# Nothing is left to clean up; Python's own shutdown would take a tenth of the run's time.
os._exit(status)
