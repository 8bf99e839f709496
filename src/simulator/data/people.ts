/** The invented patients of the generated data. No name is that of a real person. */

/** A patient to be generated. */
export interface InventedPerson {
  readonly id: string
  readonly family: string
  readonly given: string
  readonly gender: 'female' | 'male' | 'other' | 'unknown'
  readonly birthDate: string
}

const person = (line: string, index: number): InventedPerson => {
  const [family = '', given = '', gender = 'unknown', birthDate = ''] = line.split(' ')
  return { id: `example-${String(index + 4)}`, family, given, gender: gender as InventedPerson['gender'], birthDate }
}

/** The patients `example-4` to `example-30`. The first has a long history. */
export const inventedPeople: ReadonlyArray<InventedPerson> = [
  'Longrecord Dora female 1949-07-21',
  'Fictitious Eli male 1978-02-11',
  'Fabricated Fay female 1990-09-05',
  'Pretend Gus male 2003-12-24',
  'Simulated Hana female 1969-01-17',
  'Artificial Ivo male 1957-06-30',
  'Made-Up Jo other 1999-10-10',
  'Imagined Kim female 1983-03-08',
  'Unreal Leo male 1972-08-19',
  'Notional Mia female 2015-05-02',
  'Muster-Müller Nils male 1966-11-11',
  'Inventada Noé unknown 1988-04-01',
  'Exempel Ålva female 1995-07-07',
  'Fictif Océane female 2001-02-28',
  'Przykład Łucja female 1944-12-06',
  'Verzonnen Piet male 1953-09-14',
  'Sample Quinn other 2008-06-18',
  'Placeholder Rosa female 1975-10-29',
  'Mock Sam male 1981-01-03',
  'Dummy Tess female 1938-03-25',
  'Specimen Uma female 1992-11-15',
  'Example Vic male 1964-05-27',
  'Template Wren female 2019-08-08',
  'Hypothetical Xan male 1986-12-12',
  'Invented Yara female 1959-02-20',
  'Synthetic Zed male 1997-06-06',
  'Synthetic Zoé female 1971-04-30'
].map(person)
