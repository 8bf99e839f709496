/** The report of `check` in lines for people. */
import type { WantedApp } from '../../protocol/app/readiness/observed.js'
import type { ReadinessReport } from '../../protocol/app/readiness/readiness-report.js'
import type { NeededSetting, Verdict } from '../../protocol/app/readiness/verdict.js'
import type { Finding } from '../../protocol/discovery/smart-configuration-check.js'
import { limits } from '../../values/limits/limits.js'
import { printableJson, shown } from '../../values/shown-text.js'

/** Text from a server or a file, on one output line. */
export const inLine = (text: string): string => shown(text, limits.shownDetail.default)

const placeOf = ({ document, at }: Finding): string => {
  if (document === 'smart-configuration') return at === '' ? '(document)' : inLine(at)
  return at === '' ? document : `${document} ${at}`
}

const lineOf = (finding: Finding): string => {
  const { severity, requirement, rule, message, advice, source } = finding
  return (
    `${severity.padEnd(7)} ${requirement ?? rule}  ${placeOf(finding)}: ${inLine(message)}; ${advice} ` +
    `[${requirement === null ? '' : `${rule}; `}${source}]`
  )
}

const settingLines = ({ setting, because, risk }: NeededSetting): ReadonlyArray<string> => [
  `  ${setting}`,
  `    Without it: ${inLine(because)}.`,
  `    Risk: ${inLine(risk)}`
]

const entryLines = ({ settings, entry }: Verdict, { purpose }: WantedApp): ReadonlyArray<string> =>
  entry === null
    ? []
    : [
        ...(settings.length === 0 ? [] : ['', 'Settings that the server needs:', ...settings.flatMap(settingLines)]),
        '',
        purpose === 'launch'
          ? 'The entry of `trust` for createSmartApp:'
          : 'The member `server` for createBackendService:',
        printableJson(entry, 2)
      ]

const answers = { yes: 'Yes.', yesWithSettings: 'Yes, with these settings.' } as const

const answerLines = (report: ReadinessReport, wanted: WantedApp): ReadonlyArray<string> => {
  const question =
    wanted.purpose === 'launch' ? 'Can the app launch here?' : 'Can the backend service get an access token here?'
  if (report.launch !== 'no') return [`${question} ${answers[report.launch]}`, ...entryLines(report, wanted)]
  const { withoutIdentity } = report
  return [
    `${question} No: ${inLine(report.obstacle ?? '')}`,
    ...(withoutIdentity === null ? [] : ['Without the scope openid it can.', ...entryLines(withoutIdentity, wanted)])
  ]
}

/** The report in lines. */
export const reportText = (report: ReadinessReport, wanted: WantedApp, notLookedAt: ReadonlyArray<string>): string => {
  const { findings } = report
  const errors = findings.filter(({ severity }) => severity === 'error').length
  return [
    ...findings.map(lineOf),
    `${String(errors)} errors, ${String(findings.length - errors)} other findings`,
    ...(notLookedAt.length === 0 ? [] : [`Not looked at: ${notLookedAt.join(', ')}.`]),
    '',
    ...answerLines(report, wanted)
  ].join('\n')
}
