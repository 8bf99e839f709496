"""Checks certificates of answers about scopes. It shares no code with the toolkit; see docs/scope-vectors.md.

python3 check.py < scopes-1.jsonl    checks each line that has a certificate and prints its id and the answer
"""
import json, re, sys, unicodedata
from itertools import product
from urllib.parse import unquote

PATTERN = (r"(patient|user|system)/(\*|[A-Z][A-Za-z0-9]*)\."
           r"(?:(read|write|\*)|(?=[cruds])(c?r?u?d?s?)(?:\?([!#-\[\]-~]*))?)")

def plain(text):
    return re.sub(r"\\([,|$\\])", r"\1", text)

def fold(text):
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c)[0] != "M")
    return bare.lower().replace("\u03c2", "\u03c3")

def split(text, mark):
    parts = [""]
    for piece in re.findall(r"\\.|.", text, re.S):
        if piece == mark: parts.append("")
        else: parts[-1] += piece
    return parts

def decode(text):
    if re.search("%(?![0-9A-Fa-f]{2})", text): raise ValueError
    return unquote(text, errors="strict")

def read_clause(text):
    head, value = map(decode, re.fullmatch("([^=]+)=(.+)", text).groups())
    name, modifier = re.fullmatch(r"([A-Za-z_][A-Za-z0-9_.-]*)(?::(.+))?", head, re.S).groups()
    values = split(value, ",")
    if "" in values or not re.fullmatch(r"(\\.|[^\\])+", value, re.S): raise ValueError
    return name, modifier, values

def read_scope(text):
    match = re.fullmatch(PATTERN, text)
    if match is None: return None
    level, type_, old, letters, query = match.groups()
    try: clauses = [] if query is None else [read_clause(one) for one in query.split("&")]
    except (ValueError, AttributeError): return None
    return level, type_, list(letters or {"read": "rs", "write": "cud", "*": "cruds"}[old]), clauses

def token(text):
    system, *code = split(text, "|")
    return (plain(system), plain("|".join(code)) or None) if code else (None, plain(system))

def covers(kind, wide, narrow, wide_exact, narrow_exact):
    if kind == "token": return all(w is None or w == n for w, n in zip(token(wide), token(narrow)))
    if kind == "string" and not wide_exact: return fold(plain(narrow)).startswith(fold(plain(wide)))
    if kind == "string" and not narrow_exact: return False
    if kind == "reference" and not re.search("[/:]", wide) and re.fullmatch("[^/:]+/[^/:]+", narrow):
        return plain(wide) == plain(narrow).split("/")[1]
    return plain(wide) == plain(narrow)

def includes(order, wide, narrow):
    return wide == narrow or any(
        one == wide and includes([pair for pair in order if pair[0] != wide], other, narrow) for one, other in order)

def kind_of(type_of, type_, clause):
    kind = type_of(type_, clause[0]) or "opaque"
    return kind if clause[1] is None or (kind == "string" and clause[1] == "exact") else "opaque"

def permits(text, access, type_of, order):
    def one(text):
        scope = read_scope(text)
        if scope is None or "atom" in access: return scope is None and text != "" and text == access.get("atom")
        level, type_, permissions, query = scope
        return (includes(order, level, access["level"]) and type_ in ("*", access["type"])
                and access["permission"] in permissions and all(map(lambda c: holds(type_, c), query)))
    def holds(type_, clause):
        name, modifier, values = clause
        kind = kind_of(type_of, type_, clause)
        # Values that the type of the resource ("*" where it is unknown) reads differently are no values for this scope.
        own = type_of(access["type"], name) or type_of("*", name) or "opaque"
        key = (f"{name}:{modifier}" if kind == "opaque" and modifier is not None
               else name if own == kind else f"{type_}/{name}")
        indexed = access["resource"].get(key, [])
        if kind == "opaque": return ",".join(values) in indexed
        return any(covers(kind, value, found if kind == "token" else re.sub(r"[,|$\\]", r"\\\g<0>", found),
                          modifier is not None, True)
                   for value in values for found in indexed)
    return any(map(one, text.split(" ")))

def atoms_of(place, scope, sizes):
    return [(place, permission, list(values), scope)
            for values in product(*map(range, sizes)) for permission in scope[2]]

def check(granted, requested, certificate, type_of, order):
    """Whether a certificate proves its answer to this question; type_of and order are the checker's own."""
    stated = {tuple(row) for row in certificate["types"]}
    def kind(type_, clause):
        if (type_, clause[0], type_of(type_, clause[0]) or "opaque") not in stated: raise ValueError
        return kind_of(type_of, type_, clause)
    question = [certificate[name] for name in ("version", "granted", "requested", "levelOrder")]
    if question != [1, granted, requested, order] or any(k != (type_of(t, n) or "opaque") for t, n, k in stated): return False
    if certificate["result"] is False:
        access = certificate["access"]
        return permits(requested, access, type_of, order) and not permits(granted, access, type_of, order)
    texts = granted.split(" ")
    scopes, wanted = list(map(read_scope, texts)), []
    for place, text in enumerate(requested.split(" ")):
        scope = read_scope(text)
        if scope is not None:
            sizes = [1 if kind(scope[1], c) == "opaque" else len(c[2]) for c in scope[3]]
            wanted += atoms_of(place, scope, sizes)
        elif text != "": wanted.append((place, text))
    def value_covers(wide_type, wide, v, scope, values, c):
        narrow, k = scope[3][c], kind(wide_type, wide)
        if min(v, c) < 0 or wide[0] != narrow[0] or k != kind(scope[1], narrow): return False
        if k == "opaque": return v == 0 and wide[1:] == narrow[1:]
        return covers(k, wide[2][v], narrow[2][values[c]], wide[1] is not None, narrow[1] is not None)
    def covered(want, atom):
        g = atom["granted"]
        if atom["requested"] != want[0] or g < 0: return False
        if len(want) == 2: return "permission" not in atom and texts[g] == want[1]
        _, permission, values, scope = want
        level, type_, permissions, query = scopes[g]
        return (atom["permission"] == permission and atom["values"] == values
                and includes(order, level, scope[0]) and type_ in ("*", scope[1]) and permission in permissions
                and len(atom["by"]) == len(query)
                and all(value_covers(type_, clause, v, scope, values, c) for clause, (v, c) in zip(query, atom["by"])))
    return (certificate["result"] is True and len(certificate["atoms"]) == len(wanted)
            and all(map(covered, wanted, certificate["atoms"])))

def answer(line, types):
    def type_of(resource_type, name): return types.get(resource_type, {}).get(name)
    question = ([(line["granted"], line["requested"], line["certificate"])] if "certificate" in line
             else [(one["granted"], one["requested"], one) for one in line["certificates"]])
    try:
        return all(check(*one, type_of, line.get("levelOrder", [])) for one in question)
    except Exception:
        return False

if __name__ == "__main__":
    types = {}
    for line in map(json.loads, sys.stdin):
        types = line.get("types", types) if "kinds" in line else types
        if "certificate" in line or "certificates" in line: print(line["id"], "accepted" if answer(line, types) else "refused")
