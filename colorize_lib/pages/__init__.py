"""What moves in the pages of the book. Imports colour, pictures, data, inference and measuring."""
