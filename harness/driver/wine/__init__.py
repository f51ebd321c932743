"""How an .exe starts under Wine: the prefix, the server, the supervisor and the display. Code that
does not depend on the platform is in the parent package."""
