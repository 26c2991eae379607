"""A dBase table as bytes, by the description of the format."""

import struct


def dbf(fields, rows, *, driver=3, version=3, deleted=(), encoding="cp1252", count=None):
    """Fields are (name, type, length, decimals); rows are texts or bytes."""
    length = 1 + sum(field[2] for field in fields)
    told = len(rows) if count is None else count
    out = struct.pack(
        "<BBBBLHHHBBLLLBBH", version, 126, 5, 17, told, 33 + 32 * len(fields), length, 0, 0, 0, 0, 0, 0, 0, driver, 0
    )
    for name, kind, size, decimals in fields:
        out += struct.pack("<11scLBBHBBBB7sB", name.encode(), kind.encode(), 0, size, decimals, 0, 0, 0, 0, 0, b"", 0)
    out += b"\r"
    for i, row in enumerate(rows):
        out += b"*" if i in deleted else b" "
        for (_name, kind, size, _decimals), value in zip(fields, row, strict=True):
            raw = value if isinstance(value, bytes) else value.encode(encoding)
            out += raw.rjust(size) if kind in "NF" else raw.ljust(size)
    return out + b"\x1a"
