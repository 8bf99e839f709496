import { describe, expect, it } from 'vitest'
import { isResponseAt } from '../../../src/protocol/app/callback.js'

describe('an address at which a browser arrived', () => {
  it.each([
    ['https://app.example/cb', 'https://app.example/cb?code=c&state=s'],
    ['https://app.example/cb', 'https://app.example/cb?code=c&state=s#top'],
    ['https://App.example:443/cb', 'https://app.example/cb?code=c'],
    ['http://localhost:80', 'http://localhost/?code=c'],
    ['https://app.example/cb?server=a%20b&x=1', 'https://app.example/cb?x=1&server=a+b&code=c']
  ])('%s is the redirect URI of %s', (redirectUri, arrivedAt) => {
    expect(isResponseAt(redirectUri, arrivedAt)).toBe(true)
  })

  it.each([
    ['https://app.example/cb/a', 'https://app.example/cb/b?code=c'],
    ['https://app.example/cb', 'https://app.example/cb/?code=c'],
    ['https://app.example/cb', 'https://app.example/CB?code=c'],
    ['https://app.example/cb', 'http://app.example/cb?code=c'],
    ['https://app.example/cb', 'https://app.example:8443/cb?code=c'],
    ['https://app.example/cb?server=a', 'https://app.example/cb?server=b&code=c'],
    ['https://app.example/cb?server=a', 'https://app.example/cb?code=c#?server=a'],
    ['https://app.example/cb?server=a', 'https://app.example/cb?code=c#&server=a'],
    ['https://app.example/cb', '']
  ])('%s is not the redirect URI of %s', (redirectUri, arrivedAt) => {
    expect(isResponseAt(redirectUri, arrivedAt)).toBe(false)
  })
})
