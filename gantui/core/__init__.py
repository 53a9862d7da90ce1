"""The vocabulary that every layer shares: config, presets, events, commands, series, histograms."""
