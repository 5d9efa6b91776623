"""The portal's own routes, put together: what its page asks for and no contract of Azure has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.api.portal.call import portal_routes
from kelp.api.portal.own_account import OwnAccount
from kelp.api.portal.person import People
from kelp.api.portal.personal_routes import PersonalRoutes, make_personal
from kelp.api.portal.scopes import Scopes
from kelp.api.portal.session_routes import SessionRoutes
from kelp.api.portal.single_page import SinglePage

if TYPE_CHECKING:
    from kelp.api.asgi import Route
    from kelp.api.portal.browser import Browsers
    from kelp.app.installation import Installation
    from kelp.app.services import Storage
    from kelp.identity.services import IdentityServices


def portal_api_routes(
    installation: Installation, storage: Storage, identity: IdentityServices, browsers: Browsers
) -> list[Route]:
    """Return the page's routes and those below `/portal/api`."""
    store, access = installation.store, storage.access
    people = People(installation.directory, access)
    personal = make_personal(installation.database, installation.keys, installation.clock)
    works = {
        **OwnAccount(identity).works(),
        **PersonalRoutes(personal, installation.directory, store, access).works(),
        **Scopes(people, installation.directory, store, access, storage.ledger).works(),
    }
    return [
        *SinglePage().routes(),
        *SessionRoutes(identity, browsers, people, store, access).routes(),
        *portal_routes(browsers, works),
    ]
