"""How an .exe is started under Wine: the prefix, the server, the supervisor and the display. What
does not depend on the platform is one room up."""
