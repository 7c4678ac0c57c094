"""The OpenAPI document, read by a validator that is not ours; every example fits its own schema."""
import json
import sys
import urllib.request

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

base = sys.argv[1]
document = json.load(urllib.request.urlopen(f"{base}/v1/openapi.json"))
OpenAPIV31SpecValidator(document).validate()
examples = 0
for path, verbs in document["paths"].items():
    for verb, operation in verbs.items():
        medias = [operation.get("requestBody", {}).get("content", {})]
        medias += [response.get("content", {}) for response in operation["responses"].values()]
        for media in (one for content in medias for one in content.values() if "example" in one):
            schema = {"$ref": media["schema"]["$ref"]} if "$ref" in media["schema"] else media["schema"]
            schema = json.loads(json.dumps({**schema, "components": document["components"]}))
            errors = [error.message for error in Draft202012Validator(schema).iter_errors(media["example"])]
            assert not errors, f"{verb} {path}: {errors}"
            examples += 1
page = urllib.request.urlopen(f"{base}/v1").read().decode()
for verbs in document["paths"].values():
    for operation in verbs.values():
        assert f'id="{operation["operationId"]}"' in page, operation["operationId"]
assert "<script" not in page.replace('<script type="module" src="/assets/', "")
print(f"OpenAPI 3.1: {sum(map(len, document['paths'].values()))} operations are valid, {examples} examples fit their schemas.")
