"""Random programs that work, and the guards that make them work."""
