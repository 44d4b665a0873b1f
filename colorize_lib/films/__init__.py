"""Films: read, coloured without flicker, and written with their sound. Imports colour, pictures, inference."""
