/** Faults that are planted in a copy of the built package. The comparison must notice each of them. */
import type { Fault } from '../support/planted-package.js'

export const faults: ReadonlyArray<Fault> = [
  {
    what: 'clauses that are read differently share a key',
    file: 'clause.js',
    from: '`${name}/${type}`',
    to: '`${name}/`'
  },
  {
    what: 'a system alone covers every system',
    file: 'value-index.js',
    from: '`${key} system ${value.system}`',
    to: '`${key} system `'
  },
  {
    what: 'strings are compared with case',
    file: 'clause.js',
    from: ".replace(/\\p{M}/gu, '').toLowerCase()",
    to: ".replace(/\\p{M}/gu, '')"
  },
  {
    what: 'a bar inside a system is not escaped',
    file: 'clause.js',
    from: "if (text[index] === '\\\\')\n            index += 1;\n        else if",
    to: 'if'
  },
  {
    what: 'a wildcard that is requested stands for a known type',
    file: 'atoms.js',
    from: "type === '*' ? fresh : type",
    to: "type === '*' ? 'A' : type"
  },
  {
    what: 'an intersection forgets the queries of the limit',
    file: 'set-operations.js',
    from: '[...one.query, ...added]',
    to: '[...one.query]'
  },
  {
    what: 'the uncovered part is the whole scope',
    file: 'set-operations.js',
    from: 'missing.length === atoms.length ? [scope] : assembled(missing)',
    to: '[scope]'
  },
  {
    what: 'the canonical form keeps an atom that another level covers',
    file: 'normalize.js',
    from: 'includesLevel(levelOrder, other.level, atom.level)',
    to: 'other.level === atom.level'
  },
  {
    what: 'the canonical form keeps what another clause implies',
    file: 'normalize.js',
    from: '.filter(([name]) => !implied.has(name))',
    to: ''
  },
  {
    what: 'levels are included one step far',
    file: 'levels.js',
    from: 'found.push(narrower);',
    to: 'if (wider === level) found.push(narrower);'
  },
  {
    what: 'disjoint ignores the wildcard',
    file: 'subsumes.js',
    from: '|| meets(one, theirs.rows.get(`${level} *`))',
    to: ''
  },
  {
    what: 'a printed comma is not escaped',
    file: 'clause.js',
    from: '/[,|$\\\\]/g',
    to: '/[|$\\\\]/g'
  },
  {
    what: 'a type for `*` is the first that is found',
    file: 'vocabulary.js',
    from: 'before === undefined || before === type ? type',
    to: 'before !== undefined ? before : true ? type'
  },
  {
    what: 'the canonical form joins the texts of constraints without a separator',
    file: 'normalize.js',
    from: '`&${half}`',
    to: "'&'"
  },
  {
    what: 'the canonical form joins the texts of values without a separator',
    file: 'normalize.js',
    from: '`,${half}`',
    to: "','"
  },
  {
    what: 'the canonical form joins a modifier and a value without a separator',
    file: 'normalize.js',
    from: '=${half}`',
    to: '=`'
  }
]
