"""The command harness.run, by its name or, from anywhere, by its path: python3 …/harness/run"""
import os
import signal
import sys

if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # No traceback while modules are loaded.
if not __package__:
    ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    sys.path[0] = ROOT
    # Compiled Python goes where make wants it. Without any, each run would compile it all again.
    sys.pycache_prefix = sys.pycache_prefix or os.path.join(ROOT, "build", "pycache")
    sys.dont_write_bytecode = False

# Python keeps the compiled form of what is imported, and not of this file.
from harness.run.command import main  # noqa: E402 # It comes from the path that was set just now.

status = main(sys.argv[1:])
# There is nothing left to clean up, for which Python would take a tenth of the whole run's time.
os._exit(status)
