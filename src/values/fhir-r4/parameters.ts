/**
 * The search parameters of FHIR R4 (4.0.1) and their types, compactly. Generated: `npm run vocabulary:write`.
 *
 * A parameter is a word: the first letter of its type (`o` is any type that `ParameterType` does not list), and its
 * name.
 *
 * @module
 */

/** The parameters that three or more resource types have. Their places in this list are their codes. */
export const commonParameters: string =
  'tidentifier tstatus rpatient ddate rsubject sname uurl sdescription tcode tcontext qcontext-quantity ' +
  'spublisher tcontext-type ttype tjurisdiction tversion stitle rencounter tcategory deffective rbased-on ' +
  'rderived-from rlocation rperformer dcreated rauthor rdepends-on rcomposed-of rorganization rpredecessor ' +
  'rsuccessor ttopic rinstantiates-canonical rpart-of saddress tactive uinstantiates-uri dperiod rendpoint ' +
  'rsource saddress-city saddress-country saddress-postalcode saddress-state taddress-use ttelecom rrequest ' +
  'rrequester sphonetic temail tintent tphone tpriority tspecialty rdevice renterer rpractitioner rprovider ' +
  'dauthored ractor rcontext rmedication rparent rparticipant rreason-reference rrecipient rtarget sdisposition ' +
  'tevent tgender tgroup-identifier toutcome treason-code tservice-category tservice-type dbirthdate dissued ' +
  'doccurrence raccount rcare-team rcondition rfacility rfocus rinsurer ritem rmanufacturer rpartof rreceiver ' +
  'rreplaces rrequestor rsender rservice rspecimen tkind tlanguage tseverity ttarget-disease'

/**
 * The parameters of each resource type that has any: the codes of the common ones, two letters each (`AA` is the
 * first, `AB` the second, `BA` the 53rd), then the words of the others. `Resource` holds those of all types. Left
 * out are parameters of types that `ParameterType` does not list, unless their name has such a type elsewhere.
 */
