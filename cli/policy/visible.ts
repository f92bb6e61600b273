// What an owner wrote, for a terminal: without control and direction characters, on which terminals act. Line ends stay.
export function visible(text: string): string {
  return text.replace(/[^\n\P{C}]/gu, '?')
}
