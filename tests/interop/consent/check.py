"""Reads a consent record with PyLD and rdflib, which share no line with us nor with each other."""

import json
import pathlib
import sys

import rdflib
from pyld import jsonld


def offline(url, options=None):
    raise RuntimeError(f"{url} would be fetched")


jsonld.set_document_loader(offline)
path, tree = sys.argv[1], sys.argv[2:4]
text = pathlib.Path(path).read_text()
record = json.loads(text)
quads = jsonld.normalize(record, {"algorithm": "URDNA2015", "format": "application/n-quads"})
assert quads == pathlib.Path(f"{path}.nq").read_text(), "npm jsonld and PyLD read different things"

graph = rdflib.Graph().parse(data=text, format="json-ld")
assert len(graph) == len(quads.strip().split("\n")), (len(graph), quads)
rows = list(
    graph.query(
        """PREFIX dpv: <https://w3id.org/dpv#> PREFIX asn: <urn:assent:term:>
        SELECT ?process ?purpose ?until ?benefit WHERE { ?record a dpv:ConsentRecord ; dpv:hasProcess ?process .
          ?process dpv:hasPurpose ?purpose ; dpv:hasNotice ?notice ; dpv:hasStorageCondition ?kept .
          ?kept a dpv:StorageDuration ; dpv:hasDuration ?until . ?notice asn:benefitStatement ?benefit }"""
    )
)
assert rows, "a question to the graph finds what was agreed to"
assert all(row.until.toPython().year > 2000 for row in rows), "ends are dates"

# The trees that are shipped name terms of the same vocabulary.
known = set(pathlib.Path(__file__).with_name("dpv-2.3.txt").read_text().split("\n"))
prefixes = {"dpv": "https://w3id.org/dpv#", "pd": "https://w3id.org/dpv/pd#"}
named = set()
for file in tree:
    head, *lines = [line.split("\t") for line in pathlib.Path(file).read_text().strip().split("\n")]
    named |= {line[head.index("dpv")] for line in lines if line[head.index("dpv")]}
iris = {prefixes[name.split(":")[0]] + name.split(":")[1] for name in named}
assert iris <= known, iris - known
print(f"PyLD and rdflib: {len(graph)} triples, {len(rows)} thing(s) agreed to, {len(iris)} terms in the shipped trees")
