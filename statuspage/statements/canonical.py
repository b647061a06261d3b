"""The digest of a statement's facts, so that anybody who has them can check that nothing was changed.

Canonical JSON: keys sorted by code point, no spaces, UTF-8, nothing escaped that need not be; all its values are texts,
whole numbers, truths, null, lists and objects. The digest is the SHA-256 of its bytes, in 64 hex digits.
"""

import hashlib
import json
from typing import Any

from statuspage.sla.stated import Inputs, as_data


def canonical(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(data: Any) -> str:
    return hashlib.sha256(canonical(data)).hexdigest()


def digest(inputs: Inputs) -> tuple[dict[str, Any], str]:
    """The facts in plain form, and their digest."""
    data = as_data(inputs)
    return data, digest_of(data)
