"""The small data sets written for this book, and the baselines that stand beside every result.

Training and held-out examples share neither a template nor a content word.
"""
