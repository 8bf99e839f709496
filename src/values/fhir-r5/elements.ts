/**
 * Which elements of FHIR R5 (5.0.0) repeat, and which are a choice of types. Generated:
 * `npm run vocabulary:write`.
 *
 * @module
 */

/** The names of elements that repeat, wherever `elementExceptionsR5` does not say otherwise. */
export const repeatingElementsR5: string =
  'about acceptLanguage account action actor addItem additional additionalAttribute additionalContext ' +
  'additionalInfo additionalInstruction additionalUse additive addresses administration affiliation agent ' +
  'aggregation alias allergyIntolerance allocation allowedResponse allowedType alternateMaterial alternative ' +
  'analysis anchor answer answerOption appliesTo artifactAssessment asNeededFor assessment asset ' +
  'associatedMedication associatedParty association attachedDocument attester author authorization ' +
  'authorizationSupporting authorizingPrescription availability availableTime balance basedOn benefit ' +
  'benefitBalance bodyLandmarkOrientation bodysite calibration canFilterBy capability careTeam careTeamSequence ' +
  'category certainty chain changeType characteristic characterization chargeItem classification classifier ' +
  'clinicalTrial clinicalUseIssue clockFacePosition codeFilter codeSystem coding communication ' +
  'communicationRequest comorbidity comparisonGroup compartment complication component comprisedOf ' +
  'conclusionCode conformsTo connectionType consent const constituent consumedItem contact contained ' +
  'containedInstance containedItem containedItemQuantity contextInvariant contextLinkId contract ' +
  'contraindicatedVaccineCode contributingFactor contributionInstance contributionType control controller ' +
  'coordinate copolymerConnectivity costToBeneficiary countryOfOrigin coverageArea crossReference currentState ' +
  'dataRequirement dateCriterion dateFilter daysOfWeek decisionMode definitionUri degreeOfPolymerisation ' +
  'deliveryDevice dependency dependsOn derivedFrom derivedFromCanonical derivedFromUri detail deviceName ' +
  'diagnosis diagnosisSequence dietPreference discriminator dispenserInstruction distanceFromLandmark ' +
  'distributor disulfideLinkage documentType domain dosage dosageInstruction doseAndRate doseStatusReason ' +
  'dosingGuideline drugCharacteristic dynamicValue edit editor enableWhen endorser endpoint entity entry ' +
  'entryClassifier entryQuantity entryReference environmentType environmentalSetting episodeOfCare error ' +
  'evaluatedResource event eventHistory eventTrigger evidence example exception excludeFoodModifier ' +
  'excludingDate excludingRecurrenceId extension feature filter filterBy financial finding fixture ' +
  'fluidConsistencyType focalDevice focus followUp foodPreferenceModifier forecastReason formOf formatted ' +
  'fractionDescription friendly gateway geneElement generalCost generalPractitioner geographicalLocation given ' +
  'global goal goalId grade grantee grantor group grouping guarantor hasIngredient hasMember hasPart header ' +
  'healthcareService hoursOfOperation image imageRegion2D imageRegion3D implementationGuide implicated import ' +
  'imports impurity inResponseTo include includedStructure indication indicationGuideline informationProvider ' +
  'informationSequence informationSource ingredient ingredientLabel initial input instance instantiates ' +
  'instantiatesCanonical instantiatesUri insurance intendedExposure intendedJurisdiction intendedRoute ' +
  'interactant interpretation interpreter inventoryListing inventoryStatus item jurisdiction keyword ' +
  'knownAllergen landmarkDescription languageCode legal lensSpecification library line lineItem link linkage ' +
  'management manager manufacturer mapping marketDistribution marketingStatus masterFile material ' +
  'maxDosePerPeriod media medicineClassification medium messaging methodType mimeType mitigatingAction modality ' +
  'modelCharacteristic modifier modifierExtension moiety monitoringProgram monograph monomerSet mustSupport node ' +
  'notAvailableTime note noteNumber notificationEvent notificationShape nutrient object objective ' +
  'observationRequirement observationResultRequirement offeredIn official option orderDetail ' +
  'organizationReference outcomeMeasure output overload packageCode packageFor packagedMedicinalProduct param ' +
  'parameter parameterName parentSubstanceId parentSubstanceName partDescription partOf participant ' +
  'participantType patchFormat patientCharacteristic patientPreparation payload paymentBy performedActivity ' +
  'performer performerLinkId periodType permittedDataType permittedUnit photo plan policy policyText population ' +
  'preAuthRefPeriod precondition prediction prefix presentedForm preventiveAction priceComponent prism problem ' +
  'procedure procedureSequence processNote processing processingFacility producedFrom productType ' +
  'productionIdentifierInUDI prognosisCodeableConcept prognosisReference programCode programEligibility progress ' +
  'progressStatus property propertyGroup protocol protocolApplied publicationForm pushTypeAvailable ' +
  'qualification qualifier qualifiers reaction reason reasonLinkId recommendation recurrenceTemplate ' +
  'referencePolicy referenceStrength referencedFrom referralMethod referralRequest region regionsCalled ' +
  'regionsStudied regulatory regulatoryBasis regulatoryIdentifier rejectionCriterion related relatedAccount ' +
  'relatedAction relatedArtifact relatedClinicalInformation relatedIdentifier relatedMedicationKnowledge ' +
  'relatesTo relative relevantHistory repeatUnit replaces report requestHeader requestedPerformer ' +
  'requesterLinkId resourceTrigger responsibleOrganization rest result resultingEffect resultsInterpreter ' +
  'revInclude reviewer rule safety satisfiedBy searchInclude searchRevInclude section security securityLabel ' +
  'securityLabelNumber service serviceCategory serviceProvisionCode serviceType shelfLifeStorage signature ' +
  'signer slot sort sourceAttachment sourceDocument sourceReference spatialReference specialArrangement ' +
  'specialCourtesy specialMeasures specialPrecautionsForStorage specialty specificCost specimen ' +
  'specimenRequirement startingMaterial statement statistic statusHistory storageGuideline stratifier stratum ' +
  'structuralRepresentation study studyDesign subDetail subPotentReason subProperty subSite subdetailSequence ' +
  'subjectReport subjectType subpotentReason subscriberId subset subtype subunit suffix sugar supplement ' +
  'supplementalData suppliedItem supplier supportedInteraction supportedMessage supportedProfile ' +
  'supportingImmunization supportingInfo supportingInfoSequence supportingInformation ' +
  'supportingPatientInformation surfaceOrientation suspectEntity tag target targetDisease targetLocation ' +
  'targetProfile targetSpecies team telecom template test testCase testData testRun testingDestination texture ' +
  'timeFromEvent timeOfDay topic traceNumber trigger triggeredBy typeTested udi udiCarrier uniqueId usageReason ' +
  'useContext usePeriod validationProcess validator valueAlternatives valueCategory valueFilter valueQuantity ' +
  'valueRange valuedItem verification verificationDate virtualService webLocation withdrawalPeriod'

