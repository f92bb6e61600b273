// The words of documentation, messages and pages: phrases that read as if translated stay out. Comments in the code are not looked at.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const PROGRAMS = ['protocol', 'policies', 'system', 'sidecar', 'authz-server', 'device', 'cli', 'examples', 'scripts']

interface Phrase {
  readonly pattern: RegExp
  /** What to write instead. */
  readonly instead: string
}

const PHRASES: readonly Phrase[] = [
  { pattern: /\bmend(?:s|ed|ing)?\b/i, instead: 'fix' },
  { pattern: /\bwhoever\b|\bwhosoever\b/i, instead: 'anyone who' },
  { pattern: /\bwhatever (?:is|was|came|comes|has|it)\b/i, instead: 'everything that, anything that' },
  {
    pattern: /(?<!\bthere )(?<!\bwhat )\b(?:is|are|was|were) no (?!longer\b|more\b|less\b|such\b|way\b|need\b|earlier\b|later\b|older\b|newer\b)[a-z]+/i,
    instead: 'is not a',
  },
  { pattern: /\b(?:is|are|was|were|be|been) told\b|\btells? (?:of|the rest)\b|\btold (?:of|by|in)\b/i, instead: 'reported, learns, says' },
  { pattern: /\bbecomes? of\b|\bbecame of\b/i, instead: 'happens to' },
  { pattern: /\banew\b/i, instead: 'again; recompiled, reloaded' },
  {
    pattern: /\b(?:a|an|the|this|that|of|one|no|any|every|each|owner's|owners'|written|whole) texts?\b(?! (?:file|field|area|box|editor))/i,
    instead: 'string, document, message, value',
  },
  { pattern: /\btexts (?:of|from|for)\b/i, instead: 'strings, documents' },
  { pattern: /\bRego by hand\b|\bby hand Rego\b|\bwritten by hand\b/i, instead: 'hand-written' },
  { pattern: /\b(?:a|the) wish\b|\bwishes\b/i, instead: 'request, requested permission' },
  { pattern: /\bneedless\b/i, instead: 'unnecessary; may be forgotten' },
  { pattern: /\bHere belongs\b/i, instead: 'X must be' },
  { pattern: /(?<!\bbe )\bleft out(?::|, the\b)/i, instead: 'defaults to' },
  { pattern: /\bto come of\b/i, instead: 'of the next' },
  { pattern: /\bSo is an?\b/, instead: 'also' },
  { pattern: /\bnothing but\b|\bnobody but\b|\bno one but\b/i, instead: 'only' },
  { pattern: /\bthe one (?:that )?before\b|\bexchange the two\b/i, instead: 'the previous one; swap them' },
  { pattern: /\bsomebody\b/i, instead: 'someone' },
  { pattern: /\bby rule\b|\ball of it\b|\bof all together\b/i, instead: 'in total; rewrite' },
  { pattern: /\bo'clock\b/i, instead: '23:00, 10 pm' },
  { pattern: /\bcost(?:s)? no try\b|\btell(?:s)? apart\b/i, instead: 'does not count as an attempt; distinguish' },
  { pattern: /\bjust now\b/i, instead: 'right now, at the moment' },
  { pattern: /\btill\b/i, instead: 'until' },
  { pattern: /\bstands? (?:twice|here|there|until)\b|\bis there (?:twice|already)\b/i, instead: 'appears twice, already exists, applies until' },
  { pattern: /\b(?:leave|take) (?:it|them|one(?: of (?:them|the two))?|this|the (?:share|pause|block)) out\b/i, instead: 'omit, remove' },
  { pattern: /\b(?:that|which) (?:is|are) none\b/i, instead: 'invalid' },
  { pattern: /\bused wrongly\b|\blaid out\b|\bfaults? of ours\b|\bstrings attached\b/i, instead: 'invalid usage; formatted; bug; conditions' },
  { pattern: /\b(?:speaks?|spoken) of\b/i, instead: 'mention' },
  { pattern: /\bthe more so\b|\bat all costs\b|\bin silence\b|\bas they came\b/i, instead: 'silently; in the order received' },
]

function listFiles(folder: string, ending: RegExp): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name) && !name.includes('node_modules'))
    .map((name) => `${folder}/${name}`)
    .sort()
}

/** Prose without code: fenced blocks and code spans say what programs say. */
function proseOf(page: string): string {
  return page.replaceAll(/```[\s\S]*?```/g, (block) => block.replaceAll(/[^\n]/g, ' ')).replaceAll(/`[^`\n]*`/g, '`code`')
}

/** String literals of a source file, one a line of the result, at their own line. */
function literalsOf(source: string): string {
  const withoutComments = source.replaceAll(/\/\*[\s\S]*?\*\//g, (block) => block.replaceAll(/[^\n]/g, ' ')).replaceAll(/(^|[\s;{}(,])\/\/[^\n]*/g, '$1')
  return withoutComments
    .split('\n')
    .map((line) =>
      [...line.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`|(?:^|>)([^<>{}]*)(?:<|$)/g)]
        .map(([, a, b, c]) => a ?? b ?? c ?? '')
        .join(' | '),
    )
    .join('\n')
}

function findPhrases(file: string, text: string): readonly string[] {
  return text.split('\n').flatMap((line, index) =>
    PHRASES.flatMap(({ pattern, instead }) => {
      const found = pattern.exec(line)
      return found === null ? [] : [`${file}:${index + 1} "${found[0]}" (write: ${instead})`]
    }),
  )
}

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...listFiles('docs', /\.md$/)]

describe('the words of', () => {
  test.each(pages)('%s', (file) => {
    expect(findPhrases(file, proseOf(readFileSync(join(ROOT, file), 'utf8')))).toEqual([])
  })

  test.each(PROGRAMS)('messages in %s/', (folder) => {
    const found = listFiles(folder, /\.(?:ts|mjs|rego)$/).flatMap((file) => findPhrases(file, literalsOf(readFileSync(join(ROOT, file), 'utf8'))))
    expect(found).toEqual([])
  })

  test('descriptions in published schemas', () => {
    const schemas = [...listFiles('sidecar/config', /\.json$/), ...listFiles('authz-server/config', /\.json$/), ...listFiles('policies/schema', /\.json$/)]
    expect(schemas.flatMap((file) => findPhrases(file, readFileSync(join(ROOT, file), 'utf8')))).toEqual([])
  })
})

test.each([
  ['This is no origin.', 1],
  ['There is no such route.', 0],
  ['The share is no longer valid.', 0],
  ['Whoever asks is told so.', 2],
  ['Write a text file.', 0],
  ['The owner sees the text.', 1],
])('the check itself: %s', (line, count) => {
  expect(findPhrases('x', line)).toHaveLength(count)
})
