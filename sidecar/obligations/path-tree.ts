// Many paths as one tree, so that an answer is gone over once however many there are. It looks at names alone, never at values.
import { type PathStep, type PlaceStep, parsePath } from '../../policies/obligations/path.ts'
import { TRANSFORM_MAX_VISITS } from '../limits.ts'

export interface PathTree<T> {
  readonly names: Map<string, PathTree<T>>
  /** Below a wildcard. */
  any?: PathTree<T>
  /** Steps that may be taken here or at any depth below. */
  deep?: PathTree<T>
  /** It stays in force below each step. `folded`: its names are compared without regard to case and Unicode form. */
  readonly reach: 'step' | 'deep' | 'folded'
  /** What is said of the places that are reached here. */
  readonly ends: T[]
  readonly budget: VisitBudget
}

/** One for all branches of a tree. An answer in which many paths are followed at once costs far more than its size says. */
interface VisitBudget {
  visitsLeft: number
}

/** Where several paths have come to at one place of an answer: a name and a wildcard may both lead on. */
export type Branches<T> = readonly PathTree<T>[]

export interface PathTreeOptions {
  /** Names after ".." are compared without regard to case and Unicode form. For what hides: another spelling must not show the value. */
  readonly foldsCase?: boolean
}

/** Throws for a path that cannot be read. */
export function buildPathTree<T>(entries: Iterable<readonly [path: string, value: T]>, { foldsCase = false }: PathTreeOptions = {}): Branches<T> {
  const root = createBranch<T>('step', { visitsLeft: TRANSFORM_MAX_VISITS })
  const reach = foldsCase ? 'folded' : 'deep'
  for (const [path, value] of entries) {
    let branch = root
    for (const { step, deep } of readPath(path)) branch = follow(deep ? deepOf(branch, reach) : branch, step)
    branch.ends.push(value)
  }
  return withDeep([root])
}

export function readPath(path: string): readonly PlaceStep[] {
  const steps = parsePath(path)
  if (steps === undefined) throw new Error('a path of an obligation cannot be read')
  return steps
}

/** A member has its name; an item, which only a wildcard or a descendant finds, has none. Throws when the tree's visits are used up. */
export function below<T>(branches: Branches<T>, name?: string): Branches<T> {
  const budget = branches[0]?.budget
  if (budget === undefined) return branches
  budget.visitsLeft -= branches.length
  if (budget.visitsLeft < 0) throw new Error('the paths need more visits to places of the answer than are allowed')
  const found: PathTree<T>[] = []
  for (const branch of branches) {
    const named = name === undefined ? undefined : branch.names.get(branch.reach === 'folded' ? fold(name) : name)
    if (named !== undefined) found.push(named)
    if (branch.any !== undefined) found.push(branch.any)
    if (branch.reach !== 'step') found.push(branch)
  }
  return withDeep(found)
}

export function isPlace(branches: Branches<unknown>): boolean {
  return branches.some(({ ends }) => ends.length > 0)
}

/** Is any path on its way here step by step? A descendant that may still come does not count. */
export function isOnPath(branches: Branches<unknown>): boolean {
  return branches.some(({ reach }) => reach === 'step')
}

/** Names that a person reads as one word. */
function fold(name: string): string {
  return name.normalize('NFKC').toLowerCase()
}

function withDeep<T>(branches: PathTree<T>[]): Branches<T> {
  const { length } = branches
  for (let index = 0; index < length; index += 1) {
    const deep = branches[index]?.deep
    if (deep !== undefined && !branches.includes(deep)) branches.push(deep)
  }
  return branches
}

function createBranch<T>(reach: PathTree<T>['reach'], budget: VisitBudget): PathTree<T> {
  return { names: new Map(), reach, ends: [], budget }
}

function deepOf<T>(branch: PathTree<T>, reach: PathTree<T>['reach']): PathTree<T> {
  branch.deep ??= createBranch(reach, branch.budget)
  return branch.deep
}

function follow<T>(branch: PathTree<T>, step: PathStep): PathTree<T> {
  if (step === null) {
    branch.any ??= createBranch('step', branch.budget)
    return branch.any
  }
  const key = branch.reach === 'folded' ? fold(step) : step
  const next = branch.names.get(key) ?? createBranch<T>('step', branch.budget)
  branch.names.set(key, next)
  return next
}
