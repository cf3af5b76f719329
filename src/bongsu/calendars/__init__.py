"""Sessions, hours and holidays: open or closed at an instant, shared by feeds, rules and detectors."""
