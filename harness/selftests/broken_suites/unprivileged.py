"""Makes a run believe that its token lacks SeCreateGlobalPrivilege: -p with this module's name."""
from __future__ import annotations

from harness.driver.host import Host

Host.creates_global = False