export const parametersByResourceType: Readonly<Record<string, string>> = {
  Resource:
    ' d_lastUpdated s_content s_text t_id t_security t_tag u_profile u_source',
  Account:
    'AAABACAEAFANAl rowner',
  ActivityDefinition:
    'AAABADAFAGAHAJAKALAMAOAPAQATAVAaAbAdAeAf',
  AdverseEvent:
    'ADAEASAWBQBr rrecorder rresultingcondition rstudy rsubstance tactuality tseriousness',
  AllergyIntolerance:
    'AAACADAIANASBr dlast-date donset rasserter rrecorder tclinical-status tcriticality tmanifestation troute ' +
    'tverification-status',
  Appointment:
    'AAABACADAUAWBBBEBHBMBUBVBW rslot rsupporting-info tappointment-type tpart-status',
  AppointmentResponse:
    'AAACAWBEBH rappointment tpart-status',
  AuditEvent:
    'ACADANAiAnBT ragent rentity sagent-name sentity-name taction tagent-role taltid tentity-role tentity-type ' +
    'tsite tsubtype upolicy',
  Basic:
    'AAACAEAIAYAZ',
  BodyStructure:
    'AAAC tlocation tmorphology',
  Bundle:
    'AAAN dtimestamp rcomposition rmessage',
  CapabilityStatement:
    'ABADAFAGAHAJAKALAMAOAPAQ rguide rresource-profile rsupported-profile ssoftware tfhirversion tformat tmode ' +
    'tresource tsecurity-service',
  CarePlan:
    'AAABACADAEARASAUAXAgAhAkAyBbBcBk dactivity-date ractivity-reference rgoal tactivity-code',
  CareTeam:
    'AAABACADAEARASBL',
  ChargeItem:
    'AAACAEAIBDBIBZBaBn dentered-date nfactor-override qprice-override qquantity rperformer-actor ' +
    'rperforming-organization rrequesting-organization tperformer-function',
  ChargeItemDefinition:
    'AAABADAGAHAJAKALAMAOAPAQAT',
  Claim:
    'AAABACARAYBABDBFBbBdBf rdetail-udi ritem-udi rpayee rprocedure-udi rsubdetail-udi tuse',
  ClaimResponse:
    'AAABACAYAuBPBTBfBl dpayment-date tuse',
  ClinicalImpression:
    'AAABACADAEAR rassessor rfinding-ref rinvestigation rprevious rproblem rsupporting-info tfinding-code',
  CodeSystem:
    'AAABADAFAGAHAIAJAKALAMAOAPAQBq rsupplements tcontent-mode usystem',
  Communication:
    'AAABACAEARASAUAgAhAkBNBm dreceived dsent tmedium',
  CommunicationRequest:
    'AAABACAEARASAUAvBABGBNBSBZBkBm tmedium',
  CompartmentDefinition:
    'ABADAFAGAHAIAJAKALAMAP tresource',
  Composition:
    'AAABACADAEAJANAQARASAZAl rattester rentry rrelated-ref tconfidentiality trelated-id tsection',
  ConceptMap:
    'AAABADAFAGAHAJAKALAMAOAPAQAnBO rother rsource-uri rtarget-uri tsource-code ttarget-code udependson uproduct ' +
    'usource-system utarget-system',
  Condition:
    'AAACAEAIARASBr dabatement-date donset-date drecorded-date qabatement-age qonset-age rasserter ' +
    'revidence-detail sabatement-string sonset-info tbody-site tclinical-status tevidence tstage ' +
    'tverification-status',
  Consent:
    'AAABACADASAcAlBH rconsentor rdata rsource-reference taction tpurpose tscope tsecurity-label',
  Contract:
    'AAABACAEAGBY rauthority rdomain rsigner uinstantiates',
  Coverage:
    'AAABACAN rbeneficiary rpayor rpolicy-holder rsubscriber sclass-value sdependent tclass-type',
  CoverageEligibilityRequest:
    'AAABACAYBDBFBd',
  CoverageEligibilityResponse:
    'AAABACAYAuBPBTBfBl',
  DetectedIssue:
    'AAACAIAZ didentified rimplicated',
  Device:
    'AAABACAGANAWAc sdevice-name smanufacturer smodel sudi-carrier sudi-di',
  DeviceDefinition:
    'AAANBK',
  DeviceMetric:
    'AAANASAnBK',
  DeviceRequest:
    'AAABACAEAIARAUAXAgAkAvAyBCBS dauthored-on devent-date rinsurance rprior-request',
  DeviceUseStatement:
    'AAACAEBC',
  DiagnosticReport:
    'AAABACADAEAIARASAUAXBYBo rmedia rresult rresults-interpreter tconclusion',
  DocumentManifest:
    'AAABACAEAHANAYAZBNBg rrelated-ref trelated-id usource',
  DocumentReference:
    'AAABACADAEAHANARASAZAlBQBq orelationship rauthenticator rcustodian rrelated rrelatesto tcontenttype ' +
    'tfacility tformat trelation tsecurity-label tsetting ulocation',
  EffectEvidenceSynthesis:
    'AAABADAFAGAHAJAKALAMAOAPAQAT',
  Encounter:
    'AAABACADAEANAUAWAhBEBLBMBUBa dlocation-period qlength rappointment rdiagnosis repisode-of-care ' +
    'rservice-provider tclass tparticipant-type tspecial-arrangement',
  Endpoint:
    'AAABAFAc tconnection-type tpayload-type',
  EnrollmentRequest:
    'AAABACAE',
  EnrollmentResponse:
    'AAABAu',
  EpisodeOfCare:
    'AAABACADANAcBc rcare-manager rincoming-referral',
  EventDefinition:
    'AAABADAFAGAHAJAKALAMAOAPAQATAVAaAbAdAeAf',
  Evidence:
    'AAABADAFAGAHAJAKALAMAOAPAQATAVAaAbAdAeAf',
  EvidenceVariable:
    'AAABADAFAGAHAJAKALAMAOAPAQATAVAaAbAdAeAf',
  ExampleScenario:
    'AAABADAFAGAJAKALAMAOAP',
  ExplanationOfBenefit:
    'AAABACARAYBDBFBPBbBd rclaim rcoverage rdetail-udi ritem-udi rpayee rprocedure-udi rsubdetail-udi',
  FamilyMemberHistory:
    'AAABACADAIAgAk trelationship tsex',
  Flag:
    'AAACADAEARAZ',
  Goal:
    'AAACAEAS dstart-date dtarget-date tachievement-status tlifecycle-status',
  GraphDefinition:
    'ABADAFAGAHAJAKALAMAOAP tstart',
  Group:
    'AAAIAN rmanaging-entity rmember tactual tcharacteristic texclude tvalue',
  GuidanceResponse:
    'AAACAE trequest',
  HealthcareService:
    'AAAFAWAcAjAmBBBVBW rcoverage-area tcharacteristic tprogram',
  ImagingStudy:
    'AAABACAEARAXAm dstarted rbasedon rinterpreter rreferrer tbodysite tdicom-class tinstance tmodality treason ' +
    'tseries',
  Immunization:
    'AAABACADAWAXBMBUBhBs dreaction-date rreaction slot-number sseries tstatus-reason tvaccine-code',
  ImmunizationEvaluation:
    'AAABACADBs rimmunization-event tdose-status',
  ImmunizationRecommendation:
    'AAABACADBs rinformation rsupport tvaccine-type',
  ImplementationGuide:
    'ABADAFAGAHAJAKALAMAOAPAQAa rglobal rresource texperimental',
  InsurancePlan:
    'AAABAFANAiAmAoApAqArAsAw radministered-by rowned-by',
  Invoice:
    'AAABACADAEANBLBNBa qtotalgross qtotalnet rissuer tparticipant-role',
  Library:
    'AAABADAFAGAHAJAKALAMANAOAPAQATAVAaAbAdAeAf tcontent-type',
  Linkage:
    'AZAnBg',
  List:
    'AAABACADAEAIAQARAnBg snotes tempty-reason',
  Location:
    'AAABAFANAcAiAmAoApAqArAsBi toperational-status',
  Measure:
    'AAABADAFAGAHAJAKALAMAOAPAQATAVAaAbAdAeAf',
  MeasureReport:
    'AAABACADAEAl revaluated-resource rmeasure rreporter',
  Media:
    'AAABACAEANARAUAYBC roperator tmodality tsite tview',
  Medication:
    'AAABAIBh dexpiration-date ringredient tform tingredient-code tlot-number',
  MedicationAdministration:
    'AAABACAEAIAXAuBCBIBJ deffective-time treason-given treason-not-given',
  MedicationDispense:
    'AAABACAEAIANAXBIBJBj dwhenhandedover dwhenprepared rdestination rprescription rresponsibleparty',
  MedicationKnowledge:
    'ABAIBh ringredient rmonograph tclassification tclassification-type tdoseform tingredient-code ' +
    'tmonitoring-program-name tmonitoring-program-type tmonograph-type tsource-cost',
  MedicationRequest:
    'AAABACADAEAIARASAvAyBABJ dauthoredon rintended-dispenser rintended-performer tintended-performertype',
  MedicationStatement:
    'AAABACAEAIASATAhAnBIBJ',
  MedicinalProduct:
    'AAAF tname-language',
  MedicinalProductAuthorization:
    'AAABAE rholder tcountry',
  MedicinalProductContraindication:
    'AE',
  MedicinalProductIndication:
    'AE',
  MedicinalProductInteraction:
    'AE',
  MedicinalProductPackaged:
    'AAAE',
  MedicinalProductPharmaceutical:
    'AA troute ttarget-species',
  MedicinalProductUndesirableEffect:
    'AE',
  MessageDefinition:
    'AAABADAFAGAHAJAKALAMAOAPAQASBKBQ tfocus',
  MessageHeader:
    'AIAZBDBOBQBeBjBm rresponsible sdestination ssource tresponse-id udestination-uri usource-uri',
  MolecularSequence:
    'AAACAN nvariant-end nvariant-start nwindow-end nwindow-start tchromosome treferenceseqid',
  NamingSystem:
    'ABADAFAHAJAKALAMANAOAlAtBp scontact sresponsible svalue tid-type',
  NutritionOrder:
    'AAABACARAgAkBF ddatetime tadditive tformula toraldiet tsupplement',
  Observation:
    'AAABACADAEAIARASAUAVAXAhBCBeBo dvalue-date qcombo-value-quantity qcomponent-value-quantity qvalue-quantity ' +
    'rhas-member svalue-string tcombo-code tcombo-data-absent-reason tcombo-value-concept tcomponent-code ' +
    'tcomponent-data-absent-reason tcomponent-value-concept tdata-absent-reason tmethod tvalue-concept',
  OperationDefinition:
    'ABADAFAGAHAIAJAKALAMANAOAPAQBp rbase rinput-profile routput-profile tinstance tsystem',
  Organization:
    'AAAFANAiAjAmAoApAqArAsAwBi',
  OrganizationAffiliation:
    'AAADAWAjAmAtAxAzBBBn rnetwork rparticipating-organization rprimary-organization trole',
  Patient:
    'AAAFAcAiAjAoApAqArAsAtAwAxAzBRBXBq ddeath-date rgeneral-practitioner rlink sfamily sgiven tdeceased',
  PaymentNotice:
    'AAABAYAuBF rresponse tpayment-status',
  PaymentReconciliation:
    'AAABAYAuBPBTBl rpayment-issuer',
  Person:
    'AAACAFAcAiAoApAqArAsAtAwAxAzBEBRBX rlink rrelatedperson',
  PlanDefinition:
    'AAABADAFAGAHAJAKALAMANAOAPAQATAVAaAbAdAeAf rdefinition',
  Practitioner:
    'AAAFAiAjAoApAqArAsAtAwAxAzBR sfamily sgiven tcommunication',
  PractitionerRole:
    'AAADAWAcAjAmAtAxAzBBBEBn trole',
  Procedure:
    'AAABACADAEAIARASAUAWAXAgAhAkBMBU',
  Provenance:
    'ACAWBO drecorded dwhen ragent rentity tagent-role tagent-type tsignature-type',
  Questionnaire:
    'AAABADAFAGAHAIAJAKALAMAOAPAQAT tsubject-type udefinition',
  QuestionnaireResponse:
    'AAABACAEARAUAZAhAnBG rquestionnaire',
  RelatedPerson:
    'AAACAFAiAjAoApAqArAsAtAwAxAzBRBX trelationship',
  RequestGroup:
    'AAABACAEAIARAZAgAkAyBABGBLBS',
  ResearchDefinition:
    'AAABADAFAGAHAJAKALAMAOAPAQATAVAaAbAdAeAf',
  ResearchElementDefinition:
    'AAABADAFAGAHAJAKALAMAOAPAQATAVAaAbAdAeAf',
  ResearchStudy:
    'AAABADAQASBi rprincipalinvestigator rprotocol rsite rsponsor tfocus tkeyword tlocation',
  ResearchSubject:
    'AAABACAD rindividual rstudy',
  RiskAssessment:
    'AAACADAEARAXBc nprobability tmethod trisk',
  RiskEvidenceSynthesis:
    'AAABADAFAGAHAJAKALAMAOAPAQAT',
  Schedule:
    'AAADAjBBBHBVBW',
  SearchParameter:
    'ABADAFAGAHAIAJAKALAMANAOAPAV rcomponent tbase ttarget',
  ServiceRequest:
    'AAABACAEAIARASAUAXAgAkAvAyBABGBZBkBo tbody-site tperformer-type trequisition',
  Slot:
    'AAABBBBVBW dstart rschedule tappointment-type',
  Specimen:
    'AAABACAEANBK dcollected rcollector taccession tbodysite tcontainer tcontainer-id',
  SpecimenDefinition:
    'AAAN tcontainer',
  StructureDefinition:
    'AAABADAFAGAHAJAKALAMAOAPAQBp rbase rvalueset tabstract tbase-path tderivation texperimental text-context ' +
    'tkeyword tpath utype',
  StructureMap:
    'AAABADAFAGAHAJAKALAMAOAPAQ',
  Subscription:
    'ABAGAN scriteria tcontact tpayload',
  Substance:
    'AAABAIAS dexpiry qquantity rsubstance-reference tcontainer-identifier',
  SubstanceSpecification:
    'AI',
  SupplyDelivery:
    'AAABACBj rsupplier',
  SupplyRequest:
    'AAABADAEASAv rsupplier',
  Task:
    'AAABACAEAIARAUAhAlAvAyBABSBe dauthored-on dmodified rowner tbusiness-status tperformer',
  TerminologyCapabilities:
    'ABADAFAGAHAJAKALAMAOAPAQ',
  TestReport:
    'AABY rtestscript stester tresult uparticipant',
  TestScript:
    'AAABADAFAGAHAJAKALAMAOAPAQ stestscript-capability',
  ValueSet:
    'AAABADAFAGAHAIAJAKALAMAOAPAQ uexpansion ureference',
  VerificationResult:
    'BO',
  VisionPrescription:
    'AAABACAR ddatewritten rprescriber'
}
