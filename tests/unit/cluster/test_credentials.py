"""What is sent for each kind of user, when it is read again, and what a 401 leads to."""

from __future__ import annotations

import base64
import logging
from pathlib import Path

import msgspec
import pytest

from k8stui.cluster.credential import ClientCertificate, Credential, Credentials
from k8stui.cluster.credentials import KubeconfigCredentials, credentials_for
from k8stui.cluster.kubeconfig import (
    AuthProviderSpec,
    ExecSpec,
    UserSpec,
    load_kubeconfig,
)
from k8stui.cluster.renewal import RenewedCredentials
from k8stui.cluster.target import Overrides, Target, Tls, resolve_target
from k8stui.errors import LoginFailed

EXEC = ExecSpec("login", "client.authentication.k8s.io/v1", interactive_mode="Never")
OIDC = AuthProviderSpec("oidc", (("idp-issuer-url", "https://idp"), ("client-id", "k8s")))
MINUTE = 60.0


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def target_of(user: UserSpec, server: str = "https://eu:6443") -> Target:
    return Target("prod", "eu", server, "default", user.name, Tls(), user)


def credentials_of(user: UserSpec, server: str = "https://eu:6443") -> Credentials:
    return credentials_for(target_of(user, server), environ={})


async def sent(user: UserSpec) -> str | None:
    return (await credentials_of(user).get()).authorization


def basic(pair: str) -> str:
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


@pytest.mark.parametrize(
    ("user", "authorization"),
    [
        (UserSpec("u"), None),
        (UserSpec("u", token="abc"), "Bearer abc"),
        (UserSpec("u", token="abc\n"), "Bearer abc"),
        (UserSpec("u", username="bob", password="pa:ß"), basic("bob:pa:ß")),
        (UserSpec("u", username="bob"), basic("bob:")),
        (UserSpec("u", token="abc", exec=EXEC), "Bearer abc"),
        (UserSpec("u", username="bob", exec=EXEC), basic("bob:")),
        (UserSpec("u", token="abc", auth_provider=OIDC), "Bearer abc"),
    ],
)
async def test_the_authorization_header_of_a_user(
    user: UserSpec, authorization: str | None
) -> None:
    assert await sent(user) == authorization


async def test_the_token_of_the_file_goes_before_the_token_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(" of-file \n")
    assert await sent(UserSpec("u", token="beside", token_file=str(file))) == "Bearer of-file"
    file.unlink()
    assert await sent(UserSpec("u", token="beside", token_file=str(file))) == "Bearer beside"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, 'tokenFile {file} of user "u" can\'t be read: No such file or directory'),
        ("\n", 'tokenFile {file} of user "u" is empty'),
        ("s3cret\nX-Other: 1", 'tokenFile {file} of user "u" holds characters that no token has'),
    ],
)
async def test_a_token_file_that_can_not_be_used(
    content: str | None, problem: str, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    with pytest.raises(LoginFailed) as caught:
        await sent(UserSpec("u", token_file=str(file)))
    assert caught.value.message == problem.format(file=file)


async def test_a_token_file_is_read_again_each_minute_and_may_be_gone_for_a_while(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "token"
    file.write_text("one")
    clock = Clock()
    credentials = KubeconfigCredentials(UserSpec("u", token_file=str(file)), clock=clock)
    first = await credentials.get()
    file.write_text("two")
    clock.now = MINUTE - 1
    assert await credentials.get() is first
    clock.now = MINUTE
    second = await credentials.get()
    assert (second.authorization, second.generation) == ("Bearer two", first.generation + 1)
    file.unlink()
    clock.now = 2 * MINUTE
    with caplog.at_level(logging.WARNING):
        assert await credentials.get() is second
    assert "two" not in caplog.text
    file.write_text("two")
    clock.now = 3 * MINUTE
    assert await credentials.get() is second


async def test_client_certificates_come_from_data_or_files_and_are_sent_with_a_token(
    tmp_path: Path,
) -> None:
    certificate, key = tmp_path / "a.crt", tmp_path / "a.key"
    certificate.write_text("CERT FILE")
    key.write_text("KEY FILE")
    user = UserSpec(
        "u", token="t", client_certificate=str(certificate), client_key=str(key), exec=EXEC
    )
    credential = await credentials_of(user).get()
    assert credential.authorization == "Bearer t"
    assert credential.certificate == ClientCertificate(
        "CERT FILE",
        "KEY FILE",
        f'client-certificate {certificate} and client-key {key} of user "u"',
    )
    user = msgspec.structs.replace(user, client_certificate_data="CERT", client_key_data="KEY")
    credential = await credentials_of(user).get()
    assert credential.certificate == ClientCertificate(
        "CERT", "KEY", 'client-certificate-data and client-key-data of user "u"'
    )


async def test_a_certificate_file_that_was_renewed_is_a_new_generation(tmp_path: Path) -> None:
    certificate, key = tmp_path / "a.crt", tmp_path / "a.key"
    certificate.write_text("ONE")
    key.write_text("KEY")
    clock = Clock()
    user = UserSpec("u", client_certificate=str(certificate), client_key=str(key))
    credentials = KubeconfigCredentials(user, clock=clock)
    assert (await credentials.get()).generation == 1
    certificate.write_text("TWO")
    clock.now = MINUTE
    assert (await credentials.get()).generation == 2
    key.unlink()
    with pytest.raises(LoginFailed, match=r"client-key .* can't be read"):
        await KubeconfigCredentials(user).get()


@pytest.mark.parametrize(
    ("user", "kind"),
    [
        (UserSpec("u", exec=EXEC), RenewedCredentials),
        (UserSpec("u", auth_provider=OIDC), RenewedCredentials),
        (
            UserSpec("u", client_certificate_data="C", client_key_data="K", exec=EXEC),
            KubeconfigCredentials,
        ),
        (
            UserSpec("u", client_certificate_data="C", client_key_data="K", auth_provider=OIDC),
            RenewedCredentials,
        ),
    ],
)
def test_what_stands_in_the_kubeconfig_goes_before_a_plugin(user: UserSpec, kind: type) -> None:
    assert isinstance(credentials_of(user), kind)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("gcp", "gke-gcloud-auth-plugin"), ("azure", "kubelogin"), ("openstack", "make the kubeconf")],
)
def test_an_auth_provider_that_is_gone_names_its_replacement(name: str, hint: str) -> None:
    with pytest.raises(LoginFailed) as caught:
        credentials_of(UserSpec("u", auth_provider=AuthProviderSpec(name)))
    assert f'user "u" has the auth-provider {name}' in caught.value.message
    assert hint in caught.value.hint


