"""Who sends a request: its token, whom it speaks for, and what is said to who may not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aiohttp import web

from k8stui.demo.errors import ApiError
from k8stui.demo.model import Obj
from k8stui.demo.rbac import USERS, Ask, User, allowed
from k8stui.demo.store import Store

AUTHENTICATED: Final = "system:authenticated"
UNAUTHENTICATED: Final = "system:unauthenticated"
ANONYMOUS: Final = User("system:anonymous", (UNAUTHENTICATED,))
_EXTRA: Final = "impersonate-extra-"


def identify(store: Store, tokens: dict[str, str], request: web.BaseRequest) -> User:
    """The user that a request is answered as.

    Args:
        tokens: Bearer token to user name (see `rbac.USERS`).

    Raises:
        ApiError: 401 for a token that is not known, 403 for who may not impersonate, 500 for an
            impersonation of groups without a user.
    """
    return impersonated(store, authenticate(tokens, request), request)


def authenticate(tokens: dict[str, str], request: web.BaseRequest) -> User:
    """The user that the token is of; nobody without a token.

    Raises:
        ApiError: 401 for a token that is not known.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not token:
        for protocol in request.headers.get("Sec-WebSocket-Protocol", "").split(","):
            if protocol.strip().startswith("base64url.bearer.authorization.k8s.io."):
                scheme, token = "Bearer", protocol.strip().rpartition(".")[2]
    if not token:
        return ANONYMOUS
    name = tokens.get(token.strip()) if scheme.lower() == "bearer" else None
    if name is None:
        raise ApiError(401, "Unauthorized", "Unauthorized")
    return USERS[name]


def impersonated(store: Store, user: User, request: web.BaseRequest) -> User:
    """Whom the `Impersonate-*` headers name, if the user may speak for each part of that.

    Raises:
        ApiError: see `identify`.
    """
    name = request.headers.get("Impersonate-User", "")
    groups = tuple(request.headers.getall("Impersonate-Group", []))
    asks = list(_asks(request, name, groups))
    if not asks:
        return user
    if not name:
        named = " ".join(f"{{Group  {group}    }}" for group in groups)
        message = f'Internal Server Error: "{request.path_qs}": requested [{named}] without'
        raise ApiError(500, "", f"{message} impersonating a user", plain=True)
    for ask in asks:
        authorize(store, user, ask, ask.resource.partition("/")[0])
    if name.startswith("system:serviceaccount:") and not groups:
        space = name.split(":")[2]
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{space}")
    implied = UNAUTHENTICATED if name == ANONYMOUS.name else AUTHENTICATED
    if not {implied, UNAUTHENTICATED} & set(groups):
        groups = (*groups, implied)
    return User(name, groups)


def _asks(request: web.BaseRequest, name: str, groups: tuple[str, ...]) -> Iterator[Ask]:
    """The rights that the headers need."""
    match name.split(":"):
        case ["system", "serviceaccount", space, account]:
            yield Ask("impersonate", "", "serviceaccounts", space, account)
        case _ if name:
            yield Ask("impersonate", "", "users", "", name)
    for group in groups:
        yield Ask("impersonate", "", "groups", "", group)
    for header, value in request.headers.items():
        if header.lower().startswith(_EXTRA):
            resource = f"userextras/{header[len(_EXTRA) :].lower()}"
            yield Ask("impersonate", "authentication.k8s.io", resource, "", value)
        elif header.lower() == "impersonate-uid":
            yield Ask("impersonate", "authentication.k8s.io", "uids", "", value)


def authorize(store: Store, user: User, ask: Ask, plural: str = "") -> None:
    """Let a request through or refuse it.

    Args:
        plural: The resource without its subresource; "" when the request concerns a path.

    Raises:
        ApiError: 403, in the server's words.
    """
    if allowed(store, user, ask):
        return
    if not plural:
        message = f'forbidden: User "{user.name}" cannot {ask.verb} path "{ask.path}"'
        raise ApiError(403, "Forbidden", message, {})
    where = f'in the namespace "{ask.namespace}"' if ask.namespace else "at the cluster scope"
    named = f' "{ask.name}"' if ask.name else ""
    qualified = f"{plural}.{ask.group}" if ask.group else plural
    message = (
        f'{qualified}{named} is forbidden: User "{user.name}" cannot {ask.verb} '
        f'resource "{ask.resource}" in API group "{ask.group}" {where}'
    )
    details: Obj = {"name": ask.name} if ask.name else {}
    details |= {"group": ask.group} if ask.group else {}
    raise ApiError(403, "Forbidden", message, {**details, "kind": plural})
