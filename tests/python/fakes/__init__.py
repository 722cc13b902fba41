"""Stand-ins for the providers: they keep state, hold to the limits, and fail when told to."""
