/** What the sample app computes and shows, without a browser. */
import { parse as parseHtml } from 'node-html-parser'
import { describe, expect, it } from 'vitest'
import { chartInWords, drawnChart, roundNumbers } from '../../../src/simulator/sample-app/chart.js'
import { compared, permitsSome } from '../../../src/simulator/sample-app/granted.js'
import { allPages } from '../../../src/simulator/sample-app/paging.js'
import { oauthProblem, problemOf } from '../../../src/simulator/sample-app/problem.js'
import type { Chart } from '../../../src/simulator/sample-app/series.js'
import { chartsOf } from '../../../src/simulator/sample-app/series.js'
import {
  failed,
  patientChanged,
  patientShown,
  launchRefused,
  responseShown,
  valuesShown,
  tokensHidden
} from '../../../src/simulator/sample-app/view.js'

const loinc = (code: string, text: string) => ({ coding: [{ system: 'http://loinc.org', code }], text })
const quantity = (value: unknown, unit = '/min') => ({ valueQuantity: { value, unit } })
const observation = (code: string, at: string, more: object) => ({
  resourceType: 'Observation',
  code: loinc(code, `Name of ${code}`),
  effectiveDateTime: at,
  ...more
})

describe('the charts of observations', () => {
  const charts = chartsOf([
    observation('one', '2024-03-01', quantity(3)),
    observation('two', '2024-01-01', quantity(1)),
    observation('two', '2023-01-01T10:00:00Z', quantity(2)),
    observation('pressure', '2024-01-01', {
      component: [
        { code: loinc('high', 'High'), ...quantity(120, 'mm[Hg]') },
        { code: loinc('low', 'Low'), ...quantity(80, 'mm[Hg]') }
      ]
    }),
    observation('text', '2024-01-01', { valueString: 'positive' }),
    observation('wrong', '2024-01-01', quantity('12')),
    observation('timeless', 'yesterday', quantity(1)),
    { resourceType: 'OperationOutcome' },
    null,
    7
  ])

  it('are one for each code with numbers, the one with the most values first, each in the order of time', () => {
    expect(
      charts.map(({ code, lines }) => [code, lines.map(({ points }) => points.map(({ value }) => value))])
    ).toEqual([
      ['http://loinc.org|two', [[2, 1]]],
      ['http://loinc.org|one', [[3]]],
      ['http://loinc.org|pressure', [[120], [80]]]
    ])
  })

  it('are drawn with a mark for each value inside the picture, and said in words', () => {
    const drawn = drawnChart(charts[0] as Chart, 300)
    const marks = parseHtml(drawn.html).querySelectorAll('circle')
    expect(marks).toHaveLength(2)
    for (const mark of marks) {
      expect(Number(mark.getAttribute('cx'))).toBeGreaterThan(0)
      expect(Number(mark.getAttribute('cx'))).toBeLessThan(300)
    }
    expect(chartInWords(charts[0] as Chart)).toContain('2 values from 1 to 2')
    expect(drawn.html).not.toMatch(/NaN|Infinity/)
  })

  it.each([0, 5, -3])('of one value, %d, have a place for it', (value) => {
    const [chart] = chartsOf([observation('one', '2024-01-01', quantity(value))])
    expect(drawnChart(chart as Chart, 300).html).not.toMatch(/NaN|Infinity/)
  })

  it('have a table with the newest value first', () => {
    const rows = parseHtml(valuesShown(charts[0] as Chart).html).querySelectorAll('tbody tr')
    expect(rows.map(({ innerText }) => innerText.replaceAll(/\s+/g, ' ').trim())).toEqual([
      '2024-01-01 1 /min',
      '2023-01-01 2 /min'
    ])
  })

  it('have axes with round numbers', () => {
    expect(roundNumbers(57, 148, 4)).toEqual([75, 100, 125])
    expect(roundNumbers(0.12, 0.31, 4)).toEqual([0.15, 0.2, 0.25, 0.3])
  })
})

describe('requested against granted', () => {
  it('is compared by meaning', () => {
    const { requested, missing } = compared(
      'openid patient/Patient.rs patient/Observation.rs patient/Condition.rs',
      'openid patient/*.r patient/Observation.rs?category=laboratory patient/Condition.read'
    )
    expect(requested.map(({ outcome }) => outcome)).toEqual(['granted', 'in part', 'in part', 'granted'])
    expect(missing.join()).toContain('Search')
    expect(compared('patient/*.rs', '').requested[0]?.outcome).toBe('not granted')
    expect(compared('patient/Observation.rs', 'patient/*.read').missing).toEqual([])
  })
  it('tells which requests are worthwhile', () => {
    expect(permitsSome('patient/Observation.rs?category=laboratory', 'patient/Observation.s')).toBe(true)
    expect(permitsSome('patient/Observation.r', 'patient/Observation.s')).toBe(false)
    expect(permitsSome('', 'patient/Patient.r')).toBe(false)
  })
})

