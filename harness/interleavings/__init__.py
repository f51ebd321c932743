"""Every order in which the steps of a pair's programs can follow each other: predicted by a model,
then run on the real, unchanged programs. What an order means for a claim is tested in claims/, and
its recording for docs/play.html is in play/."""
