"""The HTTP library is loaded without the system's authorities, which others still find."""

from __future__ import annotations

import json
import subprocess
import sys

SCRIPT = """
import json, ssl
from k8stui.cluster.lean_http import load_http
reads = ssl.SSLContext.set_default_verify_paths
load_http()
import aiohttp.connector as connector
unused = connector._SSL_CONTEXT_VERIFIED
print(json.dumps({
    "trusted": len(unused.get_ca_certs()),
    "refuses": unused.verify_mode == ssl.CERT_REQUIRED and unused.check_hostname,
    "restored": ssl.SSLContext.set_default_verify_paths is reads,
}))
"""


def test_its_own_contexts_trust_nobody_and_the_others_whom_they_would() -> None:
    # In a process of its own: here the library is loaded already.
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, check=True)
    assert json.loads(done.stdout) == {"trusted": 0, "refuses": True, "restored": True}
