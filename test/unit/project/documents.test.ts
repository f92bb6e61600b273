// A page that names a file must name one that exists.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const TOP_FOLDERS = 'protocol|policies|sidecar|authz-server|device|cli|examples|test|bench|docs|scripts'
const NAMED_FILE = new RegExp(String.raw`(?<![\w/.-])((?:${TOP_FOLDERS})/[\w./-]*[\w])(?![\w*{])`, 'g')

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md']
  .map((name) => join(ROOT, name))
  .concat(
    readdirSync(join(ROOT, 'docs'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
      .map((entry) => join(entry.parentPath, entry.name)),
  )

test.each(pages.map((page) => relative(ROOT, page)))('%s names only files that exist', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const missing = [...text.matchAll(NAMED_FILE)].map(([, file = '']) => file).filter((file) => !existsSync(join(ROOT, file)))
  expect(missing).toEqual([])
})

test.each(pages.map((page) => relative(ROOT, page)))('%s links only to pages that exist', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link = '']) => link)
  expect(links.filter((link) => !existsSync(join(ROOT, page, '..', link)))).toEqual([])
})
