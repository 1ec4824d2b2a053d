"""Serving: an OpenAI-compatible server for a model's folder, and how to ask any such server."""
