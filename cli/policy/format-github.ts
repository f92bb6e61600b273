// Diagnostics as workflow commands of GitHub Actions, which shows them beside the line. Nothing of an owner's text can become a command of its own.
import type { Diagnostic } from '../../policies/diagnostic.ts'

/** `::error file=a.yaml,line=3,col=7,title=unknown_key::Unknown key "nam".` */
export function formatGithub({ file, line, column, code, message, severity }: Diagnostic): string {
  const properties = Object.entries({ file, line, col: column, title: code }).map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
  return `::${severity ?? 'error'} ${properties.join(',')}::${escapeData(message)}`
}

/** A line of ordinary text that would be read as a command is set in. */
export function defuseCommands(text: string): string {
  return text.replace(/^(\s*)(::|##\[)/gm, '$1| $2')
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
