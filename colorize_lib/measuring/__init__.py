"""How good colours are, and what a result is. Imports colour, networks, data, inference and films."""
