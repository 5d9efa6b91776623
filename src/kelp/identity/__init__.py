"""Who callers are: directory tenants, users, applications, their credentials, tokens, sessions and certificates.

Knows nothing of resources and roles: it says who someone is, `resources.access` says what they may do.
"""
