"""What people read: one composer makes every message from a frozen event and a recipient.

Built once for each event, language and zone and kept for as long as one run; only ids and
links are filled in for a recipient. The same delivery gives the same bytes whenever it is
built, so a copy can be recognised as one.
"""

from .composer import Composer, text_of

__all__ = ["Composer", "text_of"]
