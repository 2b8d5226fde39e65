"""Refuses users of a kubeconfig that kubectl refuses: incomplete or contradicting themselves."""

from __future__ import annotations

from k8stui.cluster.kubeconfig_spec import ExecSpec, UserSpec
from k8stui.errors import UsageError
from k8stui.resources.text import clean_text

EXEC_API = "client.authentication.k8s.io"
EXEC_VERSIONS = (f"{EXEC_API}/v1", f"{EXEC_API}/v1beta1")
INTERACTIVE_MODES = ("Never", "IfAvailable", "Always")


def whose(user: UserSpec) -> str:
    """The user as errors name it, with its file."""
    named = f'user "{clean_text(user.name)}"'
    return f"{named} in {user.origin}" if user.origin.name else named


def check_user(user: UserSpec) -> None:
    """Nothing, or an error, by the rules of client-go's `validateAuthInfo`.

    Raises:
        UsageError: names the user, its file and the fields.
    """
    who = whose(user)
    if (user.token or user.token_file) and (user.username or user.password):
        raise UsageError(f"{who} has a token and a username or password", "keep one way to log in")
    certificate = user.client_certificate or user.client_certificate_data
    if certificate and not (user.client_key or user.client_key_data):
        raise UsageError(
            f"{who} has a client-certificate but neither client-key nor client-key-data"
        )
    if user.exec and user.auth_provider:
        raise UsageError(f"{who} has both exec and auth-provider", "keep one way to log in")
    if user.exec:
        _check_exec(user.exec, who)


def _check_exec(spec: ExecSpec, who: str) -> None:
    if not spec.command:
        raise UsageError(f"exec of {who} has no command")
    if not spec.api_version:
        raise UsageError(f"exec of {who} has no apiVersion", f"it is one of {_EXEC_CHOICE}")
    if spec.api_version == f"{EXEC_API}/v1alpha1":
        raise UsageError(
            f"exec of {who} uses {EXEC_API}/v1alpha1, which Kubernetes 1.24 removed",
            "make the kubeconfig anew with an up-to-date login tool "
            "(for example `aws eks update-kubeconfig`), or set apiVersion to "
            f"{EXEC_API}/v1beta1 if the plugin knows it",
        )
    if spec.api_version not in EXEC_VERSIONS:
        raise UsageError(
            f"exec of {who} has an unknown apiVersion: {clean_text(spec.api_version)}",
            f"it is one of {_EXEC_CHOICE}",
        )
    if any(not name or "=" in name or "\0" in name + value for name, value in spec.env):
        raise UsageError(f"exec of {who} has an env variable without a usable name")
    if spec.interactive_mode not in INTERACTIVE_MODES:
        written = clean_text(spec.interactive_mode)
        problem = f"an unknown interactiveMode: {written}" if written else "no interactiveMode"
        raise UsageError(f"exec of {who} has {problem}", f"it is {', '.join(INTERACTIVE_MODES)}")


_EXEC_CHOICE = " or ".join(EXEC_VERSIONS)
