/** What the proofs do not cover, by name, and what is trusted. The rows are parts of docs/proof.md. */

/** Where the theorems about each operation are. */
export const operations: ReadonlyArray<readonly [what: string, theorems: ReadonlyArray<string>]> = [
  ['One value covers another', ['covers_correct']],
  ['`subsumes`: sound and complete', ['subsumes_correct', 'setSubsumes_correct']],
  ['`counterexample`', ['counterexample_sound', 'counterexample_complete']],
  ['`equivalent`', ['equivalent_correct', 'normalize_equivalent']],
  ['`disjoint`', ['disjoint_sound', 'disjoint_complete', 'setDisjoint_correct']],
  [
    '`intersect`: the greatest lower bound up to meaning',
    ['intersect_sound', 'intersect_exact', 'intersect_greatest', 'setIntersect_exact']
  ],
  ['`union`: the least upper bound', ['union_exact', 'union_least', 'setUnion_exact']],
  [
    '`uncovered`',
    ['uncovered_within', 'uncovered_completes', 'uncovered_minimal', 'uncovered_nothing', 'setUncovered_exact']
  ],
  ['`normalize` keeps the meaning', ['normalize_means', 'setNormalize_means']],
  ['`normalize` is idempotent', ['normalize_idempotent']],
  [
    '`normalize` is canonical: equal exactly when equivalent',
    ['normalize_canonical', 'normalize_equivalent', 'setNormalize_canonical']
  ],
  ['The order of the levels', ['includesLevel_correct', 'includesLevel_preorder', 'includesLevel_none']],
  ['The compiled index', ['beginnings_correct', 'lookup_correct', 'compiled_correct']],
  ['The type of a parameter for `*`', ['star_agrees', 'star_never_guesses']],
  ['Names in an index', ['index_names_separate', 'index_names_agree']],
  ['Splitting at commas and bars, with escapes', ['unescape_escape', 'commaList_join', 'token_roundtrip']],
  ['Percent-encoding: reading after printing', ['decode_encode', 'clause_roundtrip', 'query_roundtrip']],
  ['Certificates of a yes', ['check_sound', 'check_subsumes', 'check_complete', 'covers_sound', 'covers_complete']],
  ['Certificates of a no', ['access_refutes', 'matches_covers']],
  ['Dates, numbers and quantities are opaque', ['opaque_only_itself']]
]

/** What is compared or tested, and not proved. */
export const onlyTested: ReadonlyArray<readonly [what: string, how: string]> = [
  [
    'The TypeScript code itself. The theorems are about procedures in Coq that follow it.',
    'the comparison above; `test/definition` and `test/unit/scopes`'
  ],
  [
    'Reading the head of a scope: level, type, permission letters, version 1, malformed texts.',
    '`test/unit/scopes/parse.test.ts`; the comparison has its own reader for the head'
  ],
  [
    'The trie in which `normalize` finds covering atoms. In the model, atoms are compared pairwise.',
    'the row "normalize: maximal atoms"'
  ],
  [
    'The order in which the canonical text names values and scopes. The model has another total order.',
    'the row "normalize: equal texts"'
  ],
  ['The choice of words that stand for "any other value" in a counterexample.', 'the row "counterexample"'],
  [
    'Why and where a malformed scope is malformed, and which kind a scope has that permits only itself.',
    'the vectors of the kinds `parsing` and `malformed`; `test/unit/scopes/parse.test.ts`'
  ],
  [
    'The complexity limit (`TooComplex`) and its counters. The model has none.',
    '`test/unit/scopes/too-complex.test.ts`'
  ],
  [
    'Folding of case and accents. The theorems hold for every folding that is idempotent and leaves the fresh ' +
      'character alone.',
    'for every Unicode code point, in `test/proof/proof-page.test.ts`'
  ],
  [
    'Whether the tests notice a change of the code in one place (mutation testing).',
    'the table in [CONTRIBUTING.md](CONTRIBUTING.md#where-a-test-goes), measured by `npm run mutation`'
  ]
]

/** What is not proved, and why. */
export const notProved: ReadonlyArray<readonly [what: string, why: string]> = [
  [
    'Completeness for opaque clauses',
    'The answers are sound for every meaning of an opaque clause (`subsumes_correct`) and cover it by itself only ' +
      '(`opaque_only_itself`). Dates, numbers and quantities are opaque: `date=gt2021` implies `date=gt2020`, and ' +
      'the ' +
      'procedure does not know it. There is no lemma about intervals.'
  ],
  [
    'The shortest canonical text',
    '`normalize_minimal` says that no atom is superfluous. The fewest scopes are not found: that is as hard as ' +
      'minimizing a Boolean formula.'
  ],
  [
    'Exactness of `intersect` for a parameter that `*` and a type read differently',
    '`intersect_sound` holds for it; `intersect_exact` requires that no clause changes its reading.'
  ],
  [
    'Two spellings of one index value',
    'The model has values where the package has texts (`system|code`, `Type/id`). `token_roundtrip` proves the texts ' +
      'of tokens; those of references are compared only.'
  ],
  ['UTF-8', 'The text layer is about bytes. That the runtime decodes and encodes UTF-8 correctly is assumed.']
]

/** What has to be believed. */
export const trusted: ReadonlyArray<string> = [
  'the kernel of Coq, and the machine on which it runs;',
  "the extraction to OCaml, with Coq's numbers as machine integers, and the OCaml compiler (for the comparison only);",
  'the readers of cases, `reading.ml`, `driver.ml` and `vectors.ml`: they read the head of a scope, and compare;',
  'that the definitions `permits` and `matches` say what [scopes.md](scopes.md) says: they are to be read.'
]
