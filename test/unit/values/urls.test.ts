import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  below,
  hasScheme,
  isAbsoluteHttpUrl,
  isAbsoluteUri,
  isSecureUrl,
  loopbackUrl,
  originOf,
  pathOf,
  sameLoopbackButForPort,
  withParameters,
  withoutTrailingSlash
} from '../../../src/values/urls.js'

describe('addresses', () => {
  it.each([
    ['https://a.example', true],
    ['http://127.0.0.1:4010/x?y=z', true],
    ['http://[::1]:1/', true],
    ['https://a/b%20c', true],
    ['https://a/b#c', false],
    ['https://a#c', false],
    ['https://a/b c', false],
    ['https://u@a/', false],
    ['//a/b', false],
    ['a/b', false],
    ['ftp://a/', false],
    ['HTTPS://a/', false],
    ['https://', false],
    ['https:///x', false],
    ['https://a\\b', false],
    ['https://a/\n', false],
    ['https://a/{x}', false],
    ['https://a/\u00e9', false],
    ['http://[/x', false],
    ['http://a:/x', false],
    ['http://a:b/x', false],
    ['http://:1/x', false],
    ['javascript:alert(1)', false],
    ['', false]
  ])('%j is an absolute http address: %s', (url, expected) => {
    expect(isAbsoluteHttpUrl(url)).toBe(expected)
  })

  it.each([
    ['https://a/fhir', '.well-known/x', 'https://a/fhir/.well-known/x'],
    ['https://a/fhir/', '/x', 'https://a/fhir/x'],
    ['https://a', 'x', 'https://a/x']
  ])('below %s stands %s as %s', (base, path, expected) => {
    expect(below(base, path)).toBe(expected)
  })

  it('are taken apart as text', () => {
    expect([
      pathOf('http://a:1/b/c?d#e'),
      pathOf('http://a'),
      originOf('http://a:1/b'),
      withoutTrailingSlash('http://a//')
    ]).toEqual(['/b/c', '', 'http://a:1', 'http://a/'])
  })

  it.each([
    ['http://127.0.0.1/cb', 'http://127.0.0.1:51004/cb', true],
    ['http://127.0.0.1:1/cb', 'http://127.0.0.1/cb', true],
    ['http://[::1]/cb', 'http://[::1]:7/cb', true],
    ['http://127.0.0.1/cb', 'http://[::1]:7/cb', false],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:7/cb/', false],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:7/cb?x', false],
    ['http://127.0.0.1/cb', 'https://127.0.0.1:7/cb', false],
    ['http://localhost/cb', 'http://localhost:7/cb', false],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:99999/cb', false],
    ['http://127.0.0.1/cb', 'http://127.0.0.1@evil.example/cb', false],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:7@evil.example/cb', false],
    ['http://127.0.0.1/cb', 'http://127.0.0.1.evil.example/cb', false]
  ])('%s and %s are the same loopback address but for the port: %s', (registered, presented, expected) => {
    expect(sameLoopbackButForPort(registered, presented)).toBe(expected)
  })

  it.each([
    ['http://127.0.0.1', '127.0.0.1', 80],
    ['http://localhost:4010/fhir', 'localhost', 4010],
    ['http://[::1]:65535?x', '[::1]', 65535]
  ])('%s is on the machine itself', (url, host, port) => {
    expect(loopbackUrl(url)).toEqual({ host, port })
    expect(isSecureUrl(url)).toBe(true)
  })

  it.each([
    'http://127.0.0.1:0/',
    'http://127.0.0.1:65536/',
    'http://127.0.0.1:123456/',
    'http://localhost:80@evil.example/',
    'http://localhost.evil.example/',
    'http://127.0.0.1#x',
    'http://localhost:',
    'http://127.0.0.2/',
    'HTTP://localhost/',
    'http://LOCALHOST/',
    'http://ehr.example/',
    'ftp://localhost/'
  ])('%s is neither on the machine itself nor secure', (url) => {
    expect(loopbackUrl(url)).toBeNull()
    expect(isSecureUrl(url)).toBe(false)
  })

  it('https is secure wherever it leads, and on the machine itself it is no loopback address of apps', () => {
    expect([
      isSecureUrl('https://ehr.example/fhir'),
      isSecureUrl('https://u@ehr.example/'),
      loopbackUrl('https://localhost/')
    ]).toEqual([true, false, null])
  })

  it.each([
    ['urn:oid:1.2.3', true, true],
    ['a+b-c.d:x', true, true],
    ['https://a/ b', true, false],
    ['mailto:', true, false],
    ['1a:x', false, false],
    ['Patient/1', false, false],
    ['', false, false],
    ['a:\u00e9', true, false],
    ['a:b\n', true, false]
  ])('%j begins with a scheme: %s; is an absolute URI: %s', (text, begins, isUri) => {
    expect([hasScheme(text), isAbsoluteUri(text)]).toEqual([begins, isUri])
  })

  it('carry any text as a parameter', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const url = withParameters('https://a/cb?x=1', [['state', value]])
        expect(url).toMatch(/^[\x21-\x7e]+$/)
        expect(new URL(url).searchParams.get('state')).toBe(value.toWellFormed())
      })
    )
  })
})
