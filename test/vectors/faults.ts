/** Faults that are planted in the checkers and in the certifier. Each must be noticed by certificates. */

/** A replacement in a file. */
export type Edit = readonly [file: string, from: string, to: string]

/** A fault of a checker, in each language where it can be made. */
export interface CheckerFault {
  readonly what: string
  readonly edits: Readonly<Record<string, Edit>>
}

/** Compiling takes long, so Java has not every fault. */
const everywhere = (what: string, typeScript: Edit, python: Edit, java: Edit | null, ruby: Edit): CheckerFault => ({
  what,
  edits: { TypeScript: typeScript, Python: python, ...(java === null ? {} : { Java: java }), Ruby: ruby }
})

/** The faults of the checkers: most make it accept too much, some make it refuse too much. */
export const checkerFaults: ReadonlyArray<CheckerFault> = [
  everywhere(
    'the second part of a value is not compared',
    ['check.ts', 'part === null || part', 'n === 1 || part === null || part'],
    ['check.py', 'part is None or part', 'n == 1 or part is None or part'],
    null,
    ['check.rb', 'wide.parts.zip(narrow.parts).all?', 'wide.parts.take(1).zip(narrow.parts).all?']
  ),
  everywhere(
    'a part that is left open covers only itself',
    ['check.ts', 'part === null || part', 'part'],
    ['check.py', 'part is None or part', 'part'],
    ['Check.java', 'wide.parts().get(n) == null || wide', 'wide'],
    ['check.rb', 'part.nil? || part', 'part']
  ),
  everywhere(
    'any string covers any string',
    ['check.ts', 'narrow.start.startsWith(wide.start)', 'true'],
    ['check.py', 'narrow.start.startswith(wide.start)', 'True'],
    null,
    ['check.rb', 'narrow.start.start_with?(wide.start)', 'true']
  ),
  everywhere(
    'clauses of any two parameters are compared',
    ['check.ts', 'wide.parameter === narrow.parameter', 'true'],
    ['check.py', 'wide.parameter == narrow.parameter', 'True'],
    ['Check.java', 'wide.parameter().equals(narrow.parameter())', 'true'],
    ['check.rb', 'wide.parameter == narrow.parameter', 'true']
  ),
  everywhere(
    'one type covers another',
    ['check.ts', "wide === '*' || wide === narrow", 'wide !== narrow || true'],
    ['check.py', 'return wide in ("*", narrow)', 'return True'],
    ['Check.java', 'return wide.equals("*") || wide.equals(narrow)', 'return true'],
    ['check.rb', "['*', narrow].include?(wide)", 'true']
  ),
  everywhere(
    'the wildcard covers only the wildcard',
    ['check.ts', "wide === '*' || wide === narrow", 'wide === narrow'],
    ['check.py', 'wide in ("*", narrow)', 'wide == narrow'],
    null,
    ['check.rb', "['*', narrow].include?(wide)", 'wide == narrow']
  ),
  everywhere(
    'levels are not compared',
    ['check.ts', 'includes(wide.level, narrow.level) &&', ''],
    ['check.py', 'includes(wide.level, narrow.level) and ', ''],
    ['Check.java', 'question.includes(wide.level(), narrow.level()) && ', ''],
    ['check.rb', 'includes.(wide.level, narrow.level) && ', '']
  ),
  everywhere(
    'the order of the levels is reversed',
    ['read.ts', 'includesIn(order, wide, narrow)\n  return {', 'includesIn(order, narrow, wide)\n  return {'],
    ['read.py', 'includes_in(order, wide, narrow)\n    return', 'includes_in(order, narrow, wide)\n    return'],
    ['Read.java', 'return includesIn(order, wide, narrow)', 'return includesIn(order, narrow, wide)'],
    ['read.rb', '{ includes_in(order, wide, narrow) }', '{ includes_in(order, narrow, wide) }']
  ),
  everywhere(
    'permissions are not compared',
    ['check.ts', ' && wide.permissions.includes(permission)', ''],
    ['check.py', 'permission in wide.permissions and ', ''],
    ['Check.java', 'wide.permissions().contains(permission) && ', ''],
    ['check.rb', 'wide.permissions.include?(permission) &&', 'true &&']
  ),
  everywhere(
    'the atoms are those of the certificate',
    ['check.ts', ' || !isSame(named, requested.flatMap(wanted))', ''],
    ['check.py', ' and named == wanted(question.requested)', ''],
    ['Check.java', 'named.equals(atoms) && ', ''],
    ['check.rb', 'named == wanted(question.requested) &&', 'true &&']
  ),
  everywhere(
    'a text covers another text',
    ['check.ts', 'return wide === narrow && entry.by === undefined', 'return entry.by === undefined'],
    ['check.py', 'return wide == narrow and "by" not in entry', 'return "by" not in entry'],
    null,
    ['check.rb', "return wide == narrow && entry['by'].nil?", "return entry['by'].nil?"]
  ),
  everywhere(
    'the question is that of the certificate',
    ['check.ts', ', stated)) return false', ', stated)) void 0'],
    ['check.py', 'if stated != question.stated: return False', 'pass'],
    ['Check.java', 'if (!stated.equals(question.stated())) return false;', ''],
    ['check.rb', '!= question.stated', '== 0']
  ),
  everywhere(
    'an access of a no need not be requested',
    ['check.ts', 'permits(includes, requested, use) && ', ''],
    ['check.py', 'permits(question.includes, question.requested, use) and ', ''],
    null,
    ['check.rb', 'permits(question.includes, question.requested, use) && ', '']
  ),
  everywhere(
    'an access of a no may be granted',
    ['check.ts', ' && !permits(includes, granted, use)', ''],
    ['check.py', ' and not permits(question.includes, question.granted, use)', ''],
    ['Check.java', ' && !permits(question.granted(), use)', ''],
    ['check.rb', ' && !permits(question.includes, question.granted, use)', '']
  ),
  everywhere(
    'case and accents are not ignored',
    ['read.ts', 'start: fold(plain(text))', 'start: plain(text)'],
    ['read.py', 'fold(plain(text))', 'plain(text)'],
    null,
    ['read.rb', 'fold(plain(text))', 'plain(text)']
  ),
  everywhere(
    'how a parameter is read is no part of its name',
    ['read.ts', 'parameter: `${found} ${name}`', "parameter: `${found === 'opaque' ? 0 : 'opaque'} ${name}`"],
    ['read.py', 'Clause(f"{found} {name}"', 'Clause(f"opaque {name}"'],
    null,
    ['read.rb', 'Clause.new("#{found} #{name}"', 'Clause.new("opaque #{name}"']
  ),
  {
    what: 'the clauses of the granted scope are not counted',
    edits: {
      Python: ['check.py', ' and len(by) == len(wide.query)', ''],
      Java: ['Check.java', ' && by.size() == wide.query().size()', '']
    }
  }
]

