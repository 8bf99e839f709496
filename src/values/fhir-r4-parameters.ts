/**
 * The search parameters of FHIR R4 (4.0.1) and their types, compactly. Generated: `npm run vocabulary:write`.
 *
 * @module
 */

/** The names of search parameters by the type that they have wherever nothing else is said. */
export const usualParameterTypes: Readonly<Record<'token' | 'reference' | 'uri' | 'string', string>> = {
  token:
    '_id _security _tag abstract accession achievement-status action active activity-code actual actuality ' +
    'additive address-use agent-role agent-type altid appointment-type base-path body-site bodysite ' +
    'business-status category characteristic chromosome class class-type classification classification-type ' +
    'clinical-status code combo-code combo-data-absent-reason combo-value-concept communication component-code ' +
    'component-data-absent-reason component-value-concept conclusion confidentiality connection-type container ' +
    'container-id container-identifier content-mode content-type contenttype context context-type country ' +
    'criticality data-absent-reason deceased derivation dicom-class dose-status doseform email empty-reason ' +
    'entity-role entity-type event evidence exclude experimental ext-context fhirversion finding-code form ' +
    'format formula gender group-identifier id-type identifier ingredient-code instance intended-performertype ' +
    'intent jurisdiction keyword kind language lifecycle-status manifestation medium method modality mode ' +
    'monitoring-program-name monitoring-program-type monograph-type morphology name-language operational-status ' +
    'oraldiet outcome part-status participant-role participant-type path payload payload-type payment-status ' +
    'performer-function performer-type phone priority program purpose reason reason-code reason-given ' +
    'reason-not-given referenceseqid related-id relation relationship requisition resource response-id risk role ' +
    'route scope section security-label security-service seriousness service-category service-type setting ' +
    'severity sex signature-type site source-code source-cost special-arrangement specialty stage start status ' +
    'status-reason subject-type subtype supplement system target-code target-disease target-species telecom ' +
    'topic type use vaccine-code vaccine-type value-concept verification-status version view',
  reference:
    'account activity-reference actor administered-by agent appointment asserter assessor attester authenticator ' +
    'author authority base based-on basedon beneficiary care-manager care-team claim collector component ' +
    'composed-of composition condition consentor coverage coverage-area custodian data definition depends-on ' +
    'derived-from destination detail-udi device diagnosis domain encounter endpoint enterer entity entry ' +
    'episode-of-care evaluated-resource evidence-detail facility finding-ref focus general-practitioner global ' +
    'goal guide has-member holder immunization-event implicated incoming-referral individual information ' +
    'ingredient input-profile instantiates-canonical insurance insurer intended-dispenser intended-performer ' +
    'interpreter investigation issuer item item-udi link location managing-entity manufacturer measure media ' +
    'medication member message monograph network operator organization other output-profile owned-by owner ' +
    'parent part-of participant participating-organization partof patient payee payment-issuer payor performer ' +
    'performer-actor performing-organization policy-holder practitioner predecessor prescriber prescription ' +
    'previous primary-organization principalinvestigator prior-request problem procedure-udi protocol provider ' +
    'questionnaire reaction reason-reference receiver recipient recorder referrer related related-ref ' +
    'relatedperson relatesto replaces reporter request requester requesting-organization requestor ' +
    'resource-profile response responsible responsibleparty result resultingcondition results-interpreter ' +
    'schedule sender service service-provider signer slot source source-reference source-uri specimen sponsor ' +
    'study subdetail-udi subject subscriber substance substance-reference successor supplements supplier support ' +
    'supported-profile supporting-info target target-uri testscript valueset',
  uri:
    '_profile _source dependson destination-uri expansion instantiates instantiates-uri policy product reference ' +
    'source-system target-system url',
  string:
    '_content _text abatement-string address address-city address-country address-postalcode address-state ' +
    'agent-name class-value contact criteria dependent description device-name disposition entity-name family ' +
    'given lot-number model name notes onset-info phonetic publisher series software tester ' +
    'testscript-capability title udi-carrier udi-di value value-string'
}

