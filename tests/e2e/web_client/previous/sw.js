// The previous one.
