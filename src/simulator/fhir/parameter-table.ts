/**
 * The search parameters that the simulator reads besides those of the toolkit: names, addresses, identifiers and the
 * codes and references that US Core's searches and includes need. The CapabilityStatement lists both.
 *
 * Source: FHIR R4, searchparameter-registry.html; US Core 6.1 for the parameters with a type letter.
 */

const [contacts, addresses] = [
  'phone=telecom[phone] email=telecom[email] telecom',
  'address address-city=address.city address-state=address.state address-country=address.country ' +
    'address-postalcode=address.postalCode address-use=address.use'
]

/**
 * Element paths by resource type: `name=path|path`, or the path alone where it is the name. Behind a path, `@Type` says
 * that only references to that type count, and `[phone]` that only contacts of that system count. A letter and `!`
 * before a name give the type of a parameter that FHIR R4 does not have: `t` is a token.
 */
export const simulatorPaths: Readonly<Record<string, string>> = {
  AllergyIntolerance:
    'identifier criticality manifestation=reaction.manifestation severity=reaction.severity ' +
    'verification-status=verificationStatus',
  CarePlan:
    'identifier based-on=basedOn care-team=careTeam condition=addresses encounter goal intent part-of=partOf replaces',
  CareTeam: 'identifier encounter t!role=participant.role',
  Condition: 'identifier encounter severity verification-status=verificationStatus',
  Coverage: 'identifier',
  Device: 'identifier location model=modelNumber organization=owner url',
  DiagnosticReport:
    'identifier based-on=basedOn conclusion=conclusionCode encounter performer result ' +
    'results-interpreter=resultsInterpreter specimen',
  DocumentReference:
    'identifier=masterIdentifier|identifier authenticator contenttype=content.attachment.contentType custodian ' +
    'description encounter=context.encounter event=context.event facility=context.facilityType ' +
    'location=content.attachment.url related=context.related relatesto=relatesTo.target ' +
    'setting=context.practiceSetting',
  Encounter:
    'identifier class location=location.location diagnosis=diagnosis.condition participant=participant.individual ' +
    'participant-type=participant.type part-of=partOf practitioner=participant.individual@Practitioner ' +
    'reason-code=reasonCode reason-reference=reasonReference service-provider=serviceProvider ' +
    't!discharge-disposition=hospitalization.dischargeDisposition',
  Goal: 'identifier lifecycle-status=lifecycleStatus achievement-status=achievementStatus t!description=description',
  Group: 'identifier actual managing-entity=managingEntity',
  Immunization:
    'identifier location lot-number=lotNumber manufacturer performer=performer.actor reason-code=reasonCode ' +
    'status-reason=statusReason vaccine-code=vaccineCode',
  Location: `name=name|alias identifier ${addresses} organization=managingOrganization partof=partOf`,
  Medication: 'identifier form ingredient=ingredient.itemReference manufacturer',
  MedicationRequest:
    'identifier encounter intended-dispenser=dispenseRequest.performer intended-performer=performer intent ' +
    'medication=medicationReference priority requester',
  Observation:
    'identifier based-on=basedOn combo-code=code|component.code component-code=component.code ' +
    'data-absent-reason=dataAbsentReason derived-from=derivedFrom device encounter focus has-member=hasMember method ' +
    'part-of=partOf specimen value-concept=valueCodeableConcept value-string=valueString',
  Organization: `name=name|alias identifier active ${addresses} endpoint partof=partOf`,
  Patient:
    `name family=name.family given=name.given identifier active gender ${contacts} ${addresses} ` +
    'general-practitioner=generalPractitioner language=communication.language organization=managingOrganization',
  Practitioner:
    `name family=name.family given=name.given identifier active gender ${contacts} ${addresses} ` + 'communication',
  PractitionerRole:
    'identifier active practitioner organization location role=code specialty service=healthcareService ' + contacts,
  Procedure:
    'identifier based-on=basedOn encounter location part-of=partOf reason-code=reasonCode ' +
    'reason-reference=reasonReference',
  Provenance: 'target agent=agent.who entity=entity.what location',
  RelatedPerson: `name identifier active gender relationship ${contacts} ${addresses}`,
  ServiceRequest:
    'identifier based-on=basedOn encounter intent performer-type=performerType priority replaces requester ' +
    'requisition specimen',
  Specimen:
    'identifier accession=accessionIdentifier bodysite=collection.bodySite collector=collection.collector parent'
}
