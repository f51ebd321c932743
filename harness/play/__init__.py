"""docs/play.html, where the learner is the scheduler: the recording of real runs, and the page
that walks through them. Which orders there are is in interleavings/."""
