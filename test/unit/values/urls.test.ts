import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  below, isAbsoluteHttpUrl, originOf, pathOf, sameLoopbackButForPort, withParameters, withoutTrailingSlash
} from '../../../src/values/urls.js'

describe('addresses', () => {
  it.each([
    ['https://a.example', true], ['http://127.0.0.1:4010/x?y=z', true], ['http://[::1]:1/', true], ['https://a/b%20c', true],
    ['https://a/b#c', false], ['https://a#c', false], ['https://a/b c', false], ['https://u@a/', false], ['//a/b', false], ['a/b', false],
    ['ftp://a/', false], ['HTTPS://a/', false], ['https://', false], ['https:///x', false], ['https://a\\b', false], ['https://a/\n', false],
    ['https://a/{x}', false], ['https://a/\u00e9', false], ['http://[/x', false], ['http://a:/x', false], ['http://a:b/x', false], ['http://:1/x', false], ['javascript:alert(1)', false], ['', false]
  ])('%j is an absolute http address: %s', (url, expected) => {
    expect(isAbsoluteHttpUrl(url)).toBe(expected)
  })

  it.each([
    ['https://a/fhir', '.well-known/x', 'https://a/fhir/.well-known/x'], ['https://a/fhir/', '/x', 'https://a/fhir/x'], ['https://a', 'x', 'https://a/x']
  ])('below %s stands %s as %s', (base, path, expected) => {
    expect(below(base, path)).toBe(expected)
  })

  it('are taken apart as text', () => {
    expect([pathOf('http://a:1/b/c?d#e'), pathOf('http://a'), originOf('http://a:1/b'), withoutTrailingSlash('http://a//')])
      .toEqual(['/b/c', '', 'http://a:1', 'http://a/'])
  })

  it.each([
    ['http://127.0.0.1/cb', 'http://127.0.0.1:51004/cb', true], ['http://127.0.0.1:1/cb', 'http://127.0.0.1/cb', true],
    ['http://[::1]/cb', 'http://[::1]:7/cb', true], ['http://127.0.0.1/cb', 'http://[::1]:7/cb', false],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:7/cb/', false], ['http://127.0.0.1/cb', 'http://127.0.0.1:7/cb?x', false],
    ['http://127.0.0.1/cb', 'https://127.0.0.1:7/cb', false], ['http://localhost/cb', 'http://localhost:7/cb', false],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:99999/cb', false], ['http://127.0.0.1/cb', 'http://127.0.0.1@evil.example/cb', false],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:7@evil.example/cb', false], ['http://127.0.0.1/cb', 'http://127.0.0.1.evil.example/cb', false]
  ])('%s and %s are the same loopback address but for the port: %s', (registered, presented, expected) => {
    expect(sameLoopbackButForPort(registered, presented)).toBe(expected)
  })

  it('carry any text as a parameter', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (value) => {
      const url = withParameters('https://a/cb?x=1', [['state', value]])
      expect(url).toMatch(/^[\x21-\x7e]+$/)
      expect(new URL(url).searchParams.get('state')).toBe(value.toWellFormed())
    }))
  })
})
