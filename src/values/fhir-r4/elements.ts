/**
 * Which elements of FHIR R4 (4.0.1) repeat, and which are a choice of types. Generated:
 * `npm run vocabulary:write`.
 *
 * @module
 */

/** The names of elements that repeat, wherever `elementExceptions` does not say otherwise. */
export const repeatingElements: string =
  'about account action addItem additionalCharacteristic additionalClassification additionalIdentifier ' +
  'additionalInstruction addresses administration administrationGuidelines agent aggregation alias ' +
  'allergyIntolerance allowedResponse alternateMaterial alternative anchor answer answerOption appliesTo ' +
  'areaUnderCurve arm asset associatedMedication attachedDocument attester author authorizationSupporting ' +
  'authorizingPrescription availableTime basedOn batchIdentifier benefit benefitBalance bodysite calibration ' +
  'capability careTeam careTeamSequence category causality certainty certaintySubcomponent chain characteristic ' +
  'characteristics classHistory clinicalTrial codeFilter codeSystem coding communication communicationRequest ' +
  'comorbidity compartment complication complicationDetail component concept conclusionCode constraint contact ' +
  'contained containedInstance contextInvariant contextLinkId contract contraindicatedVaccineCode ' +
  'contraindication contributor control copolymerConnectivity costToBeneficiary countryLanguage countryOfOrigin ' +
  'coverageArea crossReference dataRequirement dateCriterion dateFilter dayOfWeek daysOfWeek decisionMode ' +
  'definitionCanonical definitionUri degreeOfPolymerisation dependsOn derivedFrom derivedFromUri detail ' +
  'detectedIssue deviceName diagnosis diagnosisSequence dietPreference discriminator disulfideLinkage domain ' +
  'dosage dosageInstruction doseAndRate doseStatusReason drugCharacteristic dynamicValue editor education ' +
  'effectEstimate eligibility enableWhen endorser endpoint enrollment entity entry episodeOfCare error ' +
  'evaluatedResource evaluationMessage event eventHistory evidence example exception excludeFoodModifier ' +
  'exposureVariant extension fMeasure filter financial finding fixture fluidConsistencyType focalDevice focus ' +
  'followUp foodPreferenceModifier forecastReason fractionDescription friendly geneElement generalCost ' +
  'generalPractitioner geographicalLocation given global goal goalId graph group grouping guarantor handling ' +
  'hasMember header healthcareService hoursOfOperation image imagingStudy implementationGuide implicated import ' +
  'imports imprint inResponseTo include informationSequence ingredient initial input instance instantiates ' +
  'instantiatesCanonical instantiatesUri insurance intendedRoute interactant interaction interpretation ' +
  'interpreter investigation isotope issue item jurisdiction jurisdictionalAuthorization keyword kinetics ' +
  'languageCode legal lensSpecification lethalDose50 library line lineItem link linkId linkage locationCode ' +
  'locationQualifier locationReference manifestation manufacturedItem manufacturer ' +
  'manufacturingBusinessOperation mapping marketingStatus masterFile medicineClassification medium messaging ' +
  'modification modifier modifierExtension moiety monitoringProgram monograph monomerSet mustSupport namePart ' +
  'notAvailable note noteNumber numFN numFP numTP nutrient objective observationRequirement ' +
  'observationResultRequirement official orderDetail otherCharacteristics otherTherapy outcomeCode ' +
  'outcomeCodeableConcept outcomeReference output overload packagedMedicinalProduct param parameter ' +
  'parameterName parentSubstanceId parentSubstanceName partDescription partOf participant participantType ' +
  'patchFormat patientCharacteristics patientPreparation payload payloadMimeType payloadType payor performer ' +
  'performerLinkId periodType permittedDataType pharmaceuticalProduct photo plan pointer policy population ' +
  'preAuthRefPeriod precisionEstimate prediction prefix presentedForm priceComponent priorRequest prism problem ' +
  'procedureCode procedureSequence processNote processing productClassification productType ' +
  'prognosisCodeableConcept prognosisReference program programCode programEligibility progress property ' +
  'propertyGroup protocol protocolApplied purposeOfEvent purposeOfUse pushTypeAvailable qualifiedInterval ' +
  'qualifiers quality rating reaction reasonCode reasonLinkId reasonReference recipient recommendation ' +
  'referenceDocument referencePolicy referenceStrength referencedFrom referralMethod referralRequest regulatory ' +
  'rejectionCriterion related relatedAction relatedArtifact relatedEntry relatedMedicationKnowledge relatesTo ' +
  'relevantHistory replaces report repository requestHeader requestedPeriod requesterLinkId responsibleParty ' +
  'rest resultingCondition resultsByExposure resultsInterpreter reviewer routeOfAdministration safety ' +
  'searchInclude searchRevInclude security securityLabel securityLabelNumber sensitivity service serviceCategory ' +
  'serviceProvisionCode serviceType shelfLifeStorage signature signer slot sort specialArrangement ' +
  'specialCourtesy specialDesignation specialMeasures specialPrecautionsForStorage specialization specialty ' +
  'specificCost specifiedSubstance specimen specimenRequirement stage startingMaterial statusHistory storage ' +
  'stratifier stratum structuralRepresentation structureVariant subDetail subSite subdetailSequence ' +
  'subjectMedicalHistory subjectType subpotentReason subtype subunit suffix sugar supplement supplementalData ' +
  'supportedMessage supportedProfile supportingImmunization supportingInfo supportingInfoSequence ' +
  'supportingInformation supportingPatientInformation suspectEntity tag target targetLocation targetProfile ' +
  'targetSpecies team telecom template test texture therapeuticIndication timeOfDay topic trigger typeReference ' +
  'typeTested udi udiCarrier udiDeviceIdentifier undesirableEffect uniqueId usageContext useContext usePeriod ' +
  'usedCode usedReference validationProcess validator valueCode valueQuantity valuedItem variant verification ' +
  'withdrawalPeriod workflow'

