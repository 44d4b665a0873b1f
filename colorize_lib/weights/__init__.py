"""The file that weights are kept in, those that ship, and those that are downloaded. Imports networks."""
