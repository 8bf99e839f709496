/** A user that cannot be described to an app is refused before anything is stored. */
import { describe, expect, it } from 'vitest'
import { waiting } from '../../support/server/conversation.js'
import { alice, authorize, newFixture } from '../../support/server-fixture.js'
import type { SignedInUser } from '../../../src/protocol/launch/launch-context.js'
import { checkUser } from '../../../src/protocol/launch/user-rules.js'

describe('a signed-in user', () => {
  it.each<readonly [keyof SignedInUser, unknown]>([
    ['sub', ''],
    ['sub', 'x'.repeat(256)],
    ['sub', 'a\ud800'],
    ['sub', undefined],
    ['fhirUser', undefined],
    ['fhirUser', 42],
    ['fhirUser', {}],
    ['authTime', Number.NaN],
    ['authTime', 999.5],
    ['authTime', -1],
    ['authTime', 1_700_000_000_000],
    ['authTime', '1000']
  ])('whose %s is %j is refused on a page, and nothing is stored', async (member, value) => {
    const fixture = newFixture()
    const begun = await authorize(fixture, { scope: 'openid fhirUser', max_age: '0' })
    if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
    const before = fixture.memory.entries()
    const user: SignedInUser = { ...alice, [member]: value }
    expect(await fixture.server.interaction.userSignedIn(begun.interaction, user)()).toMatchObject({
      _tag: 'ShowRefusal',
      refusal: { _tag: 'SignedInUserInvalid', member },
      row: { error: 'access_denied', status: 403 }
    })
    expect(fixture.memory.entries()).toEqual(before)
    expect((await fixture.server.interaction.userSignedIn(begun.interaction, alice)())._tag).toBe('NeedsConsent')
  })

  it.each([null, undefined, 'alice'])('that is %j is refused on a page', async (user) => {
    const fixture = newFixture()
    const begun = waiting(await authorize(fixture))
    expect(await fixture.server.interaction.userSignedIn(begun.interaction, user as never)()).toMatchObject({
      _tag: 'ShowRefusal',
      refusal: { _tag: 'SignedInUserInvalid' }
    })
  })

  it.each(['', 'x'.repeat(256), 'a\ud800'])('that no user can be launches no app: %j', async (launchedBy) => {
    const fixture = newFixture()
    const before = fixture.memory.entries()
    expect(await fixture.server.ehr.offerLaunch({ clientId: 'pub-app', launchedBy, context: {} })()).toMatchObject({
      _tag: 'Left',
      left: { _tag: 'SignedInUserInvalid', member: 'launchedBy' }
    })
    expect(fixture.memory.entries()).toEqual(before)
  })

  it('is stored without what else the host knows of them', async () => {
    const fixture = newFixture()
    const begun = waiting(await authorize(fixture))
    waiting(
      await fixture.server.interaction.userSignedIn(begun.interaction, {
        ...alice,
        password: 'alice-demo'
      } as SignedInUser)()
    )
    expect(JSON.stringify(fixture.memory.entries())).toContain(alice.sub)
    expect(JSON.stringify(fixture.memory.entries())).not.toContain('alice-demo')
  })

  it.each([
    { ...alice, fhirUser: null },
    { ...alice, sub: 'Zoë' },
    { ...alice, authTime: 1300 },
    { ...alice, authTime: 0 }
  ])('%j is one', (user) => {
    expect(checkUser(user, 1000)._tag).toBe('Right')
  })
})
