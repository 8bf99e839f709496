/**
 * The FHIR R4 types whose resources make a server act with more than the rights of the user who writes them: the server
 * sends data elsewhere, answers or evaluates all clients' requests by them, or runs them with the rights of others. A
 * scope grants what its user may see and record. Therefore `user/` and `patient/` scopes do not open these types; the
 * host opens them.
 *
 * A type that is not listed is a plain record: people and systems read it, and R4 defines no server action for it.
 * Source: FHIR R4, the page of each type.
 *
 * @module
 */
import type { Permission } from '../../scopes/scope.js'

/** The server's action for a type, and the permissions that are closed because of it. */
export interface ActingType {
  /** The action of the server. */
  readonly does: string
  /**
   * The permissions that `user/` and `patient/` scopes do not give unless the host opens the type; empty where a scope
   * is enough.
   */
  readonly closed: ReadonlyArray<Permission>
  readonly because: string
  /** The page of FHIR R4. */
  readonly source: string
}

const writing: ReadonlyArray<Permission> = ['c', 'u']
const anyChange: ReadonlyArray<Permission> = ['c', 'u', 'd']

const sends = (does: string, because: string, source: string): ActingType => ({
  does,
  closed: writing,
  because,
  source
})
const governs = (does: string, source: string): ActingType => ({
  does,
  closed: anyChange,
  because: 'It changes what everybody is answered or allowed; so does its end.',
  source
})
const runs = (does: string, source: string): ActingType => ({
  does,
  closed: anyChange,
  because: 'It is run with the rights of whoever runs it, which are not those of its author.',
  source
})
const open = (does: string, because: string, source: string): ActingType => ({ does, closed: [], because, source })

/** The types that may make a server act, including those that are open nevertheless. */
export const actingTypes: Readonly<Record<string, ActingType>> = {
  Subscription: sends(
    'sends what matches its criteria to any address, mailbox or phone, for as long as it stands',
    "What it sends is chosen by the server's sight and not by the user's. Deleting it ends the sending.",
    'subscription.html'
  ),
  Endpoint: sends(
    'is the address to which messages, results and referrals of those who name it are sent',
    'Whoever changes it leads the data of others elsewhere. Deleting it ends the sending.',
    'endpoint.html'
  ),
  CompartmentDefinition: governs('says which resources are whose', 'compartmentdefinition.html'),
  SearchParameter: governs(
    'says what a search finds, and so which resources a scope with a query opens',
    'searchparameter.html'
  ),
  OperationDefinition: governs('says which operations there are and what they take', 'operationdefinition.html'),
  GraphDefinition: governs('says what `$graph` gathers around a resource', 'graphdefinition.html'),
  MessageDefinition: governs('says which messages are taken and what they do', 'messagedefinition.html'),
  StructureDefinition: governs(
    'says what is valid: what is stored of others and what is refused',
    'structuredefinition.html'
  ),
  ImplementationGuide: governs(
    'installs profiles, parameters and terminology for everybody',
    'implementationguide.html'
  ),
  CodeSystem: governs(
    'says which codes lie below which, by which searches and queries are answered',
    'codesystem.html'
  ),
  ValueSet: governs(
    'says which codes are in it, by which searches (`:in`) and validation are answered',
    'valueset.html'
  ),
  ConceptMap: governs('says into what codes are translated', 'conceptmap.html'),
  NamingSystem: governs('says which identifier of a system is preferred', 'namingsystem.html'),
  StructureMap: runs('is carried out by `$transform`', 'structuremap.html'),
  ActivityDefinition: runs('is carried out by `$apply`', 'activitydefinition.html'),
  PlanDefinition: runs('is carried out by `$apply`, or by its triggers without being asked', 'plandefinition.html'),
  EventDefinition: runs('says when a plan or a measure is carried out without being asked', 'eventdefinition.html'),
  Library: runs('holds the logic of plans and measures', 'library.html'),
  Measure: runs('is computed over all patients by `$evaluate-measure`', 'measure.html'),
  ChargeItemDefinition: runs('computes prices for everybody by `$apply`', 'chargeitemdefinition.html'),
  TestScript: runs('is carried out as requests against a server', 'testscript.html'),
  Appointment: open(
    'is answered and reminded of by the office',
    'It is the booking that the scope names.',
    'appointment.html'
  ),
  AuditEvent: open(
    'stands in the log',
    'Apps record events of their own; whose log it is in, it says itself.',
    'auditevent.html'
  ),
  Binary: open(
    'is given out as the content that it says it is',
    'It is read as what it is, and nothing runs it here.',
    'binary.html'
  ),
  Bundle: open(
    'is stored as a whole',
    'Only a Bundle that is posted to the base is carried out, entry by entry, and each is judged.',
    'bundle.html'
  ),
  CapabilityStatement: open(
    'is compared by `$implements` and `$conforms`',
    "It describes; `/metadata` is the server's own.",
    'capabilitystatement.html'
  ),
  Claim: open(
    'is settled by the payer',
    'It is the request that the scope names; `$submit` is an operation, which the host maps.',
    'claim.html'
  ),
  Communication: open('tells what was said to whom', 'It tells of a message and sends none.', 'communication.html'),
  CommunicationRequest: open(
    'asks somebody to say something',
    'Its performer decides. A host whose server sends by it refuses it in `userMay`.',
    'communicationrequest.html'
  ),
  Consent: open(
    'says what a patient allows',
    "It is the patient's word, in the patient's compartment. A host whose server decides by it " +
      'refuses it in `userMay`.',
    'consent.html'
  ),
  Contract: open('says what was agreed', 'It is enforced by people.', 'contract.html'),
  ExampleScenario: open('describes a workflow', 'It documents.', 'examplescenario.html'),
  Group: open(
    'names members, whom `$export` reads',
    'An export needs rights of its own; whom it names, `userMay` judges.',
    'group.html'
  ),
  Linkage: open(
    'says that records are about the same',
    'Records are merged by an operation or by people, not by it.',
    'linkage.html'
  ),
  List: open(
    'names resources, which `_list` and `$find` find',
    'What they find is judged by the scopes of who searches.',
    'list.html'
  ),
  MessageHeader: open(
    'is the head of a message',
    'A message is carried out by `$process-message`, which the host maps, and not by storing its head.',
    'messageheader.html'
  ),
  Person: open(
    'says that records are about the same person',
    'A `patient/` scope may come to name no other.',
    'person.html'
  ),
  Questionnaire: open(
    'is filled by `$populate` of other guides',
    'It is a form; an operation is mapped by the host.',
    'questionnaire.html'
  ),
  ServiceRequest: open('asks for a service', 'It is the order that the scope names.', 'servicerequest.html'),
  Task: open(
    'asks for work, and says how it goes',
    'Its owner decides whether to do it. A host whose server runs Tasks refuses them in `userMay`.',
    'task.html'
  ),
  TerminologyCapabilities: open('describes a terminology server', 'It describes.', 'terminologycapabilities.html')
}

/**
 * Whether a type is closed to `user/` and `patient/` scopes for a permission, because the server would act on the
 * resource.
 */
export const isClosedType = (type: string, permission: Permission, opened: ReadonlyArray<string>): boolean =>
  Object.hasOwn(actingTypes, type) && actingTypes[type]?.closed.includes(permission) === true && !opened.includes(type)
