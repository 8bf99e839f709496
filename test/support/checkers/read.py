"""Reads what check.py checks: the texts of scopes, and an access. A checker trusts its reader, its table of parameters
and its order of levels; what they give is data without text that has to be compared by a rule."""
import re, unicodedata
from collections import namedtuple
from urllib.parse import unquote

Value = namedtuple("Value", "kind parts start")  # parts: None is left open; start: how a string begins, folded
Clause = namedtuple("Clause", "parameter values")  # how a parameter is read is part of its name; opaque: one value
Scope = namedtuple("Scope", "level type permissions query")
Use = namedtuple("Use", "level type permission index")
Question = namedtuple("Question", "granted requested includes stated read_use")  # sets: None is an empty scope

FORM = (r"(patient|user|system)/(\*|[A-Z][A-Za-z0-9]*)\."
        r"(?:(read|write|\*)|(?=[cruds])(c?r?u?d?s?)(?:\?([!#-\[\]-~]*))?)")

def as_text(value):
    if not isinstance(value, str): raise ValueError("expected a text")
    return value

def plain(text): return re.sub(r"\\([,|$\\])", r"\1", text)
def escaped(text): return re.sub(r"[,|$\\]", r"\\\g<0>", text)

def fold(text):
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c)[0] != "M")
    return bare.lower().replace("\u03c2", "\u03c3")

def split(text, mark):
    parts = [""]
    for piece in re.findall(r"\\.|.", text, re.S):
        if piece == mark: parts.append("")
        else: parts[-1] += piece
    return parts

def read_token(text):
    system, *code = split(text, "|")
    return [plain(system), plain("|".join(code)) or None] if code else [None, plain(system)]

def read_value(kind, text, is_exact):
    if kind == "token": return Value(kind, read_token(text), "")
    if kind == "string": return Value(kind, [plain(text) if is_exact else None], fold(plain(text)))
    if kind == "reference" and not re.search("[/:]", text): return Value(kind, [None, plain(text)], "")
    if kind == "reference" and re.fullmatch("[^/:]+/[^/:]+", text): return Value(kind, plain(text).split("/"), "")
    return Value(kind, [text], "") if kind == "opaque" else Value(kind + " as a whole", [plain(text)], "")

def decode(text):
    if re.search("%(?![0-9A-Fa-f]{2})", text): raise ValueError
    return unquote(text, errors="strict")

def read_clause(text):
    head, value = map(decode, re.fullmatch("([^=]+)=(.+)", text).groups())
    name, modifier = re.fullmatch(r"([A-Za-z_][A-Za-z0-9_.-]*)(?::(.+))?", head, re.S).groups()
    values = split(value, ",")
    if "" in values or not re.fullmatch(r"(\\.|[^\\])+", value, re.S): raise ValueError
    return name, modifier, values

def read_element(text, read):
    match = re.fullmatch(FORM, text)
    level, type_, old, letters, query = match.groups() if match else [None] * 5
    try: clauses = [] if query is None else [read_clause(one) for one in query.split("&")]
    except (ValueError, AttributeError): level = None
    if level is None: return text or None
    permissions = list(letters or {"read": "rs", "write": "cud", "*": "cruds"}[old])
    return Scope(level, type_, permissions, [read(type_, clause) for clause in clauses])

def includes_in(order, wide, narrow):
    return wide == narrow or any(
        one == wide and includes_in([pair for pair in order if pair[0] != wide], other, narrow) for one, other in order)

def read_question(granted, requested, type_of, order):
    """Reads a question by the checker's own table and order; type_of gives None where the table has nothing."""
    types = {}
    def read_by(type_, clause):
        name, modifier, values = clause
        found = type_of(type_, name) or "opaque"
        types[type_, name] = [type_, name, found]
        if found != "opaque" and (modifier is None or (modifier == "exact" and found == "string")):
            return Clause(f"{found} {name}", [read_value(found, one, modifier is not None) for one in values])
        key = name if modifier is None else f"{name}:{modifier}"
        return Clause(f"opaque {key}", [read_value("opaque", ",".join(values), True)])
    def read_use(access):
        if "atom" in access: return as_text(access["atom"])
        level, own, permission = (as_text(access[name]) for name in ("level", "type", "permission"))
        own_type = lambda name: type_of(own, name) or type_of("*", name) or "opaque"
        index = {}
        for key, texts in access["resource"].items():
            type_, _, name = key.partition("/") if "/" in key and ":" not in key else ("", "", key)
            # type/name has the values for scopes of a type (or "*") that reads the parameter otherwise than the resource.
            kind = "opaque" if ":" in key else own_type(name) if type_ == "" else type_of(type_, name) or "opaque"
            if type_ != "" and (kind == own_type(name) or type_ not in (own, "*")): continue
            if not isinstance(texts, list): raise ValueError("expected a list")
            index[f"{kind} {name}"] = [
                read_value(kind, one if kind in ("token", "opaque") else escaped(one), True) for one in map(as_text, texts)]
            if any(None in value.parts for value in index[f"{kind} {name}"]): raise ValueError("leaves nothing open")
        return Use(level, own, permission, index)
    have, want = ([read_element(one, read_by) for one in text.split(" ")] for text in (granted, requested))
    includes = lambda wide, narrow: includes_in(order, wide, narrow)
    return Question(have, want, includes, [1, granted, requested, order, list(types.values())], read_use)
