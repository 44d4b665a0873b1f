"""Trained networks put to use: colours for a picture, or a class. Imports colour, networks, pictures, weights, data."""
