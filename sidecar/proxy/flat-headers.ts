// Header fields as flat lists of names and values: finds and removes fields by name, whatever their case.

export function hasField(headers: readonly (string | Buffer)[], lowerCaseName: string): boolean {
  for (let index = 0; index < headers.length; index += 2) if (isNamed(headers[index], lowerCaseName)) return true
  return false
}

export function withoutField(headers: readonly string[], lowerCaseName: string): string[] {
  const kept: string[] = []
  for (let index = 0; index < headers.length; index += 2) {
    if (!isNamed(headers[index], lowerCaseName)) kept.push(headers[index] ?? '', headers[index + 1] ?? '')
  }
  return kept
}

function isNamed(name: string | Buffer | undefined, lowerCaseName: string): boolean {
  return name !== undefined && name.length === lowerCaseName.length && name.toString().toLowerCase() === lowerCaseName
}
