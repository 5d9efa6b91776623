"""The documents that lead clients to the token endpoint and to our keys."""

from __future__ import annotations

from typing import Any

from kelp.identity.audiences import Audience


def openid_configuration(base_url: str, tenant_name: str, issuer_tenant: str, version: int) -> dict[str, Any]:
    """Return the OpenID Connect discovery document of a tenant (OpenID Connect Discovery 1.0, section 3).

    `issuer_tenant` is the tenant's id where it is known, since that is what tokens say; endpoints keep the name that
    the client used, because clients cut the tenant out of them.
    """
    tenant, infix = f"{base_url}/{tenant_name}", "/v2.0" if version == 2 else ""
    return {
        "issuer": f"{base_url}/{issuer_tenant}{infix or '/'}",
        "authorization_endpoint": f"{tenant}/oauth2{infix}/authorize",
        "token_endpoint": f"{tenant}/oauth2{infix}/token",
        "device_authorization_endpoint": f"{tenant}/oauth2{infix}/devicecode",
        "jwks_uri": f"{tenant}/discovery{infix}/keys",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_post",
            "client_secret_basic",
            "private_key_jwt",
        ],
        "grant_types_supported": [
            "authorization_code",
            "client_credentials",
            "password",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "claims_supported": [
            "sub",
            "iss",
            "aud",
            "exp",
            "iat",
            "nonce",
            "tid",
            "oid",
            "name",
            "preferred_username",
            "email",
            "email_verified",
        ],
    }


def instance_discovery(base_url: str) -> dict[str, Any]:
    """Return where to look for a tenant's discovery document, for clients that ask us whether we are an authority."""
    return {
        "tenant_discovery_endpoint": f"{base_url}/common/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [],
    }


def user_realm(user_name: str) -> dict[str, Any]:
    """Return that a user's password is checked here, not at a federated provider."""
    return {
        "ver": "1.0",
        "account_type": "Managed",
        "domain_name": user_name.rpartition("@")[2],
        "cloud_instance_name": "kelp",
        "cloud_audience_urn": "urn:federation:MicrosoftOnline",
    }


def cloud_metadata(base_url: str) -> dict[str, Any]:
    """Return the description of this installation as a cloud, which `az cloud register` reads.

    The doubled `logAnalyticslogAnalyticsResourceId` is the name under which the CLI's query command looks for us.
    """
    return {
        "name": "Kelp",
        "portal": base_url,
        "authentication": {
            "loginEndpoint": base_url,
            "audiences": [Audience.MANAGEMENT.value, base_url],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": base_url,
        "graph": base_url,
        "graphAudience": Audience.GRAPH.value,
        "microsoftGraphResourceId": base_url,
        "gallery": base_url,
        "batch": base_url,
        "media": base_url,
        "sqlManagement": base_url,
        "vmImageAliasDoc": base_url,
        "activeDirectoryDataLake": base_url,
        "logAnalyticsResourceId": base_url,
        "logAnalyticslogAnalyticsResourceId": base_url,
        "appInsightsResourceId": Audience.APPLICATION_INSIGHTS.value,
        "appInsightsTelemetryChannelResourceId": base_url,
        "synapseAnalyticsResourceId": base_url,
        "ossrdbmsResourceId": base_url,
        "attestationResourceId": base_url,
        "suffixes": {
            "acrLoginServer": "azurecr.invalid",
            "azureDataLakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.invalid",
            "azureDataLakeStoreFileSystem": "azuredatalakestore.invalid",
            "keyVaultDns": "vault.invalid",
            "sqlServerHostname": "database.invalid",
            "storage": "storage.invalid",
        },
    }
