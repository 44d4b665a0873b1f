"""Colour itself: Lab, bins, resolution, edges. Pure functions of tensors; imports nothing of ours."""