/** The faults of the certifier, in files of `dist/scopes`. */
export const certifierFaults: ReadonlyArray<{
  readonly what: string
  readonly file: string
  readonly from: string
  readonly to: string
}> = [
  {
    what: 'only the first permission has an atom',
    file: 'certificates/certify.js',
    from: 'of scope.permissions)',
    to: 'of [...scope.permissions].slice(0, 1))'
  },
  {
    what: 'only the first choice of values has atoms',
    file: 'certificates/certify.js',
    from: 'choicesBelow(named.map(({ length }) => length))',
    to: '[...choicesBelow(named.map(({ length }) => length))].slice(0, 1)'
  },
  {
    what: 'every type is opaque',
    file: 'certificates/certify.js',
    from: 'comparedTypeOf(vocabulary, type, name)]',
    to: "'opaque']"
  },
  {
    what: 'an empty scope is requested',
    file: 'certificates/certify.js',
    from: "if (scope.text === '')",
    to: "if (scope.text === '-')"
  },
  {
    what: 'the access of a no has no values',
    file: 'certificates/certify.js',
    from: 'permission, constraints })',
    to: 'permission, constraints: [] })'
  },
  {
    what: 'the first value always covers',
    file: 'certificates/cover-index.js',
    from: '[numbers.get(name) ?? 0,',
    to: '[0,'
  },
  {
    what: 'the first requested clause is always covered',
    file: 'certificates/cover-index.js',
    from: 'clauses.get(name) ?? 0]',
    to: '0]'
  },
  {
    what: 'a clause need not be covered',
    file: 'certificates/cover-index.js',
    from: 'return null;\n        by.push(common);',
    to: 'continue;\n        by.push(common);'
  },
  {
    what: 'levels are not compared',
    file: 'certificates/cover-index.js',
    from: '`${level} ${type} ${permission}`',
    to: '`${type} ${permission}`'
  },
  {
    what: 'permissions are not compared',
    file: 'certificates/cover-index.js',
    from: '`${level} ${type} ${permission}`',
    to: '`${level} ${type}`'
  },
  {
    what: 'the wildcard covers no type',
    file: 'certificates/cover-index.js',
    from: "[type, '*'])",
    to: '[type])'
  },
  {
    what: 'scopes without a query cover nothing',
    file: 'certificates/cover-index.js',
    from: 'if (plain !== -1)',
    to: 'if (plain === -2)'
  },
  {
    what: 'clauses that are read differently share a key',
    file: 'clause.js',
    from: '`${name}/${type}`',
    to: '`${name}/`'
  }
]
