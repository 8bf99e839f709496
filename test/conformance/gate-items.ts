/**
 * What the gate must do before servers of real size, item by item, and the tests that show it.
 *
 * An item names its tests by file and title; `gate-items.test.ts` fails if one of them is gone. The attacks on the gate
 * have a table of their own (`test/attacks/fhir`), and so have the bounds (`test/limits`).
 */

/** A test: its file below `test`, and its title as it is written there. */
export type NamedTest = readonly [file: string, title: string]

/** Something that the gate must do. */
export interface GateItem {
  readonly says: string
  readonly tests: ReadonlyArray<NamedTest>
}

/** The tests of one file. */
const inFile = (file: string, ...titles: ReadonlyArray<string>): ReadonlyArray<NamedTest> =>
  titles.map((title) => [file, title])

const gate = (name: string, ...titles: ReadonlyArray<string>): ReadonlyArray<NamedTest> =>
  inFile(`unit/engine/resource/${name}.test.ts`, ...titles)
const linear = (...names: ReadonlyArray<string>): ReadonlyArray<NamedTest> => inFile('linear/fhir.ts', ...names)
const servers = (...titles: ReadonlyArray<string>): ReadonlyArray<NamedTest> =>
  inFile('end-to-end/fhir/fhir-servers.test.ts', ...titles)

const item = (says: string, ...tests: ReadonlyArray<ReadonlyArray<NamedTest>>): GateItem => ({
  says,
  tests: tests.flat()
})

/** What is bounded, however large the data are. */
export const sizeItems: ReadonlyArray<GateItem> = [
  item(
    'A search of many matches is answered page by page, also where the server has fewer on a page than `_count` says.',
    gate(
      'fhir-gate-pages',
      'leads to all that may be seen, once, for three requests at most: %s, %s',
      'leads on to every match, once, with at most three requests: a link that is %s'
    ),
    servers('pages of two, by their next links, show every match once')
  ),
  item(
    'A page costs one upstream request where nothing is hidden and three at most, whatever the number of matches.',
    gate(
      'fhir-gate-pages',
      'costs as much for 100 matches as for 3,000: %s, %s',
      'is filled where nothing of it may be seen, and may then be empty with a link'
    ),
    gate(
      'fhir-gate-page-cost',
      'costs two upstream requests for Provenances with targets of seven types',
      'costs three at most, and the pages lead to all, %s a page',
      'costs three at most in the data of a patient',
      'costs three at most before a server that takes no batch, and says what it leaves out',
      'is filled from the pages after it: %s for %s'
    )
  ),
  item(
    'The next link of the server travels inside an encrypted link, which opens for the same token only.',
    gate(
      'fhir-gate-pages',
      'shows neither the address of the server nor the search',
      'opens for the same token, and not for %s',
      'is decided again: rules that closed meanwhile hold for it'
    )
  ),
  item(
    'A total is given only where it counts what is shown.',
    gate('fhir-gate-pages', 'tells a total only where it counts what is shown')
  ),
  item(
    '`$everything` and histories lead on to their last page.',
    gate('fhir-gate-pages', 'lead on to the next one, and show what may be seen: %s'),
    servers('`$everything` shows the record of the patient to its last page, where the server has it')
  ),
  item(
    'A page in which nothing can be hidden is passed on with its addresses replaced.',
    gate(
      'fhir-gate-pages',
      'is passed on where nothing is hidden, but for repeated names by which it is read',
      'passes on what was searched for, and judges anything else'
    ),
    gate('fhir-public-addresses', 'says where a found resource is: %s')
  ),
  item(
    'A server that does not know a narrowing parameter gets the search without it, and the rest is checked.',
    gate('fhir-gate-pages', 'is narrowed by what the server takes, and checked for the rest: %s')
  ),
  item(
    'Links that lead in a circle, or elsewhere, end.',
    gate(
      'fhir-gate-pages',
      'is 502 with the reason in the end, where the links lead in a circle: %s',
      'is refused where its link leads elsewhere',
      'follows a link that is a query alone, and ends at itself: %s'
    )
  ),
  item(
    'Included resources cost linear work.',
    gate('fhir-gate-cost', 'hangs together with the matches that are shown, in the same order as found pair by pair'),
    linear('a search through the gate: a page of Provenances with a target each')
  ),
  item(
    'A batch is bounded in entries, in requests and in what is held, and ends when its client leaves.',
    gate(
      'fhir-gate-cost',
      'is answered as far as its bound, and carries out nothing after',
      'has one budget of requests for all its entries, the pages of its searches among them',
      'ends a search between its pages',
      'gives up what is read, and never what is written',
      'is held by all requests together as far as it was read, and not after it was read'
    )
  ),
  item(
    'A patch costs linear work, as JSON Patch and as FHIRPath Patch.',
    linear('one member again and again', 'items before a list')
  )
]

