"""What is out of the ordinary: streaming detectors, each judging by what came before, and the stage that runs them."""
