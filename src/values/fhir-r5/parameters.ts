/**
 * The search parameters of FHIR R5 (5.0.0) and their types, compactly. Generated: `npm run vocabulary:write`.
 *
 * A parameter is a word: the first letter of its type (`o` is any type that `ParameterType` does not list), and its
 * name.
 *
 * @module
 */

/** The parameters that three or more resource types have. Their places in this list are their codes. */
export const commonParametersR5: string =
  'tidentifier tstatus rpatient ddate rsubject sname tcode uurl rencounter tversion qcontext-quantity ' +
  'sdescription spublisher stitle tcontext tcontext-type ttype tjurisdiction tcategory rbased-on deffective ' +
  'rderived-from rlocation rperformer ttopic rpredecessor rauthor rorganization dcreated rpart-of tactive ' +
  'dperiod rdepends-on rdevice rendpoint rinstantiates-canonical rrequest saddress saddress-city ' +
  'saddress-country saddress-postalcode saddress-state taddress-use ttelecom uinstantiates-uri ractor ' +
  'rcomposed-of rrequester rsource rsuccessor sphonetic temail tgroup-identifier tintent tphone tpriority ' +
  'tspecialty rfocus rmedication rparticipant rpractitioner rreason-reference tcharacteristic treason-code ' +
  'dauthored dissued renterer rinsurer rprovider sdisposition sfamily sgiven tbody-site texperimental tgender ' +
  'tkind toutcome tservice-category tservice-type dbirthdate ddeath-date doccurrence raccount rbody-structure ' +
  'rcare-team rfacility rmanufacturer rowner rparent rreceiver rrecipient rreplaces rrequestor rservice ' +
  'rservice-type-reference rspecimen rstudy rtarget tcommunication tdeceased tevent tingredient tlanguage ' +
  'tmethod trole tserial-number ttarget-disease'

/**
 * The parameters of each resource type that has any: the codes of the common ones, two letters each (`AA` is the
 * first, `AB` the second, `BA` the 53rd), then the words of the others. `Resource` holds those of all types. Left
 * out are parameters of types that `ParameterType` does not list, unless their name has such a type elsewhere.
 */
