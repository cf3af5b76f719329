"""REST's description of signing in, accounts and tokens."""

from __future__ import annotations

from typing import Any

from bongsu.model.user import ROLES, SCOPES
from bongsu.server.openapi_blocks import EXAMPLE_TIME, Description, Json, an_array, an_object, json_answer, operation

_TEXT: Json = {"type": "string"}
_TIME: Json = {"type": "integer"}
_MAYBE: Json = {"type": ["integer", "null"]}
_TAG = "access"
_USER = {
    "name": "kim",
    "role": "operator",
    "disabled": False,
    "created_at": EXAMPLE_TIME,
    "created_by": "root",
    "password_at": EXAMPLE_TIME,
    "signed_in_at": None,
}
_TOKEN = {
    "id": "5f0c1a2b3c4d5e6f",
    "name": "prometheus",
    "scopes": ["read"],
    "created_at": EXAMPLE_TIME,
    "created_by": "kim",
    "expires_at": None,
    "last_used_at": None,
}
_SESSION = {
    "id": "9f2c1e0b7a5d4c38",
    "user": "kim",
    "created_at": EXAMPLE_TIME,
    "seen_at": EXAMPLE_TIME,
    "expires_at": EXAMPLE_TIME,
    "address": "10.0.0.7",
    "agent": "Mozilla/5.0",
    "current": True,
}
_WRITING = (408, 413, 415, 429, 503, 507)


def _path(name: str, en: str, ko: str, example: str) -> Json:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": en,
        "x-ko": ko,
        "schema": _TEXT,
        "example": example,
    }


def _body(schema: str, example: Json) -> Json:
    content = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": example}
    return {"required": True, "content": {"application/json": content}}


def _op(en: str, ko: str, answer: Json, *statuses: int, **more: Any) -> Json:
    return operation(en, ko, _TAG, answer, *statuses, **more)


def _sessions() -> Json:
    view = {
        "open": False,
        "user": {"name": "kim", "role": "operator"},
        "scopes": None,
        "csrf": "vY3…",
        "expires_at": EXAMPLE_TIME,
    }
    signed_out = _op("Sign out.", "로그아웃합니다.", {"description": "It is over."}, 401, 403, 503, 507)
    signed_out["responses"] = {("204" if code == "200" else code): one for code, one in signed_out["responses"].items()}
    return {
        "/api/v1/session": {
            "get": _op(
                "Who is asking; never 401, so that a page learns whether somebody must sign in.",
                "지금 누가 로그인해 있는지 조회합니다. 로그인하지 않아도 답합니다.",
                json_answer("Who asks, and what changes must carry.", "SessionView", view),
                400,
            ),
            "post": _op(
                "Sign in: sets the cookie `bongsu_session`. Wrong name and wrong password get the same answer.",
                "로그인합니다. 쿠키 bongsu_session을 설정하며, 이름과 비밀번호 중 무엇이 틀렸는지는 알리지 않습니다.",
                json_answer("Signed in.", "SessionView", view),
                *(400, 401, 409, *_WRITING),
                requestBody=_body("SignIn", {"name": "kim", "password": "correct horse battery"}),  # nosec B105
            ),
            "delete": signed_out,
        },
        "/api/v1/sessions": {
            "get": _op(
                "Who is signed in: one's own sessions, for an admin all.",
                "로그인 세션을 조회합니다. 관리자는 전체를, 그 밖에는 자신의 세션만 봅니다.",
                json_answer("The sessions, the newest use first.", "Sessions", {"sessions": [_SESSION]}),
                *(400, 401, 403),
            )
        },
        "/api/v1/sessions/{id}": {
            "delete": _op(
                "End a session: its cookie and its live sockets hold no longer.",
                "세션을 끝냅니다. 쿠키와 실시간 연결이 바로 끊깁니다.",
                json_answer("It is over.", "EndedSession", {"ended": _SESSION["id"]}),
                *(401, 403, 404, 503, 507),
                parameters=[_path("id", "The session's id.", "세션 id", str(_SESSION["id"]))],
            )
        },
    }


def _users() -> Json:
    named = [_path("name", "The account's name.", "계정 이름", "kim")]
    return {
        "/api/v1/users": {
            "get": _op(
                "Every account.",
                "모든 계정을 조회합니다.",
                json_answer("The accounts, by name.", "Users", {"users": [_USER]}),
                *(400, 401, 403),
            ),
            "post": _op(
                "Make an account; the first one is made with `bongsu user add`.",
                "계정을 만듭니다. 첫 계정은 bongsu user add로 만듭니다.",
                json_answer("It is there.", "OneUser", {"user": _USER}),
                *(400, 401, 403, 409, 422, *_WRITING),
                requestBody=_body("NewUser", {"name": "kim", "password": "correct horse battery", "role": "operator"}),  # nosec B105
            ),
        },
        "/api/v1/users/{name}": {
            "put": _op(
                "Change role, password, or whether they may sign in; what isn't sent stays.",
                "역할, 비밀번호, 사용 여부를 바꿉니다. 보내지 않은 항목은 그대로 둡니다.",
                json_answer("As it stands now.", "OneUser", {"user": _USER}),
                *(400, 401, 403, 404, 409, 422, *_WRITING),
                parameters=named,
                requestBody=_body("UserChange", {"role": "viewer"}),
            ),
            "delete": _op(
                "Drop an account and end its sessions.",
                "계정을 지우고 세션을 모두 끝냅니다.",
                json_answer("It is gone.", "RemovedUser", {"removed": "kim"}),
                *(401, 403, 404, 409, 503, 507),
                parameters=named,
            ),
        },
        "/api/v1/users/me/password": {
            "post": _op(
                "Change one's own password; one's other sessions end.",
                "자신의 비밀번호를 바꿉니다. 다른 곳의 로그인은 끝납니다.",
                json_answer("It is changed.", "ChangedPassword", {"changed": "kim"}),
                *(400, 401, 403, 422, *_WRITING),
                requestBody=_body("NewPassword", {"old": "correct horse battery", "new": "staple battery horse"}),
            )
        },
    }


