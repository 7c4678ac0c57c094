"""Checks a C2SP log directory with PyPI aics-tlog, a pure Python implementation that shares no code with Assent."""

import sys
from pathlib import Path

from aics_tlog import (
    FileSystemTileReader,
    WitnessPolicy,
    audit_tiles,
    consistency_proof_from_tiles,
    inclusion_proof_from_tiles,
    leaf_hash,
    parse_note,
    parse_vkey,
    read_entry,
    verify_checkpoint,
    verify_consistency,
    verify_inclusion,
)

base = Path(sys.argv[1])
log_key = parse_vkey((base / "log.vkey").read_text().strip())
lines = [line.split() for line in (base / "assent-ledger.txt").read_text().splitlines()]
witnesses = tuple(parse_vkey(words[2]) for words in lines if words[0] == "witness")
# A ledger without witnesses says "quorum none"; with three, two have to agree.
policy = WitnessPolicy(quorum=2, witnesses=witnesses) if witnesses else None


def head(name):
    """A head signed by the log and, where there are witnesses, cosigned by two of the three."""
    result = verify_checkpoint(parse_note((base / name).read_bytes()), log_key, policy=policy)
    if not result.ok:
        sys.exit(f"python: REFUSED {name}: {result.error}")
    return result


new, old = head("checkpoint"), head("checkpoint.old")
reader = FileSystemTileReader(base)
report = audit_tiles(reader, new.size, new.root)
print("python audit:", report)

proof = consistency_proof_from_tiles(reader, old.size, new.size)
if not verify_consistency(old.size, new.size, old.root, new.root, proof):
    sys.exit("python: REFUSED: not consistent")
for index in {0, 1, 255, 256, new.size // 2, old.size - 1, new.size - 1}:
    leaf = leaf_hash(read_entry(reader, index, new.size))
    proof = inclusion_proof_from_tiles(reader, index, new.size)
    if not verify_inclusion(leaf, index, new.size, proof, new.root):
        sys.exit(f"python: REFUSED: entry {index} not included")
print(f"python aics-tlog: {new.size} entries, {2 if witnesses else 0} of {len(witnesses)} witnesses, consistent with {old.size}")
