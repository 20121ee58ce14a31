"""The design's rules written a second time by another method; nothing here knows the house."""
