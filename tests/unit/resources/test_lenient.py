from __future__ import annotations

import msgspec
import pytest

from k8stui.resources.lenient import LenientDecoder


class Part(msgspec.Struct):
    name: str
    count: int = 0


class Whole(msgspec.Struct):
    name: str
    part: Part | None = None
    parts: list[Part] | None = None
    labels: dict[str, str] | None = None
    text: str = "default"


DECODER = LenientDecoder(Whole)


@pytest.mark.parametrize(
    ("raw", "whole"),
    [
        (b'{"name":"x","unknown":[1]}', Whole("x")),
        (b'{"name":"x","text":null}', Whole("x")),
        (b'{"name":"x","text":7,"part":3}', Whole("x")),
        (b'{"name":"x","part":{"name":"p","count":"many"}}', Whole("x", part=Part("p"))),
        (b'{"name":"x","part":{"count":1}}', Whole("x")),
        (
            b'{"name":"x","parts":[{"name":1},null,{"name":"b","count":{}}]}',
            Whole("x", parts=[Part("b")]),
        ),
        (b'{"name":"x","labels":{"a":"b","c":1}}', Whole("x")),
    ],
)
def test_a_field_at_fault_counts_as_not_there(raw: bytes, whole: Whole) -> None:
    assert DECODER.decode(raw) == whole


@pytest.mark.parametrize("raw", [b"", b"nonsense", b"[]", b"null", b'{"text":"x"}', b'{"name":1}'])
def test_what_is_no_such_object_is_refused(raw: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        DECODER.decode(raw)
