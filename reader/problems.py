"""Every error as a page in the person's language, or as `application/problem+json` (RFC 9457) for programs."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request, url_for
from werkzeug.exceptions import HTTPException, InternalServerError

from wenyuan.reader import languages
from wenyuan.reader.context import is_api, person
from wenyuan.reader.security import FORM_TOKEN_HEADER, FormExpired
from wenyuan.reader.translate import _
from wenyuan.repo import wording
from wenyuan.repo.errors import DerivativeMissing, NotSignedIn, PictureTooSlow, Refused, TooManyPdfs, TooManyPictures
from wenyuan.repo.policy import Role
from wenyuan.storage.errors import LibraryError, Unavailable

RETRY_AFTER_S = 30
_TOLD_TO_ALL = (DerivativeMissing, PictureTooSlow, TooManyPdfs, TooManyPictures)
"""Errors of ours that say nothing of how we are built."""
_JSON_TYPES = ("application/problem+json", "application/json")


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, for a person.

    Attributes:
        code: stable name.
        what: one sentence: what happened.
        remedy: one sentence: what to do.
        more: further members of the JSON answer; nothing of how we are built.
    """

    status: int
    code: str
    what: str
    remedy: str
    more: dict[str, Any] = field(default_factory=dict)


def install(app: Flask) -> None:
    """Answer every deliberate error, every HTTP error and every accident."""

    def http(error: HTTPException) -> Response:
        if error.response is not None:
            return make_response(error.response)
        response = _answer(_of_http(error))
        for name, value in error.get_headers():
            if name not in {"Content-Type", "Content-Length"}:
                response.headers[name] = value
        return response

    def accident(error: InternalServerError) -> Response:
        return _answer(_of_http(error))

    app.register_error_handler(LibraryError, answer)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(InternalServerError, accident)


def answer(error: LibraryError, *, status: int | None = None) -> Response:
    """A deliberate error as a page, or as JSON.

    Args:
        error: what happened. A refusal of a program that is nobody yet is told as `NotSignedIn`.
        status: of HTTP, where it is another one than the error's own.
    """
    if isinstance(error, Refused) and is_api() and person().role is Role.ANONYMOUS:
        error = NotSignedIn(**error.data)
    log(error)
    told = problem_of(error)
    response = _answer(replace(told, status=status) if status else told)
    if isinstance(error, NotSignedIn):
        response.headers["WWW-Authenticate"] = _challenge()
    if isinstance(error, Unavailable) or "retry_after_s" in error.data:
        response.headers["Retry-After"] = retry_after(error)
    return response


def log(error: LibraryError) -> None:
    """Tell the log of what we could not do. Being busy is no fault, and anybody could fill the log with it."""
    if error.status >= 500:
        level = logging.INFO if isinstance(error, TooManyPdfs | TooManyPictures) else logging.ERROR
        current_app.logger.log(level, "%s %s: %s", request.method, request.path, error)


def retry_after(error: LibraryError) -> str:
    """Seconds after which to try again."""
    return str(int(error.data.get("retry_after_s", RETRY_AFTER_S)))


def problem_of(error: LibraryError) -> Problem:
    """What went wrong, in the person's language."""
    words = wording.describe(_told_as(error), error.data, languages.current().tag)
    more: dict[str, Any] = {}
    if isinstance(error, Refused | NotSignedIn):
        more = {key: error.data[key] for key in ("action", "reason", "remedy", "item") if key in error.data}
    if isinstance(error, NotSignedIn):
        more |= {"reason": "needs-sign-in", "remedy": "sign-in"}
    return Problem(error.status, error.code, words.what, words.remedy, more)


def _told_as(error: LibraryError) -> str:
    """The code whose words are shown: of a refusal its reason; how we are built inside is told to staff only."""
    if isinstance(error, Refused):
        return str(error.data.get("reason", error.code))
    if error.status < 500 or isinstance(error, _TOLD_TO_ALL) or person().role is Role.STAFF:
        return error.code
    return Unavailable.code if isinstance(error, Unavailable) else LibraryError.code


def _challenge() -> str:
    """How one signs in: by a form that leaves a cookie. No scheme for that is registered; browsers leave it alone."""
    cookie = current_app.config["SESSION_COOKIE_NAME"]
    return f'Cookie realm="wenyuan", form-action="{url_for("account.sign_in")}", cookie-name="{cookie}"'


def _of_http(error: HTTPException) -> Problem:
    status = error.code or 500
    if isinstance(error, FormExpired):
        return _form_expired(status)
    words = {
        400: ("bad-request", _("没有看懂这个请求。"), _("请检查网址，或从首页重新开始。")),
        404: (
            "no-such-address",
            _("这里没有书。"),
            _("网址也许抄错了一个字，也许这一页已经搬走。请从首页或检索重新找起。"),
        ),
        405: ("method-not-allowed", _("这个地址不能这样使用。"), _("请从首页重新开始。")),
        413: ("too-much-sent", _("一次送来的内容太多了。"), _("请缩短后再试。")),
        416: ("invalid-range", _("所要的部分超出了文件的末尾。"), _("请重新下载整个文件。")),
        500: ("accident", _("是我们这边出了差错。"), _("已经记录下来。请稍后再试；若一再出现，请告诉馆员。")),
    }
    if is_api():
        words |= _for_programs()
    code, what, remedy = words.get(status, words[500] if status >= 500 else words[400])
    return Problem(status, code, what, remedy)


def _form_expired(status: int) -> Problem:
    if is_api():
        remedy = _("请重新取一张表单，把其中 form_token 的值放进 %(header)s 标头，再发一次。", header=FORM_TOKEN_HEADER)
        return Problem(status, "form-expired", _("请求所带的表单口令不是这次登录的，没有执行。"), remedy)
    return Problem(status, "form-expired", _("这张表单放得太久，已经失效。"), _("请返回上一页，刷新后再试一次。"))


def _for_programs() -> dict[int, tuple[str, str, str]]:
    """What a program can do about it, where a person would begin anew at the home page."""
    return {
        400: ("bad-request", _("没有看懂这个请求。"), _("请检查网址和送来的内容。")),
        404: ("no-such-address", _("没有这个地址。"), _("请检查网址。")),
        405: ("method-not-allowed", _("这个地址不能这样使用。"), _("可以用的方法见 Allow 标头。")),
    }


def wants_json() -> bool:
    """Whether the client prefers a problem in JSON to a page: where programs ask, unless it says not."""
    for_programs = is_api() or request.path.startswith("/iiif/")
    order = (*_JSON_TYPES, "text/html") if for_programs else ("text/html", *_JSON_TYPES)
    return request.accept_mimetypes.best_match(order, default=order[0]) in _JSON_TYPES


def _answer(problem: Problem) -> Response:
    if wants_json():
        response = jsonify(
            type=f"urn:wenyuan:problem:{problem.code}",
            title=problem.what,
            status=problem.status,
            detail=problem.remedy,
            instance=request.path,
            code=problem.code,
            **problem.more,
        )
        response.content_type = "application/problem+json"
        response.headers["Content-Language"] = languages.current().tag
    else:
        response = make_response(render_template("problem.html", problem=problem))
    response.status_code = problem.status
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(("Accept", "Accept-Language", "Cookie"))
    return response
