/**
 * What FHIR R4B (4.3.0) has differently from R4. Generated: `npm run vocabulary:write`.
 *
 * @module
 */

/** The types of R4 that R4B does not have. */
export const typesRemovedInR4B: string =
  'EffectEvidenceSynthesis MedicinalProduct MedicinalProductAuthorization MedicinalProductContraindication ' +
  'MedicinalProductIndication MedicinalProductIngredient MedicinalProductInteraction ' +
  'MedicinalProductManufactured MedicinalProductPackaged MedicinalProductPharmaceutical ' +
  'MedicinalProductUndesirableEffect RiskEvidenceSynthesis SubstanceNucleicAcid SubstancePolymer ' +
  'SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification'

/** The types of R4B that R4 does not have. */
export const typesAddedInR4B: string =
  'AdministrableProductDefinition Citation ClinicalUseDefinition EvidenceReport Ingredient ' +
  'ManufacturedItemDefinition MedicinalProductDefinition NutritionProduct PackagedProductDefinition ' +
  'RegulatedAuthorization SubscriptionStatus SubscriptionTopic SubstanceDefinition'

/** The rows of the patient compartment that R4B has differently. */
export const compartmentChangedInR4B: Readonly<Record<string, string>> = {}

/**
 * The search parameters of the types that R4B has differently, in the form of the table of R4, whose codes they share.
 */
export const parametersChangedInR4B: Readonly<Record<string, string>> = {
  AdministrableProductDefinition:
    'AABC rform-of rmanufactured-item tdose-form tingredient troute ttarget-species',
  Citation:
    'AAABADAFAGAHAJAKALAMAOAPAQAT',
  ClinicalUseDefinition:
    'AAAEAN rcontraindication-reference reffect-reference rindication-reference rproduct tcontraindication ' +
    'teffect tindication tinteraction',
  Evidence:
    'AAABADAGAHAJAKALAMAPAQ',
  EvidenceReport:
    'AAABAGAJAKALAM',
  EvidenceVariable:
    'AAABADAFAGAHAJAKALAMAPAQ',
  Ingredient:
    'AABh rfor rsubstance rsubstance-definition tfunction trole tsubstance-code',
  ManufacturedItemDefinition:
    'AA tdose-form tingredient',
  MedicinalProductDefinition:
    'AAABAFAN rcontact rmaster-file tcharacteristic tcharacteristic-type tdomain tingredient tname-language ' +
    'tproduct-classification',
  NutritionProduct:
    'AAAB',
  PackagedProductDefinition:
    'AAABBCBJ rbiological rcontained-item rmanufactured-item rnutrition rpackage rpackage-for tname',
  RegulatedAuthorization:
    'AAABAE rholder tcase tcase-type tregion',
  SubscriptionTopic:
    'AAABADAGAPAQ strigger-description uderived-or-self uresource',
  SubstanceDefinition:
    'AAAFAI tclassification tdomain'
}

/** The element paths of the types that R4B has differently, in the form of the table of R4. */
export const pathsChangedInR4B: Readonly<Record<string, string>> = {
  Citation:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t effective=effectivePeriod:p ' +
    'status:c',
  ClinicalUseDefinition:
    'subject*:r type:c',
  DeviceUseStatement:
    'patient=subject@Patient:r subject:r',
  Evidence:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  EvidenceReport:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a status:c',
  EvidenceVariable:
    'context-quantity=useContext*.valueQuantity:q|useContext*.valueRange:a date:t status:c',
  MedicinalProductDefinition:
    'status:k type:k',
  NutritionProduct:
    'status:c',
  PackagedProductDefinition:
    'status:k',
  RegulatedAuthorization:
    'status:k subject*:r',
  SubscriptionTopic:
    'date:t status:c',
  SubstanceDefinition:
    'code=code*.code:k'
}
