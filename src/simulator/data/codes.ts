/** The codes of the synthetic data: LOINC, SNOMED CT, RxNorm, CVX and codes of HL7, with their published names. */

/** A code and its name. */
export interface Code {
  readonly system: string
  readonly code: string
  readonly display: string
}

const codesOf =
  (system: string) =>
  (code: string, display: string): Code => ({ system, code, display })

export const [loinc, snomed, rxnorm, cvx] = [
  codesOf('http://loinc.org'),
  codesOf('http://snomed.info/sct'),
  codesOf('http://www.nlm.nih.gov/research/umls/rxnorm'),
  codesOf('http://hl7.org/fhir/sid/cvx')
]

/** A code of `http://terminology.hl7.org/CodeSystem/`. */
export const hl7 = (name: string, code: string, display: string): Code => ({
  system: `http://terminology.hl7.org/CodeSystem/${name}`,
  code,
  display
})

/** A code of US Core. */
export const usCore = (name: string, code: string, display: string): Code => ({
  system: `http://hl7.org/fhir/us/core/CodeSystem/${name}`,
  code,
  display
})

/** A measurement: what is measured, its unit, and where its values lie. */
export interface Measure {
  readonly code: Code
  readonly unit: string
  readonly middle: number
  readonly spread: number
  readonly places: number
}

const measure = (code: Code, unit: string, middle: number, spread: number, places = 0): Measure => ({
  code,
  unit,
  middle,
  spread,
  places
})

/** Vital signs of one number. */
export const vitalSigns: ReadonlyArray<Measure> = [
  measure(loinc('8867-4', 'Heart rate'), '/min', 74, 14),
  measure(loinc('9279-1', 'Respiratory rate'), '/min', 15, 3),
  measure(loinc('8310-5', 'Body temperature'), 'Cel', 36.8, 0.6, 1),
  measure(loinc('29463-7', 'Body weight'), 'kg', 76, 14, 1),
  measure(loinc('59408-5', 'Oxygen saturation in Arterial blood by Pulse oximetry'), '%', 97, 2)
]

export const bodyHeight: Measure = measure(loinc('8302-2', 'Body height'), 'cm', 170, 14)
export const bloodPressure: Code = loinc('85354-9', 'Blood pressure panel with all children optional')
export const systolic: Measure = measure(loinc('8480-6', 'Systolic blood pressure'), 'mm[Hg]', 126, 16)
export const diastolic: Measure = measure(loinc('8462-4', 'Diastolic blood pressure'), 'mm[Hg]', 79, 9)

/** Laboratory panels with their tests. */
export const panels: ReadonlyArray<{ readonly code: Code; readonly tests: ReadonlyArray<Measure> }> = [
  {
    code: loinc('51990-0', 'Basic metabolic panel - Blood'),
    tests: [
      measure(loinc('2345-7', 'Glucose [Mass/volume] in Serum or Plasma'), 'mg/dL', 104, 22),
      measure(loinc('2160-0', 'Creatinine [Mass/volume] in Serum or Plasma'), 'mg/dL', 0.95, 0.25, 2),
      measure(loinc('2951-2', 'Sodium [Moles/volume] in Serum or Plasma'), 'mmol/L', 140, 4),
      measure(loinc('2823-3', 'Potassium [Moles/volume] in Serum or Plasma'), 'mmol/L', 4.2, 0.5, 1)
    ]
  },
  {
    code: loinc('24331-1', 'Lipid 1996 panel - Serum or Plasma'),
    tests: [
      measure(loinc('2093-3', 'Cholesterol [Mass/volume] in Serum or Plasma'), 'mg/dL', 192, 34),
      measure(loinc('2571-8', 'Triglyceride [Mass/volume] in Serum or Plasma'), 'mg/dL', 132, 46),
      measure(loinc('2085-9', 'Cholesterol in HDL [Mass/volume] in Serum or Plasma'), 'mg/dL', 51, 11)
    ]
  },
  {
    code: loinc('58410-2', 'CBC panel - Blood by Automated count'),
    tests: [
      measure(loinc('718-7', 'Hemoglobin [Mass/volume] in Blood'), 'g/dL', 13.9, 1.4, 1),
      measure(loinc('777-3', 'Platelets [#/volume] in Blood by Automated count'), '10*3/uL', 248, 60)
    ]
  }
]