export const parametersByResourceTypeR5: Readonly<Record<string, string>> = {
  Resource:
    ' d_lastUpdated r_profile s_content s_text t_id t_language t_security t_tag u_source',
  Account:
    'AAABACAEAFAQAfBj rguarantor rrelatedaccount',
  ActivityDefinition:
    'AAABADAFAHAJAKALAMANAOAPARAUAVAYAZAgAuAxBX',
  ActorDefinition:
    'AAABADAHAJAKALAMANAOAPAQAR',
  AdministrableProductDefinition:
    'AAABAhBx rform-of rmanufactured-item tdose-form troute ttarget-species',
  AdverseEvent:
    'AAABACADAEAGASAWBs rrecorder rresultingeffect rsubstance tactuality tseriousness',
  AllergyIntolerance:
    'AAACADAGAQASBH dlast-date rmanifestation-reference tclinical-status tcriticality tmanifestation-code troute ' +
    'tseverity tverification-status',
  Appointment:
    'AAABACADAEATAWAtBEBIBJBLBZBaBq drequested-period rgroup rslot rsupporting-info tappointment-type ' +
    'tpart-status',
  AppointmentResponse:
    'AAACAWAtBI rappointment rgroup tpart-status',
  ArtifactAssessment:
    'AAAD',
  AuditEvent:
    'ACADAGAIASATAwBY ragent rentity taction tagent-role tentity-role tpurpose upolicy',
  Basic:
    'AAACAEAGAaAc',
  BiologicallyDerivedProduct:
    'AAAGAkCB rcollector tbiological-source-event tproduct-category tproduct-status',
  BiologicallyDerivedProductDispense:
    'AAABACAX rproduct',
  BodyStructure:
    'AAAC texcluded_structure tincluded_structure tmorphology',
  Bundle:
    'AAAQ dtimestamp rcomposition rmessage',
  CapabilityStatement:
    'AAABADAFAHAJAKALAMANAOAPAR rguide rresource-profile rsupported-profile ssoftware tfhirversion tformat tmode ' +
    'tresource tsecurity-service',
  CarePlan:
    'AAABACADAEAIASATAdAjAsBBBgBn ractivity-reference rcondition rcustodian rgoal',
  CareTeam:
    'AAABACADAEAFASBH',
  ChargeItem:
    'AAABACAEAGAIBOBdBeBp dentered-date nfactor-override qprice-override qquantity rperformer-actor ' +
    'rperforming-organization rrequesting-organization tperformer-function',
  ChargeItemDefinition:
    'AAABADAHAJAKALAMANAOAPARAU',
  Citation:
    'AAABADAFAHAJAKALAMANAOAPARAU oclassification tclassification-type tclassifier',
  Claim:
    'AAABACAIAcBDBOBPBQBgBh rdetail-udi ritem-udi rpayee rprocedure-udi rsubdetail-udi tuse',
  ClaimResponse:
    'AAABACAcAkBPBRBYBo dpayment-date tuse',
  ClinicalImpression:
    'AAABACADAEAIAX rfinding-ref rprevious rproblem rsupporting-info tfinding-code',
  ClinicalUseDefinition:
    'AAABAEAQ rcontraindication-reference reffect-reference rindication-reference rproduct tcontraindication ' +
    'teffect tindication tinteraction',
  CodeSystem:
    'AAABADAFAGAHAJAKALAMANAOAPARAUAVAYAZBy rsupplements tcontent-mode usystem',
  Communication:
    'AAABACAEAIASATAYAdAjAsBm dreceived dsent rsender tmedium',
  CommunicationRequest:
    'AAABACAEAIASATAvBABDBMBdBmBn rinformation-provider tmedium',
  CompartmentDefinition:
    'ABADAFAGAHAJAKALAMAOAP tresource',
  Composition:
    'AAABACADAEAHAIAJANAQASAaAf rattester rentry revent-reference rrelated tevent-code tsection',
  ConceptMap:
    'AAABADAFAHAJAKALAMANAOAPARAUAVAYAZ rother-map rsource-group-system rsource-scope rtarget-group-system ' +
    'rtarget-scope tsource-code ttarget-code umapping-property usource-scope-uri utarget-scope-uri',
  Condition:
    'AAACAEAGAIASBU dabatement-date donset-date drecorded-date qabatement-age qonset-age revidence-detail ' +
    'rparticipant-actor sabatement-string sonset-info tclinical-status tevidence tparticipant-function tseverity ' +
    'tstage tverification-status',
  ConditionDefinition:
    'AAABADAFAHAJAKALAMANAOAPAR',
  Consent:
    'AAABACADAEASAfAt dverified-date rcontroller rdata rgrantee rmanager rsource-reference taction tpurpose ' +
    'tsecurity-label tverified',
  Contract:
    'AAABACAEAHBN rauthority rdomain rsigner uinstantiates',
  Coverage:
    'AAABACAQBP rbeneficiary rpaymentby-party rpolicy-holder rsubscriber sdependent tclass-type tclass-value ' +
    'tsubscriberid',
  CoverageEligibilityRequest:
    'AAABACAcBOBQBh',
  CoverageEligibilityResponse:
    'AAABACAcAkBPBRBYBo',
  DetectedIssue:
    'AAABACAEAGASAa didentified rimplicated',
  Device:
    'AAABAGAHAQAWAbBk dexpiration-date dmanufacture-date rdefinition sdevice-name slot-number smanufacturer ' +
    'smodel sserial-number sudi-carrier sudi-di sversion tbiological-source-event tspecification',
  DeviceAssociation:
    'AAABACAEAh roperator',
  DeviceDefinition:
    'AAAQAbBi sdevice-name tspecification',
  DeviceDispense:
    'AAABACAEAG',
  DeviceMetric:
    'AAAQASAh',
  DeviceRequest:
    'AAABACAEAGAIATAXAhAjAsAvBABB dauthored-on devent-date rinsurance rprior-request tperformer-code',
  DeviceUsage:
    'AAABAC tdevice',
  DiagnosticReport:
    'AAABACADAEAGAIASATAXBNBrBs rmedia rresult rresults-interpreter tconclusion',
  DocumentReference:
    'AAABACADAEALAQASATAaAfBy dcreation orelationship rattester rbodysite-reference rcontext rcustodian ' +
    'revent-reference rformat-canonical rrelatesto sversion tbodysite tcontenttype tdoc-status tevent-code ' +
    'tfacility tformat-code tmodality trelation tsecurity-label tsetting uformat-uri ulocation',
  Encounter:
    'AAABACADAEAQATAWAdBHBIBJBLBe ddate-start dend-date dlocation-period qlength rappointment rcareteam ' +
    'rdiagnosis-reference repisode-of-care rservice-provider tclass tdiagnosis-code tparticipant-type ' +
    'tspecial-arrangement tsubject-status',
  EncounterHistory:
    'AAABACAEAI',
  Endpoint:
    'AAABAFAb tconnection-type tpayload-type',
  EnrollmentRequest:
    'AAABACAE',
  EnrollmentResponse:
    'AAABAk',
  EpisodeOfCare:
    'AAABACADAQAbBJBL rcare-manager rdiagnosis-reference rincoming-referral tdiagnosis-code',
  EventDefinition:
    'AAABADAFAHAJAKALAMANAOAPARAUAVAYAZAgAuAx',
  Evidence:
    'AAABADAHAJAKALAMANAOAP',
  EvidenceReport:
    'AAABAHAKAMAOAP',
  EvidenceVariable:
    'AAABADAFAHAJAKALAMANAOAPAVAYAZAgAuAx',
  ExampleScenario:
    'AAABADAFAHAJAKAMAOAPAR',
  ExplanationOfBenefit:
    'AAABACAIAcBOBQBRBgBh rclaim rcoverage rdetail-udi ritem-udi rpayee rprocedure-udi rsubdetail-udi',
  FamilyMemberHistory:
    'AAABACADAGAjAs trelationship tsex',
  Flag:
    'AAABACADAEAIASAa',
  FormularyItem:
    'AAAG',
  GenomicStudy:
    'AAABACAEBF',
  Goal:
    'AAACAEAS dstart-date dtarget-date raddresses tachievement-status tdescription tlifecycle-status ' +
    'ttarget-measure',
  GraphDefinition:
    'AAABADAFAHAJAKALAMAOAPAR tstart',
  Group:
    'AAAFAGAQBK rcharacteristic-reference rmanaging-entity rmember texclude tmembership tvalue',
  GuidanceResponse:
    'AAABACAE trequest',
  HealthcareService:
    'AAAFAWAbAeAiBEBKBZBaBu rcoverage-area roffered-in teligibility tprogram',
  ImagingSelection:
    'AAABACAEAGATAVBNBUBf tstudy-uid',
  ImagingStudy:
    'AAABACAEAIATAXAiBUBf dstarted rreferrer tdicom-class tinstance tmodality treason tseries',
  Immunization:
    'AAABACADAWAXBJBLBiCC dreaction-date rreaction slot-number sseries tstatus-reason tvaccine-code',
  ImmunizationEvaluation:
    'AAABACADCC rimmunization-event tdose-status',
  ImmunizationRecommendation:
    'AAABACADCC rinformation rsupport tvaccine-type',
  ImplementationGuide:
    'AAABADAFAHAJAKALAMANAOAPARAgBV rglobal rresource',
  Ingredient:
    'AAABBiCA qstrength-concentration-quantity qstrength-presentation-quantity rfor rsubstance ' +
    'rsubstance-definition tfunction tsubstance-code',
  InsurancePlan:
    'AAABAFAQAiAlAmAnAoApAqAy radministered-by rowned-by',
  InventoryItem:
    'AAABAEAG',
  InventoryReport:
    'AAAB ritem-reference titem',
  Invoice:
    'AAABACADAEAQBHBeBm qtotalgross qtotalnet rissuer tparticipant-role',
  Library:
    'AAABADAFAHAJAKALAMANAOAPAQARAUAVAYAZAgAuAx tcontent-type',
  Linkage:
    'AaAw ritem',
  List:
    'AAABACADAEAGAIANAw ritem snotes tempty-reason',
  Location:
    'AAABAFAQAbAiAlAmAnAoApAqBK rpartof toperational-status',
  ManufacturedItemDefinition:
    'AAABBx tdose-form tname',
  Measure:
    'AAABADAFAHAJAKALAMANAOAPARAUAVAYAZAgAuAx',
  MeasureReport:
    'AAABACADAEAWAf revaluated-resource rmeasure rreporter',
  Medication:
    'AAABAGCB dexpiration-date ringredient rmarketingauthorizationholder tform tingredient-code tlot-number',
  MedicationAdministration:
    'AAABACADAEAGAIAXAhAkBG rreason-given tperformer-device-code treason-given-code treason-not-given',
  MedicationDispense:
    'AAABACAEAGAIAQAWAXBGBl drecorded dwhenhandedover dwhenprepared rdestination rprescription rresponsibleparty',
  MedicationKnowledge:
    'AAABAG qpackaging-cost ringredient rmonograph tclassification tclassification-type tdoseform ' +
    'tingredient-code tmonitoring-program-name tmonitoring-program-type tmonograph-type tpackaging-cost-concept ' +
    'tproduct-type tsource-cost',
  MedicationRequest:
    'AAABACAEAGAIASAvBABBBDBG dauthoredon dcombo-date rintended-dispenser rintended-performer ' +
    'tintended-performertype',
  MedicationStatement:
    'AAABACAEAGAIASAUAwBG tadherence',
  MedicinalProductDefinition:
    'AAABAFAQBKBx rcontact rmaster-file tcharacteristic-type tdomain tname-language tproduct-classification',
  MessageDefinition:
    'AAABADAFAHAJAKALAMANAOAPARASBkBw tfocus',
  MessageHeader:
    'AGAaBFBlBtBw rresponsible rsender sdestination ssource tresponse-id',
  MolecularSequence:
    'AAACAEAQBF',
  NamingSystem:
    'AAABADAFAHAJAKALAMAOAPAQARAUAVAYAZAfArBX scontact sresponsible svalue tid-type',
  NutritionIntake:
    'AAABACADAEAGAIAw tnutrition',
  NutritionOrder:
    'AAABACAEAIBABQ ddatetime tadditive tformula toraldiet tsupplement',
  NutritionProduct:
    'AAABAGCB tlot-number',
  Observation:
    'AAABACADAEAGAIASATAVAXAdAhBFBrBz dvalue-date qcombo-value-quantity qcomponent-value-quantity ' +
    'qvalue-quantity rcomponent-value-reference rhas-member rvalue-reference svalue-markdown tcombo-code ' +
    'tcombo-data-absent-reason tcombo-value-concept tcomponent-code tcomponent-data-absent-reason ' +
    'tcomponent-value-concept tdata-absent-reason tvalue-concept ucomponent-value-canonical uvalue-canonical',
  ObservationDefinition:
    'AAABAGAHANASBVBz',
  OperationDefinition:
    'AAABADAFAGAHAJAKALAMANAOAPAQARBX rbase rinput-profile routput-profile tinstance tsystem',
  Organization:
    'AAAFAQAeAiAlAmAnAoApAqAy rpartof',
  OrganizationAffiliation:
    'AAADAWAeAiArAzBCBEBpCA rnetwork rparticipating-organization rprimary-organization',
  PackagedProductDefinition:
    'AAABAhBG rbiological rcontained-item rmanufactured-item rnutrition rpackage rpackage-for tname',
  Patient:
    'AAAFAbAeAlAmAnAoApAqArAyAzBCBSBTBWBbBcBvBy rgeneral-practitioner rlink',
  PaymentNotice:
    'AAABAcAk rreporter rresponse tpayment-status',
  PaymentReconciliation:
    'AAABAcAkBRBYBo rallocation-account rallocation-encounter rpayment-issuer',
  Permission:
    'AB',
  Person:
    'AAACAFAbAlAmAnAoApAqArAyAzBCBIBSBTBWBbBcBv rlink rrelatedperson',
  PlanDefinition:
    'AAABADAFAHAJAKALAMANAOAPAQARAUAVAYAZAgAuAx rdefinition',
  Practitioner:
    'AAAFAeAlAmAnAoApAqArAyAzBCBSBTBWBcBuBv dqualification-period',
  PractitionerRole:
    'AAADAWAbAeAiArAzBCBEBIBKBpBuCA',
  Procedure:
    'AAABACADAEAGAIASATAWAXAdAjAsBJBL rreport',
  Provenance:
    'ACAIATAWBt drecorded dwhen ragent rentity tactivity tagent-role tagent-type tsignature-type',
  Questionnaire:
    'AAABADAFAHAJAKALAMANAOAPARAU tcombo-code titem-code tquestionnaire-code tsubject-type udefinition',
  QuestionnaireResponse:
    'AAABACAEAIATAaAdAwBM ritem-subject rquestionnaire',
  RegulatedAuthorization:
    'AAABAE rholder tcase tcase-type tregion',
  RelatedPerson:
    'AAACAFAeAlAmAnAoApAqArAyAzBCBSBTBWBb trelationship',
  RequestOrchestration:
    'AAABACAEAGAIATAaAjAsBABBBDBHBM',
  Requirements:
    'AAABADAFAHAJAKALAMANAOAPARAVAt',
  ResearchStudy:
    'AAABADAFALANAd nrecruitment-actual nrecruitment-target religibility rfocus-reference rprotocol rsite ' +
    'sobjective-description tclassifier tcondition tfocus-code tkeyword tobjective-type tphase tregion ' +
    'tstudy-design',
  ResearchSubject:
    'AAABACADAEBs tsubject_state',
  RiskAssessment:
    'AAACADAEAIAXBz nprobability rcondition trisk',
  Schedule:
    'AAADAFAeAtBEBZBaBq',
  SearchParameter:
    'AAABADAFAGAHAJAKALAMAOAPAQARAV rcomponent tbase ttarget',
  ServiceRequest:
    'AAABACAEAIASATAXAjAsAvBBBDBMBUBdBfBnBr rcode-reference tcode-concept tperformer-type trequisition',
  Slot:
    'AAABBEBZBaBq dstart rschedule tappointment-type',
  Specimen:
    'AAABACAEAQBk dcollected rbodysite rcollector rcontainer-device rprocedure taccession',
  SpecimenDefinition:
    'AAABAHANAQBV tcontainer tis-derived ttype-tested',
  StructureDefinition:
    'AAABADAFAHAJAKALAMANAOAPARBVBX rbase rvalueset tabstract tbase-path tderivation text-context-expression ' +
    'text-context-type tkeyword tpath utype',
  StructureMap:
    'AAABADAFAHAJAKALAMANAOAPAR',
  Subscription:
    'AAABAFAHAQBj sfilter-value tcontact tcontent-level tpayload utopic',
  SubscriptionTopic:
    'AAABADAHAJANAUBw strigger-description uderived-or-self uresource',
  Substance:
    'AAABAGAS dexpiry qquantity rcode-reference rsubstance-reference',
  SubstanceDefinition:
    'AAAFAG tclassification tdomain',
  SupplyDelivery:
    'AAABACBl rsupplier',
  SupplyRequest:
    'AAABACADAEASAv rsupplier',
  Task:
    'AAABACAEAGAIATAdAfAtAvBABBBDBFBj dauthored-on dmodified routput rrequestedperformer-reference ' +
    'tbusiness-status tperformer',
  TerminologyCapabilities:
    'AAABADAFAHAJAKALAMANAOAPAR',
  TestPlan:
    'AAABAH rscope',
  TestReport:
    'AAABBN rtestscript stester tresult uparticipant',
  TestScript:
    'AAABADAFAHAJAKALAMANAOAPAR rscope-artifact stestscript-capability',
  Transport:
    'AAAB',
  ValueSet:
    'AAABADAFAGAHAJAKALAMANAOAPARAUAVAYAZ uexpansion ureference',
  VerificationResult:
    'ABBt dprimarysource-date dstatus-date rattestation-onbehalfof rattestation-who rprimarysource-who ' +
    'rvalidator-organization tattestation-method tprimarysource-type',
  VisionPrescription:
    'AAABACAI ddatewritten rprescriber'
}