async def test_nothing_is_sent_over_plain_http(tmp_path: Path) -> None:
    user = UserSpec("u", token="t", client_certificate_data="C", client_key_data="K", exec=EXEC)
    credentials = credentials_of(user, "http://eu:8080")
    assert await credentials.get() == Credential(None, None, 1)
    with pytest.raises(LoginFailed, match="none is sent to a server without https"):
        await credentials.refresh(1)


@pytest.mark.parametrize(
    ("user", "problem"),
    [
        (UserSpec("u", token="t"), 'does not accept the token of user "u"'),
        (UserSpec("u", username="b"), 'does not accept the password of user "u"'),
        (
            UserSpec("u", client_certificate_data="C", client_key_data="K"),
            'does not accept the client certificate of user "u"',
        ),
        (UserSpec("u"), 'asks for a login, and user "u" has none'),
        (UserSpec(""), "asks for a login, and the context names no user"),
    ],
)
async def test_a_401_to_what_can_not_be_renewed_says_what_was_not_accepted(
    user: UserSpec, problem: str
) -> None:
    credentials = credentials_of(user)
    credential = await credentials.get()
    with pytest.raises(LoginFailed) as caught:
        await credentials.refresh(credential.generation)
    assert problem in caught.value.message


async def test_after_a_401_a_login_made_in_another_window_is_found(tmp_path: Path) -> None:
    path = tmp_path / "config"
    text = (
        "clusters: [{name: c, cluster: {server: 'https://c'}}]\n"
        "contexts: [{name: x, context: {cluster: c, user: u}}]\n"
        "current-context: x\n"
    )
    path.write_text(text + "users: [{name: u, user: {token: one}}]\n")
    target = resolve_target(load_kubeconfig([path]), Overrides(), {})
    credentials = credentials_for(target, environ={})
    credential = await credentials.get()
    with pytest.raises(LoginFailed, match="does not accept the token"):
        await credentials.refresh(credential.generation)
    path.write_text(text + "users: [{name: u, user: {token: two}}]\n")
    renewed = await credentials.refresh(credential.generation)
    assert (renewed.authorization, renewed.generation) == ("Bearer two", credential.generation + 1)
    assert await credentials.refresh(credential.generation) is renewed
    path.write_text(text + "users: [{name: u, user: {exec: {command: c, apiVersion: x}}}]\n")
    with pytest.raises(LoginFailed, match="does not accept the token"):
        await credentials.refresh(renewed.generation)


def test_no_secret_is_shown() -> None:
    credential = Credential("Bearer s3cret", ClientCertificate("s3cret", "s3cret", "field"), 3)
    shown = f"{credential!r} {credential} {credential.__rich_repr__()}"
    assert "s3cret" not in shown
    assert "generation=3" in shown
    assert "source='field'" in shown
