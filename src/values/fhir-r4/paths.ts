/**
 * Where the search parameters that the built-in reader reads are found in a resource (FHIR R4, 4.0.1). Generated:
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
export const parameterPaths: Readonly<Record<string, string>> = {
  Resource:
    '_id=id:c _lastUpdated=meta.lastUpdated:t _profile=meta.profile*:u _security=meta.security*:g ' +
    '_source=meta.source:u _tag=meta.tag*:g',
  Account:
    'patient=subject*@Patient:r period=servicePeriod:p status:c subject*:r type:k',
  ActivityDefinition:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c',
  AdverseEvent:
    'category*:k date:t subject:r',
  AllergyIntolerance:
    'asserter:r category*:c clinical-status=clinicalStatus:k code=code:k|reaction*.substance:k ' +
    'date=recordedDate:t last-date=lastOccurrence:t onset=reaction*.onset:t patient:r recorder:r type:c',
  Appointment:
    'actor=participant*.actor:r date=start:t patient=participant*.actor@Patient:r status:c',
  AppointmentResponse:
    'actor:r patient=actor@Patient:r',
  AuditEvent:
    'date=recorded:t patient=agent*.who@Patient:r|entity*.what@Patient:r type:g',
  Basic:
    'author:r code:k created:d patient=subject@Patient:r subject:r',
  BodyStructure:
    'patient:r',
  Bundle:
    'timestamp:t type:c',
  CapabilityStatement:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  CarePlan:
    'activity-date=activity*.detail.scheduledPeriod:p|activity*.detail.scheduledTiming:m category*:k ' +
    'date=period:p patient=subject@Patient:r performer=activity*.detail.performer*:r status:c subject:r',
  CareTeam:
    'category*:k date=period:p participant=participant*.member:r patient=subject@Patient:r status:c subject:r',
  ChargeItem:
    'code:k entered-date=enteredDate:t factor-override=factorOverride:n ' +
    'occurrence=occurrenceDateTime:t|occurrencePeriod:p|occurrenceTiming:m patient=subject@Patient:r ' +
    'price-override=priceOverride:y quantity:q subject:r',
  ChargeItemDefinition:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c',
  Claim:
    'created:t patient:r payee=payee.party:r status:c',
  ClaimResponse:
    'created:t patient:r payment-date=payment.date:d status:c',
  ClinicalImpression:
    'date:t patient=subject@Patient:r status:c subject:r',
  CodeSystem:
    'code=concept*.code:c context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  Communication:
    'category*:k patient=subject@Patient:r received:t recipient*:r sender:r sent:t status:c subject:r',
  CommunicationRequest:
    'authored=authoredOn:t category*:k occurrence=occurrenceDateTime:t patient=subject@Patient:r recipient*:r ' +
    'requester:r sender:r status:c subject:r',
  CompartmentDefinition:
    'code:c context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  Composition:
    'attester=attester*.party:r author*:r category*:k date:t patient=subject@Patient:r period=event*.period:p ' +
    'status:c subject:r type:k',
  ConceptMap:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  Condition:
    'abatement-age=abatementAge:q|abatementRange:a abatement-date=abatementDateTime:t|abatementPeriod:p ' +
    'asserter:r category*:k clinical-status=clinicalStatus:k code:k onset-age=onsetAge:q|onsetRange:a ' +
    'onset-date=onsetDateTime:t|onsetPeriod:p patient=subject@Patient:r recorded-date=recordedDate:t subject:r',
  Consent:
    'category*:k date=dateTime:t patient:r period=provision.period:p status:c',
  Contract:
    'issued:t patient=subject*@Patient:r status:c subject*:r',
  Coverage:
    'beneficiary:r patient=beneficiary:r payor*:r policy-holder=policyHolder:r status:c subscriber:r type:k',
  CoverageEligibilityRequest:
    'created:t patient:r status:c',
  CoverageEligibilityResponse:
    'created:t patient:r status:c',
  DetectedIssue:
    'code:k identified=identifiedDateTime:t|identifiedPeriod:p patient:r',
  Device:
    'patient:r status:c type:k',
  DeviceDefinition:
    'type:k',
  DeviceMetric:
    'category:c type:k',
  DeviceRequest:
    'authored-on=authoredOn:t code=codeCodeableConcept:k event-date=occurrenceDateTime:t|occurrencePeriod:p ' +
    'patient=subject@Patient:r performer:r status:c subject:r',
  DeviceUseStatement:
    'patient=subject:r subject:r',
  DiagnosticReport:
    'category*:k code:k date=effectiveDateTime:t|effectivePeriod:p issued:t patient=subject@Patient:r status:c ' +
    'subject:r',
  DocumentManifest:
    'author*:r created:t patient=subject@Patient:r recipient*:r status:c subject:r type:k',
  DocumentReference:
    'author*:r category*:k date:t patient=subject@Patient:r period=context.period:p status:c subject:r type:k',
  EffectEvidenceSynthesis:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c',
  Encounter:
    'date=period:p length:q location-period=location*.period:p patient=subject@Patient:r status:c subject:r ' +
    'type*:k',
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
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c',
  EvidenceVariable:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c',
  ExampleScenario:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  ExplanationOfBenefit:
    'created:t patient:r payee=payee.party:r status:c',
  FamilyMemberHistory:
    'code=condition*.code:k date:t patient:r status:c',
  Flag:
    'date=period:p patient=subject@Patient:r subject:r',
  Goal:
    'category*:k patient=subject@Patient:r start-date=startDate:d subject:r target-date=target*.dueDate:d',
  GraphDefinition:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  Group:
    'code:k member=member*.entity:r type:c',
  GuidanceResponse:
    'patient=subject@Patient:r subject:r',
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
  InsurancePlan:
    'status:c type*:k',
  Invoice:
    'date:t patient=subject@Patient:r recipient:r status:c subject:r totalgross=totalGross:y totalnet=totalNet:y ' +
    'type:k',
  Library:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c type:k',
  List:
    'code:k date:t patient=subject@Patient:r source:r status:c subject:r',
  Location:
    'status:c type*:k',
  Measure:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c',
  MeasureReport:
    'date:t patient=subject@Patient:r period:p status:c subject:r',
  Media:
    'created=createdDateTime:t|createdPeriod:p patient=subject@Patient:r status:c subject:r type:k',
  Medication:
    'code:k expiration-date=batch.expirationDate:t status:c',
  MedicationAdministration:
    'code=medicationCodeableConcept:k effective-time=effectiveDateTime:t|effectivePeriod:p ' +
    'patient=subject@Patient:r performer=performer*.actor:r status:c subject:r',
  MedicationDispense:
    'code=medicationCodeableConcept:k patient=subject@Patient:r receiver*:r status:c subject:r type:k ' +
    'whenhandedover=whenHandedOver:t whenprepared=whenPrepared:t',
  MedicationKnowledge:
    'code:k status:c',
  MedicationRequest:
    'authoredon=authoredOn:t category*:k code=medicationCodeableConcept:k ' +
    'date=dosageInstruction*.timing.event*:t patient=subject@Patient:r status:c subject:r',
  MedicationStatement:
    'category:k code=medicationCodeableConcept:k effective=effectiveDateTime:t|effectivePeriod:p ' +
    'patient=subject@Patient:r status:c subject:r',
  MedicinalProductAuthorization:
    'status:k subject:r',
  MedicinalProductContraindication:
    'subject*:r',
  MedicinalProductIndication:
    'subject*:r',
  MedicinalProductInteraction:
    'subject*:r',
  MedicinalProductPackaged:
    'subject*:r',
  MedicinalProductUndesirableEffect:
    'subject*:r',
  MessageDefinition:
    'category:c context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  MessageHeader:
    'code=response.code:c',
  MolecularSequence:
    'patient:r type:c variant-end=variant*.end:n variant-start=variant*.start:n ' +
    'window-end=referenceSeq.windowEnd:n window-start=referenceSeq.windowStart:n',
  NamingSystem:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t period=uniqueId*.period:p ' +
    'status:c type:k',
  NutritionOrder:
    'datetime=dateTime:t patient:r status:c',
  Observation:
    'category*:k code:k combo-value-quantity=valueQuantity:q|component*.valueQuantity:q ' +
    'component-value-quantity=component*.valueQuantity:q ' +
    'date=effectiveDateTime:t|effectiveInstant:t|effectivePeriod:p|effectiveTiming:m patient=subject@Patient:r ' +
    'performer*:r status:c subject:r value-date=valueDateTime:t|valuePeriod:p value-quantity=valueQuantity:q',
  OperationDefinition:
    'code:c context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c type:b',
  Organization:
    'type*:k',
  OrganizationAffiliation:
    'date=period:p',
  Patient:
    'birthdate=birthDate:d death-date=deceasedDateTime:t link=link*.other:r',
  PaymentNotice:
    'created:t status:c',
  PaymentReconciliation:
    'created:t status:c',
  Person:
    'birthdate=birthDate:d patient=link*.target@Patient:r',
  PlanDefinition:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c type:k',
  PractitionerRole:
    'date=period:p',
  Procedure:
    'category:k code:k date=performedDateTime:t|performedPeriod:p patient=subject@Patient:r ' +
    'performer=performer*.actor:r status:c subject:r',
  Provenance:
    'patient=target*@Patient:r recorded:t when=occurredDateTime:t',
  Questionnaire:
    'code=item*.code*:g context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t ' +
    'effective=effectivePeriod:p status:c',
  QuestionnaireResponse:
    'author:r authored:t patient=subject@Patient:r status:c subject:r',
  RelatedPerson:
    'birthdate=birthDate:d patient:r',
  RequestGroup:
    'authored=authoredOn:t code:k participant=action*.participant*:r patient=subject@Patient:r status:c ' +
    'subject:r',
  ResearchDefinition:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c',
  ResearchElementDefinition:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c',
  ResearchStudy:
    'category*:k date=period:p status:c',
  ResearchSubject:
    'date=period:p individual:r patient=individual:r status:c',
  RiskAssessment:
    'date=occurrenceDateTime:t patient=subject@Patient:r ' +
    'probability=prediction*.probabilityDecimal:n|prediction*.probabilityRange:a subject:r',
  RiskEvidenceSynthesis:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c',
  Schedule:
    'actor*:r date=planningHorizon:p',
  SearchParameter:
    'code:c context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c type:c',
  ServiceRequest:
    'authored=authoredOn:t category*:k code:k ' +
    'occurrence=occurrenceDateTime:t|occurrencePeriod:p|occurrenceTiming:m patient=subject@Patient:r ' +
    'performer*:r status:c subject:r',
  Slot:
    'start:t status:c',
  Specimen:
    'collected=collection.collectedDateTime:t|collection.collectedPeriod:p patient=subject@Patient:r status:c ' +
    'subject:r type:k',
  SpecimenDefinition:
    'type=typeCollected:k',
  StructureDefinition:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c type:u',
  StructureMap:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  Subscription:
    'status:c type=channel.type:c',
  Substance:
    'category*:k code=code:k|ingredient*.substanceCodeableConcept:k expiry=instance*.expiry:t ' +
    'quantity=instance*.quantity:q status:c',
  SubstanceSpecification:
    'code=code*.code:k',
  SupplyDelivery:
    'patient:r status:c',
  SupplyRequest:
    'category:k date=authoredOn:t status:c subject=deliverTo:r',
  Task:
    'authored-on=authoredOn:t code:k modified=lastModified:t patient=for@Patient:r period=executionPeriod:p ' +
    'status:c subject=for:r',
  TerminologyCapabilities:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  TestReport:
    'issued:t',
  TestScript:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  ValueSet:
    'code=expansion.contains*.code:c|compose.include*.concept*.code:c ' +
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  VisionPrescription:
    'datewritten=dateWritten:t patient:r status:c'
}
