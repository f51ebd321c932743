"""Builds docs/play.html, where the learner is the scheduler, from a recording of real runs. The
orders come from interleavings/."""
