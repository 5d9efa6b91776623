"""The objects of the directory as shapes, and what its routes take and give, for the published description."""

from __future__ import annotations

from kelp.api.description import Body, Description, Parameter
from kelp.resources.shape import (
    Anything,
    Choice,
    Guid,
    Items,
    Moment,
    Named,
    Nullable,
    Record,
    Shape,
    Text,
    Truth,
    Url,
    Whole,
)

_TEXT, _TRUTH, _MAYBE = Text(), Truth(), Nullable(Text())
_NAME = Text(256, 1)
_CREATED = {"createdDateTime": Moment()}
_CREDENTIALS: dict[str, Shape] = {
    "passwordCredentials": Items(
        Record(
            {
                "keyId": Guid(),
                "displayName": _MAYBE,
                "hint": _MAYBE,
                "startDateTime": Moment(),
                "endDateTime": Moment(),
                "secretText": _MAYBE,
            }
        )
    ),
    "keyCredentials": Items(Anything()),
}
USER = Named(
    "User",
    Record(
        {
            "id": Guid(),
            "displayName": _TEXT,
            "userPrincipalName": _MAYBE,
            "mail": _MAYBE,
            "accountEnabled": _TRUTH,
            "userType": Choice(("Guest", "Member")),
            "externalUserState": _MAYBE,
            **_CREATED,
        }
    ),
)
GROUP = Named(
    "Group",
    Record(
        {
            "id": Guid(),
            "displayName": _TEXT,
            "description": _MAYBE,
            "mailEnabled": _TRUTH,
            "securityEnabled": _TRUTH,
            **_CREATED,
        }
    ),
)
APPLICATION = Named(
    "Application",
    Record({"id": Guid(), "appId": Guid(), "displayName": _TEXT, **_CREATED, **_CREDENTIALS}),
)
SERVICE_PRINCIPAL = Named(
    "ServicePrincipal",
    Record(
        {
            "id": Guid(),
            "appId": Guid(),
            "displayName": _TEXT,
            "accountEnabled": _TRUTH,
            "servicePrincipalType": Choice(("ManagedIdentity", "Application")),
            "alternativeNames": Items(_TEXT),
            **_CREATED,
            **_CREDENTIALS,
        }
    ),
)
OBJECT = Named("DirectoryObject", Record({"@odata.type": _TEXT, "id": Guid(), "displayName": _TEXT}))
TENANT = Named(
    "Organization",
    Record(
        {
            "id": Guid(),
            "displayName": _TEXT,
            "verifiedDomains": Items(Record({"name": _TEXT, "isDefault": _TRUTH})),
            "logWorkspace": _MAYBE,
            **_CREATED,
        }
    ),
)
PROVIDER = Named(
    "IdentityProvider", Record({"id": Guid(), "displayName": _TEXT, "issuer": _TEXT, "clientId": _TEXT})
)
DOMAIN = Named("Domain", Record({"id": _TEXT, "isDefault": _TRUTH}))
TEXT = Named("DirectoryId", Text())
_PASSWORD = Record({"password": Text(256)})
_KEYS = Items(Record({"keyId": Guid(), "key": _TEXT, "displayName": _TEXT}))
_REDIRECTS = {platform: Record({"redirectUris": Items(_TEXT)}) for platform in ("web", "publicClient", "spa")}
_MEMBERS = {"members@odata.bind": Items(_TEXT)}
_NEW_USER: dict[str, Shape] = {
    "displayName": _NAME,
    "userPrincipalName": Text(256, 3),
    "mail": Text(320),
    "accountEnabled": _TRUTH,
    "passwordProfile": _PASSWORD,
}
NEW_USER = Named(
    "UserDraft",
    Record(_NEW_USER, required=("displayName", "userPrincipalName", "passwordProfile")),
)
USER_CHANGES = Named("UserPatch", Record(_NEW_USER))
_NEW_GROUP: dict[str, Shape] = {
    "displayName": _NAME,
    "description": Text(1024),
    "securityEnabled": _TRUTH,
    "mailEnabled": _TRUTH,
    **_MEMBERS,
}
NEW_GROUP = Named("GroupDraft", Record(_NEW_GROUP, required=("displayName",)))
GROUP_CHANGES = Named("GroupPatch", Record(_NEW_GROUP))
REFERENCE = Named("DirectoryReference", Record({"@odata.id": _TEXT}, required=("@odata.id",)))
_NEW_APPLICATION: dict[str, Shape] = {
    "displayName": _NAME,
    "signInAudience": _TEXT,
    "keyCredentials": _KEYS,
    **_REDIRECTS,
}
NEW_APPLICATION = Named("ApplicationDraft", Record(_NEW_APPLICATION, required=("displayName",)))
APPLICATION_CHANGES = Named("ApplicationPatch", Record(_NEW_APPLICATION))
NEW_SECRET = Named(
    "PasswordDraft",
    Record(
        {
            "passwordCredential": Record(
                {"displayName": _TEXT, "startDateTime": Moment(), "endDateTime": Moment()}
            )
        }
    ),
)
SECRET_NAME = Named("PasswordKey", Record({"keyId": Guid()}, required=("keyId",)))
NEW_SERVICE_PRINCIPAL = Named(
    "ServicePrincipalDraft", Record({"appId": Guid(), "accountEnabled": _TRUTH}, required=("appId",))
)
SERVICE_PRINCIPAL_CHANGES = Named(
    "ServicePrincipalPatch", Record({"displayName": _NAME, "accountEnabled": _TRUTH})
)
NEW_PASSWORD = Named(
    "PasswordChange",
    Record(
        {"currentPassword": Text(256), "newPassword": Text(256)}, required=("currentPassword", "newPassword")
    ),
)
CURRENT_PASSWORD = Named(
    "CurrentPassword", Record({"currentPassword": Text(256)}, required=("currentPassword",))
)
CODE = Named("SecondFactorCode", Record({"code": Text(32)}, required=("code",)))
IDS = Named("DirectoryIds", Record({"ids": Items(Guid()), "types": Items(_TEXT)}, required=("ids",)))
GROUP_IDS = Named("GroupIds", Record({"groupIds": Items(Guid(), maximum=20)}, required=("groupIds",)))
NEW_PROVIDER = Named(
    "IdentityProviderDraft",
    Record(
        {
            "displayName": _NAME,
            "issuer": Url(),
            "clientId": _NAME,
            "clientSecret": _NAME,
            "matchesMail": _TRUTH,
        },
        required=("displayName", "issuer", "clientId"),
    ),
)
NEW_INVITATION = Named(
    "InvitationDraft",
    Record(
        {
            "invitedUserEmailAddress": Text(200),
            "invitedUserDisplayName": Text(256),
            "inviteRedirectUrl": Text(2048),
        },
        required=("invitedUserEmailAddress",),
    ),
)
INVITATION = Named(
    "Invitation",
    Record({"id": _TEXT, "inviteRedeemUrl": _TEXT, "invitedUser": Record({"id": Guid()})}),
)
ORGANIZATION_CHANGES = Named("OrganizationPatch", Record({"displayName": _NAME, "logWorkspace": _TEXT}))
NEW_TENANT = Named(
    "TenantDraft",
    Record(
        {
            "displayName": _NAME,
            "defaultDomain": _TEXT,
            "administrator": Record(
                {"userPrincipalName": _TEXT, "displayName": _TEXT, "password": Text(256)}
            ),
        },
        required=("displayName", "defaultDomain", "administrator"),
    ),
)
TENANT_NAME = Named("TenantPatch", Record({"displayName": _NAME}, required=("displayName",)))
NEW_DOMAIN = Named("DomainDraft", Record({"id": _TEXT}, required=("id",)))

