"""The pytest plugin: options, expectations, platform gaps, time limits and what a run reports. What
drives a program is in driver/, what is expected of it in claims/."""
