"""Films: read, coloured with less flicker, and written with their sound. Imports colour, pictures, inference."""