/** What must be let through. */
export const openItems: ReadonlyArray<GateItem> = [
  item(
    'Practitioners, organizations, places, medicines and devices can be read, by one setting.',
    gate(
      'fhir-gate-profiles',
      'opens what is shared, and what belongs to the patient',
      'opens nothing by the default profile',
      'needs a scope for the type itself'
    )
  ),
  item(
    'A scope is granted exactly where it opens something.',
    gate('fhir-gate-profiles', 'lets the server grant the scopes for one type that open something, and no others: %s')
  ),
  item(
    'A Provenance is opened by its targets: read, searched and included.',
    gate(
      'fhir-gate-profiles',
      'is opened by a target that the token may read, in any spelling',
      'is found by a search, with a bounded number of requests',
      'is included with what it is about, without a further request for matches',
      'is opened by a rule of the host alone'
    )
  ),
  item(
    'A Binary is opened by its securityContext, or because a document names it that the token may read.',
    gate(
      'fhir-gate-profiles',
      'is opened by its securityContext, which takes precedence over documents',
      'without one is opened by a document that names it, in any spelling',
      'is shared by a rule of the host without a securityContext, else opened by it'
    ),
    servers('the Provenance and the document of a patient are hers, those of another patient are not')
  ),
  item(
    'Records that are linked to the patient can be opened by the host.',
    gate('fhir-gate-profiles', 'opens the records that link to the patient, only for reading')
  ),
  item(
    'A bulk export passes: kick-off, status, cancellation and files, checked type by type.',
    gate(
      'fhir-gate-bulk',
      'with permission for everything is sent as it is: %s',
      'is narrowed to what the token permits, whether or not the server obeys: %s',
      'narrows the searches of a client, and sends them by POST as they came',
      'can be cancelled, and is then unknown',
      'are unknown to %s',
      'need the scopes that the export needed'
    ),
    inFile('end-to-end/fhir/bulk.test.ts', 'exports by %s what its scopes permit')
  ),
  item(
    'A bulk export passes before a server that this project did not write, and no address or token gets past the gate.',
    inFile(
      'end-to-end/fhir/foreign-bulk.test.ts',
      'exports everything that is requested, from kick-off to the last file',
      'exports by %s only what the scopes permit, of a server without _typeFilter: %s',
      'starts no job by %s with the scopes %s',
      'opens a job only for its client, with the scopes that it needed',
      'opens no job by the address that it has at the server, where all jobs are of the gate',
      'cancels a job that runs, and gives the reason why one that is done cannot be canceled'
    )
  ),
  item(
    'A manifest says whether its files need the token, and what is no manifest is not taken for an empty one.',
    gate(
      'fhir-gate-bulk',
      'whose files lie %s gets the token of a client only if it needs it',
      'that answers the status of a job with %s has given no manifest'
    ),
    inFile(
      'end-to-end/fhir/foreign-bulk.test.ts',
      'gives their addresses as they are, to be fetched without the token, where the host permits it'
    )
  ),
  item(
    'A scope of the host opens the operations that it is declared for.',
    gate('fhir-gate-bulk', 'opens its operations, and nothing else'),
    inFile('end-to-end/fhir/bulk.test.ts', 'is granted a scope that the host declares for an operation')
  ),
  item(
    'A reference is the same in all its spellings: in searches, chains, conditions, scopes and bodies.',
    gate(
      'fhir-gate-references',
      'is local: %s',
      'is sent with the relative reference for %s',
      'is sent so at the end of a chain that names its types, for %s',
      'of a conditional change is sent so too',
      'opens by %s what refers to it, and is sent in the relative spelling'
    ),
    servers('a patient is the same by every address of the record')
  ),
  item(
    'An operation that reads stands in a transaction.',
    gate('fhir-gate-operations', 'that reads is carried out in a %s, after the writes')
  ),
  item(
    'A FHIRPath Patch is applied where its effect is certain.',
    gate('fhir-gate', 'writes the result of a FHIRPath Patch: %s'),
    servers('a FHIRPath Patch changes what it names, and nothing of another patient')
  ),
  item(
    'The types of the release of the server can be read.',
    inFile('unit/protocol/fhir-releases.test.ts', 'decides which scopes are granted'),
    inFile(
      'end-to-end/fhir/fhir-gate.test.ts',
      'says its version, and its gate and its server know the types of the release'
    )
  ),
  item(
    'The server of the simulator answers the searches that apps make.',
    inFile('unit/simulator/fhir-search.test.ts', '%s finds %i', 'by %s is %s', '%s adds %j')
  )
]