describe('the pages of a search', () => {
  it('are read until there is no next link', async () => {
    const pages: Readonly<Record<string, object>> = {
      first: { entry: [{ resource: 1 }], link: [{ relation: 'next', url: 'second' }] },
      second: { entry: [{ resource: 2 }], link: [{ relation: 'self', url: 'second' }] }
    }
    expect(await allPages((url) => Promise.resolve(pages[url]), 'first')).toEqual({
      resources: [1, 2],
      hasMore: false
    })
  })
})

describe('what the sample app shows', () => {
  const hostile = '"><script>alert(1)</script>'
  it('is harmless, whatever the server sends', () => {
    const patient = { name: [{ text: hostile }], gender: hostile, birthDate: 7, identifier: [null, { value: hostile }] }
    const chart = chartsOf([
      { ...observation('one', '2024-01-01', quantity(1, hostile)), code: { text: hostile } },
      observation('one', '2024-01-02', quantity(1))
    ])[0] as Chart
    const shown = [
      patientShown('example-1', patient, { encounter: hostile }, hostile),
      patientShown(hostile, null, {}, null),
      launchRefused(hostile, hostile, hostile),
      failed(problemOf(new Error(hostile))),
      patientChanged(hostile, null),
      responseShown({ scope: hostile, [hostile]: hostile }, { sub: hostile }),
      drawnChart(chart, 300),
      valuesShown(chart)
    ]
    for (const { html } of shown) expect(html).not.toContain('<script')
  })
  it('contains no secret', () => {
    const response = { access_token: 'aaa', refresh_token: 'bbb', id_token: 'ccc', scope: 'openid', patient: 'p' }
    expect(JSON.stringify(tokensHidden(response))).not.toMatch(/aaa|bbb|ccc/)
    expect(tokensHidden(response)).toMatchObject({ scope: 'openid', patient: 'p' })
  })
  it('says neutrally that the user denied it, and with an alarm that something is wrong', () => {
    expect(launchRefused('access_denied', '').html).not.toContain('role="alert"')
    expect(launchRefused('invalid_scope', 'why').html).toContain('role="alert"')
  })
})

describe('a problem of the sample app', () => {
  /** An error of fhirclient. */
  const httpError = (status: number, body: string): Error =>
    Object.assign(new Error(`${String(status)} Words\nURL: https://ehr.example/x${body}`), { status })
  const outcome = {
    resourceType: 'OperationOutcome',
    issue: [
      { diagnostics: 'The token lacks patient/Observation.s.' },
      { extension: [{ url: 'urn:smart-app-launch:log-line', valueUrl: 'https://ehr.example/ehr/log/abc' }] }
    ]
  }

  it('is a plain sentence, with the words of the server and the line of the log', () => {
    const refused = problemOf(httpError(403, `\n\n${JSON.stringify(outcome, null, 4)}`))
    expect(refused).toEqual({
      sentence: 'The record system does not permit this request.',
      said: 'The token lacks patient/Observation.s.',
      code: '',
      why: 'https://ehr.example/ehr/log/abc'
    })
    const shown = parseHtml(failed(refused).html)
    expect(shown.querySelector('a')?.getAttribute('href')).toBe('https://ehr.example/ehr/log/abc')
    expect(shown.text).not.toMatch(/URL:|OperationOutcome|HttpError/)
  })

  it.each<[unknown, string, string]>([
    [httpError(400, '\ninvalid_grant: The code was used before.'), 'invalid_grant', 'was used before, has expired'],
    [httpError(400, '\ninvalid_client'), 'invalid_client', 'does not know this app'],
    [httpError(401, ''), '', 'does not accept the access token'],
    [httpError(404, '\n\nNothing is here.'), '', 'does not have what the app requested'],
    [httpError(418, ''), '', 'answered with status 418'],
    [httpError(502, '\n\n{"resourceType":"OperationOutcome"}'), '', 'has a fault of its own'],
    [new TypeError('Failed to fetch'), '', 'The record system did not answer'],
    [new Error('No server url found.'), '', 'The app could not go on.'],
    ['text', '', 'The app could not go on.']
  ])('says in a sentence what %s is', (failure, code, words) => {
    const problem = problemOf(failure)
    expect([problem.code, problem.sentence.includes(words)]).toEqual([code, true])
  })

  it('links only to the web', () => {
    expect(oauthProblem('invalid_scope', '', 'javascript:alert(1)').why).toBeNull()
    expect(launchRefused('invalid_scope', 'why', 'https://ehr.example/ehr/log/a').html).toContain('/ehr/log/a')
  })
})
