"""The names that generated systems are made of."""

INTERFACES = ["cache", "logging", "metrics", "config", "security", "network", "storage"]

OPERATIONS = {
    "cache": ["get", "set", "delete", "clear", "exists", "touch"],
    "logging": ["info", "error", "debug", "flush", "audit"],
    "metrics": ["record", "increment", "stats", "reset", "publish"],
    "config": ["read", "write", "reload", "validate", "export"],
    "security": ["check", "sign", "verify", "encrypt", "token"],
    "network": ["fetch", "post", "ping", "resolve", "close"],
    "storage": ["load", "save", "list_all", "purge", "copy"],
}

PARAMETERS = ["key", "value", "ttl", "name", "level", "tags", "data", "region", "scope", "limit"]

FRESH = ["namespace", "correlation_id", "priority", "encoding", "strict", "tenant", "retries", "deadline"]

FORWARDED = ["timeout", "trace_id", "request_id", "caller"]

SYNONYMS = {"key": "name_key", "value": "payload", "ttl": "ttl_seconds", "name": "label", "level": "severity"}


def value(name):
    """The literal that is passed for a parameter of that name."""
    return {"ttl": "60", "limit": "5", "timeout": "3", "retries": "2"}.get(name, f"'{name[0]}'")
