"""The experiments of the book, one a module. Imports all the rooms below."""
