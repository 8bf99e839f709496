/**
 * The types that only FHIR DSTU2 (1.0.2) and STU3 (3.0.1) have. Generated: `npm run vocabulary:write`.
 *
 * @module
 */

/** The names of the types. */
export const earlierTypeNames: string =
  'BodySite Conformance DataElement DeviceComponent DeviceUseRequest DiagnosticOrder EligibilityRequest ' +
  'EligibilityResponse ExpansionProfile ImagingManifest ImagingObjectSelection MedicationOrder Order ' +
  'OrderResponse ProcedureRequest ProcessRequest ProcessResponse ReferralRequest Sequence ServiceDefinition'

/** The parameters by which a resource is in a patient's compartment. */
export const earlierCompartment: Readonly<Record<string, string>> = {
  BodySite: 'patient',
  DeviceUseRequest: 'patient',
  DiagnosticOrder: 'patient',
  EligibilityRequest: 'patient',
  ImagingManifest: 'patient author',
  ImagingObjectSelection: 'patient',
  MedicationOrder: 'patient',
  Order: 'patient',
  ProcedureRequest: 'subject performer',
  ReferralRequest: 'patient requester'
}

/** The search parameters, in the form of the table of R4, whose codes they share. */
export const earlierParameters: Readonly<Record<string, string>> = {
  BodySite:
    'AAACAI',
  Conformance:
    'ABADAFAGAHALAPBQ rprofile rsupported-profile ssoftware tfhirversion tformat tmode tresource tsecurity',
  DataElement:
    'AAABADAFAGAHAIALAOAPAQ tobjectClass tobjectClassProperty tstringency',
  DeviceComponent:
    'AAANAnBK',
  DeviceUseRequest:
    'ACAEBC',
  DiagnosticOrder:
    'AAABACAEAIARBHBo devent-date ditem-date rorderer tbodysite tevent-status titem-past-status titem-status',
  EligibilityRequest:
    'AAACAYAcBDBFBd',
  EligibilityResponse:
    'AAAYAuBPBTBf rrequest-organization rrequest-provider',
  ExpansionProfile:
    'AAABADAFAGAHALAOAP',
  ImagingManifest:
    'AAACAZAm dauthoring-time rimaging-study uselected-study',
  ImagingObjectSelection:
    'ACAZ dauthoring-time ttitle uidentifier uselected-study',
  MedicationOrder:
    'AAABACAIARBJ ddatewritten rprescriber',
  Order:
    'AAACADAEAnBO dwhen rdetail twhen_code',
  OrderResponse:
    'AAADAIAu rfulfillment rwho',
  ProcedureRequest:
    'AAABACAEAIARAUAXAvAyBABGBIBZBkBo rdefinition tbody-site tperformer-type trequisition',
  ProcessRequest:
    'AAAcBF taction',
  ProcessResponse:
    'AAAcAu rrequest-organization rrequest-provider',
  ReferralRequest:
    'AAABACAEANARAUAvAyBABBBIBNBSBk dauthored-on doccurrence-date rdefinition tservice',
  Sequence:
    'AAACAN nend nstart tchromosome',
  ServiceDefinition:
    'AAABADAFAGAHALAOAPAQATAVAaAbAdAeAf'
}
