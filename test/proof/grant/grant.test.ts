/** The grant machine without a bound: its relation, random concrete steps within it, and what Coq proves of it. */
import { describe, expect, it } from 'vitest'
import { faults, faulty } from './faults.js'
import { grantTheorems, hasCoq, proveGrant, randomSteps, unbroken, unprovedSentences } from './proof.js'
import { randomSituations, refinement, relationOf } from './relation.js'
import { describeEngine } from '../../support/engines/engine.js'
import { grantMachine } from '../../../src/protocol/grant/grant.js'

/** GRANT_RUNS makes the comparison longer. */
const runs = Number(process.env['GRANT_RUNS'] ?? randomSteps)

const relation = relationOf()

describe('the relation of the grant machine', { timeout: 240_000 }, () => {
  it('allows every step on random facts', async () => {
    const found = refinement(relation, grantMachine, randomSituations(runs))
    console.log(
      `grant relation: ${String(relation.rows.length)} rows from ${String(relation.steps)} steps on ` +
        `${String(relation.combinations)} combinations of facts; ${String(found.situations)} random steps within it, ` +
        `${String(found.rowsMet)} rows met`
    )
    expect(found.outside).toEqual([])
    expect(found.rowsMet).toBeGreaterThan(relation.rows.length * 0.85)
    const { combinations, steps, rows } = relation
    const figures = { combinations, steps, rows: rows.length, theorems: grantTheorems.length, faults: faults.length }
    await expect(`${JSON.stringify(figures, null, 2)}\n`).toMatchFileSnapshot('figures.json')
  })

  it('allows no step of a faulty machine that the right one does not make', () => {
    const caught = faults.filter(
      (fault) => refinement(relation, faulty(fault), randomSituations(runs / 10, fault)).outside.length > 0
    )
    console.log(`grant relation: ${String(caught.length)} of ${String(faults.length)} faulty machines leave it`)
    expect(caught.map(({ name }) => name)).toEqual(faults.map(({ name }) => name))
  })
})

describe('the Coq files of the grant', () => {
  it('leave nothing unproved', () => {
    expect(unprovedSentences()).toEqual([])
  })
})

describeEngine('the proof of the grant', hasCoq() ? null : 'not checked here: Coq not found', () => {
  it('proves the theorems of the relation, and refuses every faulty one', { timeout: 600_000 }, () => {
    const proof = proveGrant(relation)
    for (const { name, fails } of proof.faults) console.log(`grant proof: ${name}: fails ${fails.join(', ')}`)
    expect({ isProved: proof.isProved, complaints: proof.complaints }).toEqual({ isProved: true, complaints: '' })
    expect(proof.closed).toBe(grantTheorems.length)
    expect(proof.faults.filter(({ fails }) => fails.length === 0)).toEqual([])
    expect(unbroken(proof.faults)).toEqual([])
    expect(proof.faults.length).toBeGreaterThanOrEqual(8)
    console.log(
      `grant proof: ${String(proof.closed)} theorems without an axiom, ${String(proof.faults.length)} faults refused`
    )
  })
})
