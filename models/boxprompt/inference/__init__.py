"""From images to maps of model scores, on whichever device there is."""
