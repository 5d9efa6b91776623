/**
 * Gives the page's nonce to each `<style>` that a library makes: Monaco and React Aria know of no nonce, and the content
 * security policy takes no style element without one. It opens styles only, so reading it gives nobody a script.
 */
export function giveNonceToStyles(): void {
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content
  if (!nonce) return
  const create = document.createElement.bind(document)
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = create(name, options)
    if (element instanceof HTMLStyleElement) element.nonce = nonce
    return element
  }) as typeof document.createElement
}
