"""The auth provider oidc renews its token at a real (local) identity provider, over checked TLS."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from multidict import MultiMapping

from k8stui.cluster.kubeconfig import AuthProviderSpec, UserSpec, load_kubeconfig
from k8stui.cluster.oidc import OidcLogin, oidc_credentials
from k8stui.cluster.target import Target, Tls
from k8stui.errors import LoginFailed

from .conftest import Certificates

NOW = 1_000_000.0


def jwt(expires: float, name: str = "alice") -> str:
    """An unsigned id token; the name makes its base64 hold `-` and `_`, and no padding."""
    claims = json.dumps({"exp": expires, "name": f"{name}~~~???>>>"}).encode()
    payload = base64.urlsafe_b64encode(claims).decode().rstrip("=")
    return f"head.{payload}.signature"


class Provider:
    """An identity provider that remembers what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[dict[str, str], str]] = []
        self.answers: list[tuple[int, object]] = []
        self.token_endpoint: str | None = None

    async def discovery(self, _: web.Request) -> web.Response:
        return web.json_response({"token_endpoint": self.token_endpoint or f"{self.url}/token"})

    async def token(self, request: web.Request) -> web.Response:
        form: MultiMapping[object] = await request.post()
        fields = {key: str(value) for key, value in form.items()}
        self.asked.append((fields, request.headers.get("Authorization", "")))
        code, body = self.answers.pop(0)
        if isinstance(body, str):
            return web.Response(status=code, text=body)
        return web.json_response(body, status=code)


async def started(provider: Provider, context: ssl.SSLContext | None) -> web.AppRunner:
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", provider.discovery)
    app.router.add_post("/token", provider.token)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    port = runner.addresses[0][1]
    provider.url = f"{'https' if context else 'http'}://127.0.0.1:{port}"
    return runner


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    made = Provider()
    runner = await started(made, None)
    yield made
    await runner.cleanup()


@pytest.fixture
async def tls_provider(certificates: Certificates) -> AsyncIterator[Provider]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server.certificate_file, certificates.server.key_file)
    made = Provider()
    runner = await started(made, context)
    yield made
    await runner.cleanup()


def user_of(provider: Provider, **settings: str) -> UserSpec:
    fixed = {"idp-issuer-url": f"{provider.url}/", "client-id": "k8s"}
    named = {key.replace("_", "-"): value for key, value in settings.items()}
    return UserSpec("alice", auth_provider=AuthProviderSpec("oidc", tuple((fixed | named).items())))


def login_of(user: UserSpec) -> OidcLogin:
    return OidcLogin(user, {}, clock=lambda: NOW)


async def failure(user: UserSpec) -> str:
    with pytest.raises(LoginFailed) as caught:
        await login_of(user).fetch()
    return caught.value.message


async def test_an_id_token_that_is_good_is_used_without_asking(provider: Provider) -> None:
    token = jwt(NOW + 60)
    grant = await login_of(user_of(provider, id_token=token)).fetch()
    assert (grant.authorization, grant.expires) == (f"Bearer {token}", NOW + 50)
    assert provider.asked == []


async def test_an_expired_one_is_renewed_and_the_new_refresh_token_used_next(
    provider: Provider,
) -> None:
    user = user_of(provider, id_token=jwt(NOW + 5), refresh_token="first", client_secret="s e")
    login = login_of(user)
    new, newer = jwt(NOW + 3600), jwt(NOW + 7200)
    provider.answers = [
        (200, {"id_token": new, "refresh_token": "second"}),
        (200, {"id_token": newer}),
        (200, {"id_token": newer}),
    ]
    assert (await login.fetch()).authorization == f"Bearer {new}"
    assert (await login.fetch()).authorization == f"Bearer {newer}"
    await login.fetch()
    assert [fields["refresh_token"] for fields, _ in provider.asked] == [
        "first",
        "second",
        "second",
    ]
    assert provider.asked[0] == (
        {"grant_type": "refresh_token", "refresh_token": "first"},
        "Basic " + base64.b64encode(b"k8s:s%20e").decode(),
    )


async def test_a_public_client_has_no_secret_to_send(provider: Provider) -> None:
    provider.answers = [(200, {"id_token": jwt(NOW + 60)})]
    await login_of(user_of(provider, refresh_token="r")).fetch()
    assert provider.asked == [
        ({"grant_type": "refresh_token", "refresh_token": "r", "client_id": "k8s"}, "")
    ]


async def test_a_provider_that_wants_the_secret_in_the_body_gets_it_there(
    provider: Provider,
) -> None:
    provider.answers = [(401, {"error": "invalid_client"}), (200, {"id_token": jwt(NOW + 60)})]
    await login_of(user_of(provider, refresh_token="r", client_secret="s")).fetch()
    fields, authorization = provider.asked[1]
    assert (fields["client_id"], fields["client_secret"], authorization) == ("k8s", "s", "")


