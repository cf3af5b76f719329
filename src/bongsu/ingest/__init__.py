"""What is pushed to us: the gate that checks, stamps and bounds, and one decoder a wire format."""
