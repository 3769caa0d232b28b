"""A challenger beside the champion: as a canary for some of the customers, or in the shadow for none."""
