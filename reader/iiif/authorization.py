"""What is not open, for viewers on other sites (IIIF Authorization Flow API 2.0): services, tokens, probe results.

A token proves to the probe service that whoever holds it has signed in here. It opens nothing by itself: images and
texts ask the session, as every view does.
"""

from __future__ import annotations

import re

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from wenyuan.reader.context import library, reading
from wenyuan.reader.iiif import addresses, answers, languages
from wenyuan.reader.iiif.answers import Json
from wenyuan.reader.iiif.languages import LanguageMap, words
from wenyuan.reader.translate import _
from wenyuan.repo import wording
from wenyuan.repo.catalogue import users
from wenyuan.repo.description import Access
from wenyuan.repo.errors import NoSuchUser
from wenyuan.repo.policy import ANONYMOUS, Decision, Person

TOKEN_LIFETIME_S = 300
"""As the specification's examples have it; a viewer asks again by itself, without the reader."""
MESSAGE_CHARACTERS = 200

_SALT = "iiif-access-token"
_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def services_of(access: Access, base: str, image: str) -> list[Json]:
    """What an image or its information offers to who may not see it yet; nothing where it is open.

    Args:
        access: of its item.
        base: address of the site, without a slash at its end.
        image: its identifier, `<item>-<page key>`.
    """
    if access is Access.OPEN:
        return []
    return [{**probe_of(base, image), "service": shared_services(access, base)}]


def shared_services(access: Access, base: str) -> list[Json]:
    """The access service with those inside it: the same for all images, told once in a manifest."""
    if access is Access.OPEN:
        return []
    token = {
        "id": f"{base}{addresses.AUTHORIZATION}/token",
        "type": "AuthAccessTokenService2",
        "errorHeading": words(lambda: _("还没有登录")),
        "errorNote": words(lambda: _("请在打开的窗口里登录，然后再试。")),
    }
    sign_out = {
        "id": f"{base}{addresses.AUTHORIZATION}/logout",
        "type": "AuthLogoutService2",
        "label": words(lambda: _("退出%(site)s", site=library().settings.site_name)),
    }
    return [
        {
            "id": f"{base}{addresses.AUTHORIZATION}/access",
            "type": "AuthAccessService2",
            "profile": "active",
            "label": words(lambda: _("登录%(site)s", site=library().settings.site_name)),
            "heading": words(lambda: _("请登录")),
            "note": _reason("needs-sign-in", remedy=False),
            "confirmLabel": words(lambda: _("登录")),
            "service": [token, sign_out],
        }
    ]


def probe_of(base: str, image: str) -> Json:
    """The probe service of an image, which names the access service that a manifest describes once."""
    access = {"id": f"{base}{addresses.AUTHORIZATION}/access", "type": "AuthAccessService2"}
    return {"id": f"{base}{addresses.AUTHORIZATION}/probe/{image}", "type": "AuthProbeService2", "service": [access]}


def probe_result(decision: Decision, person: Person, substitute: Json | None) -> Json:
    """What the image would answer.

    Args:
        decision: on reading it.
        person: who asked.
        substitute: what may be shown instead.
    """
    result: Json = {"@context": answers.AUTHORIZATION, "type": "AuthProbeResult2"}
    if decision.allowed:
        return {**result, "status": 200}
    result["status"] = 401 if person == ANONYMOUS else 403
    if substitute:
        result["substitute"] = [substitute]
    return {**result, "heading": _reason(decision.reason, remedy=False), "note": _reason(decision.reason, remedy=True)}


def token_message(person: Person, origin: str, message: str) -> Json:
    """What the token page posts to the viewer: a token, or why there is none."""
    if not 0 < len(message) <= MESSAGE_CHARACTERS:
        return _token_error("invalidRequest", message[:MESSAGE_CHARACTERS])
    if not is_origin(origin):
        return _token_error("invalidOrigin", message)
    token = make_token(person)
    if token is None:
        return _token_error("missingAspect", message)
    return {
        "@context": answers.AUTHORIZATION,
        "type": "AuthAccessToken2",
        "accessToken": token,
        "expiresIn": TOKEN_LIFETIME_S,
        "messageId": message,
    }


def make_token(person: Person) -> str | None:
    """A signed proof that this account has signed in, for its present password alone; None for nobody."""
    if person.name is None:
        return None
    with reading() as session:
        return str(_signer().dumps([person.name, users.fingerprint(session, person.name)]))


def person_of(token: str) -> Person:
    """Whose token it is; nobody's where it is forged, too old, or the account is gone or has another password."""
    try:
        name, fingerprint = _signer().loads(token, max_age=TOKEN_LIFETIME_S)
        with reading() as session:
            known = users.fingerprint(session, name) == fingerprint
            return Person(name, users.get(session, name).role) if known else ANONYMOUS
    except (BadSignature, NoSuchUser):
        return ANONYMOUS


def is_origin(text: str) -> bool:
    """Whether it is the origin of a page (RFC 6454): scheme, host, perhaps a port, and nothing behind."""
    return _ORIGIN.fullmatch(text) is not None


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.config["SECRET_KEY"]), salt=_SALT)


def _token_error(profile: str, message: str) -> Json:
    return {
        "@context": answers.AUTHORIZATION,
        "type": "AuthAccessTokenError2",
        "profile": profile,
        "messageId": message,
        "heading": words(lambda: _("还没有登录")),
        "note": words(lambda: _("请在打开的窗口里登录，然后再试。")),
    }


def _reason(code: str, *, remedy: bool) -> LanguageMap:
    """The words of a decision, as the pages of the site have them."""
    told = {tag: wording.describe(code, {}, tag) for tag in wording.LANGUAGES}
    return languages.together({tag: [each.remedy if remedy else each.what] for tag, each in told.items()})
