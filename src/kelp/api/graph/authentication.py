"""What a user signs in with: the password and the second factor, by the user's own hand or an administrator's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.api.graph.call import GraphCall, GraphRoute, bad_request, described
from kelp.api.graph.descriptions import CODE, CURRENT_PASSWORD, NEW_PASSWORD, asked, done
from kelp.api.graph.users import end_sign_ins, get_named_user, target_of
from kelp.api.management.call import Answer
from kelp.base.errors import Category, ServiceError
from kelp.identity.accounts import account_missing
from kelp.identity.principal import AccountKind
from kelp.identity.secrets_hash import find_password_problem
from kelp.identity.sign_in import Attempt

if TYPE_CHECKING:
    from kelp.identity.accounts import Account

_CATEGORY = "UserManagement"
_CONTEXT = "kelp.secondFactor"


def change_password(call: GraphCall) -> Answer:
    """Replace the caller's password by a new one; everywhere else the caller is signed out."""
    account = _get_caller(call)
    reader = call.reader()
    current, new = reader.text("currentPassword"), reader.text("newPassword")
    with reader.reporting():
        problem = find_password_problem(new, account.user_name or "")
        if problem is not None:
            reader.refuse("newPassword", problem)
    _check_password(call, account, current)
    call.directory.set_password(account.object_id, new)
    call.record("Change user password", _CATEGORY, target_of(account))
    return Answer(204)


def show_second_factor(call: GraphCall) -> Answer:
    """Tell whether the caller signs in with a second factor."""
    account = _get_caller(call)
    is_enrolled = call.services.identity.second_factors.is_enrolled(account.object_id)
    return Answer(200, described(call.base_url, _CONTEXT, {"isEnrolled": is_enrolled}))


def enrol_second_factor(call: GraphCall) -> Answer:
    """Give the caller, who repeats the password, a secret for an authenticator; it counts once it is confirmed."""
    account = _get_caller(call)
    _check_password(call, account, call.reader().text("currentPassword"))
    enrolment = call.services.identity.second_factors.enrol(account)
    document = {"secret": enrolment.secret, "address": enrolment.address}
    return Answer(200, described(call.base_url, _CONTEXT, document))


def confirm_second_factor(call: GraphCall) -> Answer:
    """Have the second factor count, now that a code shows that the authenticator has it; answer with recovery codes."""
    account = _get_caller(call)
    codes = call.services.identity.second_factors.confirm(account.object_id, call.reader().text("code"))
    if codes is None:
        raise bad_request("The code is wrong; check the clock of the device and try the next one.", "code")
    call.record("User registered security info", _CATEGORY, target_of(account, "secondFactor"))
    return Answer(200, described(call.base_url, _CONTEXT, {"recoveryCodes": list(codes)}))


def remove_own_second_factor(call: GraphCall) -> Answer:
    """Have the caller, who gives a code or a recovery code, sign in without a second factor."""
    account = _get_caller(call)
    text = call.reader().text("code")
    call.services.identity.sign_in.check_second_factor(_attempt(call), account, text)
    call.services.identity.second_factors.remove(account.object_id)
    call.record("User deleted security info", _CATEGORY, target_of(account, "secondFactor"))
    return Answer(204)


def reset_second_factor(call: GraphCall) -> Answer:
    """Have a user who lost the authenticator sign in without a second factor."""
    call.require("users/authentication/update")
    account = get_named_user(call)
    if not call.services.identity.second_factors.remove(account.object_id):
        raise account_missing("second factor", call.parameters["user"])
    end_sign_ins(call, account)
    call.record("Admin deleted security info", _CATEGORY, target_of(account, "secondFactor"))
    return Answer(204)


def _get_caller(call: GraphCall) -> Account:
    if call.principal.kind is not AccountKind.USER:
        raise bad_request("/me request is only valid with delegated authentication flow.")
    account = call.get_account(str(call.principal.object_id))
    if account.is_guest:
        raise bad_request("A guest signs in with the account of the home tenant: sign in there to change it.")
    return account


def _check_password(call: GraphCall, account: Account, password: str) -> None:
    """Refuse a wrong password like a sign-in with it, counted and all."""
    try:
        call.services.identity.sign_in.check_password(_attempt(call), account.user_name or "", password)
    except ServiceError as failure:
        raise ServiceError(
            Category.THROTTLED if failure.category is Category.THROTTLED else Category.INVALID,
            "Request_BadRequest",
            failure.message,
            target="currentPassword",
            retry_after_seconds=failure.retry_after_seconds,
        ) from failure


def _attempt(call: GraphCall) -> Attempt:
    return Attempt(str(call.principal.tenant_id), call.client_address)


ROUTES = (
    GraphRoute("POST", "/me/changePassword", change_password, done(NEW_PASSWORD)),
    GraphRoute("GET", "/me/authentication/secondFactor", show_second_factor),
    GraphRoute("POST", "/me/authentication/secondFactor", enrol_second_factor, asked(CURRENT_PASSWORD)),
    GraphRoute("POST", "/me/authentication/secondFactor/confirm", confirm_second_factor, asked(CODE)),
    GraphRoute("POST", "/me/authentication/secondFactor/remove", remove_own_second_factor, done(CODE)),
    GraphRoute("DELETE", "/users/{user}/authentication/secondFactor", reset_second_factor, done()),
)
