/**
 * Where the search parameters that the built-in reader reads are found in a resource (FHIR R5, 5.0.0). Generated:
 * `npm run vocabulary:write`.
 *
 * @module
 */

/**
 * Element paths of search parameters by resource type: `name=path|path`, or the path alone where it is the name.
 * `Resource` holds those of all types. In a path, `*` stands behind a member that repeats; behind the path,
 * `@Type` says that only references to that type count, and a letter
 * what the element is:
 * `c` code, `b` boolean, `k` CodeableConcept, `g` Coding, `r` Reference, `u` uri, `d` date, `t` dateTime, `p` Period,
 * `m` Timing, `n` decimal, `q` Quantity, `y` Money, `a` Range.
 */
export const parameterPathsR5: Readonly<Record<string, string>> = {
  Resource:
    '_id=id:c _language=language:c _lastUpdated=meta.lastUpdated:t _profile=meta.profile*:u ' +
    '_security=meta.security*:g _source=meta.source:u _tag=meta.tag*:g',
  Account:
    'patient=subject*@Patient:r period=servicePeriod:p status:c subject*:r type:k',
  ActivityDefinition:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c',
  ActorDefinition:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c type:c',
  AdministrableProductDefinition:
    'status:c',
  AdverseEvent:
    'category*:k code:k date=occurrenceDateTime:t|occurrencePeriod:p|occurrenceTiming:m ' +
    'patient=subject@Patient:r status:c subject:r',
  AllergyIntolerance:
    'category*:c clinical-status=clinicalStatus:k code=code:k|reaction*.substance:k date=recordedDate:t ' +
    'last-date=lastOccurrence:t participant=participant*.actor:r patient:r type:k',
  Appointment:
    'actor=participant*.actor:r patient=participant*.actor@Patient:r|subject@Patient:r status:c subject:r',
  AppointmentResponse:
    'actor:r patient=actor@Patient:r',
  ArtifactAssessment:
    'date:t',
  AuditEvent:
    'category*:k code:k date=recorded:t patient:r',
  Basic:
    'author:r code:k created:t patient=subject@Patient:r subject:r',
  BiologicallyDerivedProduct:
    'code=productCode:k',
  BiologicallyDerivedProductDispense:
    'patient:r status:c',
  BodyStructure:
    'patient:r',
  Bundle:
    'timestamp:t type:c',
  CapabilityStatement:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  CarePlan:
    'category*:k date=period:p patient=subject@Patient:r status:c subject:r',
  CareTeam:
    'category*:k participant=participant*.member:r patient=subject@Patient:r status:c subject:r',
  ChargeItem:
    'code:k entered-date=enteredDate:t factor-override=totalPriceComponent.factor:n ' +
    'occurrence=occurrenceDateTime:t|occurrencePeriod:p|occurrenceTiming:m patient=subject@Patient:r ' +
    'price-override=totalPriceComponent.amount:y quantity:q status:c subject:r',
  ChargeItemDefinition:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t ' +
    'effective=applicability*.effectivePeriod:p status:c',
  Citation:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c',
  Claim:
    'created:t patient:r payee=payee.party:r status:c',
  ClaimResponse:
    'created:t patient:r payment-date=payment.date:d status:c',
  ClinicalImpression:
    'date:t patient=subject@Patient:r status:c subject:r',
  ClinicalUseDefinition:
    'status:k subject*:r type:c',
  CodeSystem:
    'code=concept*.code:c context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t ' +
    'effective=effectivePeriod:p status:c',
  Communication:
    'category*:k patient=subject@Patient:r received:t recipient*:r sender:r sent:t status:c subject:r',
  CommunicationRequest:
    'authored=authoredOn:t category*:k information-provider=informationProvider*:r ' +
    'occurrence=occurrenceDateTime:t|occurrencePeriod:p patient=subject@Patient:r recipient*:r requester:r ' +
    'status:c subject:r',
  CompartmentDefinition:
    'code:c context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  Composition:
    'attester=attester*.party:r author*:r category*:k date:t patient=subject*@Patient:r period=event*.period:p ' +
    'status:c subject*:r type:k',
  ConceptMap:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c',
  Condition:
    'abatement-age=abatementAge:q|abatementRange:a abatement-date=abatementDateTime:t|abatementPeriod:p ' +
    'category*:k clinical-status=clinicalStatus:k code:k onset-age=onsetAge:q|onsetRange:a ' +
    'onset-date=onsetDateTime:t|onsetPeriod:p participant-actor=participant*.actor:r patient=subject@Patient:r ' +
    'recorded-date=recordedDate:t subject:r',
  ConditionDefinition:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  Consent:
    'category*:k date:d patient=subject@Patient:r period=provision*.period:p status:c subject:r ' +
    'verified-date=verification*.verificationDate*:t',
  Contract:
    'issued:t patient=subject*@Patient:r status:c subject*:r',
  Coverage:
    'beneficiary:r patient=beneficiary:r paymentby-party=paymentBy*.party:r policy-holder=policyHolder:r ' +
    'status:c subscriber:r type:k',
  CoverageEligibilityRequest:
    'created:t patient:r status:c',
  CoverageEligibilityResponse:
    'created:t patient:r status:c',
  DetectedIssue:
    'category*:k code:k identified=identifiedDateTime:t|identifiedPeriod:p patient=subject@Patient:r status:c ' +
    'subject:r',
  Device:
    'code=definition.concept:k expiration-date=expirationDate:t manufacture-date=manufactureDate:t status:c ' +
    'type*:k',
  DeviceAssociation:
    'operator=operation*.operator*:r patient=subject@Patient:r status:k subject@Patient:r',
  DeviceDefinition:
    'type=conformsTo*.category:k',
  DeviceDispense:
    'code=device.concept:k patient=subject@Patient:r status:c subject:r',
  DeviceMetric:
    'category:c type:k',
  DeviceRequest:
    'authored-on=authoredOn:t code=code.concept:k event-date=occurrenceDateTime:t|occurrencePeriod:p ' +
    'patient=subject@Patient:r performer=performer.reference:r status:c subject:r',
  DeviceUsage:
    'patient:r status:c',
  DiagnosticReport:
    'category*:k code:k date=effectiveDateTime:t|effectivePeriod:p issued:t patient=subject@Patient:r status:c ' +
    'subject:r',
  DocumentReference:
    'author*:r category*:k creation=content*.attachment.creation:t date:t patient=subject@Patient:r period:p ' +
    'status:c subject:r type:k',
  Encounter:
    'date-start=actualPeriod.start:t date=actualPeriod:p end-date=actualPeriod.end:t length:q ' +
    'location-period=location*.period:p patient=subject@Patient:r status:c subject:r type*:k',
  EncounterHistory:
    'patient=subject@Patient:r status:c subject:r',
  Endpoint:
    'status:c',
  EnrollmentRequest:
    'patient=candidate:r status:c subject=candidate:r',
  EnrollmentResponse:
    'status:c',
  EpisodeOfCare:
    'date=period:p patient:r status:c type*:k',
  EventDefinition:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c',
  Evidence:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  EvidenceReport:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a status:c',
  EvidenceVariable:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  ExampleScenario:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  ExplanationOfBenefit:
    'created:t patient:r payee=payee.party:r status:c',
  FamilyMemberHistory:
    'code=condition*.code:k date:t patient:r status:c',
  Flag:
    'category*:k date=period:p patient=subject@Patient:r status:c subject:r',
  FormularyItem:
    'code:k',
  GenomicStudy:
    'patient=subject@Patient:r status:c subject:r',
  Goal:
    'category*:k patient=subject@Patient:r start-date=startDate:d subject:r target-date=target*.dueDate:d',
  GraphDefinition:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  Group:
    'code:k member=member*.entity:r type:c',
  GuidanceResponse:
    'patient=subject@Patient:r status:c subject:r',
  ImagingSelection:
    'code=status:c issued:t patient=subject@Patient:r status:c subject:r',
  ImagingStudy:
    'patient=subject@Patient:r started:t status:c subject:r',
  Immunization:
    'date=occurrenceDateTime:t patient:r reaction-date=reaction*.date:t status:c',
  ImmunizationEvaluation:
    'date:t patient:r status:c',
  ImmunizationRecommendation:
    'date:t patient:r status=recommendation*.forecastStatus:k',
  ImplementationGuide:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  Ingredient:
    'status:c strength-concentration-quantity=substance.strength*.concentrationQuantity:q ' +
    'strength-presentation-quantity=substance.strength*.presentationQuantity:q',
  InsurancePlan:
    'status:c type*:k',
  InventoryItem:
    'code*:k status:c subject=instance.subject:r',
  InventoryReport:
    'status:c',
  Invoice:
    'date:t patient=subject@Patient:r recipient:r status:c subject:r totalgross=totalGross:y totalnet=totalNet:y ' +
    'type:k',
  Library:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c type:k',
  List:
    'code:k date:t patient=subject*@Patient:r source:r status:c subject*:r',
  Location:
    'status:c type*:k',
  ManufacturedItemDefinition:
    'status:c',
  Measure:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c',
  MeasureReport:
    'date:t patient=subject@Patient:r period:p status:c subject:r',
  Medication:
    'code:k expiration-date=batch.expirationDate:t status:c',
  MedicationAdministration:
    'code=medication.concept:k date=occurenceDateTime:t|occurencePeriod:p patient=subject@Patient:r status:c ' +
    'subject:r',
  MedicationDispense:
    'code=medication.concept:k patient=subject@Patient:r receiver*:r recorded:t status:c subject:r type:k ' +
    'whenhandedover=whenHandedOver:t whenprepared=whenPrepared:t',
  MedicationKnowledge:
    'code:k status:c',
  MedicationRequest:
    'authoredon=authoredOn:t category*:k code=medication.concept:k ' +
    'combo-date=dosageInstruction*.timing.event*:t|dosageInstruction*.timing.repeat.boundsPeriod:p ' +
    'patient=subject@Patient:r status:c subject:r',
  MedicationStatement:
    'category*:k code=medication.concept:k effective=effectiveDateTime:t|effectivePeriod:p ' +
    'patient=subject@Patient:r status:c subject:r',
  MedicinalProductDefinition:
    'status:k type:k',
  MessageDefinition:
    'category:c context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  MessageHeader:
    'code=response.code:c',
  MolecularSequence:
    'patient=subject@Patient:r subject:r type:c',
  NamingSystem:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'period=uniqueId*.period:p status:c type:k',
  NutritionIntake:
    'code:k date=occurrenceDateTime:t|occurrencePeriod:p patient=subject@Patient:r source=reportedReference:r ' +
    'status:c subject:r',
  NutritionOrder:
    'datetime=dateTime:t patient=subject@Patient:r status:c subject:r',
  NutritionProduct:
    'code:k status=category*:k',
  Observation:
    'category*:k code:k combo-value-quantity=valueQuantity:q|component*.valueQuantity:q ' +
    'component-value-quantity=component*.valueQuantity:q ' +
    'date=effectiveDateTime:t|effectivePeriod:p|effectiveTiming:m|effectiveInstant:t patient=subject@Patient:r ' +
    'performer*:r status:c subject:r value-date=valueDateTime:t|valuePeriod:p value-quantity=valueQuantity:q',
  ObservationDefinition:
    'category*:k code:k status:c',
  OperationDefinition:
    'code:c context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c type:b',
  Organization:
    'type*:k',
  OrganizationAffiliation:
    'date=period:p',
  PackagedProductDefinition:
    'status:k',
  Patient:
    'birthdate=birthDate:d death-date=deceasedDateTime:t link=link*.other:r',
  PaymentNotice:
    'created:t status:c',
  PaymentReconciliation:
    'created:t status:c',
  Permission:
    'status:c',
  Person:
    'birthdate=birthDate:d death-date=deceasedDateTime:t patient=link*.target@Patient:r',
  PlanDefinition:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c type:k',
  Practitioner:
    'death-date=deceasedDateTime:t qualification-period=qualification*.period:p',
  PractitionerRole:
    'date=period:p',
  Procedure:
    'category*:k code:k date=occurrenceDateTime:t|occurrencePeriod:p|occurrenceTiming:m ' +
    'patient=subject@Patient:r performer=performer*.actor:r status:c subject:r',
  Provenance:
    'patient:r recorded:t when=occurredDateTime:t',
  Questionnaire:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c',
  QuestionnaireResponse:
    'author:r authored:t patient=subject@Patient:r status:c subject:r',
  RegulatedAuthorization:
    'status:k subject*:r',
  RelatedPerson:
    'birthdate=birthDate:d patient:r',
  RequestOrchestration:
    'authored=authoredOn:t code:k participant=action*.participant*.actorReference:r patient=subject@Patient:r ' +
    'status:c subject:r',
  Requirements:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  ResearchStudy:
    'date=period:p recruitment-actual=recruitment.actualNumber:n recruitment-target=recruitment.targetNumber:n ' +
    'status:c',
  ResearchSubject:
    'date=period:p patient=subject@Patient:r status:c subject:r',
  RiskAssessment:
    'date=occurrenceDateTime:t patient=subject@Patient:r probability=prediction*.probabilityDecimal:n subject:r',
  Schedule:
    'actor*:r date=planningHorizon:p',
  SearchParameter:
    'code:c context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c type:c',
  ServiceRequest:
    'authored=authoredOn:t category*:k occurrence=occurrenceDateTime:t|occurrencePeriod:p|occurrenceTiming:m ' +
    'patient=subject@Patient:r performer*:r status:c subject:r',
  Slot:
    'start:t status:c',
  Specimen:
    'collected=collection.collectedDateTime:t|collection.collectedPeriod:p patient=subject@Patient:r status:c ' +
    'subject:r type:k',
  SpecimenDefinition:
    'status:c type=typeCollected:k',
  StructureDefinition:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c type:u',
  StructureMap:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  Subscription:
    'status:c type=channelType:g',
  SubscriptionTopic:
    'date:t effective=effectivePeriod:p status:c',
  Substance:
    'category*:k code=code.concept:k|ingredient*.substanceCodeableConcept:k expiry:t quantity:q status:c',
  SubstanceDefinition:
    'code=code*.code:k',
  SupplyDelivery:
    'patient:r status:c',
  SupplyRequest:
    'category:k date=authoredOn:t patient=deliverFor:r status:c subject=deliverTo:r',
  Task:
    'authored-on=authoredOn:t code:k focus:r modified=lastModified:t patient=for@Patient:r ' +
    'period=executionPeriod:p status:c subject=for:r',
  TerminologyCapabilities:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  TestPlan:
    'status:c',
  TestReport:
    'issued:t status:c',
  TestScript:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  Transport:
    'status:c',
  ValueSet:
    'code=expansion.contains*.code:c|compose.include*.concept*.code:c ' +
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c',
  VerificationResult:
    'primarysource-date=primarySource*.validationDate:t status-date=statusDate:t status:c',
  VisionPrescription:
    'datewritten=dateWritten:t patient:r status:c'
}
