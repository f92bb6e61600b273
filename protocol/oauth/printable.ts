// Text that another machine wrote, such as `error_description`, made fit for a message: one line, bounded, without control or direction characters.

const SHOWN_MAX_CHARACTERS = 300

/** Characters that could end a line or change how a terminal shows it become `?`; more than 300 characters are cut. */
export function printable(text: string): string {
  const line = text
    .slice(0, SHOWN_MAX_CHARACTERS)
    .toWellFormed()
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
  return text.length > SHOWN_MAX_CHARACTERS ? `${line}...` : line
}
