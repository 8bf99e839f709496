/**
 * The resource types of FHIR R5 (5.0.0) and its patient compartment. Generated: `npm run vocabulary:write`.
 *
 * @module
 */

/** The names of all resource types. */
export const resourceTypeNamesR5: string =
  'Account ActivityDefinition ActorDefinition AdministrableProductDefinition AdverseEvent AllergyIntolerance ' +
  'Appointment AppointmentResponse ArtifactAssessment AuditEvent Basic Binary BiologicallyDerivedProduct ' +
  'BiologicallyDerivedProductDispense BodyStructure Bundle CapabilityStatement CarePlan CareTeam ChargeItem ' +
  'ChargeItemDefinition Citation Claim ClaimResponse ClinicalImpression ClinicalUseDefinition CodeSystem ' +
  'Communication CommunicationRequest CompartmentDefinition Composition ConceptMap Condition ConditionDefinition ' +
  'Consent Contract Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device ' +
  'DeviceAssociation DeviceDefinition DeviceDispense DeviceMetric DeviceRequest DeviceUsage DiagnosticReport ' +
  'DocumentReference Encounter EncounterHistory Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare ' +
  'EventDefinition Evidence EvidenceReport EvidenceVariable ExampleScenario ExplanationOfBenefit ' +
  'FamilyMemberHistory Flag FormularyItem GenomicStudy Goal GraphDefinition Group GuidanceResponse ' +
  'HealthcareService ImagingSelection ImagingStudy Immunization ImmunizationEvaluation ' +
  'ImmunizationRecommendation ImplementationGuide Ingredient InsurancePlan InventoryItem InventoryReport Invoice ' +
  'Library Linkage List Location ManufacturedItemDefinition Measure MeasureReport Medication ' +
  'MedicationAdministration MedicationDispense MedicationKnowledge MedicationRequest MedicationStatement ' +
  'MedicinalProductDefinition MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionIntake ' +
  'NutritionOrder NutritionProduct Observation ObservationDefinition OperationDefinition OperationOutcome ' +
  'Organization OrganizationAffiliation PackagedProductDefinition Parameters Patient PaymentNotice ' +
  'PaymentReconciliation Permission Person PlanDefinition Practitioner PractitionerRole Procedure Provenance ' +
  'Questionnaire QuestionnaireResponse RegulatedAuthorization RelatedPerson RequestOrchestration Requirements ' +
  'ResearchStudy ResearchSubject RiskAssessment Schedule SearchParameter ServiceRequest Slot Specimen ' +
  'SpecimenDefinition StructureDefinition StructureMap Subscription SubscriptionStatus SubscriptionTopic ' +
  'Substance SubstanceDefinition SubstanceNucleicAcid SubstancePolymer SubstanceProtein ' +
  'SubstanceReferenceInformation SubstanceSourceMaterial SupplyDelivery SupplyRequest Task ' +
  'TerminologyCapabilities TestPlan TestReport TestScript Transport ValueSet VerificationResult ' +
  'VisionPrescription'

/** The parameters by which a resource is in a patient's compartment. Types that are not listed never are. */
export const patientCompartmentR5: Readonly<Record<string, string>> = {
  Account: 'subject',
  AdverseEvent: 'subject',
  AllergyIntolerance: 'patient participant',
  Appointment: 'actor',
  AppointmentResponse: 'actor',
  AuditEvent: 'patient',
  Basic: 'patient author',
  BiologicallyDerivedProductDispense: 'patient',
  BodyStructure: 'patient',
  CarePlan: 'patient',
  CareTeam: 'patient participant',
  ChargeItem: 'subject',
  Claim: 'patient payee',
  ClaimResponse: 'patient',
  ClinicalImpression: 'subject',
  Communication: 'subject sender recipient',
  CommunicationRequest: 'subject information-provider recipient requester',
  Composition: 'subject author attester',
  Condition: 'patient participant-actor',
  Consent: 'subject',
  Contract: 'patient',
  Coverage: 'policy-holder subscriber beneficiary paymentby-party',
  CoverageEligibilityRequest: 'patient',
  CoverageEligibilityResponse: 'patient',
  DetectedIssue: 'patient',
  DeviceAssociation: 'subject operator',
  DeviceRequest: 'subject performer',
  DeviceUsage: 'patient',
  DiagnosticReport: 'subject',
  DocumentReference: 'subject author',
  Encounter: 'patient',
  EncounterHistory: 'patient',
  EnrollmentRequest: 'subject',
  EpisodeOfCare: 'patient',
  ExplanationOfBenefit: 'patient payee',
  FamilyMemberHistory: 'patient',
  Flag: 'patient',
  GenomicStudy: 'patient',
  Goal: 'patient',
  Group: 'member',
  GuidanceResponse: 'patient',
  ImagingSelection: 'patient',
  ImagingStudy: 'patient',
  Immunization: 'patient',
  ImmunizationEvaluation: 'patient',
  ImmunizationRecommendation: 'patient',
  Invoice: 'subject patient recipient',
  List: 'subject source',
  MeasureReport: 'patient',
  MedicationAdministration: 'patient subject',
  MedicationDispense: 'subject patient receiver',
  MedicationRequest: 'subject',
  MedicationStatement: 'subject',
  MolecularSequence: 'subject',
  NutritionIntake: 'subject source',
  NutritionOrder: 'patient',
  Observation: 'subject performer',
  Patient: 'link',
  Person: 'patient',
  Procedure: 'patient performer',
  Provenance: 'patient',
  QuestionnaireResponse: 'subject author',
  RelatedPerson: 'patient',
  RequestOrchestration: 'subject participant',
  ResearchSubject: 'subject',
  RiskAssessment: 'subject',
  Schedule: 'actor',
  ServiceRequest: 'subject performer',
  Specimen: 'subject',
  SupplyDelivery: 'patient',
  SupplyRequest: 'subject',
  Task: 'patient focus',
  VisionPrescription: 'patient'
}
