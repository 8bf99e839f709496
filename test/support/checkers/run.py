"""python3 run.py < scopes-1.jsonl    checks each line that has a certificate and prints its id and the answer"""
import json, sys
from check import check
from read import read_question

def is_accepted(line, types):
    def type_of(resource_type, name): return types.get(resource_type, {}).get(name)
    pairs = [(line, line["certificate"])] if "certificate" in line else [(one, one) for one in line["certificates"]]
    try:
        return all(check(read_question(one["granted"], one["requested"], type_of, line.get("levelOrder", [])), certificate)
                   for one, certificate in pairs)
    except Exception:
        return False

types = {}
for line in map(json.loads, sys.stdin):
    types = line.get("types", types) if "kinds" in line else types
    if "certificate" in line or "certificates" in line:
        print(line["id"], "accepted" if is_accepted(line, types) else "refused")