/** The names of elements that are a choice of types (`value[x]`), with the same reservation. */
export const choiceElementsR5: string =
  'abatement allowed born bounds citeAs collected concentration deceased effective fastingStatus fixed ' +
  'generatedBy identified instances legallyBinding maxValue measureScore minValue minimumVolume module ' +
  'multipleBirth occurence occurred occurrence onset pattern performed presentation probability rate serviced ' +
  'sourceScope strength structureProfile substanceDefinition targetItem targetScope timing used versionAlgorithm'

/**
 * The elements that are of another kind than their name says: `name=holder,holder`. A holder is the resource type or
 * the name of the element that has it; `Type:holder` is for one resource type alone. `unknown` are those that differ
 * from holder to holder of the same name.
 */
export const elementExceptionsR5: Readonly<Record<'many' | 'one' | 'choice' | 'unknown', string>> = {
  many:
    'coverage=Account,InsurancePlan ' +
    'identifier=Account,ActivityDefinition,ActorDefinition,AdministrableProductDefinition,AdverseEvent,AllergyIntolerance,Appointment,AppointmentResponse,ArtifactAssessment,Basic,BiologicallyDerivedProduct,BiologicallyDerivedProductDispense,BodyStructure,CapabilityStatement,CarePlan,CareTeam,ChargeItem,ChargeItemDefinition,Citation,Claim,ClaimResponse,ClinicalImpression,ClinicalUseDefinition,CodeSystem,Communication,CommunicationRequest,Composition,ConceptMap,Condition,ConditionDefinition,Consent,Contract,Coverage,CoverageEligibilityRequest,CoverageEligibilityResponse,DetectedIssue,Device,DeviceAssociation,DeviceDefinition,DeviceDispense,DeviceMetric,DeviceRequest,DeviceUsage,DiagnosticReport,DocumentReference,Encounter,EncounterHistory,Endpoint,EnrollmentRequest,EnrollmentResponse,EpisodeOfCare,EventDefinition,Evidence,EvidenceReport,EvidenceVariable,ExampleScenario,ExplanationOfBenefit,FamilyMemberHistory,Flag,FormularyItem,GenomicStudy,Goal,GraphDefinition,Group,GuidanceResponse,HealthcareService,ImagingSelection,ImagingStudy,Immunization,ImmunizationEvaluation,ImmunizationRecommendation,ImplementationGuide,InsurancePlan,InventoryItem,InventoryItem:instance,InventoryReport,Invoice,Library,List,Location,ManufacturedItemDefinition,Measure,MeasureReport,Medication,MedicationAdministration,MedicationDispense,MedicationKnowledge,MedicationRequest,MedicationStatement,MedicinalProductDefinition,MessageDefinition,MolecularSequence,NamingSystem,NutritionIntake,NutritionOrder,NutritionProduct:instance,Observation,OperationDefinition,Organization,OrganizationAffiliation,PackagedProductDefinition,PackagedProductDefinition:packaging,Patient,PaymentNotice,PaymentReconciliation,Person,PlanDefinition,Practitioner,PractitionerRole,Procedure,Questionnaire,QuestionnaireResponse,RegulatedAuthorization,RelatedPerson,RequestOrchestration,Requirements,ResearchStudy,ResearchSubject,RiskAssessment,Schedule,SearchParameter,ServiceRequest,Slot,Specimen,StructureDefinition,StructureMap,Subscription,SubscriptionTopic,Substance,SubstanceDefinition,SupplyDelivery,SupplyRequest,Task,TerminologyCapabilities,TestPlan,TestScript,Transport,ValueSet,VisionPrescription,analysis,citedArtifact,offer,plan,publishedIn,qualification ' +
    'subject=Account,ClinicalUseDefinition,Composition,Contract,Contract:action,List,ObservationDefinition,RegulatedAuthorization ' +
    'type=Account:diagnosis,Account:procedure,Appointment:participant,AuditEvent:source,Device,Encounter,Encounter:participant,EncounterHistory,EpisodeOfCare,GenomicStudy,HealthcareService,InsurancePlan,Location,Measure,Measure:group,Organization,StructureDefinition:element,assertion,asset,attestationSignature,oralDiet,outcomeMeasure,payload,primarySource,proxySignature,signature,sourceSignature,title ' +
    'bodySite=ActivityDefinition,Condition,DocumentReference,Procedure,ServiceRequest,addItem,item ' +
    'reference=ActorDefinition,Requirements,relatedMedicationKnowledge,statement ' +
    'routeOfAdministration=AdministrableProductDefinition outcome=AdverseEvent,Goal ' +
    'manifestation=AllergyIntolerance:reaction class=Appointment,Coverage,Encounter ' +
    'patientInstruction=Appointment,ServiceRequest requestedPeriod=Appointment ' +
    'content=ArtifactAssessment,DocumentReference,Library ' +
    'parent=BiologicallyDerivedProduct,MessageDefinition,Specimen ' +
    'request=BiologicallyDerivedProduct,Specimen,addItem,item document=CapabilityStatement ' +
    'format=CapabilityStatement activity=CarePlan,rule contributor=CarePlan managingOrganization=CareTeam ' +
    'definitionCanonical=ChargeItem product=ChargeItem applicability=ChargeItemDefinition ' +
    'statusDate=Citation,citedArtifact summary=Citation,contributorship ' +
    'encounter=Claim,ClaimResponse,ExplanationOfBenefit,item total=ClaimResponse,ExplanationOfBenefit ' +
    'concept=CodeSystem,exclude,include recipient=Communication,CommunicationRequest,restriction ' +
    'resource=CompartmentDefinition,OperationDefinition,data,definition,manifest,rest stage=Condition ' +
    'definition=ConditionDefinition,definitional medication=ConditionDefinition observation=ConditionDefinition ' +
    'questionnaire=ConditionDefinition provision=Consent authority=Contract site=Contract,ResearchStudy,bodySite ' +
    'subType=Contract term=Contract,Measure linkId=Contract:action,asset,offer,valuedItem ' +
    'purpose=CoverageEligibilityRequest,CoverageEligibilityResponse,activity,provision mitigation=DetectedIssue ' +
    'name=Device,HealthcareService:contact,InsurancePlan:contact,InventoryItem,Location:contact,MedicationKnowledge,MedicinalProductDefinition,Organization:contact,OrganizationAffiliation:contact,Patient,Person,Practitioner,PractitionerRole:contact,RelatedPerson,SubstanceDefinition,address ' +
    'version=Device,DeviceDefinition,DeviceDefinition:conformsTo,codeSystem,instance ' +
    'operation=DeviceAssociation,MedicinalProductDefinition,resource ' +
    'statusReason=DeviceAssociation,MedicationAdministration,NutritionIntake ' +
    'packaging=DeviceDefinition,MedicationKnowledge udiDeviceIdentifier=DeviceDefinition ' +
    'reason=DeviceUsage:adherence,MedicationDispense:substitution ' +
    'context=DocumentReference,StructureDefinition,asset appointment=Encounter ' +
    'location=Encounter,EncounterHistory,HealthcareService,OrganizationAffiliation,PractitionerRole,ServiceRequest,constituent,issue ' +
    'condition=Encounter:diagnosis,EpisodeOfCare:diagnosis,FamilyMemberHistory,ResearchStudy,Specimen,action,element ' +
    'use=Encounter:diagnosis,Encounter:reason value=Encounter:reason,EpisodeOfCare:reason,distanceFromLandmark ' +
    'variableDefinition=Evidence process=ExampleScenario preAuthRef=ExplanationOfBenefit,insurance member=Group ' +
    'eligibility=HealthcareService program=HealthcareService series=ImagingStudy ' +
    'fhirVersion=ImplementationGuide,resource ' +
    'profile=ImplementationGuide:resource,TestScript,content,data,dataRequirement,meta,requirement,type ' +
    'for=Ingredient function=Ingredient,component,constituent ' +
    'network=InsurancePlan,OrganizationAffiliation,coverage,plan ' +
    'code=InventoryItem,MedicinalProductDefinition,OrganizationAffiliation,PractitionerRole,Questionnaire,RequestOrchestration:action,StructureDefinition:element,SubstanceDefinition,codeFilter,context,evidence,item,provision ' +
    'totalPriceComponent=Invoice ' +
    'device=MedicationAdministration,MedicationRequest,ObservationDefinition,analysis,distanceFromLandmark,procedure ' +
    'receiver=MedicationDispense,SupplyDelivery cost=MedicationKnowledge,benefit ' +
    'route=MedicinalProductDefinition destination=MessageHeader,TestScript ' +
    'amount=NutritionProduct:nutrient,component,constituent,ingredient referenceRange=Observation ' +
    'qualifiedValue=ObservationDefinition issue=OperationOutcome legalStatusOfSupply=PackagedProductDefinition ' +
    'address=Patient,Person,Practitioner,RelatedPerson date=Permission used=Procedure ' +
    'basis=RegulatedAuthorization,RiskAssessment,justification ' +
    'relationship=RelatedPerson,SubstanceDefinition,contact label=ResearchStudy base=SearchParameter ' +
    'comparator=SearchParameter,canFilterBy appointmentType=Slot container=Specimen role=Specimen,agent ' +
    'collection=SpecimenDefinition structure=StructureMap molecularWeight=SubstanceDefinition ' +
    'language=SubstanceDefinition:name,publicationForm,synonym,translation,version repeat=SubstancePolymer ' +
    'gene=SubstanceReferenceInformation op=TerminologyCapabilities:filter ' +
    'scope=TestPlan,TestScript,parameter,part,testCase origin=TestScript,capability ' +
    'variable=TestScript,modelCharacteristic performerType=Transport,action primarySource=VerificationResult ' +
    'documentation=action,goal requester=action detailSequence=addItem itemSequence=addItem provider=addItem ' +
    'subDetailSequence=addItem usage=additional,name,supplementalData requirement=assert ' +
    'period=asset,associatedParty,data typeReference=asset limit=benefit,rule file=characterization ' +
    'abstract=citedArtifact title=citedArtifact justification=classification ' +
    'source=code,conformsTo,gene,geneElement,name,relationship,rule,statement,synonym,target,translation ' +
    'path=component,content designation=concept otherTherapy=contraindication effectiveDate=cost ' +
    'method=definitionByTypeAndValue element=differential,group,snapshot constraint=element ' +
    'representation=element,structure expression=error,issue valueSet=exclude,include contains=expansion ' +
    'operator=filter,operation contraindication=guideline warning=guideline undesirableEffect=indication ' +
    'adjudication=item other=manifest page=manifest part=name party=offer organization=operation ' +
    'communicationMethod=primarySource step=process data=provision,rule,trigger resourceType=provision ' +
    'vaccineCode=recommendation occurrenceDate=recurrenceTemplate country=referenceStrength,strength ' +
    'schedule=regulatory substitution=regulatory dayOfWeek=repeat when=repeat interaction=resource,rest ' +
    'searchParam=resource dependent=rule timing=schedule number=securityLabel conformance=statement ' +
    'attributeEstimate=statistic technique=structure strength=substance listMode=target assertion=testCase ' +
    'handling=typeTested',
  one:
    'condition=Account:diagnosis ' +
    'reference=Account:party,Account:subject,ActivityDefinition:subject,ActorDefinition:subject,AdministrableProductDefinition:subject,AdverseEvent:subject,AllergyIntolerance:subject,Appointment:subject,AppointmentResponse:subject,ArtifactAssessment:subject,AuditEvent:subject,Basic:subject,Binary:subject,BiologicallyDerivedProduct:subject,BiologicallyDerivedProductDispense:subject,BodyStructure:subject,Bundle:subject,CapabilityStatement:subject,CarePlan:subject,CareTeam:subject,ChargeItem:subject,ChargeItemDefinition:subject,Citation:subject,Claim:party,Claim:subject,ClaimResponse:subject,ClinicalImpression:subject,ClinicalUseDefinition:subject,CodeSystem:subject,Communication:subject,CommunicationRequest:subject,CompartmentDefinition:subject,Composition:party,Composition:subject,ConceptMap:subject,Condition:subject,ConditionDefinition:subject,Consent:subject,Coverage:party,Coverage:subject,CoverageEligibilityRequest:subject,CoverageEligibilityResponse:subject,DetectedIssue:subject,Device:subject,DeviceAssociation:subject,DeviceDefinition:subject,DeviceDispense:subject,DeviceMetric:subject,DeviceRequest:subject,DeviceUsage:subject,DiagnosticReport:subject,DocumentReference:party,DocumentReference:subject,Encounter:subject,EncounterHistory:subject,Endpoint:subject,EnrollmentRequest:subject,EnrollmentResponse:subject,EpisodeOfCare:subject,EventDefinition:subject,Evidence:subject,EvidenceReport:subject,EvidenceVariable:subject,ExampleScenario:subject,ExplanationOfBenefit:party,ExplanationOfBenefit:subject,FamilyMemberHistory:subject,Flag:subject,FormularyItem:subject,GenomicStudy:subject,Goal:subject,GraphDefinition:subject,Group:subject,GuidanceResponse:subject,HealthcareService:subject,ImagingSelection:subject,ImagingStudy:subject,Immunization:subject,ImmunizationEvaluation:subject,ImmunizationRecommendation:subject,ImplementationGuide:subject,Ingredient:subject,InsurancePlan:subject,InventoryItem:subject,InventoryReport:subject,Invoice:subject,Library:subject,Linkage:subject,List:subject,Location:subject,ManufacturedItemDefinition:subject,Measure:subject,MeasureReport:subject,Medication:subject,MedicationAdministration:subject,MedicationDispense:subject,MedicationKnowledge:subject,MedicationRequest:subject,MedicationStatement:subject,MedicinalProductDefinition:subject,MessageDefinition:subject,MessageHeader:subject,MolecularSequence:subject,NamingSystem:subject,NutritionIntake:subject,NutritionOrder:subject,NutritionProduct:subject,Observation:subject,ObservationDefinition:subject,OperationDefinition:subject,OperationOutcome:subject,Organization:subject,OrganizationAffiliation:subject,PackagedProductDefinition:subject,Parameters:subject,Patient:subject,PaymentNotice:subject,PaymentReconciliation:subject,Permission:subject,Person:subject,PlanDefinition:subject,Practitioner:subject,PractitionerRole:subject,Procedure:subject,Provenance:subject,Questionnaire:subject,QuestionnaireResponse:subject,RegulatedAuthorization:subject,RelatedPerson:subject,RequestOrchestration:subject,Requirements:subject,ResearchStudy:party,ResearchStudy:subject,ResearchSubject:subject,RiskAssessment:subject,Schedule:subject,SearchParameter:subject,ServiceRequest:subject,Slot:subject,Specimen:subject,SpecimenDefinition:subject,StructureDefinition:subject,StructureMap:subject,Subscription:subject,SubscriptionStatus:subject,SubscriptionTopic:subject,Substance:subject,SubstanceDefinition:subject,SubstanceNucleicAcid:subject,SubstancePolymer:subject,SubstanceProtein:subject,SubstanceReferenceInformation:subject,SubstanceSourceMaterial:subject,SupplyDelivery:subject,SupplyRequest:subject,Task:subject,TerminologyCapabilities:subject,TestPlan:subject,TestReport:subject,TestScript:subject,Transport:subject,ValueSet:subject,VerificationResult:subject,VisionPrescription:subject ' +
    'value=Account:profile,ActivityDefinition:profile,ActivityDefinition:usage,ActorDefinition:profile,AdministrableProductDefinition:profile,AdverseEvent:profile,AllergyIntolerance:category,AllergyIntolerance:profile,Appointment:profile,AppointmentResponse:profile,ArtifactAssessment:profile,AuditEvent:profile,Basic:profile,Binary:profile,BiologicallyDerivedProduct:profile,BiologicallyDerivedProductDispense:profile,BodyStructure:profile,Bundle:profile,CapabilityStatement:profile,CarePlan:profile,CareTeam:profile,ChargeItem:profile,ChargeItemDefinition:profile,Citation:part,Citation:profile,Claim:profile,ClaimResponse:profile,ClinicalImpression:profile,ClinicalUseDefinition:profile,CodeSystem:profile,Communication:profile,CommunicationRequest:profile,CompartmentDefinition:profile,Composition:profile,ConceptMap:profile,Condition:profile,ConditionDefinition:profile,Consent:profile,Contract:profile,Coverage:profile,CoverageEligibilityRequest:profile,CoverageEligibilityResponse:profile,DetectedIssue:detail,DetectedIssue:profile,Device:component,Device:profile,DeviceAssociation:profile,DeviceDefinition:component,DeviceDefinition:profile,DeviceDispense:profile,DeviceMetric:category,DeviceMetric:profile,DeviceRequest:profile,DeviceUsage:profile,DiagnosticReport:profile,Encounter:profile,EncounterHistory:profile,Endpoint:profile,EnrollmentRequest:profile,EnrollmentResponse:profile,EpisodeOfCare:profile,EventDefinition:profile,EventDefinition:usage,Evidence:profile,EvidenceReport:profile,EvidenceVariable:profile,ExampleScenario:profile,ExplanationOfBenefit:profile,FamilyMemberHistory:profile,Flag:profile,FormularyItem:profile,GenomicStudy:profile,Goal:detail,Goal:profile,GraphDefinition:profile,Group:profile,GuidanceResponse:profile,HealthcareService:profile,ImagingSelection:profile,ImagingStudy:profile,Immunization:profile,ImmunizationEvaluation:profile,ImmunizationRecommendation:profile,ImplementationGuide:parameter,ImplementationGuide:profile,ImplementationGuide:reason,Ingredient:profile,InsurancePlan:profile,InventoryItem:profile,InventoryReport:profile,Invoice:profile,Library:profile,Library:usage,Linkage:profile,List:profile,Location:profile,ManufacturedItemDefinition:profile,Measure:profile,Measure:usage,MeasureReport:profile,Medication:profile,MedicationAdministration:profile,MedicationDispense:profile,MedicationKnowledge:profile,MedicationRequest:profile,MedicationStatement:profile,MedicinalProductDefinition:part,MedicinalProductDefinition:profile,MessageDefinition:category,MessageDefinition:profile,MessageHeader:profile,MolecularSequence:profile,NamingSystem:profile,NamingSystem:usage,NutritionIntake:profile,NutritionOrder:profile,NutritionProduct:profile,Observation:profile,Observation:reason,ObservationDefinition:profile,OperationDefinition:profile,OperationOutcome:profile,Organization:profile,OrganizationAffiliation:profile,PackagedProductDefinition:profile,Parameters:profile,Patient:profile,PaymentNotice:profile,PaymentReconciliation:profile,Permission:profile,Person:profile,PlanDefinition:detail,PlanDefinition:profile,PlanDefinition:usage,Practitioner:profile,PractitionerRole:profile,Procedure:profile,Provenance:profile,Questionnaire:answer,Questionnaire:profile,QuestionnaireResponse:profile,RegulatedAuthorization:profile,RelatedPerson:profile,RequestOrchestration:profile,Requirements:profile,ResearchStudy:profile,ResearchSubject:profile,RiskAssessment:profile,Schedule:profile,SearchParameter:profile,ServiceRequest:profile,Slot:profile,Specimen:profile,SpecimenDefinition:profile,StructureDefinition:profile,StructureMap:profile,Subscription:parameter,Subscription:profile,Subscription:reason,SubscriptionStatus:profile,SubscriptionTopic:profile,Substance:profile,SubstanceDefinition:profile,SubstanceNucleicAcid:profile,SubstancePolymer:profile,SubstanceProtein:profile,SubstanceReferenceInformation:profile,SubstanceSourceMaterial:profile,SupplyDelivery:profile,SupplyRequest:profile,Task:profile,TerminologyCapabilities:profile,TerminologyCapabilities:property,TestPlan:profile,TestReport:detail,TestReport:profile,TestScript:profile,Transport:profile,ValueSet:profile,VerificationResult:profile,VisionPrescription:profile ' +
    'name=ActivityDefinition:contact,ActorDefinition:contact,CapabilityStatement:contact,ChargeItemDefinition:contact,Citation:contact,CodeSystem:contact,CompartmentDefinition:contact,ConceptMap:contact,ConditionDefinition:contact,EventDefinition:contact,Evidence:contact,EvidenceReport:contact,EvidenceVariable:contact,ExampleScenario:contact,GraphDefinition:contact,ImplementationGuide:contact,Library:contact,Measure:contact,MessageDefinition:contact,NamingSystem:contact,ObservationDefinition:contact,OperationDefinition:contact,Patient:contact,PlanDefinition:contact,Questionnaire:contact,Requirements:contact,SearchParameter:contact,SpecimenDefinition:contact,StructureDefinition:contact,StructureMap:contact,SubscriptionTopic:contact,TerminologyCapabilities:contact,TestPlan:contact,TestScript:contact,ValueSet:contact ' +
    'type=ActivityDefinition:participant,BiologicallyDerivedProduct:source,Contract:group,CoverageEligibilityRequest:diagnosis,DeviceDefinition:source,Goal:source,List:source,MedicationKnowledge:source,PlanDefinition:participant,QuestionnaireResponse:source,RequestOrchestration:participant,Requirements:source,Specimen:procedure,StructureMap:source,SubstanceDefinition:source,SubstanceReferenceInformation:element,SubstanceReferenceInformation:source,TestPlan:source,TestReport:participant ' +
    'identifier=AdverseEvent:instance,ChargeItemDefinition:instance,DeviceDefinition:packaging ' +
    'actor=AdverseEvent:participant,AllergyIntolerance:participant,Appointment:participant,AppointmentResponse,Condition:participant,Encounter:participant,FamilyMemberHistory:participant,Invoice:participant,performer ' +
    'action=AuditEvent,action,focalDevice,mitigation ' +
    'author=Basic,Contract,DetectedIssue,Flag,Linkage,MedicationKnowledge,MessageHeader,QuestionnaireResponse,RequestOrchestration,causality,component,content,mitigation ' +
    'signature=Bundle profile=CapabilityStatement:resource ' +
    'performer=ClinicalImpression,DeviceRequest,GuidanceResponse,MolecularSequence,RiskAssessment,action ' +
    'indication=ClinicalUseDefinition,MedicinalProductDefinition ' +
    'topic=Communication,Subscription,SubscriptionStatus,offer code=ConceptMap:element,PlanDefinition:action ' +
    'instantiatesCanonical=Contract,GenomicStudy,Task,Transport,analysis ' +
    'instantiatesUri=Contract,GenomicStudy,Task,Transport,analysis detail=DetectedIssue,assert,operation ' +
    'manufacturer=Device,DeviceDefinition,Immunization,manufacturer version=Device:conformsTo ' +
    'category=DeviceMetric,MessageDefinition,SupplyRequest,adjudication,benefitBalance,conformsTo,costToBeneficiary,detail,goal,item,medication,observation,specificCost,startingMaterial,statistic,subDetail,supportingInfo,total ' +
    'asNeededFor=DeviceRequest,schedule informationSource=DeviceUsage,Immunization ' +
    'partOf=Encounter,Location,Organization use=EpisodeOfCare:diagnosis,EpisodeOfCare:reason ' +
    'photo=HealthcareService manifestation=Immunization:reaction targetDisease=ImmunizationEvaluation ' +
    'group=Ingredient,group,term instance=InventoryItem,OperationDefinition,Substance ' +
    'language=InventoryItem:name account=Invoice,allocation,relatedAccount subject=MeasureReport:group ' +
    'dosage=MedicationAdministration allowed=MedicationKnowledge:substitution ' +
    'reason=MedicationRequest:substitution,MedicationStatement:adherence,MessageHeader,Subscription,Transport,adjudication,dependsOn,progress,supportingInfo,triggeredBy ' +
    'domain=MedicinalProductDefinition,SubstanceDefinition specimen=MolecularSequence,Observation ' +
    'amount=NutritionOrder:nutrient characteristic=PackagedProductDefinition,definitionByCombination ' +
    'authorization=PaymentReconciliation linkId=PlanDefinition:action,RequestOrchestration:action ' +
    'due=PlanDefinition:target focus=Procedure,Task,Transport,notificationEvent,section study=ResearchSubject ' +
    'basedOn=RiskAssessment derivedFrom=SearchParameter,statement endpoint=Subscription supplier=SupplyDelivery ' +
    'item=SupplyRequest,answer,containedItem,entry,finding,ingredient,item,nutrient ' +
    'result=TestReport,assert,operation op=ValueSet:filter prefix=action,item ' +
    'target=allocation,destination,group,link,relatesTo,target relatedArtifact=applicability answer=asset ' +
    'strength=binding specialty=careTeam procedure=collection rule=compartment,rule ' +
    'component=component,content,version property=component,filter rate=consumedItem contact=contact,source ' +
    'material=container parameter=dependent extension=div timing=dosage,dosageInstruction mustSupport=element ' +
    'protocol=endpoint agent=entity link=entry,media event=eventTrigger modifier=filterBy,nutrient,texture ' +
    'nutrient=ingredientLabel ' +
    'jurisdiction=legalStatusOfSupply,marketingStatus,regulatoryIdentifier,udiCarrier,udiDeviceIdentifier,usage ' +
    'entity=member onset=reaction security=rest section=section classification=securityLabel,undesirableEffect ' +
    'modality=series alias=structure subunit=subunit supportingInformation=withdrawalPeriod',
  choice:
    'asNeeded=ActivityDefinition,PlanDefinition,ServiceRequest product=ActivityDefinition ' +
    'subject=ActivityDefinition,EventDefinition,Library,Measure,Measure:group,PlanDefinition,PlanDefinition:action,SpecimenDefinition,data,dataRequirement,defaultValue,fixed,pattern,requirement,value ' +
    'value=AdministrableProductDefinition:property,AuditEvent:detail,BiologicallyDerivedProduct:property,CodeSystem:property,ConceptMap:property,Contract:answer,Device:property,DeviceDefinition:property,DeviceRequest:parameter,EvidenceVariable:category,ManufacturedItemDefinition:property,MeasureReport:component,Observation,Observation:component,PackagedProductDefinition:property,Parameters:parameter,Parameters:part,QuestionnaireResponse:answer,ServiceRequest:parameter,StructureDefinition:usage,StructureMap:parameter,SubstanceDefinition:property,SupplyRequest:parameter,ValueSet:parameter,answerOption,characteristic,costToBeneficiary,dateFilter,definitionByTypeAndValue,dependsOn,drugCharacteristic,environmentalSetting,example,extension,initial,input,modifierExtension,output,patientCharacteristic,precondition,product,stratum,subProperty,supportingInfo,useContext,valueFilter ' +
    'artifact=ArtifactAssessment topic=Contract,group,term age=FamilyMemberHistory start=Goal due=Goal:target ' +
    'period=Invoice,shelfLifeStorage allowed=MedicationRequest:substitution ' +
    'event=MessageDefinition,MessageHeader,timeFromEvent reported=NutritionIntake,Procedure ' +
    'instantiates=Observation actor=RequestOrchestration:participant quantity=ServiceRequest ' +
    'location=accident,addItem,item definition=action additive=additive network=agent date=application,case ' +
    'duration=characteristic,indication ' +
    'item=contributingFactor,interactant,mitigatingAction,preventiveAction,suppliedItem,supportingInfo cost=cost ' +
    'author=defaultValue,dispenserInstruction,fixed,note,pattern,progress,value endpoint=destination,source ' +
    'diagnosis=diagnosis dose=doseAndRate defaultValue=element answer=enableWhen when=event,prediction ' +
    'content=friendly,legal,payload,rule substance=ingredient chargeItem=lineItem ' +
    'source=medicineClassification,page,script,testData amount=moiety,relationship,target coverage=participant ' +
    'instruction=patientInstruction procedure=procedure time=processing offset=relatedAction link=requirement ' +
    'sequence=startingSequence instance=suspectEntity detail=target entity=valuedItem address=virtualService',
  unknown:
    'code=action,element linkId=action subject=action,group reason=adherence,substitution ' +
    'value=answer,category,component,defaultValue,detail,fixed,parameter,part,pattern,profile,property,reason,usage,value ' +
    'version=conformsTo name=contact,defaultValue,fixed,pattern,value data=defaultValue,fixed,pattern,value ' +
    'profile=defaultValue,fixed,pattern,resource,value timing=defaultValue,fixed,pattern,value ' +
    'type=defaultValue,diagnosis,element,fixed,group,participant,pattern,procedure,source,value ' +
    'condition=diagnosis use=diagnosis,reason op=filter identifier=instance,packaging language=name ' +
    'amount=nutrient actor=participant reference=party,subject manifestation=reaction allowed=substitution ' +
    'due=target'
}
