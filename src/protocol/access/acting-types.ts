/**
 * The FHIR types whose resources make a server act with more than the rights of the user who writes them: the server
 * sends data elsewhere, answers or evaluates all clients' requests by them, or runs them with the rights of others. A
 * scope grants what its user may see and record. Therefore `user/` and `patient/` scopes do not open these types; the
 * host opens them.
 *
 * A type that is not listed is a plain record: people and systems read it, and FHIR defines no server action for it.
 * Source: the page of each type in FHIR R4; in R5 or STU3 for a type that R4 does not have.
 *
 * @module
 */
import type { Permission } from '../../scopes/scope.js'
import { ownMember } from '../../values/own.js'

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
  /** The page of FHIR R4, or of the release in parentheses. */
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
  because: 'It changes the responses or rights of all clients; so does deleting it.',
  source
})
const runs = (does: string, source: string): ActingType => ({
  does,
  closed: anyChange,
  because: 'It runs with the rights of the client that runs it, not with those of its author.',
  source
})
const open = (does: string, because: string, source: string): ActingType => ({ does, closed: [], because, source })

/** The types that may make a server act, including those that are open nevertheless. */
export const actingTypes: Readonly<Record<string, ActingType>> = {
  Subscription: sends(
    'makes the server send what matches its criteria to any URL, mailbox or phone, until it is deleted',
    'The server selects what it sends by its own rights, not by those of the user. Deleting it only ends the sending.',
    'subscription.html'
  ),
  Endpoint: sends(
    'is the address to which messages, results and referrals of other resources that refer to it are sent',
    'Changing it redirects the data of others. Deleting it only ends the sending.',
    'endpoint.html'
  ),
  CompartmentDefinition: governs('defines which resources belong to a compartment', 'compartmentdefinition.html'),
  SearchParameter: governs(
    'defines what a search finds, and therefore which resources a scope with a query permits',
    'searchparameter.html'
  ),
  OperationDefinition: governs('defines the operations and their parameters', 'operationdefinition.html'),
  GraphDefinition: governs('defines which resources `$graph` returns for a resource', 'graphdefinition.html'),
  MessageDefinition: governs('defines which messages the server accepts and processes', 'messagedefinition.html'),
  StructureDefinition: governs(
    'defines what is valid, and therefore which resources of other clients are stored or refused',
    'structuredefinition.html'
  ),
  ImplementationGuide: governs(
    'installs profiles, parameters and terminology for all clients',
    'implementationguide.html'
  ),
  CodeSystem: governs('defines the hierarchy of codes, which searches and queries use', 'codesystem.html'),
  ValueSet: governs('defines a set of codes, which searches (`:in`) and validation use', 'valueset.html'),
  ConceptMap: governs('defines the translation of codes', 'conceptmap.html'),
  NamingSystem: governs('defines the preferred identifier of a system', 'namingsystem.html'),
  StructureMap: runs('is run by `$transform`', 'structuremap.html'),
  ActivityDefinition: runs('is run by `$apply`', 'activitydefinition.html'),
  PlanDefinition: runs('is run by `$apply`, or automatically by its triggers', 'plandefinition.html'),
  EventDefinition: runs('defines when a plan or a measure runs automatically', 'eventdefinition.html'),
  Library: runs('contains the logic of plans and measures', 'library.html'),
  Measure: runs('is computed over all patients by `$evaluate-measure`', 'measure.html'),
  SubscriptionTopic: governs(
    'defines which changes Subscriptions can be notified of, and what the notifications contain',
    'subscriptiontopic.html (R5)'
  ),
  Permission: governs('defines who may access which data, and on which conditions', 'permission.html (R5)'),
  ExpansionProfile: governs('defines how value sets are expanded', 'expansionprofile.html (STU3)'),
  ServiceDefinition: runs('is run by `$evaluate`', 'servicedefinition.html (STU3)'),
  TestPlan: runs('is run as test scripts against a server', 'testplan.html (R5)'),
  ChargeItemDefinition: runs('computes prices for all clients by `$apply`', 'chargeitemdefinition.html'),
  TestScript: runs('is run as requests against a server', 'testscript.html'),
  Appointment: open(
    'is confirmed, and reminders are sent, by the office',
    'It is the booking that the scope permits.',
    'appointment.html'
  ),
  AuditEvent: open(
    'is part of the audit log',
    'Apps record their own events; each event names its source.',
    'auditevent.html'
  ),
  Binary: open(
    'is returned with the content type that it states',
    'It is only read; the server does not run it.',
    'binary.html'
  ),
  Bundle: open(
    'is stored as a whole',
    'Only a Bundle that is posted to the base is processed, and each of its entries is checked.',
    'bundle.html'
  ),
  CapabilityStatement: open(
    'is compared by `$implements` and `$conforms`',
    "It is a description. `/metadata` returns the server's own statement.",
    'capabilitystatement.html'
  ),
  Claim: open(
    'is settled by the payer',
    'It is the request that the scope permits; `$submit` is an operation, which the host maps.',
    'claim.html'
  ),
  Communication: open(
    'records a message that was sent',
    'It is a record; the server sends no message.',
    'communication.html'
  ),
  CommunicationRequest: open(
    'requests that a message be sent',
    'Its performer decides. A host whose server sends messages by it refuses it in `userMay`.',
    'communicationrequest.html'
  ),
  Consent: open(
    'records what a patient permits',
    "It is the patient's statement, in the patient's compartment. A host whose server decides by it " +
      'refuses it in `userMay`.',
    'consent.html'
  ),
  Contract: open('records an agreement', 'People enforce it, not the server.', 'contract.html'),
  ExampleScenario: open('describes a workflow', 'It is documentation.', 'examplescenario.html'),
  Group: open(
    'lists members, whose data `$export` reads',
    'An export needs permissions of its own; `userMay` decides about the members.',
    'group.html'
  ),
  Linkage: open(
    'states that records are about the same item',
    'An operation or people merge records; storing it does not.',
    'linkage.html'
  ),
  List: open(
    'lists resources, which `_list` and `$find` return',
    'The results are checked against the scopes of the client that searches.',
    'list.html'
  ),
  MessageHeader: open(
    'is the header of a message',
    '`$process-message`, which the host maps, processes a message; storing its header does not.',
    'messageheader.html'
  ),
  Person: open(
    'states that records are about the same person',
    'With a `patient/` scope no other person can be added to it.',
    'person.html'
  ),
  Questionnaire: open(
    'is filled in by `$populate` of other guides',
    'It is a form; `$populate` is an operation, which the host maps.',
    'questionnaire.html'
  ),
  ServiceRequest: open('requests a service', 'It is the order that the scope permits.', 'servicerequest.html'),
  Task: open(
    'requests work, and records its progress',
    'Its owner decides whether to do it. A host whose server runs Tasks refuses them in `userMay`.',
    'task.html'
  ),
  Transport: open(
    'requests that something be moved, and records its progress',
    'Its owner decides whether to do it. A host whose server runs Transports refuses them in `userMay`.',
    'transport.html (R5)'
  ),
  RequestOrchestration: open(
    'groups requests that depend on each other',
    'It is a request like those that it groups; `$apply` makes it, storing it runs nothing.',
    'requestorchestration.html (R5)'
  ),
  ActorDefinition: open('describes a person or system in a guide', 'It is documentation.', 'actordefinition.html (R5)'),
  Requirements: open('describes what a system should do', 'It is documentation.', 'requirements.html (R5)'),
  TerminologyCapabilities: open(
    'describes a terminology server',
    'It is a description.',
    'terminologycapabilities.html'
  )
}

/**
 * Whether a type is closed to `user/` and `patient/` scopes for a permission, because the server would act on the
 * resource.
 */
export const isClosedType = (type: string, permission: Permission, opened: ReadonlyArray<string>): boolean =>
  ownMember(actingTypes, type)?.closed.includes(permission) === true && !opened.includes(type)
