"""What is trained, and the losses it is trained with. Imports colour."""