export const hemoglobinA1c: Measure = measure(
  loinc('4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood'),
  '%',
  6.4,
  0.9,
  1
)
export const smokingStatus: Code = loinc('72166-2', 'Tobacco smoking status')
export const phq9: Code = loinc('44261-6', 'Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]')

export const smokingAnswers: readonly [Code, ...ReadonlyArray<Code>] = [
  snomed('266919005', 'Never smoked tobacco'),
  snomed('8517006', 'Ex-smoker'),
  snomed('449868002', 'Smokes tobacco daily')
]

/** Problems, each with a medicine that is given for it. */
export const problems: ReadonlyArray<{ readonly code: Code; readonly medicine: Code }> = [
  {
    code: snomed('38341003', 'Hypertensive disorder'),
    medicine: rxnorm('314076', 'lisinopril 10 MG Oral Tablet')
  },
  {
    code: snomed('44054006', 'Diabetes mellitus type 2'),
    medicine: rxnorm('860975', '24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet')
  },
  { code: snomed('55822004', 'Hyperlipidemia'), medicine: rxnorm('312961', 'simvastatin 20 MG Oral Tablet') },
  { code: snomed('396275006', 'Osteoarthritis'), medicine: rxnorm('313782', 'acetaminophen 325 MG Oral Tablet') },
  {
    code: snomed('195967001', 'Asthma'),
    medicine: rxnorm('2123111', '200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler')
  }
]

/** What brings a patient to a visit. */
export const complaints: readonly [Code, ...ReadonlyArray<Code>] = [
  snomed('54150009', 'Upper respiratory infection'),
  snomed('279039007', 'Low back pain'),
  snomed('10509002', 'Acute bronchitis')
]

export const concerns: readonly [Code, ...ReadonlyArray<Code>] = [
  snomed('73438004', 'Unemployed'),
  snomed('423315002', 'Limited social contact')
]

export const allergens: readonly [Code, ...ReadonlyArray<Code>] = [
  snomed('762952008', 'Peanut'),
  snomed('111088007', 'Latex'),
  rxnorm('1191', 'aspirin')
]

export const reactions: readonly [Code, ...ReadonlyArray<Code>] = [
  snomed('247472004', 'Wheal'),
  snomed('271807003', 'Eruption of skin')
]

export const vaccines: readonly [Code, ...ReadonlyArray<Code>] = [
  cvx('140', 'Influenza, seasonal, injectable, preservative free'),
  cvx('113', 'Td (adult), 5 Lf tetanus toxoid, preservative free, adsorbed'),
  cvx('33', 'pneumococcal polysaccharide vaccine, 23 valent')
]

export const procedures: readonly [Code, ...ReadonlyArray<Code>] = [
  snomed('73761001', 'Colonoscopy'),
  snomed('171207006', 'Depression screening'),
  snomed('430193006', 'Medication reconciliation')
]

const cdcRace = codesOf('urn:oid:2.16.840.1.113883.6.238')

export const races: readonly [Code, ...ReadonlyArray<Code>] = [
  cdcRace('2106-3', 'White'),
  cdcRace('2054-5', 'Black or African American'),
  cdcRace('2028-9', 'Asian'),
  cdcRace('1002-5', 'American Indian or Alaska Native')
]

export const ethnicities: readonly [Code, Code] = [
  cdcRace('2186-5', 'Not Hispanic or Latino'),
  cdcRace('2135-2', 'Hispanic or Latino')
]
