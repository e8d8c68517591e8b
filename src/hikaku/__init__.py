"""hikaku (比較): which training techniques really help on my model and my data."""
