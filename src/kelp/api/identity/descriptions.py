"""What the token service takes and gives, for the published description of the API."""

from __future__ import annotations

from kelp.api.description import FORM, HTML, Body, Description
from kelp.resources.shape import Anything, Entries, Items, Named, Record, Text, Url, Whole

_TEXT = Text()
_GRANTS = {
    "grant_type": _TEXT,
    "client_id": _TEXT,
    "client_secret": _TEXT,
    "client_assertion_type": _TEXT,
    "client_assertion": _TEXT,
    "scope": _TEXT,
    "resource": _TEXT,
    "username": _TEXT,
    "password": _TEXT,
    "code": _TEXT,
    "redirect_uri": _TEXT,
    "code_verifier": _TEXT,
    "refresh_token": _TEXT,
    "device_code": _TEXT,
}
TOKEN = Description(
    name="token",
    takes=Body(Named("TokenRequest", Record(_GRANTS, required=("grant_type",))), FORM),
    gives={
        200: Body(
            Named(
                "TokenAnswer",
                Record(
                    {
                        "token_type": _TEXT,
                        "access_token": _TEXT,
                        "refresh_token": _TEXT,
                        "id_token": _TEXT,
                        "scope": _TEXT,
                    },
                    required=("token_type", "access_token"),
                ),
            )
        )
    },
)
DEVICE_CODE = Description(
    name="beginDevice",
    takes=Body(
        Named(
            "DeviceCodeRequest",
            Record({"client_id": _TEXT, "scope": _TEXT, "resource": _TEXT}, required=("client_id",)),
        ),
        FORM,
    ),
    gives={
        200: Body(
            Named(
                "DeviceCode",
                Record(
                    {
                        "device_code": _TEXT,
                        "user_code": _TEXT,
                        "verification_uri": Url(),
                        "expires_in": Whole(),
                        "interval": Whole(),
                        "message": _TEXT,
                    },
                    required=("device_code", "user_code", "verification_uri", "expires_in", "interval"),
                ),
            )
        )
    },
)
CONFIGURATION = Description(
    name="openidConfiguration",
    gives={
        200: Body(
            Named(
                "OpenIdConfiguration",
                Record(
                    {
                        "issuer": _TEXT,
                        "authorization_endpoint": Url(),
                        "token_endpoint": Url(),
                        "jwks_uri": Url(),
                    },
                    required=("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"),
                ),
            )
        )
    },
)
KEYS = Description(
    gives={200: Body(Named("SigningKeys", Record({"keys": Items(Anything())}, required=("keys",))))}
)
_PAGE = Body(media_type=HTML)


def describe_page(path: str, method: str) -> Description:
    """Return what a page of sign-in takes and gives: a form, until the browser is sent on."""
    *_, last = (segment for segment in path.split("/") if not segment.startswith("{"))
    takes = Body(Named("SignInForm", Entries(_TEXT)), FORM, is_required=False) if method == "POST" else None
    return Description(
        name=last, group="signIn", takes=takes, gives={200: _PAGE, 303: None}, refusals=(_PAGE,)
    )
