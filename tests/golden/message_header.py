#!/usr/bin/env python3
"""Writes message_header.hex beside itself: the 64 bytes of a filled header, sixteen to a line. The
fields and their order are those of the design, not read from the C++."""

import pathlib
import struct

FIELDS = [
    ("sequence", "Q", 0x0706050403020100),
    ("message_id", "Q", 0x0F0E0D0C0B0A0908),
    ("correlation", "Q", 0x1716151413121110),
    ("timestamp", "Q", 0x1F1E1D1C1B1A1918),
    ("deadline", "Q", 0x2726252423222120),
    ("type", "I", 3735928559),
    ("payload_bytes", "I", 65536),
    ("source", "I", 7),
    ("destination", "I", 4294967295),
    ("flags", "H", 0xA55A),
    ("priority", "B", 3),
    ("hops", "B", 8),
    ("crc32c", "I", 0xE3069283),
]

data = struct.pack("<" + "".join(kind for _, kind, _ in FIELDS), *(value for *_, value in FIELDS))
assert len(data) == 64
lines = [data[at:at + 16].hex(" ") for at in range(0, 64, 16)]
path = pathlib.Path(__file__).with_suffix(".hex")
path.write_text("\n".join(lines) + "\n")
