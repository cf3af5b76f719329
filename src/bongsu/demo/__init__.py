"""The simulated shop and feed: a user of our doors like any other, labelled as simulated on every screen."""
