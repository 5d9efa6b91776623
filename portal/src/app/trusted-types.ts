/** The part of the Trusted Types API that is used here; TypeScript's own library does not know it yet. */
interface PolicyFactory {
  createPolicy(
    name: 'default',
    rules: Readonly<Record<'createHTML' | 'createScriptURL', (text: string) => string | null>>,
  ): unknown
}

/** Where the build puts what the page loads. */
const OWN_FILES = '/portal/assets/'

/**
 * Says what texts may become markup or code (`require-trusted-types-for` of the content security policy): none that hold
 * a tag, which is enough for style sheets and for what empties an element, and addresses of our own files for workers.
 * The editor has policies of its own.
 */
export function guardSinks(): void {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: PolicyFactory }
  trustedTypes?.createPolicy('default', {
    createHTML: (text) => (text.includes('<') ? null : text),
    createScriptURL: (address) => (isOwnFile(address) ? address : null),
  })
}

function isOwnFile(address: string): boolean {
  const { origin, pathname } = new URL(address, window.location.href)
  return origin === window.location.origin && pathname.startsWith(OWN_FILES)
}
