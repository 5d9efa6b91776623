/** Where a value leads, if it names something that has a page; addresses are followed only when they are http(s). */
export function linkOf(column: string, text: string): { href: string; title: string } | null {
  if (/^https?:\/\//i.test(text)) return URL.canParse(text) ? { href: text, title: text } : null
  if (/^\/subscriptions\/[^/\s]+(\/|$)/i.test(text) && !/[\s<>"]/.test(text)) {
    const tenant = /^\/t\/([^/]+)/.exec(window.location.pathname)?.[1]
    return tenant ? { href: `/t/${tenant}/resources${text}`, title: `${column}: ${text}` } : null
  }
  return null
}
