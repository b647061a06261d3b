"""Addresses: every spelling of one is one, and nothing poisonous is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications import addresses
from notifications.addresses import InputRefused


@pytest.fixture(autouse=True)
def countries(settings):
    settings.SMS_COUNTRIES = ["NL", "GB", "US"]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("reader@example.com", "reader@example.com"),
        ("  reader@EXAMPLE.com ", "reader@example.com"),
        ("Reader.Two+status@Example.COM", "Reader.Two+status@example.com"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
        ("a@straße.example", "a@xn--strae-oqa.example"),
        ("\u200ba@example.com\u200e", "a@example.com"),
    ],
)
def test_an_email_address_keeps_its_local_part_and_gets_its_domain_in_ascii(typed, value):
    assert addresses.email(typed).value == value


@pytest.mark.parametrize(
    "typed",
    [
        "+31612345678",
        "0031 6 1234 5678",
        "06-12345678",
        "(06) 1234 5678",
        "+31 (0)6 12345678",
        "\u202a+31612345678\u202c",
    ],
)
def test_fault_63_every_spelling_of_a_number_is_one_number(typed):
    assert addresses.phone(typed, "NL").value == "+31612345678"


def test_fault_63_plus_44_and_0044_are_one_identity():
    spellings = [("+447911123456", ""), ("0044 7911 123456", "NL"), ("07911 123456", "GB")]
    assert len({addresses.phone(*each).key for each in spellings}) == 1


@given(local=st.from_regex(r"[A-Za-z0-9]{1,20}", fullmatch=True), data=st.data())
def test_fault_63_any_case_of_an_address_has_one_key(local, data):
    address = f"{local}@example.com"
    other = "".join(data.draw(st.sampled_from([each.lower(), each.upper()])) for each in address)
    assert addresses.email(address).key == addresses.email(other).key


def test_fault_63_dots_and_tags_are_other_addresses():
    assert len({addresses.email(each).key for each in ("ab@x.org", "a.b@x.org", "ab+c@x.org")}) == 3


POISON = [
    "a@b.org\r\nBcc: x@y.org",
    "a@b.org\n",
    "a\r@b.org",
    "a\x00@b.org",
    "a@b.org\x1f",
    "a\tb@c.org",
    "a@b.org\u2028x",
]


@pytest.mark.parametrize("typed", POISON)
def test_fault_65_a_poisoned_address_is_refused(typed):
    with pytest.raises(InputRefused) as refused:
        addresses.email(typed)
    assert refused.value.field == "email"


@pytest.mark.parametrize("typed", ["+31612345678\r\nX: y", "06\x0012345678", "0612345678\n", "06\t12345678"])
def test_fault_65_a_poisoned_number_is_refused(typed):
    with pytest.raises(InputRefused) as refused:
        addresses.phone(typed, "NL")
    assert refused.value.field == "phone_number"


@given(
    before=st.text(max_size=8), control=st.characters(min_codepoint=0, max_codepoint=0x1F), after=st.text(max_size=8)
)
def test_fault_65_no_control_character_ever_passes(before, control, after):
    for typed in (f"{before}{control}{after}@example.com", f"a{before}@{control}{after}.example.com"):
        with pytest.raises(InputRefused):
            addresses.email(typed)


@given(st.text())
def test_fault_65_whatever_passes_is_one_line_of_ascii(typed):
    for normalise in (addresses.email, addresses.phone):
        try:
            value = normalise(typed).value
        except InputRefused:
            continue
        assert value.isascii()
        assert value.isprintable()
        assert " " not in value


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "@",
        "a",
        "a@",
        "@example.com",
        "a@localhost",
        "a@[127.0.0.1]",
        "a@b@c.org",
        "a b@c.org",
        '"a b"@c.org',
        "ü@c.org",
        "a@-b.org",
        "a@b..org",
        "a" * 65 + "@example.com",
        "a@" + "b" * 250 + ".org",
    ],
)
def test_what_is_no_mail_address_is_refused(typed):
    with pytest.raises(InputRefused):
        addresses.email(typed)


@pytest.mark.parametrize(
    "typed", ["", "12", "+", "+0", "hello", "+31612345678;ext=5", "+3161234567890123", "9" * 41, "+999123456789"]
)
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(InputRefused):
        addresses.phone(typed, "NL")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("+4915112345678", "a country that is not on the list"),
        ("+18764123456", "Jamaica, which shares +1 but is not the United States"),
        ("+31201234567", "a landline"),
        ("+31906123456", "premium rate"),
        ("+448431234567", "shared cost"),
        ("+31800123456", "freephone"),
        ("+18005550199", "freephone"),
        ("+19005550199", "premium rate"),
    ],
)
def test_fault_74_only_mobile_numbers_of_the_countries_listed_are_texted(typed, why):
    with pytest.raises(InputRefused) as refused:
        addresses.phone(typed)
    assert refused.value.field == "phone_number", why


def test_a_number_without_its_country_needs_one():
    with pytest.raises(InputRefused):
        addresses.phone("0612345678", "")


@pytest.mark.parametrize("typed", ["\u017fmith@example.com", "\u212aim@example.com", "jos\u00e9@example.com"])
def test_no_strangers_spelling_takes_an_owners_key(typed):
    with pytest.raises(addresses.InputRefused):
        addresses.email(typed)