@pytest.mark.parametrize(
    ("code", "body", "problem"),
    [
        (
            400,
            {"error": "invalid_grant", "error_description": "Token \x1b[1mrevoked"},
            'does not renew the login of user "alice": invalid_grant: Token ^[[1mrevoked',
        ),
        (500, "<html>", 'does not renew the login of user "alice": HTTP status 500'),
        (302, "", 'does not renew the login of user "alice": HTTP status 302'),
        (200, "<html>", "answered with something else than JSON"),
        (200, {"access_token": "s3cret"}, 'renewed the login of user "alice" without an id_token'),
        (200, {"id_token": "s3cret"}, 'the id token of user "alice" is no JWT'),
        (200, {"id_token": "a.s3cret!.c"}, 'the id token of user "alice" is no JWT'),
        (200, {"id_token": "a.bm8.c"}, 'the id token of user "alice" is no JWT'),
    ],
)
async def test_a_provider_that_does_not_renew_is_quoted_without_tokens(
    code: int, body: object, problem: str, provider: Provider
) -> None:
    provider.answers = [(code, body)]
    message = await failure(user_of(provider, refresh_token="s3cret"))
    assert problem in message
    assert "s3cret" not in message
    assert len(provider.asked) == 1


async def test_without_a_refresh_token_the_login_is_over(provider: Provider) -> None:
    message = await failure(user_of(provider, id_token=jwt(NOW)))
    assert message == (
        'the login of user "alice" is over, and there is no refresh-token to renew it'
    )


@pytest.mark.parametrize("missing", ["idp-issuer-url", "client-id"])
def test_what_the_configuration_lacks_is_named(missing: str) -> None:
    settings = {"idp-issuer-url": "https://idp", "client-id": "k8s", missing: ""}
    user = UserSpec("alice", auth_provider=AuthProviderSpec("oidc", tuple(settings.items())))
    with pytest.raises(LoginFailed, match=f'of user "alice" has no {missing}'):
        login_of(user)


async def test_refresh_tokens_are_sent_by_https_only(provider: Provider) -> None:
    user = UserSpec(
        "alice",
        auth_provider=AuthProviderSpec(
            "oidc",
            (("idp-issuer-url", "http://idp.example"), ("client-id", "c"), ("refresh-token", "r")),
        ),
    )
    assert "is not reached by https: http://idp.example" in await failure(user)
    provider.token_endpoint = "http://idp.example/token"
    message = await failure(user_of(provider, refresh_token="r"))
    assert "is not reached by https: http://idp.example/token" in message


async def test_the_providers_certificate_is_checked(
    tls_provider: Provider, certificates: Certificates, tmp_path: Path
) -> None:
    file = tmp_path / "ca.crt"
    file.write_text(certificates.authority)
    data = base64.b64encode(certificates.authority.encode()).decode()
    for trust in (
        {"idp_certificate_authority": str(file)},
        {"idp_certificate_authority_data": data},
    ):
        tls_provider.answers = [(200, {"id_token": jwt(NOW + 60)})]
        await login_of(user_of(tls_provider, refresh_token="r", **trust)).fetch()
    asked = len(tls_provider.asked)
    message = await failure(user_of(tls_provider, refresh_token="r"))
    assert "can't be asked" in message
    assert len(tls_provider.asked) == asked


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"idp_certificate_authority": "/no/such"}, "can't be read: No such file or directory"),
        ({"idp_certificate_authority_data": "a"}, "is not valid base64"),
        ({"idp_certificate_authority_data": "aGk="}, "holds no certificate"),
    ],
)
async def test_an_authority_that_can_not_be_used_is_named(
    settings: dict[str, str], problem: str, provider: Provider
) -> None:
    message = await failure(user_of(provider, refresh_token="r", **settings))
    assert "idp-certificate-authority" in message
    assert problem in message


async def test_a_login_made_in_another_window_is_found_and_the_file_never_written(
    provider: Provider, tmp_path: Path
) -> None:
    path = tmp_path / "config"

    def write(id_token: str) -> str:
        path.write_text(
            "users:\n- name: alice\n  user:\n    auth-provider:\n      name: oidc\n      config:\n"
            f"        idp-issuer-url: {provider.url}\n        client-id: k8s\n"
            f"        id-token: {id_token}\n"
        )
        return path.read_text()

    write(jwt(NOW + 60, "old"))
    login = login_of(load_kubeconfig([path]).users["alice"])
    assert (await login.fetch()).authorization == f"Bearer {jwt(NOW + 60, 'old')}"
    with pytest.raises(LoginFailed, match="is over"):
        await login.fetch()
    written = write(jwt(NOW + 60, "new"))
    assert (await login.fetch()).authorization == f"Bearer {jwt(NOW + 60, 'new')}"
    assert path.read_text() == written


async def test_all_who_need_a_new_token_share_one(provider: Provider) -> None:
    user = user_of(provider, refresh_token="r")
    target = Target("prod", "eu", "https://eu", "default", "alice", Tls(), user)
    credentials = oidc_credentials(target, {}, None)
    assert oidc_credentials(target, {}, None) is credentials
    provider.answers = [(200, {"id_token": jwt(4e9)})]
    first, second = await asyncio.gather(credentials.get(), credentials.get())
    assert first is second
    assert len(provider.asked) == 1
