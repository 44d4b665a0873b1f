"""Any picture file to pixels, and pixels to a file. Imports colour."""
