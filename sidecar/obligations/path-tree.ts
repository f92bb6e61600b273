// Many paths as one tree, so that an answer is gone over once however many there are. It looks at names alone, never at values.
import { type PathStep, parsePath } from '../../policies/obligations/path.ts'

export interface PathTree<T> {
  readonly names: Map<string, PathTree<T>>
  /** Below a wildcard. */
  any?: PathTree<T>
  /** What is said of the places that are reached here. */
  readonly ends: T[]
}

/** Where several paths have come to at one place of an answer: a name and a wildcard may both lead on. */
export type Branches<T> = readonly PathTree<T>[]

/** Throws for a path that cannot be read. */
export function buildPathTree<T>(entries: Iterable<readonly [path: string, value: T]>): Branches<T> {
  const root = createBranch<T>()
  for (const [path, value] of entries) {
    let branch = root
    for (const step of readPath(path)) branch = follow(branch, step)
    branch.ends.push(value)
  }
  return [root]
}

export function readPath(path: string): readonly PathStep[] {
  const steps = parsePath(path)
  if (steps === undefined) throw new Error('a path of an obligation cannot be read')
  return steps
}

/** A member has its name; an item, which only a wildcard finds, has none. */
export function below<T>(branches: Branches<T>, name?: string): Branches<T> {
  const found: PathTree<T>[] = []
  for (const { names, any } of branches) {
    const named = name === undefined ? undefined : names.get(name)
    if (named !== undefined) found.push(named)
    if (any !== undefined) found.push(any)
  }
  return found
}

export function isPlace(branches: Branches<unknown>): boolean {
  return branches.some(({ ends }) => ends.length > 0)
}

function createBranch<T>(): PathTree<T> {
  return { names: new Map(), ends: [] }
}

function follow<T>(branch: PathTree<T>, step: PathStep): PathTree<T> {
  if (step === null) {
    branch.any ??= createBranch()
    return branch.any
  }
  const next = branch.names.get(step) ?? createBranch<T>()
  branch.names.set(step, next)
  return next
}
