/** A text as a literal of an OData filter. */
export function odataText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
