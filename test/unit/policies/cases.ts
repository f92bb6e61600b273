// Reads the corpus of test/cases: one YAML file for each case, with its document and its expected decisions or diagnostics.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Decision } from '../../../policies/contract/decision.ts'
import type { DecisionInput } from '../../../policies/contract/decision-input.ts'

/** When the documents of the cases are saved, milliseconds since 1970. */
export const CASES_NOW = Date.parse('2026-11-23T10:00:00Z')
export const CASES_FOLDER = join(import.meta.dirname, '../../cases')

/** What a row leaves out: the thing guitar-0042 asked to play on a Monday morning, by somebody without an address. */
interface Row {
  readonly who?: string
  readonly unverified?: true
  readonly sub?: string
  readonly what?: string
  readonly type?: string
  readonly tags?: readonly string[]
  readonly may?: string
  readonly now?: string
  readonly ip?: string | null
  readonly issuer?: string
  readonly client?: string
  readonly device?: string
  readonly acr?: string
  readonly link?: string
  readonly purpose?: string
  readonly proof?: DecisionInput['proof']['method']
  readonly of_device?: string
  readonly state?: string
  readonly attributes?: DecisionInput['resource']['attributes']
  readonly answer: Decision['effect']
  readonly ask?: Decision['ask']
  /** `code`, `code line` or `code line name`. */
  readonly reasons: readonly string[]
  /** As the contract has them. */
  readonly obligations?: Decision['obligations']
}

export interface Case {
  readonly name: string
  readonly title: string
  readonly policy: string
  readonly decisions?: readonly Row[]
  /** `line:column code` and, where it matters, the beginning of the sentence. */
  readonly diagnostics?: readonly string[]
}

/** One folder for each part of the language; the name of a case is its folder and its file. */
export function readCases(): readonly Case[] {
  const files = readdirSync(CASES_FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'))
  return files.sort().map((file) => ({ name: file.replace(/\.yaml$/, ''), ...parse(readFileSync(join(CASES_FOLDER, file), 'utf8')) }))
}

export function rowInput(row: Row): DecisionInput {
  return {
    now: row.now ?? '2026-11-23T10:00:00.000Z',
    request: { method: 'GET', route: 'GET /guitars/{id}', ip: row.ip === undefined ? '192.0.2.10' : row.ip, purpose: row.purpose ?? null },
    resource: {
      id: 'r-1',
      key: row.what ?? 'guitar-0042',
      type: row.type ?? 'smart-guitar',
      tags: row.tags ?? ['studio'],
      owner: 'alice',
      device_id: row.of_device ?? null,
      state: row.state ?? null,
      attributes: row.attributes ?? {},
    },
    scope: row.may ?? 'play',
    party: {
      sub: row.sub ?? 'somebody',
      issuer: row.issuer ?? 'https://as.example.test',
      client_id: row.client ?? 'app',
      email: row.who ?? null,
      email_verified: row.who !== undefined && row.unverified !== true,
      device_id: row.device ?? null,
      acr: row.acr ?? null,
      link: row.link ?? null,
    },
    proof: { method: row.proof === undefined ? 'dpop' : row.proof },
  }
}

export function rowDecision(row: Row): Decision {
  return {
    effect: row.answer,
    ...(row.ask === undefined ? {} : { ask: row.ask }),
    reasons: row.reasons.map((text) => {
      const [, code = '', line, rule] = /^(\S+)(?: (\d+))?(?: (.+))?$/su.exec(text) ?? []
      return { code, ...(rule === undefined ? {} : { rule }), ...(line === undefined ? {} : { line: Number(line) }) } as Decision['reasons'][number]
    }),
    obligations: row.obligations ?? [],
  }
}
