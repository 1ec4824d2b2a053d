"""Files: written whole or not at all, downloaded, found on the hub, checkpoints, safetensors, GGUF.

The lowest drawer: it imports nothing of wode but itself.
"""
