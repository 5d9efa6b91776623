"""What every layer may use: errors, identifiers, the clock, keys as a contract, settings, telemetry."""
