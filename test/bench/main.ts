/** `npm run bench`: measures, and prints ratios with the machine named. */
import { compare, nameTheMachine } from './harness.js'
import { scopeRows } from './scopes.js'
import { printSizes } from './sizes.js'
import { tokenEndpoint } from './token-endpoint.js'

const main = async (): Promise<void> => {
  nameTheMachine()
  for (const row of scopeRows()) await compare(row, 15)
  await printSizes()
  await compare({
    title: 'Token endpoint as a function: refresh, client_secret_basic, RS256 id_token',
    opponents: await tokenEndpoint(true),
    jobsPerRound: 200
  }, 15)
  await compare({
    title: 'Token endpoint as a function: refresh, client_secret_basic, opaque tokens only',
    opponents: await tokenEndpoint(false),
    jobsPerRound: 1000
  }, 15)
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
