"""What a hand does with each tool, as state machines of touches: no Qt, no camera, no widget."""
