/**
 * The resource types of FHIR R4 (4.0.1), its patient compartment, and where the parameters that scopes and the compartment use
 * are found in a resource. Generated: `npm run vocabulary:write`.
 *
 * @module
 */

/** The names of all resource types. */
export const resourceTypeNames: string =
  'Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic ' +
  'Binary BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry ' +
  'ChargeItem ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication ' +
  'CommunicationRequest CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage ' +
  'CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric ' +
  'DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis ' +
  'Encounter Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence ' +
  'EvidenceVariable ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag Goal GraphDefinition Group ' +
  'GuidanceResponse HealthcareService ImagingStudy Immunization ImmunizationEvaluation ' +
  'ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage List Location Measure ' +
  'MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge ' +
  'MedicationRequest MedicationStatement MedicinalProduct MedicinalProductAuthorization ' +
  'MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient ' +
  'MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged ' +
  'MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition MessageHeader ' +
  'MolecularSequence NamingSystem NutritionOrder Observation ObservationDefinition OperationDefinition ' +
  'OperationOutcome Organization OrganizationAffiliation Parameters Patient PaymentNotice PaymentReconciliation ' +
  'Person PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse ' +
  'RelatedPerson RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject ' +
  'RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter ServiceRequest Slot Specimen SpecimenDefinition ' +
  'StructureDefinition StructureMap Subscription Substance SubstanceNucleicAcid SubstancePolymer ' +
  'SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification SupplyDelivery ' +
  'SupplyRequest Task TerminologyCapabilities TestReport TestScript ValueSet VerificationResult ' +
  'VisionPrescription'

/** The parameters by which a resource is in a patient's compartment. Types that are not listed never are. */
export const patientCompartment: Readonly<Record<string, string>> = {
  Account: 'subject',
  AdverseEvent: 'subject',
  AllergyIntolerance: 'patient recorder asserter',
  Appointment: 'actor',
  AppointmentResponse: 'actor',
  AuditEvent: 'patient',
  Basic: 'patient author',
  BodyStructure: 'patient',
  CarePlan: 'patient performer',
  CareTeam: 'patient participant',
  ChargeItem: 'subject',
  Claim: 'patient payee',
  ClaimResponse: 'patient',
  ClinicalImpression: 'subject',
  Communication: 'subject sender recipient',
  CommunicationRequest: 'subject sender recipient requester',
  Composition: 'subject author attester',
  Condition: 'patient asserter',
  Consent: 'patient',
  Coverage: 'policy-holder subscriber beneficiary payor',
  CoverageEligibilityRequest: 'patient',
  CoverageEligibilityResponse: 'patient',
  DetectedIssue: 'patient',
  DeviceRequest: 'subject performer',
  DeviceUseStatement: 'subject',
  DiagnosticReport: 'subject',
  DocumentManifest: 'subject author recipient',
  DocumentReference: 'subject author',
  Encounter: 'patient',
  EnrollmentRequest: 'subject',
  EpisodeOfCare: 'patient',
  ExplanationOfBenefit: 'patient payee',
  FamilyMemberHistory: 'patient',
  Flag: 'patient',
  Goal: 'patient',
  Group: 'member',
  ImagingStudy: 'patient',
  Immunization: 'patient',
  ImmunizationEvaluation: 'patient',
  ImmunizationRecommendation: 'patient',
  Invoice: 'subject patient recipient',
  List: 'subject source',
  MeasureReport: 'patient',
  Media: 'subject',
  MedicationAdministration: 'patient performer subject',
  MedicationDispense: 'subject patient receiver',
  MedicationRequest: 'subject',
  MedicationStatement: 'subject',
  MolecularSequence: 'patient',
  NutritionOrder: 'patient',
  Observation: 'subject performer',
  Patient: 'link',
  Person: 'patient',
  Procedure: 'patient performer',
  Provenance: 'patient',
  QuestionnaireResponse: 'subject author',
  RelatedPerson: 'patient',
  RequestGroup: 'subject participant',
  ResearchSubject: 'individual',
  RiskAssessment: 'subject',
  Schedule: 'actor',
  ServiceRequest: 'subject performer',
  Specimen: 'subject',
  SupplyDelivery: 'patient',
  SupplyRequest: 'subject',
  VisionPrescription: 'patient'
}

/**
 * Element paths of search parameters: `name=path|path`, or the name alone when the path is the same. Behind a path,
 * `@Type` says that only references to that type count.
 */