/**
 * The parameters of each resource type that are tokens, references, uris or strings; `name=type` where the type is not the
 * usual one, also for the few names that are of another type here and of one of these elsewhere. `Resource` holds those
 * of all types.
 */
export const parametersByResourceType: Readonly<Record<string, string>> = {
  Resource:
    '_content _id _profile _security _source _tag _text',
  Account:
    'identifier name owner patient status subject type',
  ActivityDefinition:
    'composed-of context context-type depends-on derived-from description identifier jurisdiction name ' +
    'predecessor publisher status successor title topic url version',
  AdverseEvent:
    'actuality category event location recorder resultingcondition seriousness severity study subject substance',
  AllergyIntolerance:
    'asserter category clinical-status code criticality identifier manifestation patient recorder route severity ' +
    'type verification-status',
  Appointment:
    'actor appointment-type based-on identifier location part-status patient practitioner reason-code ' +
    'reason-reference service-category service-type slot specialty status supporting-info',
  AppointmentResponse:
    'actor appointment identifier location part-status patient practitioner',
  AuditEvent:
    'action address agent agent-name agent-role altid entity entity-name entity-role entity-type outcome patient ' +
    'policy site source subtype type',
  Basic:
    'author code identifier patient subject',
  Binary: '',
  BiologicallyDerivedProduct: '',
  BodyStructure:
    'identifier location=token morphology patient',
  Bundle:
    'composition identifier message type',
  CapabilityStatement:
    'context context-type description fhirversion format guide jurisdiction mode name publisher resource ' +
    'resource-profile security-service software status supported-profile title url version',
  CarePlan:
    'activity-code activity-reference based-on care-team category condition encounter goal identifier ' +
    'instantiates-canonical instantiates-uri intent part-of patient performer replaces status subject',
  CareTeam:
    'category encounter identifier participant patient status subject',
  CatalogEntry: '',
  ChargeItem:
    'account code context=reference enterer identifier patient performer-actor performer-function ' +
    'performing-organization requesting-organization service subject',
  ChargeItemDefinition:
    'context context-type description identifier jurisdiction publisher status title url version',
  Claim:
    'care-team detail-udi encounter enterer facility identifier insurer item-udi patient payee priority ' +
    'procedure-udi provider status subdetail-udi use',
  ClaimResponse:
    'disposition identifier insurer outcome patient request requestor status use',
  ClinicalImpression:
    'assessor encounter finding-code finding-ref identifier investigation patient previous problem status ' +
    'subject supporting-info',
  CodeSystem:
    'code content-mode context context-type description identifier jurisdiction language name publisher status ' +
    'supplements system=uri title url version',
  Communication:
    'based-on category encounter identifier instantiates-canonical instantiates-uri medium part-of patient ' +
    'recipient sender status subject',
  CommunicationRequest:
    'based-on category encounter group-identifier identifier medium patient priority recipient replaces ' +
    'requester sender status subject',
  CompartmentDefinition:
    'code context context-type description name publisher resource status url version',
  Composition:
    'attester author category confidentiality context encounter entry identifier patient related-id related-ref ' +
    'section status subject title type',
  ConceptMap:
    'context context-type dependson description identifier jurisdiction name other product publisher source ' +
    'source-code source-system source-uri status target target-code target-system target-uri title url version',
  Condition:
    'abatement-string asserter body-site category clinical-status code encounter evidence evidence-detail ' +
    'identifier onset-info patient severity stage subject verification-status',
  Consent:
    'action actor category consentor data identifier organization patient purpose scope security-label ' +
    'source-reference status',
  Contract:
    'authority domain identifier instantiates patient signer status subject url',
  Coverage:
    'beneficiary class-type class-value dependent identifier patient payor policy-holder status subscriber type',
  CoverageEligibilityRequest:
    'enterer facility identifier patient provider status',
  CoverageEligibilityResponse:
    'disposition identifier insurer outcome patient request requestor status',
  DetectedIssue:
    'author code identifier implicated patient',
  Device:
    'device-name identifier location manufacturer=string model organization patient status type udi-carrier ' +
    'udi-di url',
  DeviceDefinition:
    'identifier parent type',
  DeviceMetric:
    'category identifier parent source type',
  DeviceRequest:
    'based-on code device encounter group-identifier identifier instantiates-canonical instantiates-uri ' +
    'insurance intent patient performer prior-request requester status subject',
  DeviceUseStatement:
    'device identifier patient subject',
  DiagnosticReport:
    'based-on category code conclusion encounter identifier media patient performer result results-interpreter ' +
    'specimen status subject',
  DocumentManifest:
    'author description identifier item patient recipient related-id related-ref source=uri status subject type',
  DocumentReference:
    'authenticator author category contenttype custodian description encounter event facility=token format ' +
    'identifier language location=uri patient related relatesto relation relationship=other security-label ' +
    'setting status subject type',
  EffectEvidenceSynthesis:
    'context context-type description identifier jurisdiction name publisher status title url version',
  Encounter:
    'account appointment based-on class diagnosis episode-of-care identifier location part-of participant ' +
    'participant-type patient practitioner reason-code reason-reference service-provider special-arrangement ' +
    'status subject type',
  Endpoint:
    'connection-type identifier name organization payload-type status',
  EnrollmentRequest:
    'identifier patient status subject',
  EnrollmentResponse:
    'identifier request status',
  EpisodeOfCare:
    'care-manager condition identifier incoming-referral organization patient status type',
  EventDefinition:
    'composed-of context context-type depends-on derived-from description identifier jurisdiction name ' +
    'predecessor publisher status successor title topic url version',
  Evidence:
    'composed-of context context-type depends-on derived-from description identifier jurisdiction name ' +
    'predecessor publisher status successor title topic url version',
  EvidenceVariable:
    'composed-of context context-type depends-on derived-from description identifier jurisdiction name ' +
    'predecessor publisher status successor title topic url version',
  ExampleScenario:
    'context context-type identifier jurisdiction name publisher status url version',
  ExplanationOfBenefit:
    'care-team claim coverage detail-udi disposition encounter enterer facility identifier item-udi patient ' +
    'payee procedure-udi provider status subdetail-udi',
  FamilyMemberHistory:
    'code identifier instantiates-canonical instantiates-uri patient relationship sex status',
  Flag:
    'author encounter identifier patient subject',
  Goal:
    'achievement-status category identifier lifecycle-status patient subject',
  GraphDefinition:
    'context context-type description jurisdiction name publisher start status url version',
  Group:
    'actual characteristic code exclude identifier managing-entity member type value=token',
  GuidanceResponse:
    'identifier patient request=token subject',
  HealthcareService:
    'active characteristic coverage-area endpoint identifier location name organization program service-category ' +
    'service-type specialty',
  ImagingStudy:
    'basedon bodysite dicom-class encounter endpoint identifier instance interpreter modality patient performer ' +
    'reason referrer series=token status subject',
  Immunization:
    'identifier location lot-number manufacturer patient performer reaction reason-code reason-reference series ' +
    'status status-reason target-disease vaccine-code',
  ImmunizationEvaluation:
    'dose-status identifier immunization-event patient status target-disease',
  ImmunizationRecommendation:
    'identifier information patient status support target-disease vaccine-type',
  ImplementationGuide:
    'context context-type depends-on description experimental global jurisdiction name publisher ' +
    'resource=reference status title url version',
  InsurancePlan:
    'address address-city address-country address-postalcode address-state address-use administered-by endpoint ' +
    'identifier name owned-by phonetic status type',
  Invoice:
    'account identifier issuer participant participant-role patient recipient status subject type',
  Library:
    'composed-of content-type context context-type depends-on derived-from description identifier jurisdiction ' +
    'name predecessor publisher status successor title topic type url version',
  Linkage:
    'author item source',
  List:
    'code empty-reason encounter identifier item notes patient source status subject title',
  Location:
    'address address-city address-country address-postalcode address-state address-use endpoint identifier name ' +
    'operational-status organization partof status type',
  Measure:
    'composed-of context context-type depends-on derived-from description identifier jurisdiction name ' +
    'predecessor publisher status successor title topic url version',
  MeasureReport:
    'evaluated-resource identifier measure patient reporter status subject',
  Media:
    'based-on device encounter identifier modality operator patient site status subject type view',
  Medication:
    'code form identifier ingredient ingredient-code lot-number=token manufacturer status',
  MedicationAdministration:
    'code context=reference device identifier medication patient performer reason-given reason-not-given request ' +
    'status subject',
  MedicationDispense:
    'code context=reference destination identifier medication patient performer prescription receiver ' +
    'responsibleparty status subject type',
  MedicationKnowledge:
    'classification classification-type code doseform ingredient ingredient-code manufacturer ' +
    'monitoring-program-name monitoring-program-type monograph monograph-type source-cost status',
  MedicationRequest:
    'category code encounter identifier intended-dispenser intended-performer intended-performertype intent ' +
    'medication patient priority requester status subject',
  MedicationStatement:
    'category code context=reference identifier medication part-of patient source status subject',
  MedicinalProduct:
    'identifier name name-language',
  MedicinalProductAuthorization:
    'country holder identifier status subject',
  MedicinalProductContraindication:
    'subject',
  MedicinalProductIndication:
    'subject',
  MedicinalProductIngredient: '',
  MedicinalProductInteraction:
    'subject',
  MedicinalProductManufactured: '',
  MedicinalProductPackaged:
    'identifier subject',
  MedicinalProductPharmaceutical:
    'identifier route target-species',
  MedicinalProductUndesirableEffect:
    'subject',
  MessageDefinition:
    'category context context-type description event focus=token identifier jurisdiction name parent publisher ' +
    'status title url version',
  MessageHeader:
    'author code destination-uri destination=string enterer event focus receiver response-id responsible sender ' +
    'source-uri=uri source=string target',
  MolecularSequence:
    'chromosome identifier patient referenceseqid type',
  NamingSystem:
    'contact context context-type description id-type jurisdiction kind name publisher responsible=string status ' +
    'telecom type value',
  NutritionOrder:
    'additive encounter formula identifier instantiates-canonical instantiates-uri oraldiet patient provider ' +
    'status supplement',
  Observation:
    'based-on category code combo-code combo-data-absent-reason combo-value-concept component-code ' +
    'component-data-absent-reason component-value-concept data-absent-reason derived-from device encounter focus ' +
    'has-member identifier method part-of patient performer specimen status subject value-concept value-string',
  ObservationDefinition: '',
  OperationDefinition:
    'base code context context-type description input-profile instance jurisdiction kind name output-profile ' +
    'publisher status system title type url version',
  OperationOutcome: '',
  Organization:
    'active address address-city address-country address-postalcode address-state address-use endpoint ' +
    'identifier name partof phonetic type',
  OrganizationAffiliation:
    'active email endpoint identifier location network participating-organization phone primary-organization ' +
    'role service specialty telecom',
  Parameters: '',
  Patient:
    'active address address-city address-country address-postalcode address-state address-use deceased email ' +
    'family gender general-practitioner given identifier language link name organization phone phonetic telecom',
  PaymentNotice:
    'identifier payment-status provider request response status',
  PaymentReconciliation:
    'disposition identifier outcome payment-issuer request requestor status',
  Person:
    'address address-city address-country address-postalcode address-state address-use email gender identifier ' +
    'link name organization patient phone phonetic practitioner relatedperson telecom',
  PlanDefinition:
    'composed-of context context-type definition depends-on derived-from description identifier jurisdiction ' +
    'name predecessor publisher status successor title topic type url version',
  Practitioner:
    'active address address-city address-country address-postalcode address-state address-use communication ' +
    'email family gender given identifier name phone phonetic telecom',
  PractitionerRole:
    'active email endpoint identifier location organization phone practitioner role service specialty telecom',
  Procedure:
    'based-on category code encounter identifier instantiates-canonical instantiates-uri location part-of ' +
    'patient performer reason-code reason-reference status subject',
  Provenance:
    'agent agent-role agent-type entity location patient signature-type target',
  Questionnaire:
    'code context context-type definition=uri description identifier jurisdiction name publisher status ' +
    'subject-type title url version',
  QuestionnaireResponse:
    'author based-on encounter identifier part-of patient questionnaire source status subject',
  RelatedPerson:
    'active address address-city address-country address-postalcode address-state address-use email gender ' +
    'identifier name patient phone phonetic relationship telecom',
  RequestGroup:
    'author code encounter group-identifier identifier instantiates-canonical instantiates-uri intent ' +
    'participant patient priority status subject',
  ResearchDefinition:
    'composed-of context context-type depends-on derived-from description identifier jurisdiction name ' +
    'predecessor publisher status successor title topic url version',
  ResearchElementDefinition:
    'composed-of context context-type depends-on derived-from description identifier jurisdiction name ' +
    'predecessor publisher status successor title topic url version',
  ResearchStudy:
    'category focus=token identifier keyword location=token partof principalinvestigator protocol site=reference ' +
    'sponsor status title',
  ResearchSubject:
    'identifier individual patient status study',
  RiskAssessment:
    'condition encounter identifier method patient performer risk subject',
  RiskEvidenceSynthesis:
    'context context-type description identifier jurisdiction name publisher status title url version',
  Schedule:
    'active actor identifier service-category service-type specialty',
  SearchParameter:
    'base=token code component context context-type derived-from description jurisdiction name publisher status ' +
    'target=token type url version',
  ServiceRequest:
    'based-on body-site category code encounter identifier instantiates-canonical instantiates-uri intent ' +
    'patient performer performer-type priority replaces requester requisition specimen status subject',
  Slot:
    'appointment-type identifier schedule service-category service-type specialty start=other status',
  Specimen:
    'accession bodysite collector container container-id identifier parent patient status subject type',
  SpecimenDefinition:
    'container identifier type',
  StructureDefinition:
    'abstract base base-path context context-type derivation description experimental ext-context identifier ' +
    'jurisdiction keyword kind name path publisher status title type=uri url valueset version',
  StructureMap:
    'context context-type description identifier jurisdiction name publisher status title url version',
  Subscription:
    'contact=token criteria payload status type url',
  Substance:
    'category code container-identifier identifier status substance-reference',
  SubstanceNucleicAcid: '',
  SubstancePolymer: '',
  SubstanceProtein: '',
  SubstanceReferenceInformation: '',
  SubstanceSourceMaterial: '',
  SubstanceSpecification:
    'code',
  SupplyDelivery:
    'identifier patient receiver status supplier',
  SupplyRequest:
    'category identifier requester status subject supplier',
  Task:
    'based-on business-status code encounter focus group-identifier identifier intent owner part-of patient ' +
    'performer=token priority requester status subject',
  TerminologyCapabilities:
    'context context-type description jurisdiction name publisher status title url version',
  TestReport:
    'identifier participant=uri result=token tester testscript',
  TestScript:
    'context context-type description identifier jurisdiction name publisher status testscript-capability title ' +
    'url version',
  ValueSet:
    'code context context-type description expansion identifier jurisdiction name publisher reference status ' +
    'title url version',
  VerificationResult:
    'target',
  VisionPrescription:
    'encounter identifier patient prescriber status'
}
