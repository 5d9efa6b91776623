"""Inviting guests: `/invitations`. A guest is removed like a user."""

from __future__ import annotations

from urllib.parse import quote

from kelp.api.graph.call import GraphCall, GraphRoute, check_length, described
from kelp.api.graph.descriptions import INVITATION, NEW_INVITATION, shown
from kelp.api.graph.documents import encode_user
from kelp.api.graph.users import target_of
from kelp.api.management.call import Answer
from kelp.identity.redirect_uris import find_redirect_problem


def create_invitation(call: GraphCall) -> Answer:
    """Invite somebody. The answer holds the link to follow; whoever holds it can become the guest."""
    call.require("users/inviteGuest")
    reader = call.reader()
    mail, name = reader.text("invitedUserEmailAddress"), reader.text("invitedUserDisplayName")
    redirect_url = reader.text("inviteRedirectUrl")
    with reader.reporting():
        if not mail:
            reader.refuse("invitedUserEmailAddress", "'invitedUserEmailAddress' says whom to invite.")
        check_length(reader, "invitedUserEmailAddress", mail, 200)
        check_length(reader, "invitedUserDisplayName", name)
        check_length(reader, "inviteRedirectUrl", redirect_url, 2048)
        problem = find_redirect_problem(redirect_url) if redirect_url else None
        if problem is not None:
            reader.refuse("inviteRedirectUrl", problem)
    invitation = call.directory.guests.invite(call.tenant, mail, name, redirect_url)
    guest = invitation.guest
    call.record("Invite external user", "UserManagement", target_of(guest))
    document = {
        "id": str(guest.object_id),
        "invitedUserEmailAddress": guest.mail,
        "invitedUserDisplayName": guest.name,
        "invitedUserType": "Guest",
        "inviteRedirectUrl": redirect_url or None,
        "inviteRedeemUrl": f"{call.base_url}/redeem?token={quote(invitation.token)}",
        "sendInvitationMessage": False,
        "status": "PendingAcceptance",
        "invitedUser": encode_user(guest),
    }
    return Answer(201, described(call.base_url, "invitations/$entity", document))


ROUTES = (
    GraphRoute("POST", "/invitations", create_invitation, shown(INVITATION, 201, takes=NEW_INVITATION)),
)
