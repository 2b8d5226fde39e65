from __future__ import annotations

import pytest

from k8stui.resources.quantity import (
    format_memory,
    format_millicores,
    millicores,
    quantity_bytes,
)


@pytest.mark.parametrize(
    ("quantity", "milli", "whole"),
    [
        ("0", 0, 0),
        ("1", 1000, 1),
        ("100m", 100, 1),
        ("1.5", 1500, 2),
        (".5", 500, 1),
        ("5.", 5000, 5),
        ("250u", 1, 1),
        ("1n", 1, 1),
        ("12345678n", 13, 1),
        ("2k", 2_000_000, 2000),
        ("1e3", 1_000_000, 1000),
        ("1E3", 1_000_000, 1000),
        ("25e-1", 2500, 3),
        ("1Ki", 1_024_000, 1024),
        ("1.5Gi", 1_610_612_736_000, 1_610_612_736),
        ("129M", 129_000_000_000, 129_000_000),
        ("128974848000m", 128_974_848_000, 128_974_848),
        ("-1500m", -1500, -2),
        ("+2", 2000, 2),
    ],
)
def test_quantities_round_up_as_the_api_does(quantity: str, milli: int, whole: int) -> None:
    assert millicores(quantity) == milli
    assert quantity_bytes(quantity) == whole


@pytest.mark.parametrize(("quantity", "power"), [("1E", 18), ("1P", 15), ("1T", 12), ("1G", 9)])
def test_decimal_suffixes(quantity: str, power: int) -> None:
    assert quantity_bytes(quantity) == 10**power


@pytest.mark.parametrize(
    ("quantity", "power"), [("1Ei", 60), ("1Pi", 50), ("1Ti", 40), ("1Gi", 30), ("1Mi", 20)]
)
def test_binary_suffixes(quantity: str, power: int) -> None:
    assert quantity_bytes(quantity) == 2**power


@pytest.mark.parametrize("text", ["", ".", "-", "x", "1Kii", "1 Gi", "1,5", "Gi", "1e", "9" * 65])
def test_text_that_is_no_quantity_is_not_nothing(text: str) -> None:
    assert millicores(text) is None
    assert quantity_bytes(text) is None


@pytest.mark.parametrize("huge", ["1e999", "99999999999999999999E", "9Ei"])
def test_huge_amounts_stay_within_64_bits(huge: str) -> None:
    assert quantity_bytes(huge) == 2**63 - 1


def test_amounts_as_kubectl_top_prints_them() -> None:
    assert format_millicores(1250) == "1250m"
    assert format_memory(88 * 2**20 + 2**20 - 1) == "88Mi"