/** What must not be let through. */
export const closedItems: ReadonlyArray<GateItem> = [
  item(
    'A user of the simulator sees no resource that concerns another patient by any element of the compartment.',
    inFile(
      'unit/simulator/visible-patients.test.ts',
      'sees no %s whose %s is another patient, though the own is beside'
    ),
    inFile(
      'end-to-end/fhir/fhir-gate.test.ts',
      'gets nothing of a patient whom the user may not see, by whatever address'
    )
  ),
  item(
    'A `patient/` scope does not show what the user may not see.',
    gate(
      'fhir-gate-rights',
      "a patient's scope does not do either: %s %s %j",
      "a patient's scope does not find either: %s",
      "a patient's scope does not find along %s",
      'a batch does not show either'
    )
  ),
  item(
    'A token of one patient does not link her record to another, in any spelling.',
    gate(
      'fhir-gate-rights',
      'is not said anew by $by',
      'is not said anew by %s, and stays where it is stored',
      'is not said by %s'
    )
  ),
  item(
    'A resource by which the server acts is not written with the authority of a user.',
    gate(
      'fhir-gate-rights',
      '%s is not written by a wildcard, nor by name, nor by a user who sees everything',
      'say why they are closed, and which scope of a service would open them'
    )
  ),
  item(
    'The permission to update without that to read tells no values.',
    gate(
      'fhir-gate-rights',
      'are not disclosed by %s',
      'are not disclosed by the answer of a write',
      'stay hidden where the resource is: no patch tells that it is there'
    ),
    gate('fhir-gate-unread', 'has the same answer to a patch whatever it holds: %s')
  ),
  item(
    'A document that a user writes opens no Binary to `patient/` scopes.',
    gate(
      'fhir-gate-profiles',
      'opens no Binary by a document that is written for the user: %s',
      'opens no Binary by a document that the user changes: %s %s'
    )
  )
]