_SELECT = Parameter("$select", _TEXT, "The members that are wanted.", component="GraphSelect")
_OPTIONS = (
    Parameter("$filter", _TEXT, "Which objects are wanted.", component="GraphFilter"),
    _SELECT,
    Parameter("$top", Whole(1, 999), "The most that a page is to hold.", component="GraphTop"),
    Parameter("$count", Truth(), "Whether to say how many there are.", component="GraphCount"),
    Parameter("$skiptoken", _TEXT, "Where the page begins.", component="GraphSkipToken"),
)


def listed(
    shape: Named, *, takes: Named | None = None, name: str = "", offers_options: bool = True
) -> Description:
    """Describe a list."""
    page = Record(
        {"@odata.context": _TEXT, "@odata.count": Whole(), "@odata.nextLink": _TEXT, "value": Items(shape)},
        required=("value",),
    )
    return Description(
        name=name,
        takes=Body(takes) if takes else None,
        gives={200: Body(Named(f"{shape.name}Page", page))},
        parameters=_OPTIONS if offers_options else (),
    )


def shown(shape: Named, status: int = 200, *, takes: Named | None = None) -> Description:
    """Describe an answer with one object."""
    return Description(
        takes=Body(takes) if takes else None, gives={status: Body(shape)}, parameters=(_SELECT,)
    )


def asked(takes: Named) -> Description:
    """Describe a question that is answered with a document of its own."""
    return Description(takes=Body(takes))


def done(takes: Named | None = None) -> Description:
    """Describe a change that is answered with nothing."""
    return Description(takes=Body(takes) if takes else None, gives={204: None})
