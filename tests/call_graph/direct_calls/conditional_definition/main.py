try:
    import json as codec
except ImportError:
    codec = None

if codec:
    def encode(value):
        return codec.dumps(value)
else:
    def encode(value):
        return fallback(value)


def fallback(value):
    return str(value)


encode(1)