/** What must be said. */
export const saidItems: ReadonlyArray<GateItem> = [
  item(
    'A refusal names its rule and the least scopes that would have permitted it, in the response and in the event.',
    gate(
      'fhir-refusals',
      'names the rule $rule',
      'has a case for each rule',
      'names the least scope that would permit what is written, and none where only stored data decide'
    ),
    inFile(
      'definition/fhir-access.test.ts',
      'that denies names the least scopes that would have permitted, and none exactly when none would'
    )
  ),
  item(
    'A refusal leaves a line in the log of the simulator.',
    inFile(
      'unit/simulator/log/log.test.ts',
      'says of a refusal by the gate which least scopes would have been accepted'
    )
  ),
  item(
    'An access event carries client, user, patient and scopes, and comes for each entry of a Bundle.',
    gate('fhir-refusals', 'comes for each entry of a transaction, and nothing fails if its receiver does')
  ),
  item(
    '429 and 503 come through with `Retry-After`, in every interaction and in the entries of Bundles.',
    gate('fhir-gate-failures', 'is heard: %s'),
    gate(
      'fhir-refusals',
      'forwards Retry-After %s as %s',
      'forwards Retry-After in the outcome of an entry of a batch',
      'has the longest Retry-After of the entries of a batch: %s'
    ),
    gate('fhir-gate-bulk', 'that answers %i says so')
  ),
  item(
    'A failure of the server is no answer about a resource.',
    gate('fhir-gate-failures', 'is no answer about a resource: %s')
  ),
  item(
    'What the server says about a request that it refuses comes through, as far as the token may know it.',
    gate(
      'fhir-gate-failures',
      'says why, with the status and without its own address: %s',
      'says that something is not there: %i'
    ),
    gate(
      'fhir-refusals',
      'comes through where the token may read, without what names another resource',
      'comes through once as the warning of a search: %s %s',
      'says nothing of stored values to a token that may not read them'
    ),
    servers('what the server says about a wrong request comes through')
  ),
  item(
    'A mapped operation that the server refuses has the reason and the status of the server.',
    gate('fhir-gate-operations', "passes on the server's own reason")
  ),
  item(
    'XML and other formats are refused by name, in requests and in the entries of Bundles: 406 and 415.',
    gate(
      'fhir-refusals',
      'with Accept %s give %i',
      'with _format=%s give %i, whatever Accept says',
      'of a body labeled %s give %i',
      'of the entries of a Bundle are those of requests',
      'of another FHIR version or charset are refused with the reason'
    )
  ),
  item(
    'No internal address of the server is shown: in header fields, links, entries and outcomes.',
    gate(
      'fhir-public-addresses',
      'says where a resource was written: %s',
      'knows itself by another spelling of scheme and host: %s',
      'leads to its own pages alone in entries too, wherever their Bundle stands: %s',
      'names no address of the internal network in an outcome in %s',
      'names no other place of a CapabilityStatement, and no internal host in a history'
    ),
    gate('fhir-gate-bulk', 'says nothing of its own network: in its progress, and in its outcomes'),
    gate('fhir-gate-references', 'is an alias without being named: %s')
  )
]

/** What the programs around the gate must do. */
export const otherItems: ReadonlyArray<GateItem> = [
  item(
    'A host puts the gate before a foreign FHIR server in at most 20 lines, by the page.',
    inFile(
      'end-to-end/fhir/foreign-gate-example.test.ts',
      'has at most 20 lines',
      'shows an app the record of its patient at the foreign server, and no other'
    )
  ),
  item(
    'A registration that is refused names the member to the client.',
    inFile('unit/engine/registration-edges.test.ts', 'names the member to the client: %s')
  ),
  item(
    'A user ends the access of an app on a page that discovery names.',
    inFile(
      'unit/host/connected-apps.test.ts',
      'is announced, unless the host has its own page or wants none',
      'ends a grant: its tokens are invalid, and it leaves the list'
    )
  ),
  item(
    'The sentences about scopes are true of services, too.',
    inFile(
      'unit/scopes/explain-truth.test.ts',
      'is so, over generated sets and deeds',
      'no renewal for backend services'
    )
  ),
  item(
    'A launch from the simulator can leave the patient out.',
    inFile(
      'unit/simulator/launch-page.test.ts',
      'can leave the patient out: so says the chosen first row, and the link'
    )
  )
]

/** All items, by what they are about. */
export const gateItems: Readonly<Record<string, ReadonlyArray<GateItem>>> = {
  size: sizeItems,
  open: openItems,
  closed: closedItems,
  said: saidItems,
  other: otherItems
}
