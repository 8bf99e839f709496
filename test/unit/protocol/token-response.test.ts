/** The token response: whatever the context brings along, the protocol's members say what the server says. */
import { expect, it } from 'vitest'
import { tokenResponseJson } from '../../../src/protocol/token/request.js'

const response = { accessToken: 'issued', expiresIn: 300, scope: 'patient/*.rs', refreshToken: null, idToken: null }

it.each(['access_token', 'token_type', 'expires_in', 'scope'])(
  'an extension called %s does not take its place',
  (name) => {
    const plain = JSON.parse(tokenResponseJson('2.2.0', { ...response, context: {} }).body) as Readonly<
      Record<string, unknown>
    >
    const context = { patient: '1', extensions: { [name]: 'forged', __site: 'a' } }
    expect(JSON.parse(tokenResponseJson('2.2.0', { ...response, context }).body)).toEqual({
      ...plain,
      patient: '1',
      __site: 'a'
    })
  }
)

it.each(['refresh_token', 'id_token'])('nor does one called %s where none is issued', (name) => {
  expect(tokenResponseJson('2.2.0', { ...response, context: { extensions: { [name]: 'forged' } } }).body).not.toContain(
    'forged'
  )
})
