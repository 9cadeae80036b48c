"""One screen for each kind of view, in a tall and a small layout: draw the view, report touches, nothing else."""