export const parameterPaths: Readonly<Record<string, string>> = {
  Account:
    'patient=subject@Patient status subject type',
  ActivityDefinition:
    'status',
  AdverseEvent:
    'category subject',
  AllergyIntolerance:
    'asserter category clinical-status=clinicalStatus code=code|reaction.substance patient recorder type',
  Appointment:
    'actor=participant.actor patient=participant.actor@Patient status',
  AppointmentResponse:
    'actor patient=actor@Patient',
  AuditEvent:
    'patient=agent.who@Patient|entity.what@Patient type',
  Basic:
    'author code patient=subject@Patient subject',
  BodyStructure:
    'patient',
  Bundle:
    'type',
  CapabilityStatement:
    'status',
  CarePlan:
    'category patient=subject@Patient performer=activity.detail.performer status subject',
  CareTeam:
    'category participant=participant.member patient=subject@Patient status subject',
  ChargeItem:
    'code patient=subject@Patient subject',
  ChargeItemDefinition:
    'status',
  Claim:
    'patient payee=payee.party status',
  ClaimResponse:
    'patient status',
  ClinicalImpression:
    'patient=subject@Patient status subject',
  CodeSystem:
    'code=concept.code status',
  Communication:
    'category patient=subject@Patient recipient sender status subject',
  CommunicationRequest:
    'category patient=subject@Patient recipient requester sender status subject',
  CompartmentDefinition:
    'code status',
  Composition:
    'attester=attester.party author category patient=subject@Patient status subject type',
  ConceptMap:
    'status',
  Condition:
    'asserter category clinical-status=clinicalStatus code patient=subject@Patient subject',
  Consent:
    'category patient status',
  Contract:
    'patient=subject@Patient status subject',
  Coverage:
    'beneficiary patient=beneficiary payor policy-holder=policyHolder status subscriber type',
  CoverageEligibilityRequest:
    'patient status',
  CoverageEligibilityResponse:
    'patient status',
  DetectedIssue:
    'code patient',
  Device:
    'patient status type',
  DeviceDefinition:
    'type',
  DeviceMetric:
    'category type',
  DeviceRequest:
    'code=codeCodeableConcept patient=subject@Patient performer status subject',
  DeviceUseStatement:
    'patient=subject subject',
  DiagnosticReport:
    'category code patient=subject@Patient status subject',
  DocumentManifest:
    'author patient=subject@Patient recipient status subject type',
  DocumentReference:
    'author category patient=subject@Patient status subject type',
  EffectEvidenceSynthesis:
    'status',
  Encounter:
    'patient=subject@Patient status subject type',
  Endpoint:
    'status',
  EnrollmentRequest:
    'patient=candidate status subject=candidate',
  EnrollmentResponse:
    'status',
  EpisodeOfCare:
    'patient status type',
  EventDefinition:
    'status',
  Evidence:
    'status',
  EvidenceVariable:
    'status',
  ExampleScenario:
    'status',
  ExplanationOfBenefit:
    'patient payee=payee.party status',
  FamilyMemberHistory:
    'code=condition.code patient status',
  Flag:
    'patient=subject@Patient subject',
  Goal:
    'category patient=subject@Patient subject',
  GraphDefinition:
    'status',
  Group:
    'code member=member.entity type',
  GuidanceResponse:
    'patient=subject@Patient subject',
  ImagingStudy:
    'patient=subject@Patient status subject',
  Immunization:
    'patient status',
  ImmunizationEvaluation:
    'patient status',
  ImmunizationRecommendation:
    'patient status=recommendation.forecastStatus',
  ImplementationGuide:
    'status',
  InsurancePlan:
    'status type',
  Invoice:
    'patient=subject@Patient recipient status subject type',
  Library:
    'status type',
  List:
    'code patient=subject@Patient source status subject',
  Location:
    'status type',
  Measure:
    'status',
  MeasureReport:
    'patient=subject@Patient status subject',
  Media:
    'patient=subject@Patient status subject type',
  Medication:
    'code status',
  MedicationAdministration:
    'code=medicationCodeableConcept patient=subject@Patient performer=performer.actor status subject',
  MedicationDispense:
    'code=medicationCodeableConcept patient=subject@Patient receiver status subject type',
  MedicationKnowledge:
    'code status',
  MedicationRequest:
    'category code=medicationCodeableConcept patient=subject@Patient status subject',
  MedicationStatement:
    'category code=medicationCodeableConcept patient=subject@Patient status subject',
  MedicinalProductAuthorization:
    'status subject',
  MedicinalProductContraindication:
    'subject',
  MedicinalProductIndication:
    'subject',
  MedicinalProductInteraction:
    'subject',
  MedicinalProductPackaged:
    'subject',
  MedicinalProductUndesirableEffect:
    'subject',
  MessageDefinition:
    'category status',
  MessageHeader:
    'code=response.code',
  MolecularSequence:
    'patient type',
  NamingSystem:
    'status type',
  NutritionOrder:
    'patient status',
  Observation:
    'category code patient=subject@Patient performer status subject',
  OperationDefinition:
    'code status type',
  Organization:
    'type',
  Patient:
    'link=link.other',
  PaymentNotice:
    'status',
  PaymentReconciliation:
    'status',
  Person:
    'patient=link.target@Patient',
  PlanDefinition:
    'status type',
  Procedure:
    'category code patient=subject@Patient performer=performer.actor status subject',
  Provenance:
    'patient=target@Patient',
  Questionnaire:
    'code=item.code status',
  QuestionnaireResponse:
    'author patient=subject@Patient status subject',
  RelatedPerson:
    'patient',
  RequestGroup:
    'code participant=action.participant patient=subject@Patient status subject',
  ResearchDefinition:
    'status',
  ResearchElementDefinition:
    'status',
  ResearchStudy:
    'category status',
  ResearchSubject:
    'individual patient=individual status',
  RiskAssessment:
    'patient=subject@Patient subject',
  RiskEvidenceSynthesis:
    'status',
  Schedule:
    'actor',
  SearchParameter:
    'code status type',
  ServiceRequest:
    'category code patient=subject@Patient performer status subject',
  Slot:
    'status',
  Specimen:
    'patient=subject@Patient status subject type',
  SpecimenDefinition:
    'type=typeCollected',
  StructureDefinition:
    'status type',
  StructureMap:
    'status',
  Subscription:
    'status type=channel.type',
  Substance:
    'category code=code|ingredient.substanceCodeableConcept status',
  SubstanceSpecification:
    'code=code.code',
  SupplyDelivery:
    'patient status',
  SupplyRequest:
    'category status subject=deliverTo',
  Task:
    'code patient=for@Patient status subject=for',
  TerminologyCapabilities:
    'status',
  TestScript:
    'status',
  ValueSet:
    'code=expansion.contains.code|compose.include.concept.code status',
  VisionPrescription:
    'patient status'
}
