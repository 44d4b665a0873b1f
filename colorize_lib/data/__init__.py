"""What is learned from and tested on, and the batches of it. Imports colour and pictures."""
