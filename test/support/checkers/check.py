"""Checks certificates of answers about scopes, without code of the toolkit. The definitions are those of the same names
in test/proof/Certificates.v, which proves that what `check` accepts is true. read.py reads what is checked."""
from itertools import product

def covers(wide, narrow):  # A part that is None is left open.
    return (wide.kind == narrow.kind and all(part is None or part == narrow.parts[n] for n, part in enumerate(wide.parts))
            and narrow.start.startswith(wide.start))

def at(items, place):  # Python counts negative places from the end.
    if place < 0: raise IndexError
    return items[place]

def clause_covers(wide, value, narrow, chosen):
    return wide.parameter == narrow.parameter and covers(at(wide.values, value), at(narrow.values, chosen))

def type_covers(wide, narrow): return wide in ("*", narrow)

def scope_covers(includes, wide, narrow, permission, values, by):
    return (includes(wide.level, narrow.level) and type_covers(wide.type, narrow.type)
            and permission in wide.permissions and len(by) == len(wide.query)
            and all(clause_covers(one, value, at(narrow.query, clause), at(values, clause))
                    for one, (value, clause) in zip(wide.query, by)))

def atoms_of(element):
    if isinstance(element, str): return [(None, None)]
    choices = product(*(range(len(clause.values)) for clause in element.query))
    return [(permission, list(values)) for values in choices for permission in element.permissions]

def wanted(elements):  # All that must be covered. It is made from the request, not from the certificate.
    return [(place, *atom) for place, one in enumerate(elements) if one is not None for atom in atoms_of(one)]

def covered(question, entry):
    wide, narrow = at(question.granted, entry["granted"]), at(question.requested, entry["requested"])
    if isinstance(wide, str) or isinstance(narrow, str): return wide == narrow and "by" not in entry
    return scope_covers(question.includes, wide, narrow, entry["permission"], entry["values"], entry["by"])

def allows(includes, element, use):
    if isinstance(element, str) or isinstance(use, str): return element == use
    return (includes(element.level, use.level) and type_covers(element.type, use.type)
            and use.permission in element.permissions
            and all(any(covers(value, one) for value in clause.values for one in use.index.get(clause.parameter, []))
                    for clause in element.query))

def permits(includes, elements, use):
    return any(one is not None and allows(includes, one, use) for one in elements)

def check(question, given):
    """Whether a certificate proves its answer to this question. Raises where it is not a certificate at all."""
    stated = [given[name] for name in ("version", "granted", "requested", "levelOrder", "types")]
    if stated != question.stated: return False
    if given["result"] is False:
        use = question.read_use(given["access"])
        return permits(question.includes, question.requested, use) and not permits(question.includes, question.granted, use)
    named = [(entry["requested"], entry.get("permission"), entry.get("values")) for entry in given["atoms"]]
    return (given["result"] is True and named == wanted(question.requested)
            and all(covered(question, entry) for entry in given["atoms"]))
