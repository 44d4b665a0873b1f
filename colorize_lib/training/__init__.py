"""Recipes, and what turns one into weights. Imports colour, networks, pictures, weights and data."""
