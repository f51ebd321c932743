"""Every order of the steps of a pair's programs: predicted by a model, then run on the real,
unchanged programs. Tests of claims about orders are in claims/; play/ records orders for a page."""
