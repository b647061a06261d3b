"""A name server on 127.0.0.1 that says what a test wants, something else each time if need be; and who asks it.

As much of RFC 1035 as A and AAAA questions need.
"""

import ipaddress
import itertools
import socket
import struct
import threading
from collections import Counter
from collections.abc import Sequence

A, AAAA = 1, 28
ONE_NAME = 0xC00C
"""A pointer to the name in the question."""


class NameServer:
    """`says("name", ["192.0.2.1"], ["127.0.0.1"])`: the first answer, then the second, which stays."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._answers: dict[str, list[Sequence[str]]] = {}
        self.asked: Counter[tuple[str, int]] = Counter()
        """How often each name was asked for, by type."""
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def says(self, name: str, *answers: Sequence[str]) -> None:
        self._answers[name] = list(answers)

    def start(self) -> "NameServer":
        self._thread.start()
        return self

    def stop(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waking:
            waking.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def resolve(self, name: str) -> list[str]:
        """The addresses of a name: one question for each family, as a system's resolver asks."""
        found = list(itertools.chain(self._ask(name, A), self._ask(name, AAAA)))
        if not found:
            raise OSError("no such name")
        return found

    def _ask(self, name: str, kind: int) -> list[str]:
        labels = b"".join(bytes([len(each)]) + each.encode() for each in name.split("."))
        question = struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", kind, 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(5)
            asking.sendto(question, self._socket.getsockname())
            answer = asking.recv(4096)
        count = struct.unpack("!H", answer[6:8])[0]
        size = 12 + (4 if kind == A else 16)
        records = answer[len(question) :]
        return [str(ipaddress.ip_address(records[at + 12 : at + size])) for at in range(0, count * size, size)]

    def _serve(self) -> None:
        while question := self._socket.recvfrom(4096):
            packet, client = question
            if not packet:
                return
            self._socket.sendto(self._answer(packet), client)

    def _answer(self, packet: bytes) -> bytes:
        name, at = "", 12
        while packet[at]:
            name += packet[at + 1 : at + 1 + packet[at]].decode() + "."
            at += 1 + packet[at]
        kind = struct.unpack("!H", packet[at + 1 : at + 3])[0]
        addresses = [
            ipaddress.ip_address(each)
            for each in self._next(name.rstrip("."), kind)
            if ipaddress.ip_address(each).version == (4 if kind == A else 6)
        ]
        head = packet[:2] + struct.pack("!5H", 0x8180, 1, len(addresses), 0, 0)
        records = b"".join(
            struct.pack("!3HIH", ONE_NAME, kind, 1, 0, len(each.packed)) + each.packed for each in addresses
        )
        return head + packet[12 : at + 5] + records

    def _next(self, name: str, kind: int) -> Sequence[str]:
        """The answer whose turn it is for this type; the last one stays."""
        answers = self._answers.get(name, [[]])
        turn = min(self.asked[name, kind], len(answers) - 1)
        self.asked[name, kind] += 1
        return answers[turn]
