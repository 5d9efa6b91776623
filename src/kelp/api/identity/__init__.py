"""The token service as OAuth 2.0 and OpenID Connect clients of Azure speak to it."""
