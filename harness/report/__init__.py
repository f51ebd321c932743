"""The report: one page about the last run of the suite, `make report`."""