def _tokens() -> Json:
    return {
        "/api/v1/tokens": {
            "get": _op(
                "Every token, without its text.",
                "모든 API 토큰을 조회합니다. 토큰 값은 들어 있지 않습니다.",
                json_answer("The tokens, oldest first.", "Tokens", {"tokens": [_TOKEN]}),
                *(400, 401, 403),
            ),
            "post": _op(
                "Make a token; its text is in this answer and nowhere after.",
                "API 토큰을 만듭니다. 토큰 값은 이 응답에서만 볼 수 있습니다.",
                json_answer("The token and its text.", "MadeToken", {"token": "bgs_…", **_TOKEN}),  # nosec B105
                *(400, 401, 403, 409, 422, *_WRITING),
                requestBody=_body("NewToken", {"name": "prometheus", "scopes": ["read"]}),
            ),
        },
        "/api/v1/tokens/{id}": {
            "delete": _op(
                "Revoke a token.",
                "API 토큰을 폐기합니다.",
                json_answer("It is revoked.", "RemovedToken", {"removed": _TOKEN["id"]}),
                *(401, 403, 404, 503, 507),
                parameters=[_path("id", "The token's id.", "토큰 id", str(_TOKEN["id"]))],
            )
        },
    }


def _schemas() -> Json:
    role: Json = {"enum": list(ROLES)}
    scopes: Json = {"type": "array", "items": {"enum": list(SCOPES)}, "minItems": 1}
    person = {**an_object(["name", "role"], name=_TEXT, role=role), "type": ["object", "null"]}
    token = {
        "id": _TEXT,
        "name": _TEXT,
        "scopes": scopes,
        "created_at": _TIME,
        "created_by": _TEXT,
        "expires_at": _MAYBE,
        "last_used_at": _MAYBE,
    }
    closed = {"additionalProperties": False}
    user = {"$ref": "#/components/schemas/User"}
    return {
        "SessionView": an_object(
            ["open", "user", "scopes", "csrf", "expires_at"],
            open={"type": "boolean"},
            user=person,
            scopes={"type": ["array", "null"], "items": {"enum": list(SCOPES)}},
            csrf={"type": ["string", "null"]},
            expires_at=_MAYBE,
        ),
        "SignIn": {**an_object(["name", "password"], name=_TEXT, password=_TEXT), **closed},
        "Sessions": an_object(["sessions"], sessions=an_array({"$ref": "#/components/schemas/Session"})),
        "Session": an_object(
            list(_SESSION),
            **dict.fromkeys(("id", "user", "address", "agent"), _TEXT),
            **dict.fromkeys(("created_at", "seen_at", "expires_at"), _TIME),
            current={"type": "boolean"},
        ),
        "EndedSession": an_object(["ended"], ended=_TEXT),
        "User": an_object(
            list(_USER),
            name=_TEXT,
            role=role,
            disabled={"type": "boolean"},
            created_at=_TIME,
            created_by=_TEXT,
            password_at=_TIME,
            signed_in_at=_MAYBE,
        ),
        "Users": an_object(["users"], users=an_array(user)),
        "OneUser": an_object(["user"], user=user),
        "NewUser": {**an_object(["name", "password"], name=_TEXT, password=_TEXT, role=role), **closed},
        "UserChange": {
            **an_object(
                [],
                role={"enum": [*ROLES, None]},
                disabled={"type": ["boolean", "null"]},
                password={"type": ["string", "null"]},
            ),
            **closed,
        },
        "RemovedUser": an_object(["removed"], removed=_TEXT),
        "NewPassword": {**an_object(["old", "new"], old=_TEXT, new=_TEXT), **closed},
        "ChangedPassword": an_object(["changed"], changed=_TEXT),
        "Token": an_object(list(token), **token),
        "Tokens": an_object(["tokens"], tokens=an_array({"$ref": "#/components/schemas/Token"})),
        "MadeToken": an_object(["token", *token], token=_TEXT, **token),
        "NewToken": {**an_object(["name", "scopes"], name=_TEXT, scopes=scopes, expires_at=_MAYBE), **closed},
        "RemovedToken": an_object(["removed"], removed=_TEXT),
    }


DESCRIPTION = Description(
    tags=({"name": _TAG, "description": "Signing in, accounts, tokens.", "x-ko": "로그인과 계정, API 토큰"},),
    paths={**_sessions(), **_users(), **_tokens()},
    schemas=_schemas(),
)
