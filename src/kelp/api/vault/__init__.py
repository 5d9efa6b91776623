"""The data plane of key vaults: keys and secrets, as `azure-keyvault-keys` and `azure-keyvault-secrets` speak."""
