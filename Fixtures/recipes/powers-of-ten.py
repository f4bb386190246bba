"""Prints Sources/Numerics/Text/PowersOfTen+Table.swift: run it and compare, never edit the table.

Each entry is floor(10^k / 2^s) with s chosen so that it has exactly 128 bits, high word first.
"""

FIRST, LAST = -342, 324


def floor128(k):
    if k >= 0:
        power = 10**k
        shift = power.bit_length() - 128
        return power >> shift if shift > 0 else power << -shift
    power = 10**-k
    value = (1 << (power.bit_length() + 127)) // power
    while value.bit_length() > 128:
        value >>= 1
    assert value.bit_length() == 128
    return value


print("// Made by Fixtures/recipes/powers-of-ten.py; do not edit.\n")
print("// swift-format-ignore-file\n")
print("extension PowersOfTen {")
print("  /// The high and low words of every entry, one after the other.")
print("  static let words: [UInt64] = [")
for k in range(FIRST, LAST + 1):
    value = floor128(k)
    # Users add one to the low word alone.
    assert 0 <= k <= 55 or value % (1 << 64) != (1 << 64) - 1
    print(f"    0x{value >> 64:016X}, 0x{value % (1 << 64):016X},  // 1e{k}")
print("  ]")
print("}")
