"""One file a channel; `notify/registry.py` lists them."""
