"""The logs and counters of the machine that Kelp runs on, so that a new user sees rows within seconds."""
