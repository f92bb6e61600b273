// Reads the corpus of test/cases: one YAML file for each case, with its document and its expected decisions or diagnostics.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Decision } from '../../../policies/contract/decision.ts'
import type { DecisionInput } from '../../../policies/contract/decision-input.ts'

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
  readonly answer: Decision['effect']
  /** `code`, `code line` or `code line name`. */
  readonly reasons: readonly string[]
  readonly hide?: readonly string[]
}

export interface Case {
  readonly name: string
  readonly title: string
  readonly policy: string
  readonly decisions?: readonly Row[]
  /** `line:column code` and, where it matters, the beginning of the sentence. */
  readonly diagnostics?: readonly string[]
}

export function readCases(): readonly Case[] {
  const files = readdirSync(CASES_FOLDER).filter((file) => file.endsWith('.yaml'))
  return files.sort().map((file) => ({ name: file.replace(/\.yaml$/, ''), ...parse(readFileSync(join(CASES_FOLDER, file), 'utf8')) }))
}

export function rowInput(row: Row): DecisionInput {
  return {
    now: row.now ?? '2026-11-23T10:00:00.000Z',
    request: { method: 'GET', route: 'GET /guitars/{id}', ip: row.ip === undefined ? '192.0.2.10' : row.ip },
    resource: { id: 'r-1', key: row.what ?? 'guitar-0042', type: row.type ?? 'smart-guitar', tags: row.tags ?? ['studio'], owner: 'alice', device_id: null },
    scope: row.may ?? 'play',
    party: {
      sub: row.sub ?? 'somebody',
      issuer: 'https://as.example.test',
      client_id: 'app',
      email: row.who ?? null,
      email_verified: row.who !== undefined && row.unverified !== true,
      device_id: null,
    },
  }
}

export function rowDecision(row: Row): Decision {
  return {
    effect: row.answer,
    reasons: row.reasons.map((text) => {
      const [, code = '', line, rule] = /^(\S+)(?: (\d+))?(?: (.+))?$/su.exec(text) ?? []
      return { code, ...(rule === undefined ? {} : { rule }), ...(line === undefined ? {} : { line: Number(line) }) } as Decision['reasons'][number]
    }),
    obligations: row.hide === undefined ? [] : [{ kind: 'hide', paths: row.hide }],
  }
}