/** The names of elements that are a choice of types (`value[x]`), with the same reservation. */
export const choiceElements: string =
  'abatement additive allowed asNeeded born bounds chargeItem collected content deceased defaultValue ' +
  'definingSubstance doseNumber effective fastingStatus fixed identified indication legallyBinding maxValue ' +
  'medication minValue minimumVolume module multipleBirth occurred occurrence onset participantEffective pattern ' +
  'performed probability product rate scheduled seriesDoses serviced studyEffective timing used'

/**
 * The elements that are of another kind than their name says: `name=holder,holder`. A holder is the resource type or
 * the name of the element that has it; `Type:holder` is for one resource type alone. `unknown` are those that differ
 * from holder to holder of the same name.
 */
export const elementExceptions: Readonly<Record<'many' | 'one' | 'choice' | 'unknown', string>> = {
  many:
    'coverage=Account,InsurancePlan ' +
    'identifier=Account,ActivityDefinition,AllergyIntolerance,Appointment,AppointmentResponse,Basic,BiologicallyDerivedProduct,BodyStructure,CarePlan,CareTeam,CatalogEntry,ChargeItem,ChargeItemDefinition,Claim,ClaimResponse,ClinicalImpression,CodeSystem,Communication,CommunicationRequest,Condition,Consent,Contract,Coverage,CoverageEligibilityRequest,CoverageEligibilityResponse,DetectedIssue,Device,DeviceDefinition,DeviceMetric,DeviceRequest,DeviceUseStatement,DiagnosticReport,DocumentManifest,DocumentReference,EffectEvidenceSynthesis,Encounter,Endpoint,EnrollmentRequest,EnrollmentResponse,EpisodeOfCare,EventDefinition,Evidence,EvidenceVariable,ExampleScenario,ExplanationOfBenefit,FamilyMemberHistory,Flag,Goal,Group,GuidanceResponse,HealthcareService,ImagingStudy,Immunization,ImmunizationEvaluation,ImmunizationRecommendation,InsurancePlan,Invoice,Library,List,Location,Measure,MeasureReport,Media,Medication,MedicationAdministration,MedicationDispense,MedicationRequest,MedicationStatement,MedicinalProduct,MedicinalProductAuthorization,MedicinalProductPackaged,MedicinalProductPharmaceutical,MessageDefinition,MolecularSequence,NutritionOrder,Observation,ObservationDefinition,Organization,OrganizationAffiliation,Patient,PaymentNotice,PaymentReconciliation,Person,PlanDefinition,Practitioner,PractitionerRole,Procedure,Questionnaire,RelatedPerson,RequestGroup,ResearchDefinition,ResearchElementDefinition,ResearchStudy,ResearchSubject,RiskAssessment,RiskEvidenceSynthesis,Schedule,ServiceRequest,Slot,Specimen,StructureDefinition,StructureMap,Substance,SupplyDelivery,SupplyRequest,Task,ValueSet,VisionPrescription,container,jurisdictionalAuthorization,offer,packageItem,plan,qualification,specialDesignation ' +
    'subject=Account,Contract,Contract:action,MedicinalProductContraindication,MedicinalProductIndication,MedicinalProductInteraction,MedicinalProductPackaged,MedicinalProductUndesirableEffect ' +
    'bodySite=ActivityDefinition,Condition,Procedure,ServiceRequest study=AdverseEvent ' +
    'type=Appointment:participant,AuditEvent:source,Encounter,Encounter:participant,EpisodeOfCare,HealthcareService,InsurancePlan,Location,Measure,Organization,StructureDefinition:element,asset,attestationSignature,oralDiet,primarySource,proxySignature,signature,sourceSignature ' +
    'parent=BiologicallyDerivedProduct,MessageDefinition,Specimen request=BiologicallyDerivedProduct,Specimen ' +
    'document=CapabilityStatement format=CapabilityStatement activity=CarePlan managingOrganization=CareTeam ' +
    'role=CareTeam:participant,agent ' +
    'classification=CatalogEntry,SubstanceReferenceInformation,medicineClassification ' +
    'reason=ChargeItem,MedicationDispense:substitution,Provenance,action applicability=ChargeItemDefinition ' +
    'procedure=Claim,ExplanationOfBenefit total=ClaimResponse,ExplanationOfBenefit ' +
    'resource=CompartmentDefinition,OperationDefinition,definition,manifest,rest section=Composition ' +
    'code=Composition:event,MeasureReport:stratifier,OrganizationAffiliation,PractitionerRole,Questionnaire,StructureDefinition:element,SubstanceSpecification,action,codeFilter,context,evidence,item,provision ' +
    'organization=Consent authority=Contract rule=Contract,group site=Contract,ResearchStudy subType=Contract ' +
    'term=Contract class=Coverage,provision ' +
    'purpose=CoverageEligibilityRequest,CoverageEligibilityResponse,provision mitigation=DetectedIssue ' +
    'statusReason=Device,MedicationAdministration,MedicationStatement ' +
    'version=Device,DeviceDefinition,codeSystem,instance material=DeviceDefinition,packageItem ' +
    'description=DeviceDefinition:capability media=DiagnosticReport result=DiagnosticReport ' +
    'content=DocumentManifest,DocumentReference,Library appointment=Encounter ' +
    'location=Encounter,HealthcareService,OrganizationAffiliation,PractitionerRole,ResearchStudy,issue ' +
    'outcome=Evidence actor=ExampleScenario,Schedule,provision process=ExampleScenario ' +
    'preAuthRef=ExplanationOfBenefit,insurance ' +
    'condition=FamilyMemberHistory,ResearchStudy,Specimen,action,element target=GraphDefinition:link ' +
    'member=Group modality=ImagingStudy series=ImagingStudy fhirVersion=ImplementationGuide,resource ' +
    'network=InsurancePlan,OrganizationAffiliation,coverage,plan definition=Measure ' +
    'device=MedicationAdministration,MedicinalProductPharmaceutical,packageItem ' +
    'receiver=MedicationDispense,SupplyDelivery cost=MedicationKnowledge,benefit synonym=MedicationKnowledge ' +
    'name=MedicinalProduct,Patient,Person,Practitioner,RelatedPerson,SubstanceSpecification ' +
    'country=MedicinalProductAuthorization,referenceStrength,strength packageItem=MedicinalProductPackaged ' +
    'destination=MessageHeader,TestScript referenceRange=Observation ' +
    'address=Organization,Patient,Person,Practitioner,RelatedPerson qualification=Practitioner ' +
    'relationship=RelatedPerson,SubstanceSpecification,contact ' +
    'comment=ResearchDefinition,ResearchElementDefinition basis=RiskAssessment base=SearchParameter ' +
    'comparator=SearchParameter container=Specimen additive=Specimen:processing,SpecimenDefinition:container ' +
    'collection=SpecimenDefinition context=StructureDefinition,asset structure=StructureMap ' +
    'repeat=SubstancePolymer gene=SubstanceReferenceInformation ' +
    'source=SubstanceSpecification,classification,code,gene,geneElement,name,relationship,rule,structure,synonym,target,translation ' +
    'supplier=SupplyRequest performerType=Task,action op=TerminologyCapabilities:filter ' +
    'origin=TestScript,capability profile=TestScript,data,dataRequirement,definition,input,meta,output,type ' +
    'variable=TestScript,dependent primarySource=VerificationResult documentation=action,goal requester=action ' +
    'detailSequence=addItem itemSequence=addItem provider=addItem subDetailSequence=addItem period=asset ' +
    'limit=benefit designation=concept encounter=context,item data=definition,provision,trigger ' +
    'element=differential,group,snapshot representation=element,structure valueSet=exclude,include ' +
    'contains=expansion operator=filter expression=issue adjudication=item other=manifest page=manifest ' +
    'language=name,synonym,translation,version party=offer schedule=oralDiet,regulatory,supplement ' +
    'value=patientCharacteristics color=physicalCharacteristics communicationMethod=primarySource step=process ' +
    'targetDisease=protocolApplied vaccineCode=recommendation substitution=regulatory ' +
    'reference=relatedMedicationKnowledge repeatUnit=repeat when=repeat operation=resource searchParam=resource ' +
    'precision=roc score=roc dependent=rule number=securityLabel strength=specifiedSubstance assessment=stage ' +
    'usage=supplementalData listMode=target',
  one:
    'partOf=Account,Encounter,Location,Organization ' +
    'reference=Account:party,Account:subject,ActivityDefinition:subject,AdverseEvent:subject,AllergyIntolerance:subject,Appointment:subject,AppointmentResponse:subject,AuditEvent:subject,Basic:subject,Binary:subject,BiologicallyDerivedProduct:subject,BodyStructure:subject,Bundle:subject,CapabilityStatement:subject,CarePlan:subject,CareTeam:subject,CatalogEntry:subject,ChargeItem:subject,ChargeItemDefinition:subject,Claim:party,Claim:subject,ClaimResponse:subject,ClinicalImpression:subject,CodeSystem:subject,Communication:subject,CommunicationRequest:subject,CompartmentDefinition:subject,Composition:party,Composition:subject,ConceptMap:subject,Condition:subject,Consent:subject,Coverage:subject,CoverageEligibilityRequest:subject,CoverageEligibilityResponse:subject,DetectedIssue:subject,Device:subject,DeviceDefinition:subject,DeviceMetric:subject,DeviceRequest:subject,DeviceUseStatement:subject,DiagnosticReport:subject,DocumentManifest:subject,DocumentReference:subject,EffectEvidenceSynthesis:subject,Encounter:subject,Endpoint:subject,EnrollmentRequest:subject,EnrollmentResponse:subject,EpisodeOfCare:subject,EventDefinition:subject,Evidence:subject,EvidenceVariable:subject,ExampleScenario:subject,ExplanationOfBenefit:party,ExplanationOfBenefit:subject,FamilyMemberHistory:subject,Flag:subject,Goal:subject,GraphDefinition:subject,Group:subject,GuidanceResponse:subject,HealthcareService:subject,ImagingStudy:subject,Immunization:subject,ImmunizationEvaluation:subject,ImmunizationRecommendation:subject,ImplementationGuide:subject,InsurancePlan:subject,Invoice:subject,Library:subject,Linkage:subject,List:subject,Location:subject,Measure:subject,MeasureReport:subject,Media:subject,Medication:subject,MedicationAdministration:subject,MedicationDispense:subject,MedicationKnowledge:subject,MedicationRequest:subject,MedicationStatement:subject,MedicinalProduct:subject,MedicinalProductAuthorization:subject,MedicinalProductContraindication:subject,MedicinalProductIndication:subject,MedicinalProductIngredient:subject,MedicinalProductInteraction:subject,MedicinalProductManufactured:subject,MedicinalProductPackaged:subject,MedicinalProductPharmaceutical:subject,MedicinalProductUndesirableEffect:subject,MessageDefinition:subject,MessageHeader:subject,MolecularSequence:subject,NamingSystem:subject,NutritionOrder:subject,Observation:subject,ObservationDefinition:subject,OperationDefinition:subject,OperationOutcome:subject,Organization:subject,OrganizationAffiliation:subject,Parameters:subject,Patient:subject,PaymentNotice:subject,PaymentReconciliation:subject,Person:subject,PlanDefinition:subject,Practitioner:subject,PractitionerRole:subject,Procedure:subject,Provenance:subject,Questionnaire:subject,QuestionnaireResponse:subject,RelatedPerson:subject,RequestGroup:subject,ResearchDefinition:subject,ResearchElementDefinition:subject,ResearchStudy:subject,ResearchSubject:subject,RiskAssessment:subject,RiskEvidenceSynthesis:subject,Schedule:subject,SearchParameter:subject,ServiceRequest:subject,Slot:subject,Specimen:subject,SpecimenDefinition:subject,StructureDefinition:subject,StructureMap:subject,Subscription:subject,Substance:subject,SubstanceNucleicAcid:subject,SubstancePolymer:subject,SubstanceProtein:subject,SubstanceReferenceInformation:subject,SubstanceSourceMaterial:subject,SubstanceSpecification:subject,SupplyDelivery:subject,SupplyRequest:subject,Task:subject,TerminologyCapabilities:subject,TestReport:subject,TestScript:subject,ValueSet:subject,VerificationResult:subject,VisionPrescription:subject ' +
    'role=ActivityDefinition:participant,Invoice:participant,PlanDefinition:participant ' +
    'type=ActivityDefinition:participant,BiologicallyDerivedProduct:source,Consent:source,CoverageEligibilityRequest:diagnosis,DeviceMetric:source,DeviceUseStatement:source,List:source,MedicationKnowledge:source,MedicinalProductAuthorization:procedure,PlanDefinition:participant,QuestionnaireResponse:source,RequestGroup:participant,StructureMap:source,SubstanceReferenceInformation:element,SubstanceReferenceInformation:source,SubstanceSpecification:source,TestReport:participant ' +
    'event=AdverseEvent action=AuditEvent,action,focalDevice,mitigation ' +
    'author=Basic,CarePlan,Contract,DetectedIssue,Flag,Linkage,MessageHeader,QuestionnaireResponse,RequestGroup,causality,mitigation ' +
    'additive=BiologicallyDerivedProduct:processing signature=Bundle ' +
    'date=Claim:procedure,ExplanationOfBenefit:procedure content=CodeSystem,Media topic=Communication,offer ' +
    'code=ConceptMap:element,Measure:stratifier,MessageDefinition:event,MessageHeader:event ' +
    'value=ConceptMap:property,DetectedIssue:detail,Device:component,Goal:detail,ImplementationGuide:parameter,MeasureReport:component,MedicationKnowledge:characteristic,MedicinalProduct:part,PlanDefinition:detail,Questionnaire:answer,TerminologyCapabilities:property,TestReport:detail,ValueSet:property ' +
    'instantiatesCanonical=Contract,Task instantiatesUri=Contract,Task ' +
    'detail=DetectedIssue,activity,assert,operation,reaction ' +
    'manufacturer=Device,Immunization,Medication,MedicationKnowledge ' +
    'category=DeviceMetric,MedicationAdministration,MedicationDispense,MedicationStatement,MessageDefinition,Procedure,SupplyRequest,adjudication,benefitBalance,detail,goal,item,property,qualifiedInterval,specificCost,subDetail,supportingInfo,total ' +
    'performer=DeviceRequest,GuidanceResponse,MedicationRequest,MolecularSequence,RiskAssessment,action,dispenseRequest ' +
    'target=DocumentReference:relatesTo,Person:link,destination,group,target ' +
    'population=EffectEvidenceSynthesis,ResearchDefinition,RiskEvidenceSynthesis serviceType=Encounter ' +
    'photo=HealthcareService,Person account=Invoice recipient=Invoice,PaymentNotice,valuedItem deviceName=Media ' +
    'dosage=MedicationAdministration allowed=MedicationKnowledge:substitution ' +
    'reason=MedicationRequest:substitution domain=MedicinalProduct,SubstanceSpecification,classification ' +
    'specimen=MolecularSequence,Observation instance=OperationDefinition,suspectEntity due=PlanDefinition:target ' +
    'basedOn=RiskAssessment derivedFrom=SearchParameter error=Subscription focus=Task,section reasonCode=Task ' +
    'reasonReference=Task description=TestScript:capability op=ValueSet:filter prefix=action,item ' +
    'item=answer,entry,item,relatedEntry answer=asset endpoint=channel,destination,source payload=channel ' +
    'concept=concept jurisdiction=countryLanguage,marketingStatus,udiCarrier,udiDeviceIdentifier ' +
    'property=dependsOn,filter,product extension=div timing=dosage,dosageInstruction mustSupport=element ' +
    'protocol=endpoint agent=entity link=entry,media,target group=group,specifiedSubstance,term linkId=item ' +
    'product=lensSpecification,target entity=member modifier=nutrient,texture onset=reaction security=rest ' +
    'contact=source alias=structure subunit=subunit interaction=target defaultValue=variable component=version ' +
    'supportingInformation=withdrawalPeriod',
  choice:
    'subject=ActivityDefinition,EventDefinition,Library,Measure,PlanDefinition,PlanDefinition:action,ResearchDefinition,ResearchElementDefinition,data,dataRequirement,defaultValue,definition,fixed,input,output,pattern,value ' +
    'value=AuditEvent:detail,CodeSystem:property,Contract:answer,DeviceRequest:parameter,Group:characteristic,Observation,Observation:component,Parameters:parameter,Parameters:part,QuestionnaireResponse:answer,StructureMap:parameter,SupplyRequest:parameter,ValueSet:parameter,answerOption,costToBeneficiary,dateFilter,drugCharacteristic,example,extension,initial,input,modifierExtension,output,supportingInfo,usageContext,useContext ' +
    'target=Composition:relatesTo,ConceptMap source=ConceptMap,Consent topic=Contract,group,term ' +
    'manufacturer=DeviceDefinition code=DeviceRequest age=FamilyMemberHistory,population start=Goal ' +
    'due=Goal:target created=Media statusReason=MedicationDispense reported=MedicationRequest ' +
    'allowed=MedicationRequest:substitution date=MedicinalProductAuthorization:procedure,application ' +
    'event=MessageDefinition,MessageHeader quantity=ServiceRequest additive=Specimen:container ' +
    'item=SupplyRequest,ingredient,interactant,suppliedItem location=accident,addItem,item ' +
    'definition=action,characteristic amount=amount,moiety,property,relationship,target ' +
    'author=defaultValue,fixed,note,pattern,progress,value diagnosis=diagnosis dose=doseAndRate ' +
    'answer=enableWhen substance=ingredient,relationship time=manipulation,processing ' +
    'characteristic=patientCharacteristics when=prediction procedure=procedure offset=relatedAction ' +
    'example=resource detail=target entity=valuedItem',
  unknown:
    'subject=action ' +
    'value=answer,characteristic,component,defaultValue,detail,fixed,parameter,part,pattern,property,value ' +
    'description=capability additive=container,processing data=defaultValue,fixed,pattern,value ' +
    'profile=defaultValue,fixed,pattern,value timing=defaultValue,fixed,pattern,value ' +
    'type=defaultValue,diagnosis,element,fixed,participant,pattern,procedure,source,value ' +
    'code=element,event,stratifier op=filter target=link,relatesTo name=page role=participant ' +
    'reference=party,subject date=procedure allowed=substitution reason=substitution due=target'
}
