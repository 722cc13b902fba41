"""Sends what act_delta says to the providers, and writes down what they accepted. The design and both contracts stand in docs/activation.md."""
