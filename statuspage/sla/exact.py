"""Exact numbers as people and machines read them. Never rounded: a figure below a target must not look met."""

from fractions import Fraction


def decimal(value: Fraction) -> str:
    """A number with a finite decimal expansion, without trailing zeros: 259.2, 3600.

    Raises ValueError for one without (a third): it has no exact decimal form.
    """
    places = 0
    while 10**places % value.denominator:
        places += 1
        if places > MOST_PLACES:
            raise ValueError(f"{value} has no exact decimal form")
    digits = str(abs(value.numerator) * 10**places // value.denominator).zfill(places + 1)
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


MOST_PLACES = 30
"""Microseconds need six; a denominator with another prime factor never ends."""


def percentage(share: Fraction, places: int) -> str:
    """A share of one as a percentage, truncated: 0.99989969 at 4 places is "99.9899"."""
    scaled = int(share * 100 * 10**places)
    return f"{scaled // 10**places}.{scaled % 10**places:0{places}d}"
